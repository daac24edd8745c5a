"""Tables as files: csv that spreadsheets open and do not execute, xlsx, and a JSON object a line."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from sla.core.figure_kinds import Rate
from sla.core.tiers import Standing

TableFormat = Literal["csv", "xlsx", "jsonl"]
CONTENT_TYPES: Mapping[TableFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl; charset=utf-8",
}
#: A cell that begins so may be taken for a formula: full-width signs by spreadsheets of East Asian languages, too.
_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")

#: What a spreadsheet may pass over, or a file cannot hold, before the sign: white space, and what nobody sees.
_BEFORE = re.compile(r"^[\s\x00-\x08\x0e-\x1f\x7f\u00ad\u200b-\u200f\u2060\ufeff]+")


def rate_cells(rate: Rate) -> Mapping[str, Any]:
    """A rate's cells: of all cases, and without those that are left out."""
    without = rate.beside
    return {
        "value": rate.value, "numerator": rate.numerator, "n": rate.n, "value_without": without.value,
        "numerator_without": without.numerator, "n_without": without.n, "p90": None,
    }  # fmt: skip


#: Of a figure that is in no band.
_IN_NO_BAND: Mapping[str, Any] = dict.fromkeys(("band", "low", "high", "band_without"))


def band_cells(standing: Standing | None) -> Mapping[str, Any]:
    """In which band (分档) a department stands, between what the rate may lie, and the band without what is left out."""
    if standing is None:
        return _IN_NO_BAND
    return {
        "band": standing.band, "low": standing.low, "high": standing.high, "band_without": standing.without.band,
    }  # fmt: skip


def standing_in(tiers: Mapping[str, Sequence[Standing]], code: str, key: str | None) -> Standing | None:
    """Where this department stands with this figure; None: in no band."""
    return next((each for each in tiers.get(code, ()) if key and each.key == key), None)


#: Of a figure that is no rate.
NOT_A_RATE: Mapping[str, Any] = {"value_without": None, "numerator_without": None, "n_without": None}


def table_file(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], form: TableFormat, zone: ZoneInfo
) -> bytes:
    """The table in this form; moments stand in the city's zone."""
    if form == "jsonl":
        lines = ({column: _told(row[column], zone) for column in columns} for row in rows)
        return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    cells = ([_cell(row[column], zone) for column in columns] for row in rows)
    return _csv(columns, cells) if form == "csv" else _xlsx(columns, cells)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    # The mark tells spreadsheets that it is UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _xlsx(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    import openpyxl
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(columns))
    for row in rows:
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(value: Any, zone: ZoneInfo) -> Any:
    told = _told(value, zone)
    return f"'{told}" if isinstance(told, str) and _may_be_formula(told) else told


def _may_be_formula(text: str) -> bool:
    return text.startswith(_FORMULAS) or _BEFORE.sub("", text).startswith(_FORMULAS)


def _told(value: Any, zone: ZoneInfo) -> Any:
    return value.astimezone(zone).isoformat(timespec="seconds") if isinstance(value, datetime) else value
