"""The files written beside an import: rows that were refused, and rows taken with a note."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from intake.imports.cells import EXACT, ExactNumber, Unreadable, is_rounded, text_of
from intake.imports.columns import SourceRow
from schemas.errors import FieldError


class _Rejected(msgspec.Struct, frozen=True):
    data: Mapping[str, object]


def noted_line(row: SourceRow, number: int, notes: Sequence[FieldError]) -> bytes:
    """A line of the file of notes: which row, and what was not understood."""
    return msgspec.json.encode({**_where(row, number), "notes": _reasons(notes)}) + b"\n"


def rejected_line(row: SourceRow, number: int, errors: Sequence[FieldError]) -> bytes:
    """A line of the rejected file: which row, why, and what it held."""
    return (
        msgspec.json.encode({**_where(row, number), "reasons": _reasons(errors), "data": _kept(row)}) + b"\n"
    )


def shown(row: SourceRow) -> dict[str, str]:
    """What a row holds, by column; the second one of a name with its number, lest the first is lost.

    Also an empty one that we read: whoever corrects the row there sees what it is called.
    """
    return {name: _as_text(value) for name, value in _held(row)}


def _kept(row: SourceRow) -> dict[str, object]:
    """The same as it is read again: digits of a whole number, written as text, would be some that a spreadsheet rounded."""
    return {
        name: {EXACT: str(value)}
        if isinstance(value, ExactNumber) and is_rounded(str(value))
        else _as_text(value)
        for name, value in _held(row)
    }


def _held(row: SourceRow) -> Iterator[tuple[str, object]]:
    times: Counter[str] = Counter()
    for column, meaning, value in row.cells:
        times[column] += 1
        if value is not None or meaning is not None:
            yield column if times[column] == 1 else f"{column} ({times[column]})", value


def _as_text(value: object) -> str:
    return value.shown if isinstance(value, Unreadable) else text_of(value)


def columns_in(rejected: Path) -> set[str]:
    """The columns that the rows of a rejected file name."""
    with rejected.open("rb") as lines:
        return {column for line in lines for column in msgspec.json.decode(line, type=_Rejected).data}


def _where(row: SourceRow, number: int) -> dict[str, Any]:
    return {"row": number, "sheet": row.sheet, "line": row.number}


def _reasons(errors: Sequence[FieldError]) -> list[dict[str, str]]:
    return [{"field": error.field, "zh": error.zh, "en": error.en} for error in errors]
