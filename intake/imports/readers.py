"""The rows of a file, one at a time: xlsx, csv in the encodings that spreadsheet programs write, jsonl."""

import csv
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO
from xml.etree.ElementTree import ParseError

import msgspec
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from intake.imports.columns import Row, field_of
from schemas.errors import Malformed

_ENCODINGS = ("utf-8-sig", "gb18030")
#: Bytes, or characters, read at a time. Project choice.
_CHUNK = 1 << 20
#: Of a workbook, unpacked. Project choice: some millions of rows.
_LARGEST_WORKBOOK = 512 * 1024 * 1024
#: What spreadsheet programs write shrinks to a tenth; what shrinks to so little is mostly nothing. Project choice.
_MOST_SHRUNK = 100
_LOOKED_AT_BYTES = 16 * 1024 * 1024
#: Cells of a workbook, empty ones too: a million rows of fifty columns. Project choice.
_MOST_CELLS = 50_000_000
#: Characters of a csv cell. Project choice: a hundred times the longest message, and no memory to speak of.
_LONGEST_CELL = 1 << 20
#: What openpyxl raises for a file that is no workbook, lacks a part, or has a chart where the first sheet should be.
_NO_WORKBOOK = (
    zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, AttributeError, IndexError,
)  # fmt: skip


class FileUnreadable(Malformed):
    """A file that holds no messages; `zh_reason` and `en_reason` say why."""

    zh = "无法导入 {name}：{zh_reason}。"
    en = "{name} cannot be imported: {en_reason}."


def count_rows(path: Path) -> int:
    """About how many rows the file has, for a progress bar."""
    if path.suffix.lower() == ".xlsx":
        return 0
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b""))


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of an xlsx, csv or jsonl file, one at a time.

    Raises:
        Malformed: another kind of file, or no column for the text.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise _unreadable(path, "文件须为 xlsx、csv 或 jsonl", "it must be xlsx, csv or jsonl")
    return reader(path)


def _xlsx_rows(path: Path) -> Iterator[Row]:
    try:
        _check_size(path)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            cells = book.worksheets[0].iter_rows(values_only=True)
            header = [str(name or "") for name in next(cells, ())]
            _require_text(path, header)
            looked_at = 0
            for values in cells:
                looked_at += len(values)
                if looked_at > _MOST_CELLS:
                    raise _unreadable(
                        path, "单元格过多，请分成几个文件", "it has too many cells; split it into several"
                    )
                if any(value is not None for value in values):
                    yield dict(zip(header, values, strict=False))
        finally:
            book.close()
    except _NO_WORKBOOK as error:
        raise _unreadable(path, "不是有效的 xlsx 文件", "it is no valid xlsx workbook") from error


def _check_size(path: Path) -> None:
    """Refuse what becomes too large: a few hundred kilobytes can hold gigabytes."""
    with zipfile.ZipFile(path) as parts:
        listed = parts.infolist()
        hollow = [
            part
            for part in listed
            if part.file_size > max(_LOOKED_AT_BYTES, _MOST_SHRUNK * part.compress_size)
        ]
        if hollow or sum(part.file_size for part in listed) > _LARGEST_WORKBOOK:
            raise _unreadable(
                path, "解压后过大，请分成几个文件", "it unpacks to too much; split it into several"
            )


def _csv_rows(path: Path) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=_encoding(path), newline="") as file:
        rows = csv.DictReader(file, dialect=_dialect(file))
        try:
            _require_text(path, rows.fieldnames or ())
            for row in rows:
                # Cells beyond the header belong to no column.
                yield {name: value for name, value in row.items() if name is not None}
        except csv.Error as error:
            line = rows.line_num
            raise _unreadable(
                path, f"第 {line} 行之后有误：{error}", f"after line {line}: {error}"
            ) from error


def _dialect(file: TextIO) -> type[csv.Dialect]:
    """Commas, unless the header has more tabs or semicolons."""
    header = file.readline()
    file.seek(0)
    delimiter = max(",\t;", key=header.count)

    class Dialect(csv.excel):
        pass

    Dialect.delimiter = delimiter
    # A quotation mark that is never closed would make one message of all rows after it.
    Dialect.strict = True
    return Dialect


def _encoding(path: Path) -> str:
    """UTF-8 with or without a mark; else GB 18030, which every Chinese spreadsheet program writes.

    Raises:
        Malformed: neither.
    """
    for encoding in _ENCODINGS:
        try:
            with path.open(encoding=encoding) as file:
                while file.read(_CHUNK):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise _unreadable(path, "文字编码须为 UTF-8 或 GB18030", "its encoding must be UTF-8 or GB18030")


def _jsonl_rows(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        for line in file:
            if not line.strip():
                continue
            try:
                row = msgspec.json.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                row = None
            # A line that is no object has no text either: it is put aside with that reason.
            yield row if isinstance(row, dict) else {"line": line.decode("utf-8", errors="replace").strip()}


def _require_text(path: Path, header: Sequence[str]) -> None:
    if "text" not in {field_of(name) for name in header}:
        raise _unreadable(path, "没有内容列（内容、text）", "no column for the text (内容, text)")


def _unreadable(path: Path, zh: str, en: str) -> FileUnreadable:
    return FileUnreadable(name=path.name, zh_reason=zh, en_reason=en)


_READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    ".xlsx": _xlsx_rows,
    ".csv": _csv_rows,
    ".jsonl": _jsonl_rows,
}
