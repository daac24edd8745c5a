"""Which sheets of a file hold messages, where their header is, and what each column means."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from intake.imports import asides
from intake.imports.cells import MergedCell, Unreadable, text_of
from intake.imports.columns import AS_USUAL, Cell, Columns, SourceRow, is_called
from intake.imports.continued import continues, fits
from intake.imports.headers import goes_on, joined
from intake.imports.json_lines import Repeated
from intake.imports.objects import flat
from intake.imports.readers import BROKEN_LINE, Sheet, sheets_of, unreadable
from intake.imports.worksheet import Line, letters_of
from schemas.errors import FieldError

#: Lines among which the header is looked for: above it stand a title, who made the list and when. Project choice.
_HEADER_WITHIN = 30
#: Objects of a jsonl file whose names are shown as its columns. Project choice.
_SHOWN_OBJECTS = 100
#: Characters of a column's name. Project choice: a short sentence.
_LONGEST_NAME = 30
#: Labels in the first column that make a sheet a form for one message. Project choice.
_FORM_LABELS = 3
_A_FORM = (
    "像是一张表单（栏目名在左侧），请改成每件一行",
    "it looks like a form, with labels on the left: write one message a line",
)
_EMPTY = ("工作表为空", "it is empty")
_HIDDEN = ("工作表已隐藏", "it is hidden")
_NO_TEXT = ("没有内容列（内容、text）", "no column for the text (内容, text)")
#: What may be messages nevertheless, so that an import says with its exit status that they were not taken.
NO_HEADER = (
    "没有表头；若接着前一张表，请加上同样的表头",
    "it has no header: if it goes on where the sheet before ended, give it the same one",
)
_SIDE_BY_SIDE = (
    "像是左右并排的两张表，请改成上下排列",
    "two tables stand side by side: put one below the other",
)
#: Sheets that hold messages, and were not read for how they are written.
_UNREAD_MESSAGES = (NO_HEADER, _SIDE_BY_SIDE, _A_FORM)
#: Columns that we know below which a sheet is a list of something else, such as of offices. Project choice.
_KNOWN_COLUMNS = 3
#: What any list of people has: of these alone it is none of messages.
_OF_PEOPLE = {"name", "phone", "address", "email"}
#: Columns that are named where no header was found. Project choice.
_SHOWN_COLUMNS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A sheet, and how it is read. `why`: not at all, and for what reason, in both languages."""

    sheet: Sheet
    #: Line of the header; 0 where each line names its own columns, or those of another sheet count.
    header_line: int = 0
    #: How many lines stand above the first row, the header included: what a file numbers its lines is its own affair.
    above: int = 0
    #: The sheet that this one goes on from, without a header of its own.
    continues: str | None = None
    #: By place: the column's name, and what it means.
    columns: Mapping[int, tuple[str, str | None]]
    #: Cells of the header, also those that name nothing.
    width: int = 0
    why: tuple[str, str] | None = None

    @property
    def meanings(self) -> set[str]:
        """What the columns hold, as far as we have a use for it."""
        return {meaning for _, meaning in self.columns.values() if meaning}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChoice:
    """What somebody said of a file: which sheets, and what columns mean."""

    sheets: Sequence[str] = ()
    columns: Columns = AS_USUAL


#: Every visible sheet, its columns as they are usually called.
EVERYTHING = TableChoice()


def tables_of(path: Path, choice: TableChoice) -> Sequence[Table]:
    """Every sheet of the file, and how it is read; at least one is.

    Raises:
        FileUnreadable: no sheet has a column for the text, or one that was asked for is not there.
    """
    sheets = sheets_of(path)
    missing = set(choice.sheets) - {sheet.name for sheet in sheets}
    if missing:
        names = "、".join(sheet.name for sheet in sheets)
        raise unreadable(
            path, f"没有工作表 {'、'.join(sorted(missing))}，有 {names}",
            f"it has no sheet {', '.join(sorted(missing))}; it has {names}",
        )  # fmt: skip
    tables = _with_continued(_without_notes([_table(sheet, choice) for sheet in sheets], choice))
    if all(table.why for table in tables):
        raise _no_text(path, tables)
    _check_said(path, tables, choice)
    return tables


def rows_of(table: Table, columns: Columns) -> Iterator[SourceRow]:
    """The rows of a sheet that is read; below another header in it they are read by that one."""
    for line, is_last in asides.with_ends(_lines(table)):
        if table.sheet.is_named:
            yield _named_row(table, line, columns)
            continue
        yield _row(table, line, columns, is_last=is_last)
        table = _below(table, line, columns)


def may_hold_messages(table: Table, tables: Sequence[Table]) -> bool:
    """Whether it was not read and may hold some: also one with half of another's columns, whose text is called otherwise."""
    most = max((len(each.meanings) for each in tables if not each.why), default=0)
    is_alike = len(table.meanings) >= max(_KNOWN_COLUMNS, most / 2) and not table.meanings <= _OF_PEOPLE
    return table.why in _UNREAD_MESSAGES or (table.why == _NO_TEXT and is_alike)


def count_rows(table: Table) -> int:
    """How many lines below its header say anything, also of a sheet that is not read."""
    return 0 if table.sheet.lines is None else sum(1 for _ in _lines(table))


def _lines(table: Table) -> Iterator[Line]:
    lines = table.sheet.lines() if table.sheet.lines else iter(())
    return itertools.islice(lines, table.above, None)


def _table(sheet: Sheet, choice: TableChoice) -> Table:
    if sheet.lines is None:
        return Table(sheet=sheet, columns={}, why=("不是表格", "it is no table"))
    if choice.sheets and sheet.name not in choice.sheets:
        return Table(sheet=sheet, columns={}, why=("未被选择", "it was not asked for"))
    if sheet.is_hidden and not choice.sheets:
        return Table(sheet=sheet, columns={}, why=_HIDDEN)
    first = list(itertools.islice(sheet.lines(), _HEADER_WITHIN))
    if sheet.is_named and first:
        return Table(sheet=sheet, columns=_columns_named(sheet, choice.columns))
    if not first:
        return Table(sheet=sheet, columns={}, why=_EMPTY)
    return _with_header(sheet, first, choice.columns)


def _with_header(sheet: Sheet, first: Sequence[Line], columns: Columns) -> Table:
    """The first line that names a column for the text is the header, unless one right below names more."""
    lines = [(at, _names(cells, columns)) for at, (_, cells, _) in enumerate(first)]
    headers = [(at, names) for at, names in lines if "text" in _meanings(names)]
    if not headers:
        _, names = max(lines[:5], key=lambda line: len(line[1]))
        return Table(sheet=sheet, columns=names, why=_NO_TEXT)
    if len(_labels(first, columns)) >= _FORM_LABELS and len(_meanings(headers[0][1])) == 1:
        return Table(sheet=sheet, columns=headers[0][1], why=_A_FORM)
    near = [header for header in headers if first[header[0]][0] <= first[headers[0][0]][0] + 2]
    at, names = max(near, key=lambda header: len(_meanings(header[1])))
    why = _SIDE_BY_SIDE if asides.stand_side_by_side([names[place] for place in sorted(names)]) else None
    if at and first[at][0] == first[at - 1][0] + 1:
        names = joined(lines[at - 1][1], first[at - 1], names)
    while first[at + 1 :] and goes_on(names, first[at], lines[at + 1][1], first[at + 1]):
        names = joined(names, first[at], lines[at + 1][1])
        at += 1
    number, cells, _ = first[at]
    width = max(*cells, *names) + 1
    return Table(sheet=sheet, header_line=number, above=at + 1, columns=names, width=width, why=why)


def _below(table: Table, line: Line, columns: Columns) -> Table:
    """The table that the next lines belong to: another one may stand below the first, with its columns in another order."""
    _, cells, _ = line
    if not _is_header(table, cells, columns):
        return table
    return replace(table, columns=_names(cells, columns), width=max(cells) + 1)


def _is_header(table: Table, cells: Mapping[int, object], columns: Columns) -> bool:
    """Whether every cell is the name of a column, and one of them of the text: a message has words of its own."""
    if len(cells) < 2 or any(len(text_of(value)) > _LONGEST_NAME for value in cells.values()):
        return False
    names = _names(cells, columns)
    ours = {name for name, _ in table.columns.values()}
    known = all(meaning or name in ours for name, meaning in names.values())
    return known and len(names) > 1 and "text" in _meanings(names)


def _names(cells: Mapping[int, object], columns: Columns) -> dict[int, tuple[str, str | None]]:
    named = {place: text_of(value) for place, value in cells.items()}
    fields = columns.fields_of(name for name in named.values() if name)
    return {place: (name, fields[name]) for place, name in named.items() if name}


def _meanings(names: Mapping[int, tuple[str, str | None]]) -> set[str]:
    return {meaning for _, meaning in names.values() if meaning}


def _labels(lines: Sequence[Line], columns: Columns) -> set[str]:
    """What the first cells of the lines name, where each is followed by what it names."""
    firsts = [text_of(cells[0]) for _, cells, _ in lines if 0 in cells and len(cells) > 1]
    return {meaning for text in firsts if (meaning := columns.field_of(text))}


def _columns_named(sheet: Sheet, columns: Columns) -> Mapping[int, tuple[str, str | None]]:
    """Those of the first objects; of all where somebody named a column, which may stand in the last alone."""
    assert sheet.lines is not None
    names: dict[str, None] = {}
    for _, cells, _ in itertools.islice(sheet.lines(), None if columns.said else _SHOWN_OBJECTS):
        if isinstance(cells[0], dict):
            names |= dict.fromkeys(name for name, _ in flat(cells[0], columns))
    return dict(enumerate(columns.fields_of(names).items()))


def _without_notes(tables: Sequence[Table], choice: TableChoice) -> Sequence[Table]:
    """A sheet on how to fill in another, or of words for it, is none of messages where another has more columns."""
    most = max((len(table.meanings) for table in tables if not table.why), default=0)
    if choice.sheets or most < 2:
        return tables
    why = ("像是填表说明，不是诉求", "it looks like a note on how to fill in another sheet")
    return [
        replace(table, why=why) if not table.why and _explains(table, most) else table for table in tables
    ]


def _explains(table: Table, most: int) -> bool:
    names = {name for name, _ in table.columns.values()}
    return not table.sheet.is_named and asides.explains(table.sheet.name, names, len(table.meanings), most)


def _with_continued(tables: Sequence[Table]) -> Sequence[Table]:
    """Sheets that go on where the one before them ended are read by its header."""
    found: list[Table] = []
    before: Table | None = None
    for table in tables:
        taken = _continued(before, table) if before is not None and table.why == _NO_TEXT else table
        before = before if taken.why or taken.sheet.is_named else taken
        found.append(taken)
    return found


def _continued(before: Table, table: Table) -> Table:
    lines = list(itertools.islice(_lines(table), _HEADER_WITHIN))
    if table.meanings or not fits(before.columns, before.width, lines):
        return table
    above = list(itertools.islice(_lines(before), _HEADER_WITHIN))
    if not continues(before.columns, before.width, above, lines):
        return replace(table, why=NO_HEADER)
    first = before.continues or before.sheet.name
    return Table(sheet=table.sheet, columns=before.columns, width=before.width, continues=first)


def _row(table: Table, line: Line, columns: Columns, *, is_last: bool) -> SourceRow:
    number, cells, merged = line
    if isinstance(broken := cells.get(BROKEN_LINE), Unreadable):
        why = [FieldError("", broken.zh, broken.en)]
        return SourceRow(sheet=table.sheet.name, number=number, cells=[Cell("line", None, broken)], wrong=why)
    named = [
        Cell(name, meaning, _uncovered(table, cells, meaning, cells.get(place)))
        for place, (name, meaning) in table.columns.items()
    ]
    beyond = [
        (place, value)
        for place, value in cells.items()
        if place not in table.columns and value != "" and not isinstance(value, MergedCell)
    ]
    is_moved = table.sheet.is_delimited and any(place >= table.width for place, _ in beyond)
    wrong = [_moved(beyond)] if is_moved else []
    if {name for name, _ in table.columns.values()} <= {text_of(value) for value in cells.values()}:
        wrong.append(FieldError("", "重复的表头", "the header again"))
    elif _is_header(table, cells, columns):
        wrong.append(
            FieldError("", "另一个表头，以下按它读取", "another header, by which the rows below are read")
        )
    elif (reason := _aside(table, cells, is_last=is_last)) is not None:
        wrong.append(reason)
    notes = [_merged(table.columns[place][0]) for place in sorted(merged) if place in table.columns]
    notes += [
        _covered(name)
        for place, (name, meaning) in table.columns.items()
        if meaning == "text" and isinstance(cells.get(place), MergedCell)
    ]
    return SourceRow(
        sheet=table.sheet.name,
        number=number,
        cells=[*named, *(Cell(f"({letters_of(place)})", None, value) for place, value in beyond)],
        wrong=wrong,
        notes=[*notes, *([] if wrong else [_unnamed(letters_of(place)) for place, _ in beyond])],
    )


def _uncovered(table: Table, cells: Mapping[int, object], meaning: str | None, value: object) -> object:
    """A title that is merged with its text says both; a heading across the whole list is no message."""
    if not isinstance(value, MergedCell):
        return value
    _, first = table.columns.get(value.first, ("", None))
    others = [
        place for place, cell in cells.items() if place != value.first and not isinstance(cell, MergedCell)
    ]
    return value.value if (first, meaning) == ("title", "text") and others else None


def _aside(table: Table, cells: Mapping[int, object], *, is_last: bool) -> FieldError | None:
    texts = [place for place, (_, meaning) in table.columns.items() if meaning == "text" and place in cells]
    first = "" if (place := min(cells)) in texts else text_of(cells[place]).strip()
    said = {place: text_of(value) for place, value in cells.items()}
    if asides.tells_of_columns([one for one in said.values() if one]):
        return FieldError("", "像是填表说明，不是诉求", "it tells how to fill in the list, and is no message")
    text = " ".join(said[place] for place in texts)
    beside = [one for place, one in said.items() if one and place not in texts]
    return asides.aside(first, text, is_alone=asides.stands_alone(first, text, beside), is_last=is_last)


def _named_row(table: Table, line: Line, columns: Columns) -> SourceRow:
    number, cells, _ = line
    said = cells[0]
    if isinstance(said, Repeated):
        wrong = FieldError(said.name, "这一项在一行里出现了两次", "it stands twice in one line")
        said = said.line
    elif not isinstance(said, dict):
        wrong = FieldError("", "不是 JSON 对象", "it is no JSON object")
    if not isinstance(said, dict):
        return SourceRow(
            sheet=table.sheet.name, number=number, cells=[Cell("line", None, said)], wrong=[wrong]
        )
    values = list(flat(said, columns))
    fields = columns.fields_of(name for name, _ in values)
    named = [Cell(name, fields[name], value) for name, value in values]
    return SourceRow(sheet=table.sheet.name, number=number, cells=named)


def _moved(beyond: Sequence[tuple[int, object]]) -> FieldError:
    shown = "、".join(_shown(value) for _, value in beyond)
    return FieldError(
        "",
        f"单元格比表头多（{shown}）：内容中有未加引号的分隔符",
        f"more cells than the header has ({shown}): a delimiter within the text is not quoted",
    )


def _shown(value: object) -> str:
    text = value.shown if isinstance(value, Unreadable) else text_of(value)
    return text if len(text) <= _SHOWN_COLUMNS else f"{text[:_SHOWN_COLUMNS]}…"


def _merged(column: str) -> FieldError:
    return FieldError(
        column, f"“{column}”是合并单元格，取其首行的值。", f"{column!r} is merged: it has the value of the first row."
    )  # fmt: skip


def _covered(column: str) -> FieldError:
    return FieldError(
        column, f"“{column}”与左侧单元格合并。", f"{column!r} is merged with what stands left of it."
    )  # fmt: skip


def _unnamed(letters: str) -> FieldError:
    return FieldError(
        letters, f"{letters} 列没有表头，未读。", f"column {letters} has no header and was not read."
    )


def _no_text(path: Path, tables: Sequence[Table]) -> Exception:
    """What was seen instead, so that somebody can say `--map`."""
    for why in (_A_FORM, _SIDE_BY_SIDE):
        if any(table.why == why for table in tables):
            return unreadable(path, *why)
    if all(table.why == _EMPTY for table in tables):
        return unreadable(path, "文件是空的", "it is empty")
    seen = [(table.sheet.name, _shown_header(table)) for table in tables if table.columns]
    zh = "；".join(f"{name}：{header}" for name, header in seen) or "无"
    en = "; ".join(f"{name}: {header}" for name, header in seen) or "none"
    hidden = "、".join(table.sheet.name for table in tables if table.why == _HIDDEN)
    return unreadable(
        path,
        f"没有内容列（内容、text）。看到的表头有：{zh}。可用 --map 列名=text 指明"
        + (f"；隐藏的工作表未读：{hidden}，可用 --sheet 指明" if hidden else ""),
        f"no column for the text (内容, text). Headers seen: {en}. Say which with --map COLUMN=text"
        + (f". Hidden sheets were not read: {hidden}; name them with --sheet" if hidden else ""),
    )


def _shown_header(table: Table) -> str:
    names = [_shown(name) for name, _ in table.columns.values()]
    return "、".join([*names[:_SHOWN_COLUMNS], *(["…"] if len(names) > _SHOWN_COLUMNS else [])])


def _check_said(path: Path, tables: Sequence[Table], choice: TableChoice) -> None:
    names = [name for table in tables for name, _ in table.columns.values()]
    for said in choice.columns.said:
        if not any(is_called(name, said) for name in names):
            raise unreadable(path, f"没有名为“{said}”的列", f"it has no column called {said!r}")
