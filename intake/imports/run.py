"""Reads messages from a file and sends them to Kafka: streaming, resumable, with what is wrong put aside.

The file is never held in memory. Where it stopped is kept beside it; since every id derives from the file's content,
a row that is sent twice is still one case.
"""

import asyncio
import csv
import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TextIO
from xml.etree.ElementTree import ParseError

import msgspec
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from intake.core.accepting import Accepted
from intake.core.importing import Importer, Row, draft_of, field_of, refusal
from schemas.errors import BadInput, Malformed
from schemas.ports import Publisher
from schemas.words import Channel

_ENCODINGS = ("utf-8-sig", "gb18030")
_CHUNK = 1 << 20
#: Of a workbook, unpacked. Project choice: some millions of rows.
_LARGEST_WORKBOOK = 512 * 1024 * 1024
_LONGEST_CELL = 1 << 20
#: What openpyxl raises for a file that is no workbook, lacks a part, or has a chart where the first sheet should be.
_NO_WORKBOOK = (
    zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, AttributeError, IndexError,
)  # fmt: skip


class FileUnreadable(Malformed):
    """A file that holds no messages; `zh_reason` and `en_reason` say why."""

    zh = "无法导入 {name}：{zh_reason}。"
    en = "{name} cannot be imported: {en_reason}."


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far an import came: rows done, and of which file."""

    file_sha256: str
    channel: Channel
    name: str
    rows: int = 0
    accepted: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import. `on_rows` is told how many rows were done since it was told last."""

    path: Path
    channel: Channel
    name: str
    secret: bytes = field(repr=False)
    clock: Callable[[], datetime]
    dry_run: bool = False
    #: Messages on their way to Kafka at once.
    in_flight: int = 500
    on_rows: Callable[[int], None] = lambda rows: None

    @property
    def progress_path(self) -> Path:
        """Where it is kept how far it came."""
        return self.path.with_name(self.path.name + ".progress.json")

    @property
    def rejected_path(self) -> Path:
        """Where rows go that cannot be messages."""
        return self.path.with_name(self.path.name + ".rejected.jsonl")


async def run_import(task: Import, publisher: Publisher | None) -> Progress:
    """Send every row that is a message; returns what was done, in this run and those before it.

    Raises:
        Malformed: the file cannot be read, or has no column for the text.
        Unavailable: Kafka was away; run it again to go on.
    """
    progress = _start(task)
    importer = Importer(channel=task.channel, name=task.name, secret=task.secret)
    rows = enumerate(rows_of(task.path), start=1)
    # Rows done before are read again, so that equal rows are counted alike.
    for _, row in islice(rows, progress.rows):
        _accept(task, importer, row)
    task.on_rows(progress.rows)
    while portion := list(islice(rows, task.in_flight)):
        progress = await _send(task, importer, portion, progress, publisher)
        task.on_rows(len(portion))
    if not task.dry_run:
        task.progress_path.unlink(missing_ok=True)
    return progress


async def _send(
    task: Import,
    importer: Importer,
    portion: Sequence[tuple[int, Row]],
    progress: Progress,
    publisher: Publisher | None,
) -> Progress:
    messages: list[Accepted] = []
    refused: list[bytes] = []
    for number, row in portion:
        outcome = _accept(task, importer, row)
        if isinstance(outcome, BadInput):
            reasons = [{"field": error.field, "zh": error.zh, "en": error.en} for error in outcome.errors]
            refused.append(refusal(row, number, reasons))
        else:
            messages.append(outcome)
    if publisher is not None and not task.dry_run:
        await asyncio.gather(*(publisher.publish(message.event) for message in messages))
    _put_aside(task.rejected_path, refused)
    progress = msgspec.structs.replace(
        progress,
        rows=progress.rows + len(portion),
        accepted=progress.accepted + len(messages),
        rejected=progress.rejected + len(refused),
    )
    if not task.dry_run:
        _write(task.progress_path, msgspec.json.encode(progress))
    return progress


def _accept(task: Import, importer: Importer, row: Row) -> Accepted | BadInput:
    try:
        draft = draft_of(row, coordinates="gcj02" if task.channel is Channel.MINIAPP else "wgs84")
    except BadInput as error:
        return error
    return importer.accepted(draft, task.clock())


def _start(task: Import) -> Progress:
    """Where an earlier run of the same file stopped; otherwise the beginning, with an empty rejected file."""
    fresh = Progress(file_sha256=_sha256(task.path), channel=task.channel, name=task.name)
    if task.progress_path.exists() and not task.dry_run:
        try:
            known = msgspec.json.decode(task.progress_path.read_bytes(), type=Progress)
        except msgspec.DecodeError:
            known = fresh
        if (known.file_sha256, known.channel, known.name) == (fresh.file_sha256, fresh.channel, fresh.name):
            return known
    task.rejected_path.unlink(missing_ok=True)
    return fresh


def _put_aside(path: Path, lines: Sequence[bytes]) -> None:
    if lines:
        # What citizens wrote: readable by its owner only.
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            file.writelines(lines)


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing: a crash leaves the old file."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
            for values in cells:
                if any(value is not None for value in values):
                    yield dict(zip(header, values, strict=False))
        finally:
            book.close()
    except _NO_WORKBOOK as error:
        raise _unreadable(path, "不是有效的 xlsx 文件", "it is no valid xlsx workbook") from error


def _check_size(path: Path) -> None:
    """Refuse what becomes too large: a few hundred kilobytes can hold gigabytes."""
    with zipfile.ZipFile(path) as parts:
        if sum(part.file_size for part in parts.infolist()) > _LARGEST_WORKBOOK:
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
