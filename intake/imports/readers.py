"""The sheets of a file and their lines, one at a time: xlsx, csv in what spreadsheet programs write, jsonl."""

import csv
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from intake.imports import worksheet
from intake.imports.cells import Unreadable, value_of
from intake.imports.columns import field_of
from intake.imports.encodings import encoding_of
from intake.imports.json_lines import object_in
from intake.imports.workbook import BROKEN, Workbook, WorkbookTooLarge, load_workbook
from intake.imports.worksheet import Line
from schemas.errors import Malformed

#: Bytes, or characters, read at a time. Project choice.
_CHUNK = 1 << 20
#: Characters of a csv cell. Project choice: a hundred times the longest message, and no memory to speak of.
_LONGEST_CELL = 1 << 20
_DELIMITERS = ",\t;|"
#: Cells of a line that are looked at to find its delimiter. Project choice: more columns than any list has.
_MOST_KNOWN = 100
#: The place of a line that cannot be cut into cells: before all of them.
BROKEN_LINE = -1
#: In what `csv` says of a mark within a quoted cell.
_QUOTING = "expected after"
#: What a spreadsheet program takes as its first line and shows nobody.
_SEPARATOR = "sep="


class FileUnreadable(Malformed):
    """A file that holds no messages; `zh_reason` and `en_reason` say why."""

    zh = "无法导入 {name}：{zh_reason}。"
    en = "{name} cannot be imported: {en_reason}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet of a file. `lines`: reads it from its beginning; None where it has no cells."""

    name: str
    lines: Callable[[], Iterator[Line]] | None
    is_hidden: bool = False
    #: Each line is an object that names its own columns, and there is no header.
    is_named: bool = False
    #: A cell too many moves all cells after it: text is delimited by what it may hold itself.
    is_delimited: bool = False


def sheets_of(path: Path) -> Sequence[Sheet]:
    """The sheets of an xlsx, csv or jsonl file, in their order.

    Raises:
        FileUnreadable: another kind of file, or none of its kind.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise unreadable(path, "文件须为 xlsx、csv 或 jsonl", "it must be xlsx, csv or jsonl")
    return reader(path)


def count_lines(path: Path) -> int:
    """About how many lines the file has, for a progress bar."""
    if path.suffix.lower() == ".xlsx":
        return 0
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b""))


def unreadable(path: Path, zh: str, en: str) -> FileUnreadable:
    """Why the file holds no messages."""
    return FileUnreadable(name=path.name, zh_reason=zh, en_reason=en)


def _xlsx_sheets(path: Path) -> Sequence[Sheet]:
    with _refusing(path):
        book = load_workbook(path)
    return [
        Sheet(
            name=entry.name,
            lines=partial(_xlsx_lines, path, book, entry.part) if entry.part else None,
            is_hidden=entry.is_hidden,
        )
        for entry in book.sheets
    ]


def _xlsx_lines(path: Path, book: Workbook, part: str) -> Iterator[Line]:
    with _refusing(path):
        yield from worksheet.lines_of(book, part)


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """What is wrong with a workbook becomes a sentence about its file."""
    try:
        yield
    except BROKEN as error:
        raise unreadable(path, "不是有效的 xlsx 文件", "it is no valid xlsx workbook") from error
    except WorkbookTooLarge as error:
        raise unreadable(
            path,
            "解压后过大或单元格过多，请分成几个文件",
            "it unpacks to too much, or has too many cells; split it into several",
        ) from error


def _csv_sheets(path: Path) -> Sequence[Sheet]:
    encoding = encoding_of(path)
    if encoding is None:
        raise unreadable(
            path,
            "文字编码须为 UTF-8、UTF-16、GB18030 或 Big5，且全文一致",
            "its encoding must be UTF-8, UTF-16, GB18030 or Big5, the same in all lines",
        )
    return [Sheet(name=path.stem, lines=partial(_csv_lines, path, encoding), is_delimited=True)]


def _csv_lines(path: Path, encoding: str) -> Iterator[Line]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=encoding, newline="") as file:
        lines = _Remembering(_without_separator(file))
        rows = csv.reader(lines, dialect=_dialect(path, encoding))
        while True:
            number = rows.line_num
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                # Within one line it is that line's alone; over several it may have swallowed whole messages.
                if rows.line_num != number + 1 or lines.is_at_end or _QUOTING not in str(error):
                    raise unreadable(
                        path, f"第 {number} 行之后有误：{error}", f"after line {number}: {error}"
                    ) from error
                yield number + 1, {BROKEN_LINE: _unquoted(lines.last)}, frozenset()
                continue
            if any(text.strip() for text in row):
                yield number + 1, {place: value_of(text) for place, text in enumerate(row)}, frozenset()


class _Remembering:
    """Lines, of which the last one can be shown."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.last = ""
        self.is_at_end = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            self.last = next(self._lines)
        except StopIteration:
            self.is_at_end = True
            raise
        return self.last


def _unquoted(line: str) -> Unreadable:
    return Unreadable(
        line.rstrip("\r\n"),
        "引号没有成对，这一行分不成单元格",
        "a quotation mark within a cell is not doubled: the line cannot be cut into cells",
    )


def _without_separator(file: TextIO) -> Iterator[str]:
    """The lines of the file; what says the separator becomes an empty one, so that lines keep their numbers."""
    first = file.readline()
    if first:
        yield "\n" if _said_separator(first) else first
    yield from file


def _said_separator(line: str) -> str | None:
    """The separator that the first line names, if that is what it is for."""
    said = line.strip("\ufeff\r\n\"' ")
    return (
        (said[len(_SEPARATOR) :] or "\t") if said.lower().startswith(_SEPARATOR) and len(said) <= 5 else None
    )


def _dialect(path: Path, encoding: str) -> type[csv.Dialect]:
    """What the first line says; else what cuts a line into most columns that we know, or into most cells."""
    with path.open(encoding=encoding, newline="") as file:
        said = _said_separator(file.readline())
        file.seek(0)
        first = list(itertools.islice((line for line in file if line.strip()), 20))
    most = max(_DELIMITERS, key=lambda mark: max((_columns(line, mark) for line in first), default=(0, 0)))

    class Dialect(csv.excel):
        pass

    Dialect.delimiter = said or most
    # A quotation mark that is never closed would make one message of all rows after it.
    Dialect.strict = True
    return Dialect


def _columns(line: str, mark: str) -> tuple[int, int]:
    """How many columns that we know, and how many cells, the mark would make of a line."""
    cells = line.split(mark)
    return sum(field_of(cell.strip("\ufeff\"'")) is not None for cell in cells[:_MOST_KNOWN]), len(cells)


def _jsonl_sheets(path: Path) -> Sequence[Sheet]:
    return [Sheet(name=path.stem, lines=partial(_jsonl_lines, path), is_named=True)]


def _jsonl_lines(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            said = line.strip(b"\xef\xbb\xbf \t\r\n")
            if said:
                yield number, {0: object_in(said)}, frozenset()


_READERS: dict[str, Callable[[Path], Sequence[Sheet]]] = {
    ".xlsx": _xlsx_sheets,
    ".xlsm": _xlsx_sheets,
    ".csv": _csv_sheets,
    ".tsv": _csv_sheets,
    ".jsonl": _jsonl_sheets,
}
