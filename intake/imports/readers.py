"""The sheets of a file and their lines, one at a time: xlsx, csv in what spreadsheet programs write, jsonl."""

import csv
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from intake.imports import worksheet
from intake.imports.cells import Unreadable, value_of
from intake.imports.columns import field_of
from intake.imports.encodings import broken_line, encoding_of, nul_line
from intake.imports.json_lines import object_in
from intake.imports.kinds import LINES, TABLE, WORKBOOK, kind_of
from intake.imports.workbook import BROKEN, Workbook, WorkbookTooLarge, load_workbook
from intake.imports.worksheet import Line
from schemas.errors import Malformed

#: Bytes, or characters, read at a time. Project choice.
_CHUNK = 1 << 20
#: Characters of a csv cell. Project choice: a hundred times the longest message, and no memory to speak of.
LONGEST_CELL = 1 << 20
_DELIMITERS = ",\t;|"
#: Cells of a line that are looked at to find its delimiter. Project choice: more columns than any list has.
_MOST_KNOWN = 100
#: The place of a line that cannot be cut into cells: before all of them (by definition: places count from 0).
BROKEN_LINE = -1
#: In what `csv` says of a mark within a quoted cell.
_QUOTING, _TOO_LONG = "expected after", "field larger than"
#: Around a text, and nothing of it: also what some programs end a file with.
_NO_TEXT = " \t\r\n\v\f\u3000\xa0\x1a"
#: Characters that are shown of a line that is too long. Project choice.
_SHOWN = 200
#: What a spreadsheet program takes as its first line and shows nobody.
_SEPARATOR = "sep="
_OTHER_ENDS = re.compile("[\x0b\x85\u2028\u2029]")


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
    kind = kind_of(path)
    if isinstance(kind, tuple):
        raise unreadable(path, *kind)
    return _READERS[kind](path)


def count_lines(path: Path) -> int:
    """About how many lines the file has, for a progress bar."""
    if kind_of(path) not in (TABLE, LINES):
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
        raise _undecodable(path)
    return [Sheet(name=path.stem, lines=partial(_csv_lines, path, encoding), is_delimited=True)]


def _undecodable(path: Path) -> FileUnreadable:
    if (nul := nul_line(path)) is not None:
        return unreadable(
            path,
            f"第 {nul} 行有空字符（NUL），请删去后再导入",
            f"line {nul} holds a NUL character: take it out, and import it again",
        )
    line = broken_line(path)
    zh, en = ("", "") if line is None else (f"，而第 {line} 行不是", f", and line {line} is not")
    return unreadable(
        path,
        f"文字编码须为 UTF-8、UTF-16、GB18030、Big5 或 EUC-KR，且全文一致{zh}",
        f"its encoding must be UTF-8, UTF-16, GB18030, Big5 or EUC-KR, the same in all lines{en}",
    )


def _csv_lines(path: Path, encoding: str) -> Iterator[Line]:
    csv.field_size_limit(LONGEST_CELL)
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
                is_its_own = rows.line_num == number + 1 and not lines.is_at_end
                if not (is_its_own and any(word in str(error) for word in (_QUOTING, _TOO_LONG))):
                    raise unreadable(
                        path,
                        f"第 {number} 行之后有引号没有成对，或单元格过长",
                        f"after line {number} a quotation mark is not closed, or a cell is too long",
                    ) from error
                yield number + 1, {BROKEN_LINE: _uncut(lines.last, str(error))}, frozenset()
                continue
            if len(row) > worksheet.MOST_COLUMNS:
                yield number + 1, {BROKEN_LINE: _too_wide(lines.last)}, frozenset()
            elif any(text.strip(_NO_TEXT) for text in row):
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


def _uncut(line: str, error: str) -> Unreadable:
    if _TOO_LONG in error:
        return Unreadable(f"{line[:_SHOWN]}…", "单元格过长", "a cell of it is too long")
    return Unreadable(
        line.rstrip("\r\n"),
        "引号没有成对，这一行分不成单元格",
        "a quotation mark within a cell is not doubled: the line cannot be cut into cells",
    )


def _too_wide(line: str) -> Unreadable:
    most = f"{worksheet.MOST_COLUMNS:,}"
    return Unreadable(
        f"{line[:_SHOWN]}…", f"这一行有 {most} 个以上的单元格", f"it has more than {most} cells"
    )


def _without_separator(file: TextIO) -> Iterator[str]:
    """The lines of the file; what says the separator becomes an empty one, so that lines keep their numbers."""
    first = file.readline()
    if first:
        yield from ["\n"] if _said_separator(first) else _lines_within(first)
    yield from file


def _lines_within(first: str) -> Sequence[str]:
    """Of a file that ends no line as others do, its lines: mainframes and word processors have ends of their own."""
    if first.endswith(("\n", "\r")) or not _OTHER_ENDS.search(first):
        return [first]
    return [f"{line}\n" for line in _OTHER_ENDS.split(first)]


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
    # Some programs write a blank behind each delimiter, before the quotation mark.
    Dialect.skipinitialspace = any(f'{Dialect.delimiter} "' in line for line in first[:1])
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
    for number, line in enumerate(_lines_of_json(path), start=1):
        said = line.strip(b"\xef\xbb\xbf \t\r\n\x1e")
        if said:
            yield number, {0: object_in(said)}, frozenset()


def _lines_of_json(path: Path) -> Iterator[bytes]:
    """In UTF-8, as JSON is; also of a program that writes another encoding (RFC 8259 §8.1 allows none)."""
    encoding = encoding_of(path) or "utf-8"
    if encoding in ("utf-8", "utf-8-sig"):
        with path.open("rb") as file:
            yield from file
        return
    with path.open(encoding=encoding, newline="\n") as text:
        yield from (line.encode() for line in text)


_READERS: dict[str, Callable[[Path], Sequence[Sheet]]] = {
    WORKBOOK: _xlsx_sheets,
    TABLE: _csv_sheets,
    LINES: _jsonl_sheets,
}
