"""Lists that grow: whether the first rows of a file that was imported stand in another file of its folder."""

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from intake.core.draft import Draft, content_digest
from intake.core.keys import IntakeKeys
from intake.core.notices import IMPORTED
from schemas.bilingual import Bilingual
from schemas.errors import HuiyinError

#: Rows that are remembered of a file, from its first (project choice: a list that grew has them, or nearly all).
MOST = 20
_ENDING = ".imported.json"
_BEGINNING = ".new"
#: What a source begins with that nobody named.
BY_CONTENT = "sha256:"


#: Said of a file of which no more is remembered.
_MORE = Bilingual(
    zh=f"；只记其前 {MOST} 行，其后的行也可能已发送",
    en=f"; only its first {MOST} are remembered, and later ones may have been sent, too",
)


class ImportedBefore(HuiyinError):
    """The file has the first rows of another one whose import was begun: a list that has grown, or was saved anew."""

    zh = (
        "{file} 中有 {same} 行（第 {places} 行）已随 {earlier} 导入过，或其导入尚未完成{more}，再次导入会重复立件，"
        "因此没有发送任何内容。请先确认 {earlier} 已导入完（未完成的再运行一次它的导入），再只把新增的行另存为一个文件导入；"
        "{joined}确要全部重新立件，请加 --again"
    )
    en = (
        "{same} rows of {file} (lines {places}) were imported before, with {earlier}, or its import has not come to its "
        "end{more}: each would become a second case. Nothing was sent. First see that {earlier} was imported to its end "
        "(run its import again if not), then save the new rows alone as a file of their own and import that; {joined}or "
        "send all of them again: --again"
    )


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a file from the beginning of its import."""

    file_sha256: str
    source: str
    #: Hashes of its first messages, keyed with the city's secret: they say nothing to whoever lacks it. Those without a
    #: number of their own, and those with one, which one source joins with what has the same.
    unnumbered: Sequence[str]
    numbered: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRow:
    """A message of a file that may have been sent before, with another."""

    has_number: bool
    #: Its line, with its sheet where there are several.
    place: str
    #: Under the present key first, then under former ones.
    known_by: Sequence[str]


def row_of(draft: Draft, keys: IntakeKeys, place: str) -> KnownRow:
    """What a row's message is known by, wherever it stands and whichever release reads it."""
    digest = bytes.fromhex(content_digest(draft))
    known_by = [each.keyed(digest).hex() for each in keys.all]
    return KnownRow(has_number=draft.external_id is not None, place=place, known_by=known_by)


def imported_of(file_sha256: str, source: str, first: Sequence[KnownRow]) -> Imported:
    """What is remembered of a file with these first rows."""
    unnumbered, numbered = (
        [row.known_by[0] for row in first if row.has_number is which] for which in (False, True)
    )
    return Imported(file_sha256=file_sha256, source=source, unnumbered=unnumbered, numbered=numbered)


class Earlier:
    """The other files of a folder whose import was begun, and which of their first rows stand in this one."""

    def __init__(self, file: Path, now: Imported) -> None:
        self._file = file
        self._now = now
        others = _remembered(file.parent)
        self._others = [(path, known) for path, known in others if known.file_sha256 != now.file_sha256]
        self._wanted = {each for _, known in self._others for each in (*known.unnumbered, *known.numbered)}
        #: Where each was found first.
        self._found: dict[str, str] = {}
        self._rows = 0
        self._unnumbered = 0

    @property
    def are_any(self) -> bool:
        """Whether there are such files: otherwise no row needs to be read for them."""
        return bool(self._others)

    def take(self, row: KnownRow) -> None:
        """Look for this row of the file among theirs."""
        self._rows += 1
        self._unnumbered += not row.has_number
        for each in self._wanted.intersection(row.known_by):
            self._found.setdefault(each, row.place)

    def check(self) -> None:
        """Check that the file, all of whose rows were looked for, is no such list.

        Raises:
            ImportedBefore: half of what can be compared was sent with one, and would not be joined with that. A single row
            is enough only where it is half of this file: it keeps no others back.
        """
        for path, known in self._others:
            is_joined = known.source == self._now.source
            theirs = {*known.unnumbered} if is_joined else {*known.unnumbered, *known.numbered}
            found = [each for each in self._found if each in theirs]
            ours = self._unnumbered if is_joined else self._rows
            enough = min(ours, len(theirs)) if len(found) > 1 else self._rows
            if found and 2 * len(found) >= enough:
                raise self._before(path, known, found)

    def _before(self, path: Path, known: Imported, found: Sequence[str]) -> ImportedBefore:
        is_named = not known.source.startswith(f"{IMPORTED}{BY_CONTENT}")
        source = known.source.removeprefix(IMPORTED)
        return ImportedBefore(
            file=self._file,
            same=len(found),
            places=", ".join(self._found[each] for each in found),
            earlier=path.name.removesuffix(_BEGINNING).removesuffix(_ENDING),
            more=_MORE if len(known.unnumbered) + len(known.numbered) >= MOST else "",
            joined=_joined(source) if is_named and not {*found} & {*known.unnumbered} else "",
        )


@contextmanager
def claimed(file: Path, now: Imported) -> Iterator[None]:
    """Keep what it is known by beside it, for its owner alone: at once for others that begin, and for ever where nothing is
    raised within. A file without any message is not remembered.
    """
    if not (now.unnumbered or now.numbered):
        yield
        return
    path = file.with_name(file.name + _ENDING)
    beginning = path.with_name(path.name + _BEGINNING)
    beginning.unlink(missing_ok=True)
    with open(os.open(beginning, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
        kept.write(msgspec.json.encode(now))
    try:
        yield
        beginning.replace(path)
    finally:
        beginning.unlink(missing_ok=True)


def _joined(source: str) -> Bilingual:
    """How rows with numbers are sent that others of this source were sent with."""
    return Bilingual(
        zh=f"或者像当时一样加 --source {shlex.quote(source)}，相同的行就不会重复；",
        en=f"or say --source {shlex.quote(source)} as then, and none is sent twice; ",
    )


def _remembered(folder: Path) -> Iterable[tuple[Path, Imported]]:
    for path in sorted((*folder.glob(f"*{_ENDING}"), *folder.glob(f"*{_ENDING}{_BEGINNING}"))):
        try:
            yield path, msgspec.json.decode(path.read_bytes(), type=Imported)
        except (OSError, msgspec.DecodeError):
            continue  # nobody's, or half of one: the other files are asked all the same
