"""Days of a calendar as people send them: csv, xlsx, json or jsonl, with the date, whether it is worked, and its name."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from intake.core.draft import holdable
from intake.imports.cells import Unreadable, text_of
from intake.imports.encodings import encoding_of
from intake.imports.json_lines import Repeated
from intake.imports.kinds import WORKBOOK, kind_of
from intake.imports.readers import BROKEN_LINE, FileUnreadable, Sheet, sheets_of
from schemas.errors import Unusable
from schemas.said_twice import said_twice
from schemas.simplified import simplified
from schemas.words import Language
from sla.core.calendar import FIRST_DAY, LAST_DAY, DayOverride

_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[ t]0{1,2}:00(?::00(?:\.0+)?)?)?"
    r"(?:\s*\(?(?:星期|周|礼拜)[一二三四五六日天]\)?)?|(\d{4})(\d{2})(\d{2})"
)
#: What stands in a column's name beside it: `是否工作日（是/否）`, `*日期`.
_AROUND_NAME = re.compile(r"\([^()]*\)|[\s_*?:]")
#: What a column or a field may be called, without blanks and underlines: its own name first, to which the others give way.
_CALLED = {
    "date": ("date", "日期", "day"),
    "is_workday": ("isworkday", "workday", "是否工作日", "工作日", "是否上班", "上班"),
    "name": ("name", "名称", "节日", "说明", "备注"),
}
_NEEDED = ("date", "is_workday")
_WORKED = dict.fromkeys(
    ("true", "1", "1.0", "yes", "y", "t", "是", "班", "上班", "上班日", "补班", "补班日", "调休上班", "工作日"), True
) | dict.fromkeys(
    ("false", "0", "0.0", "no", "n", "f", "否", "休", "休息", "休息日", "放假",
     "假", "节假日", "法定节假日", "公休日", "不上班", "非工作日"), False
)  # fmt: skip

P = TypeVar("P")
#: A refusal, in Chinese and in English, that says where in the file it is.
Wrong = Callable[[str, str], Unusable]


def read_days(file: Path, *, announces_year: bool) -> Sequence[DayOverride]:
    """The days in a file.

    Raises:
        Unusable: names the day that does not read.
    """
    days: dict[date, DayOverride] = {}
    for number, row in enumerate(_rows_of(file), start=1):
        day = _day(row, number, announces_year=announces_year)
        if day.day in days:
            raise _wrong(number, f"{day.day} 出现两次", f"{day.day} stands twice")
        days[day.day] = day
    if not days:
        raise Unusable(
            zh="其中没有日期：应有 date 和 is_workday 两列",
            en="no days in it: it needs the columns date and is_workday",
        )
    return list(days.values())


def _wrong(number: int, zh: str, en: str) -> Unusable:
    return Unusable(zh=f"第 {number} 天：{zh}", en=f"day {number}: {en}")


def _wrong_line(number: int, zh: str, en: str) -> Unusable:
    return Unusable(zh=f"第 {number} 行：{zh}", en=f"line {number}: {en}")


def _rows_of(file: Path) -> Iterator[Any]:
    if kind_of(file) != WORKBOOK and encoding_of(file) is None:
        raise Unusable(zh="编码无法识别，请另存为 UTF-8", en="its encoding cannot be told; save it as UTF-8")
    if file.suffix.lower() == ".json":
        yield from _listed(file)
        return
    try:
        for sheet in sheets_of(file):
            yield from _rows_in(sheet)
    except FileUnreadable as error:
        raise Unusable(zh=error.message(Language.ZH), en=error.message(Language.EN)) from error


def _listed(file: Path) -> Sequence[Any]:
    text = file.read_text(encoding=encoding_of(file)).removeprefix("\ufeff")
    try:
        rows = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unusable(
            zh=f"不是 JSON：第 {error.lineno} 行第 {error.colno} 个字符处有误", en=str(error)
        ) from error
    except RecursionError as error:
        raise Unusable(zh="不是 JSON：嵌套过深", en=str(error)) from error
    if (name := said_twice(text.encode())) is not None:
        raise Unusable(zh=f"有一项里“{name}”出现两次", en=f"one says {name!r} twice")
    if not isinstance(rows, list):
        raise Unusable(
            zh="应为日期的列表，每项有 date、is_workday 和 name",
            en="a list of days is needed, each with date, is_workday and name",
        )
    return rows


def _rows_in(sheet: Sheet) -> Iterator[Any]:
    """Below the line that names the columns, which others may stand above; what is hidden is no list."""
    columns: Mapping[str, Sequence[int]] = {}
    has_days = False
    for number, cells, _ in sheet.lines() if sheet.lines and not sheet.is_hidden else ():
        if isinstance(broken := cells.get(BROKEN_LINE), Unreadable):
            raise _wrong_line(number, broken.zh, broken.en)
        if sheet.is_named:
            yield cells[0]
        elif columns:
            yield _said(cells, columns)
        else:
            columns = _header(cells, partial(_wrong_line, number))
            has_days = has_days or _is_a_day(cells)
    if has_days and not columns:
        raise Unusable(
            zh=f"“{sheet.name}”里有日期而没有表头：应有 date 和 is_workday 两列",
            en=f"{sheet.name!r} has days, and no header: it needs the columns date and is_workday",
        )


def _is_a_day(cells: Mapping[int, object]) -> bool:
    """Whether a line tells of a day if it is worked, whatever its columns are called: nobody would miss it."""
    said = [_plain(value) for value in cells.values()]
    return any(map(_DATE.fullmatch, said)) and any(map(_WORKED.__contains__, said))


def _header(cells: Mapping[int, object], wrong: Wrong) -> Mapping[str, Sequence[int]]:
    named = {place: text_of(value) for place, value in cells.items()}
    columns = _columns(named)
    if not columns.keys() >= set(_NEEDED):
        return {}
    _refuse_two(columns, named, wrong)
    return columns


def _columns(named: Mapping[P, str]) -> Mapping[str, Sequence[P]]:
    """Where each meaning stands, by what stands above or beside it."""
    plain = {place: _AROUND_NAME.sub("", _plain(name)) for place, name in named.items()}
    found = {meaning: _places(words, plain) for meaning, words in _CALLED.items()}
    return {meaning: places for meaning, places in found.items() if places}


def _places(words: Sequence[str], plain: Mapping[P, str]) -> Sequence[P]:
    own = [place for place, name in plain.items() if name == words[0]]
    return own or [place for place, name in plain.items() if name in words]


def _refuse_two(columns: Mapping[str, Sequence[P]], named: Mapping[P, str], wrong: Wrong) -> None:
    """Which of two was meant nobody knows; of several that may name a day, the first that says something does."""
    for meaning in _NEEDED:
        if len(places := columns.get(meaning, ())) > 1:
            said = [named[place] for place in places]
            raise wrong(
                f"{'、'.join(said)} 都表示 {meaning}，请只留一个",
                f"{' and '.join(said)} both say {meaning}; keep one of them",
            )


def _said(values: Mapping[P, Any], columns: Mapping[str, Sequence[P]]) -> Mapping[str, Any]:
    """What is said of each meaning: the first of its places that is not empty."""
    given = {meaning: [values.get(place) for place in places] for meaning, places in columns.items()}
    return {meaning: next(filter(text_of, found), None) for meaning, found in given.items()}


def _of_object(row: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    named = {name: name for name in row}
    columns = _columns(named)
    _refuse_two(columns, named, partial(_wrong, number))
    return _said(row, columns)


def _plain(value: object) -> str:
    """As it is compared: in Simplified characters, and without the marks of direction that a calendar program leaves."""
    said = simplified(unicodedata.normalize("NFKC", text_of(value)))
    return said.replace("\u200e", "").strip().lower()


def _day(row: Any, number: int, *, announces_year: bool) -> DayOverride:
    if isinstance(row, Repeated):
        raise _wrong(number, f"“{row.name}”出现两次", f"it says {row.name!r} twice")
    if not isinstance(row, dict):
        raise _wrong(
            number, "不是一项，每项须有 date 和 is_workday", "it is no object with date and is_workday"
        )
    said = _of_object(row, number)
    return DayOverride(
        day=_date(_given(said, "date", number), number),
        is_workday=_is_worked(_given(said, "is_workday", number), number),
        name=holdable(text_of(said.get("name"))),
        announces_year=announces_year,
    )


def _given(said: Mapping[str, Any], meaning: str, number: int) -> object:
    value = said.get(meaning)
    if not _plain(value):
        raise _wrong(number, f"缺少 {meaning}", f"{meaning} is missing")
    return value


def _date(value: object, number: int) -> date:
    said = _plain(value)
    try:
        found = _DATE.fullmatch(said)
        day = date(*(int(part) for part in found.groups() if part)) if found else None
    except ValueError:
        day = None
    if day is None:
        raise _wrong(
            number, f"date“{said}”不是日期，应如 2027-01-01", f"date {said!r} is none, as 2027-01-01 is"
        )
    if not FIRST_DAY <= day <= LAST_DAY:
        raise _wrong(
            number,
            f"{day} 超出日历范围（{FIRST_DAY} 至 {LAST_DAY}）",
            f"{day} lies outside the calendar ({FIRST_DAY} to {LAST_DAY})",
        )
    return day


def _is_worked(value: object, number: int) -> bool:
    said = _plain(value)
    if (worked := _WORKED.get(said)) is None:
        raise _wrong(
            number,
            f"is_workday“{said}”不说明是否上班，应为 true 或 false（是、否）",
            f"is_workday {said!r} does not say whether it is worked: true or false",
        )
    return worked
