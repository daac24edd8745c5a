"""Tables as files: csv that spreadsheets open and do not execute, xlsx, and a JSON object a line."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Literal

import msgspec

TableFormat = Literal["csv", "xlsx", "jsonl"]
CONTENT_TYPES: Mapping[TableFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl; charset=utf-8",
}
#: A cell that begins so may be taken for a formula: full-width signs by spreadsheets of East Asian languages, too.
_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")

#: What a spreadsheet may pass over, or a file cannot hold, before the sign: white space, and what nobody sees.
_BEFORE = re.compile(r"^[\s\x00-\x08\x0e-\x1f\x7f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")


def table_file(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], form: TableFormat, zone: tzinfo
) -> bytes:
    """The table in this form; moments stand in the city's zone, in a workbook as such, to be sorted and reckoned with."""
    if form == "jsonl":
        lines = ({column: _told(row[column], zone) for column in columns} for row in rows)
        return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    if form == "csv":
        return _csv(columns, ([_cell(row[column], zone) for column in columns] for row in rows))
    return _xlsx(columns, ([_workbook_cell(row[column], zone) for column in columns] for row in rows))


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    # The mark tells spreadsheets that it is UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _xlsx(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    import openpyxl  # here: few files are workbooks, and processes that write none do without it
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    # What a column is stays in sight, however far down its reader is.
    sheet.freeze_panes = "A2"
    sheet.append(list(columns))
    for row in rows:
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(value: Any, zone: tzinfo) -> Any:
    told = _told(value, zone)
    return f"'{told}" if isinstance(told, str) and _may_be_formula(told) else told


def _workbook_cell(value: Any, zone: tzinfo) -> Any:
    # A workbook's moments have no zone.
    is_moment = isinstance(value, datetime)
    return value.astimezone(zone).replace(tzinfo=None, microsecond=0) if is_moment else _cell(value, zone)


def _may_be_formula(text: str) -> bool:
    return text.startswith(_FORMULAS) or _BEFORE.sub("", text).startswith(_FORMULAS)


def _told(value: Any, zone: tzinfo) -> Any:
    return value.astimezone(zone).isoformat(timespec="seconds") if isinstance(value, datetime) else value
