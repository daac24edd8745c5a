"""The rows of one sheet of a workbook, one at a time, as they are and not as `<dimension>` says."""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from heapq import heapify, heappop, heappush
from math import isfinite

from openpyxl.utils.datetime import from_excel

from intake.imports.cells import (
    SPREADSHEET_DIGITS,
    MergedCell,
    error_cell,
    lost_cell,
    uncomputed_cell,
    unescaped,
    value_of,
)
from intake.imports.formats import shown
from intake.imports.workbook import CHUNK, Merged, NotAWorkbook, Workbook, WorkbookTooLarge, portions, whole

#: Cells of a workbook, empty ones too: a million rows of fifty columns. Project choice.
MOST_CELLS = 50_000_000
#: Cells that merges may fill, or be asked about: fifty thousand rows of twenty (project choice). A list of a few kilobytes
#: could say that each of its rows has sixteen thousand.
_MOST_MERGED = 1_000_000
#: Beyond that, for each cell that the file holds: a sheet of twenty columns may be merged throughout (project choice).
_MERGED_FOR_EACH = 20
#: Columns of a sheet: what spreadsheet programs have (ECMA-376 Part 1 §18.3.1.13). Beyond it the file is no sheet.
MOST_COLUMNS = 16_384
_MERGE = re.compile(
    rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})"'
)
_MERGE_WORD = b"mergeCell"
#: Longer than what `_MERGE` finds: kept of one portion for the next (project choice).
_OVERLAP = 256
_LETTERS = re.compile("[A-Za-z]{1,3}")

#: A line of a sheet: its number, what stands in which column (from 0), and which of the columns a merge filled.
Line = tuple[int, dict[int, object], frozenset[int]]


def lines_of(book: Workbook, part: str) -> Iterator[Line]:
    """Every line of the sheet that says anything, in order. A merged cell's value stands in each of its rows, and is
    `MergedCell` in its other columns.

    Raises:
        WorkbookTooLarge: it has too many cells.
    """
    merges = _Merges(book, part)
    reader = _Reader(book)
    for _ in portions(book.parts, part, reader.begin, reader.end, reader.text):
        yield from (merges.filled(number, cells) for number, cells in reader.taken())


class _Merges:
    """Cells that stand for others below them: listed after the rows, and so looked for before."""

    def __init__(self, book: Workbook, part: str) -> None:
        if part not in book.merges:
            book.merges[part] = _merges_in(book, part)
        #: By column: first and last row, in order.
        self._spans = {column: deque(spans) for column, spans in book.merges[part].down.items()}
        #: The row where the next of a column begins; and columns within one.
        self._waiting = [(spans[0][0], column) for column, spans in self._spans.items()]
        heapify(self._waiting)
        self._open: set[int] = set()
        self._across = book.merges[part].across
        self._values: dict[tuple[int, int], object] = {}
        self._looked_at = 0
        self._most = _MOST_MERGED

    def filled(self, number: int, cells: dict[int, object]) -> Line:
        """The line, with the values that merges give it."""
        given: set[int] = set()
        self._most += _MERGED_FOR_EACH * len(cells)
        for column in self._open_at(number):
            first = self._spans[column][0][0]
            if column in cells:
                self._values.setdefault((column, first), cells[column])
            elif (column, first) in self._values:
                cells[column] = self._values[column, first]
                given.add(column)
        reach = 0
        for first, last in sorted(self._across.get(number, ())):
            if first in cells:
                self._count(last - max(first, reach))
                for column in range(max(first, reach) + 1, last + 1):
                    cells.setdefault(column, MergedCell(first, cells[first]))
                reach = max(reach, last)
        return number, cells, frozenset(given)

    def _open_at(self, number: int) -> Sequence[int]:
        """The columns of which a cell that began above, or here, goes on in this row."""
        while self._waiting and self._waiting[0][0] <= number:
            self._open.add(heappop(self._waiting)[1])
        self._count(len(self._open))
        for column in [each for each in self._open if self._spans[each][0][1] < number]:
            spans = self._spans[column]
            while spans and spans[0][1] < number:
                self._values.pop((column, spans.popleft()[0]), None)
            if not spans or spans[0][0] > number:
                self._open.discard(column)
            if spans and spans[0][0] > number:
                heappush(self._waiting, (spans[0][0], column))
        return sorted(self._open)

    def _count(self, cells: int) -> None:
        self._looked_at += cells
        if self._looked_at > self._most:
            raise WorkbookTooLarge


def _merges_in(book: Workbook, part: str) -> Merged:
    """What is merged downwards, in order, and what within one row: of a block its first column counts."""
    merged = Merged()
    with book.parts.open(part) as content:
        kept = b""
        for chunk in iter(partial(content.read, CHUNK), b""):
            searched, end = kept + chunk, 0
            # A search for the word alone is a hundred times as fast, and most portions hold none.
            for found in _MERGE.finditer(searched) if _MERGE_WORD in searched else ():
                end = found.end()
                _note_merge(merged, found)
            kept = searched[max(end, len(searched) - _OVERLAP) :]
    for of_column in merged.down.values():
        of_column.sort()
    return merged


def _note_merge(merged: Merged, found: re.Match[bytes]) -> None:
    first, last = column_of(found[1].decode()), column_of(found[3].decode())
    top, bottom = int(found[2]), int(found[4])
    if bottom > top:
        merged.down.setdefault(first, []).append((top, bottom))
    elif first < last < MOST_COLUMNS:
        merged.across.setdefault(top, set()).add((first, last))


class _Reader:
    """Makes lines of the elements of a sheet."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._ready: list[tuple[int, dict[int, object]]] = []
        self._number = 0
        self._cells: dict[int, object] = {}
        self._column = -1
        self._looked_at = 0
        self._kind = ""
        self._style = 0
        self._pieces: list[str] = []
        self._formula: list[str] | None = None
        self._into: list[str] | None = None
        self._aside = False

    def taken(self) -> list[tuple[int, dict[int, object]]]:
        """The lines that are complete since they were taken last."""
        ready, self._ready = self._ready, []
        return ready

    def begin(self, tag: str, said: Mapping[str, str]) -> None:
        """An element begins: called with its tag and attributes."""
        if tag == "c":
            self._begin_cell(said)
        elif tag in ("v", "t"):
            self._into = None if self._aside else self._pieces
        elif tag == "f":
            self._formula = self._into = []
        elif tag == "row":
            self._begin_row(said)
        elif tag == "rPh":
            self._aside = True

    def end(self, tag: str) -> None:
        """An element ends: what it held is complete."""
        if tag == "c":
            value = self._value()
            if value is not None and value != "":
                self._cells[self._column] = value
        elif tag in ("v", "t", "f"):
            self._into = None
        elif tag == "row":
            if any(not isinstance(value, str) or value.strip() for value in self._cells.values()):
                self._ready.append((self._number, self._cells))
            self._cells = {}
        elif tag == "rPh":
            self._aside = False

    def text(self, text: str) -> None:
        """Characters of the element that is open now."""
        if self._into is not None:
            self._into.append(text)

    def _begin_row(self, said: Mapping[str, str]) -> None:
        self._number = whole(said.get("r"), self._number + 1)
        self._column = -1
        self._count()

    def _begin_cell(self, said: Mapping[str, str]) -> None:
        letters = _LETTERS.match(said.get("r", ""))
        self._column = column_of(letters[0]) if letters else self._column + 1
        if self._column >= MOST_COLUMNS:
            raise NotAWorkbook
        self._kind, self._style = said.get("t", "n"), whole(said.get("s"))
        self._pieces, self._formula = [], None
        self._count()

    def _count(self) -> None:
        self._looked_at += 1
        if self._looked_at > MOST_CELLS:
            raise WorkbookTooLarge

    def _value(self) -> object:
        text = "".join(self._pieces)
        if self._formula is not None and self._is_uncomputed(text):
            return uncomputed_cell("".join(self._formula))
        if self._kind == "s":
            return self._shared(text.strip())
        if self._kind in ("inlineStr", "str"):
            return value_of(unescaped(text))
        if self._kind == "e":
            return error_cell(text or "#ERROR")
        if self._kind == "b":
            return text.strip() == "1" if text else None
        return text if self._kind == "d" else self._number_or_date(text.strip())

    def _is_uncomputed(self, text: str) -> bool:
        """Whether a formula has no result: nothing, unless its kind says an empty text; or a 0 that stands for none."""
        if text:
            return self._book.is_uncomputed and self._kind == "n" and text.strip() == "0"
        return self._kind != "str"

    def _shared(self, place: str) -> object:
        if not place:
            return ""
        at = whole(place, -1)
        return value_of(self._book.strings[at]) if 0 <= at < len(self._book.strings) else lost_cell()

    def _number_or_date(self, text: str) -> object:
        try:
            number = float(text)
        except ValueError:
            return text or None
        if not isfinite(number):
            # More digits than a number has room for are an id, if anything; so are words that Python takes for numbers.
            return text
        if self._style < len(self._book.shows_date) and self._book.shows_date[self._style]:
            return self._date(number)
        if not (text.isascii() and text.lstrip("-").isdigit()):
            return number
        shape = self._book.shapes[self._style] if self._style < len(self._book.shapes) else ""
        is_shaped = shape and text.isdigit() and len(text) <= SPREADSHEET_DIGITS
        return shown(shape, text) if is_shaped else int(text)

    def _date(self, number: float) -> object:
        try:
            moment = from_excel(number, epoch=self._book.epoch)
        except (ValueError, OverflowError):
            return number
        return moment if isinstance(moment, datetime) else str(moment)


def column_of(letters: str) -> int:
    """The column with these letters, counted from 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def letters_of(column: int) -> str:
    """What spreadsheet programs call this column, counted from 0."""
    letters, left = "", column + 1
    while left:
        left, place = divmod(left - 1, 26)
        letters = chr(65 + place) + letters
    return letters
