"""What an import's saved row count depends on, so that no release continues where it would count rows otherwise."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from intake.imports.columns import Columns, SourceRow
from intake.imports.lines import shown
from intake.imports.progress import ImportProgress, SheetMark, path_of
from intake.imports.tables import Table, rows_of
from schemas.errors import HuiyinError

#: Of a hash that only has to differ where a reader does. Project choice.
_BYTES = 8


class ReadOtherwise(HuiyinError):
    """Another release began a file and read a sheet of it otherwise: its count is not of the rows that are read now."""

    zh = (
        "{file} 的导入由另一版本开始，已完成 {rows} 行，而本版本对工作表“{sheet}”的读法不同（{zh_reason}），"
        "无法确定已完成的是哪些行，因此没有发送任何内容。请用该版本完成导入；"
        "或者删除 {progress} 后从头导入：已发送的行，若本版本读法不同，会成为另一件诉求"
    )
    en = (
        "another release began {file}: {rows} rows are done, and this one reads sheet {sheet} otherwise ({en_reason}), so "
        "nobody knows which. Nothing was sent now. Finish it with that release; or delete {progress} and begin anew: a row "
        "that was sent and that this release reads otherwise becomes another case"
    )


def key_of(file: Path) -> bytes:
    """What hashes of the file's rows are keyed with: made of its content, and written down nowhere.

    So nobody who finds what lies beside the file can try what its last row may say.
    """
    with file.open("rb") as content:
        return hashlib.file_digest(content, "blake2b").digest()


def marks_of(rows: Iterable[SourceRow], tables: Sequence[Table], key: bytes) -> Mapping[str, SheetMark]:
    """Of each sheet that these rows are of: how it is read, and which of them is its last."""
    last = {row.sheet: row for row in rows}
    read = [table for table in tables if table.sheet.name in last]
    return {table.sheet.name: _mark(table, last[table.sheet.name], key) for table in read}


def check(file: Path, known: ImportProgress, tables: Sequence[Table], columns: Columns, key: bytes) -> None:
    """Check that this release reads, as the rows that are done, the same rows as the release that sent them.

    Raises:
        ReadOtherwise: it does not, and nobody knows which rows are left.
    """
    read = {table.sheet.name: table for table in tables}
    for sheet, mark in known.marks.items():
        differs = _difference(read.get(sheet), mark, known.by_sheet.get(sheet, 1), columns, key)
        if differs:
            zh, en = differs
            raise ReadOtherwise(
                file=file, rows=known.rows, sheet=sheet, progress=path_of(file), zh_reason=zh, en_reason=en
            )


def _difference(
    table: Table | None, mark: SheetMark, done: int, columns: Columns, key: bytes
) -> tuple[str, str] | None:
    if table is None:
        return "已没有这张工作表", "there is no such sheet any more"
    if table.why:
        return table.why
    if table.header_line != mark.header_line:
        return (
            f"表头原在第 {mark.header_line} 行，现在第 {table.header_line} 行",
            f"its header was in line {mark.header_line} and is in line {table.header_line}",
        )
    if _header(table, key) != mark.header:
        return "表头的读法不同", "its header is another one"
    last = next(islice(rows_of(table, columns), done - 1, None), None)
    if last is None or _row(last, key) != mark.row:
        return "已完成的最后一行不同", "the last row that is done is another one"
    return None


def _mark(table: Table, row: SourceRow, key: bytes) -> SheetMark:
    return SheetMark(header_line=table.header_line, header=_header(table, key), row=_row(row, key))


def _header(table: Table, key: bytes) -> str:
    """Of the lines that stand above the rows, and the columns' names; objects name their own, and have none above."""
    names = (
        [] if table.sheet.is_named else [(place, name) for place, (name, _) in sorted(table.columns.items())]
    )
    return _hash((table.above, table.continues, names), key)


def _row(row: SourceRow, key: bytes) -> str:
    return _hash((row.number, shown(row)), key)


def _hash(said: object, key: bytes) -> str:
    return hashlib.blake2b(msgspec.json.encode(said), key=key, digest_size=_BYTES).hexdigest()
