"""Lists that grow: whether the first rows of a file were sent before, in another file of its folder."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from intake.core.draft import Draft, content_digest
from intake.core.keys import IntakeKeys
from schemas.errors import HuiyinError

#: Rows that are remembered of a file, from its first (project choice: a list that grew begins as it did, or nearly so).
MOST = 20
_ENDING = ".imported.json"


class ImportedBefore(HuiyinError):
    """The file begins as another one did that was imported: a list that has grown, or was saved anew."""

    zh = (
        "{file} 的前 {rows} 行中有 {same} 行已随 {earlier} 导入过，再次导入会重复立件，因此没有发送任何内容。"
        "请只导入新增的行；行有编号时，每次都用同一个 --source，相同的行就不会重复；确要重新立件，请加 --again"
    )
    en = (
        "of the first {rows} rows of {file} {same} were imported before, with {earlier}: each would become a second case. "
        "Nothing was sent. Import the new rows alone; where rows have numbers, say the same --source each time, and none is "
        "sent twice; or send all of them again: --again"
    )


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a file that was imported to its end."""

    file_sha256: str
    source: str
    #: Hashes of its first messages, keyed with the city's secret: they say nothing to whoever lacks it.
    first: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRow:
    """A message of a file that may have been sent before, with another."""

    has_number: bool
    #: Under the present key first, then under former ones.
    known_by: Sequence[str]


def row_of(draft: Draft, keys: IntakeKeys) -> KnownRow:
    """What a row's message is known by, wherever it stands and whichever release reads it."""
    digest = bytes.fromhex(content_digest(draft))
    return KnownRow(
        has_number=draft.external_id is not None, known_by=[each.keyed(digest).hex() for each in keys.all]
    )


def check_is_new(file: Path, now: Imported, rows: Sequence[KnownRow]) -> None:
    """Check that no other file of the folder began with these rows.

    Raises:
        ImportedBefore: half of what can be compared was sent with one, and would not be joined with that.
    """
    for path, known in _remembered(file.parent):
        if known.file_sha256 == now.file_sha256:
            continue
        is_joined = known.source == now.source
        left = [row for row in rows if not (is_joined and row.has_number)]
        same = sum(any(each in known.first for each in row.known_by) for row in left)
        if same and 2 * same >= min(len(left), len(known.first)):
            earlier = path.name.removesuffix(_ENDING)
            raise ImportedBefore(file=file, rows=len(now.first), same=same, earlier=earlier)


def remember(file: Path, imported: Imported) -> None:
    """Keep what it is known by beside it, for its owner alone."""
    path = file.with_name(file.name + _ENDING)
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
        kept.write(msgspec.json.encode(imported))
    unfinished.replace(path)


def _remembered(folder: Path) -> Iterable[tuple[Path, Imported]]:
    for path in sorted(folder.glob(f"*{_ENDING}")):
        try:
            yield path, msgspec.json.decode(path.read_bytes(), type=Imported)
        except (OSError, msgspec.DecodeError):
            continue  # nobody's, or half of one: the other files are asked all the same
