"""The sheets of a file and their lines, one at a time: xlsx, csv in what spreadsheet programs write, jsonl."""

import csv
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

import msgspec

from intake.imports import worksheet
from intake.imports.cells import value_of
from intake.imports.columns import field_of
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
#: What a spreadsheet program takes as its first line and shows nobody.
_SEPARATOR = "sep="
#: A byte in so many that is nothing: the text is UTF-16 that lacks its mark. Project choice.
_UTF16_NULS = 0.2
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip


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
    encoding = _encoding(path)
    return [Sheet(name=path.stem, lines=partial(_csv_lines, path, encoding), is_delimited=True)]


def _csv_lines(path: Path, encoding: str) -> Iterator[Line]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=encoding, newline="") as file:
        rows = csv.reader(_without_separator(file), dialect=_dialect(path, encoding))
        number = rows.line_num
        try:
            for row in rows:
                if any(text.strip() for text in row):
                    yield number + 1, {place: value_of(text) for place, text in enumerate(row)}, frozenset()
                number = rows.line_num
        except csv.Error as error:
            raise unreadable(
                path, f"第 {number} 行之后有误：{error}", f"after line {number}: {error}"
            ) from error


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


def _encoding(path: Path) -> str:
    """What the file's mark says; else UTF-8, UTF-16 that lacks it, or GB 18030, which every Chinese program writes.

    Raises:
        FileUnreadable: none of them.
    """
    with path.open("rb") as file:
        first = file.read(_CHUNK)
    marked = next((name for mark, name in _MARKS if first.startswith(mark)), None)
    for encoding in [marked] if marked else _likely(first):
        if _decodes(path, encoding):
            return encoding
    raise unreadable(
        path, "文字编码须为 UTF-8、UTF-16 或 GB18030", "its encoding must be UTF-8, UTF-16 or GB18030"
    )


def _likely(first: bytes) -> Sequence[str]:
    if first.count(0) <= len(first) * _UTF16_NULS / 10:
        return ("utf-8", "gb18030")
    little = first[1::2].count(0) >= first[0::2].count(0)
    return ("utf-16-le" if little else "utf-16-be",)


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as file:
            # NUL stands in no text: what has it is another kind of file.
            return all("\0" not in portion for portion in iter(lambda: file.read(_CHUNK), ""))
    except UnicodeError:
        return False


def _jsonl_sheets(path: Path) -> Sequence[Sheet]:
    return [Sheet(name=path.stem, lines=partial(_jsonl_lines, path), is_named=True)]


def _jsonl_lines(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            said = line.strip(b"\xef\xbb\xbf \t\r\n")
            if said:
                yield number, {0: _object_in(said)}, frozenset()


def _object_in(line: bytes) -> object:
    """The object in the line; as text, what is none."""
    try:
        row = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        row = None
    return row if isinstance(row, dict) else line.decode("utf-8", errors="replace")


_READERS: dict[str, Callable[[Path], Sequence[Sheet]]] = {
    ".xlsx": _xlsx_sheets,
    ".xlsm": _xlsx_sheets,
    ".csv": _csv_sheets,
    ".tsv": _csv_sheets,
    ".jsonl": _jsonl_sheets,
}
