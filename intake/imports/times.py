"""A time as exports write it."""

import re
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from intake.imports.cells import text_of
from schemas.simplified import simplified

_NUMBERS = re.compile(r"\d+")
_MOMENT = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}[日号]?(?:[T\s,]*"
    r"(?P<half>上午|下午|凌晨|清晨|早上|早晨|中午|傍晚|晚上|夜晚|晚间|夜里|夜间|深夜|半夜|午夜|早|晚|[AaPp][Mm])?\s*\d{1,2}"
    r"(?:\s*[:：时点]\s*\d{1,2}(?:\s*[:：分]\s*\d{1,2}(?:\.\d+)?秒?|分)?|[时点]整?)\s*(?P<english>[AaPp]\.?[Mm]\.?)?)?"
)
#: `晚上9点半`.
_HALF_PAST = re.compile("(?<=[时点])半$")
#: `2026-11-20 星期五 09:30`, `2026年11月20日（周五）9:30`: the day says it, too.
_WEEKDAY = re.compile(r"(?<=[\d日号])\s*[(\[]?(?:星期|周|礼拜)[一二三四五六日天][)\]]?[,\s]*")
#: How an hour begins: what else may follow is a moment's.
_HOUR = re.compile(
    r"(?:[^\d\s]{1,3}\s*)?[\d０-９]{1,2}\s*[:：时時点點]|[^\d\s]{1,3}\s*[\d０-９]{1,2}\s*[时時点點]?$"
)
#: `20261120093000`, as systems write it; some leave out seconds and minutes.
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})?)?")
#: What Python would read as ISO 8601 must look like it: it takes any twenty digits for a time.
_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}(?:[T ]\d{2}:?\d{2}.{0,30})?")
#: Seconds since 1970 until 2033: what begins with a 2 is a year.
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
#: What is said of hours behind noon, and from which hour on it is the clock of 24 hours: 中午 begins at eleven.
_AFTERNOON = {"下午": 12, "傍晚": 12, "pm": 12, "中午": 10}
#: Dashes that a word processor makes of the short one, and what names the zone that a city's own times are in anyway.
_DASHES = re.compile("(?<=\\d)[\u2010-\u2015\u2212](?=\\d)")
_OUR_ZONE = re.compile(r"\s*(?:CST|(?:GMT|UTC)\+0?8(?::?00)?)$")
#: An evening goes on until its day's last guests leave: 晚上1点 is an hour past its midnight (project choice: until five).
_EVENING = frozenset(("晚上", "夜晚", "晚间", "晚"))
_EVENING_BEGINS = 5
#: Of a night both ends are meant: 半夜11点 is before midnight, 半夜1点 the first hour of the day named (project choice).
_NIGHT = frozenset(("夜里", "夜间", "深夜", "半夜", "午夜"))
_NIGHT_BEGINS = 6
#: Microseconds by which a moment misses its second where a program wrote a day's share with eight decimals (project choice).
_OFF_BY = 1_000
_OFF = timedelta(microseconds=_OFF_BY)
#: Years in which a citizen may have said something; systems write 1900, 1970 and 9999 for no time at all. Project choice.
_YEARS = range(1980, 2090)


def moment_in(value: object) -> datetime | None:
    """The moment that a cell names; None for none. Without a zone where it names none."""
    found = value if isinstance(value, datetime) else _read(text_of(value))
    return found if found is not None and found.year in _YEARS else None


def whole_second(moment: datetime) -> datetime:
    """The second that was meant: a share of a day is no whole number of them, and eight decimals of 08:30 are a millisecond
    less."""
    is_off = not _OFF_BY < moment.microsecond < 10**6 - _OFF_BY
    return (moment + _OFF).replace(microsecond=0) if is_off else moment


def is_hour(text: str) -> bool:
    """Whether it says an hour, and no day: `08:30`, `下午3点`."""
    return bool(_HOUR.match(text.strip())) and _read(f"2026-01-01 {text}") is not None


def _read(text: str) -> datetime | None:
    half_width = simplified(unicodedata.normalize("NFKC", text)).strip()
    plain = _DASHES.sub("-", _OUR_ZONE.sub("", half_width))
    if _EPOCH.fullmatch(plain):
        return datetime.fromtimestamp(int(plain[:10]), UTC)
    # Most exports write times in their own way, which is looked at next.
    with suppress(ValueError):
        if _ISO.fullmatch(plain):
            return datetime.fromisoformat(plain)
    if compact := _COMPACT.fullmatch(plain):
        return _moment([int(number) for number in compact.groups() if number])
    plain = _HALF_PAST.sub("30分", _WEEKDAY.sub(" ", plain, count=1).strip())
    if not (found := _MOMENT.fullmatch(plain)):
        return None
    numbers = [int(number) for number in _NUMBERS.findall(plain)[:6]]
    halves = [found["half"] or "", (found["english"] or "").replace(".", "")]
    return None if all(halves) else _moment(numbers, "".join(halves).lower())


def _moment(numbers: list[int], half: str = "") -> datetime | None:
    """`half`: of the day. 24:00 is the next day's beginning, and so is what people call twelve at night."""
    year, month, day, *clock = numbers
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    counted = _counted(hour, half)
    is_beyond = hour >= 24 and (hour, minute, second) != (24, 0, 0)
    if counted is None or is_beyond:
        return None
    try:
        # Without a zone on purpose: `moment_of` gives it the city's.
        found = datetime(year, month, day, counted % 24, minute, second)  # noqa: DTZ001  has none yet
        return found + timedelta(days=counted // 24)
    except (ValueError, OverflowError):
        return None


def _counted(hour: int, half: str) -> int | None:
    """The hour from the day's beginning, those of the next day from 24 on; None for twelve in the morning, which is none."""
    if half in _EVENING:
        return _at_night(hour, _EVENING_BEGINS) + 24 * (hour < _EVENING_BEGINS)
    if half in _NIGHT:
        return _at_night(hour, _NIGHT_BEGINS)
    if half in _AFTERNOON and hour < _AFTERNOON[half]:
        return hour + 12
    if half in ("上午", "凌晨", "am") and hour == 12:
        return 0
    return None if half in ("早上", "早晨", "清晨", "早") and hour == 12 else hour


def _at_night(hour: int, begins: int) -> int:
    """Of the clock of twelve: from `begins` to midnight behind noon."""
    return hour + 12 if begins <= hour <= 12 else hour
