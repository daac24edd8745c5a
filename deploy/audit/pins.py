"""What the anchors in files and on Kafka fix, and which of them were changed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import UNSET

from deploy.audit.anchors import Anchor, AnchorFiles, Log, digest, readable, unpacked
from deploy.audit.restores import Restore
from deploy.audit.topic import TopicAnchor


class Fault(StrEnum):
    """What is wrong with an anchor, or with a restore."""

    #: In the files: no anchor.
    UNREADABLE = "unreadable"
    #: In the files: not what was sealed.
    SEAL = "seal"
    #: In the files: not behind the one that it was written behind.
    PREVIOUS = "previous"
    #: In the files: with other entries.
    ENTRIES = "entries"
    #: It was written after a restore of which the database knows nothing.
    EPOCH = "epoch"
    #: The topic lacks it.
    NOT_ON_TOPIC = "not-on-topic"
    #: The topic has another under its number.
    OTHER_ON_TOPIC = "other-on-topic"
    #: The topic has it as nobody sealed it.
    SEAL_ON_TOPIC = "seal-on-topic"
    #: The topic has it with other entries.
    ENTRIES_ON_TOPIC = "entries-on-topic"
    #: The topic has it, the files lack it.
    NOT_IN_FILES = "not-in-files"
    #: The database says of a restore what nobody sealed; the number counts restores.
    RESTORE = "restore"


class BrokenAnchor(msgspec.Struct, frozen=True, kw_only=True):
    """An anchor that is not as it was written."""

    number: int
    why: str


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """A copy was brought back; so many anchors that were written after it tell of what is gone."""

    at: datetime
    copied_at: datetime
    anchors: int


class Pins:
    """What the anchors say of each case, and which of them cannot be believed."""

    def __init__(self) -> None:
        self.read = 0
        self.broken: list[BrokenAnchor] = []
        self.restored: tuple[Restored, ...] = ()
        #: Anchors on the topic of a series whose files lie elsewhere, or are gone.
        self.elsewhere = 0
        #: When an anchor first told of the logs beside the cases'; None: none does.
        self.beside_since: datetime | None = None
        #: When accounts and tokens were compared with their log, the first time first, and which differed.
        self.compared: list[tuple[datetime, Collection[str]]] = []
        self._ends: dict[bytes, bytes] = {}
        self._plain: dict[bytes, int] = {}
        #: Of each log but the cases'.
        self._beside: dict[Log, dict[bytes, set[tuple[int, bytes]]]] = {log: {} for log in Log}

    @property
    def cases(self) -> Iterator[bytes]:
        """The ids of every case that was anchored."""
        return iter(self._ends)

    def ends_of(self, case: bytes) -> Iterator[tuple[int, bytes]]:
        """Number and shortened hash of each anchored row of the case."""
        ends = self._ends.get(case, b"")
        for start in range(0, len(ends), 20):
            yield int.from_bytes(ends[start : start + 4]), ends[start + 4 : start + 20]

    def rows_of(self, log: Log, owner: bytes) -> Iterator[tuple[int, bytes]]:
        """Number and shortened hash of each anchored row of a log beside the cases', the first row first."""
        return iter(sorted(self._beside[log].get(owner, ())))

    def owners(self, log: Log) -> Iterator[bytes]:
        """The ids of those that have anchored rows in such a log."""
        return iter(self._beside[log])

    def plain_until(self, case: bytes) -> int | None:
        """The last row of the case that may be without a key; None where no anchor tells."""
        return self._plain.get(case, 0) if self.read else None

    def add(self, anchor: Anchor, entries: bytes) -> None:
        """Remember one that is to be believed; the oldest of all comes first."""
        self.read += 1
        if anchor.beside is True:
            self.beside_since = self.beside_since or anchor.at
        if anchor.differing is not UNSET:
            self.compared.append((anchor.at, anchor.differing))
        for entry in unpacked(entries):
            if entry.log is not Log.CASE:
                self._beside[entry.log].setdefault(entry.case, set()).add((entry.seq, entry.hash))
                continue
            self._ends[entry.case] = self._ends.get(entry.case, b"") + entry.seq.to_bytes(4) + entry.hash
            if entry.is_plain and anchor.full and self.read == 1:
                self._plain[entry.case] = entry.seq


def read_pins(
    files: AnchorFiles,
    keys: Sequence[bytes],
    *,
    restores: Sequence[Restore] = (),
    topic: Sequence[TopicAnchor] | None = None,
) -> Pins:
    """Everything that the anchors say; those that were changed are named and not believed. `topic`: None if not asked.

    What is on the topic must have been read before: an anchor is in the files first.
    """
    reading = _Reading(files, keys, restores)
    reading.read_files()
    if topic is not None:
        reading.read_topic(topic)
    return reading.pins()


class _Reading:
    def __init__(self, files: AnchorFiles, keys: Sequence[bytes], restores: Sequence[Restore]) -> None:
        self._files, self._keys, self._lines = files, keys, files.lines()
        self._restores = [each for each in restores if each.is_sealed_by(keys)]
        self._forged = [number for number, each in enumerate(restores, 1) if not each.is_sealed_by(keys)]
        self._broken: list[BrokenAnchor] = []
        self._believed: list[tuple[Anchor, bytes]] = []
        #: Lines of anchors that each restore left behind, by its epoch.
        self._left: dict[str, set[bytes]] = {each.epoch: set() for each in self._restores}
        self._elsewhere = 0

    def pins(self) -> Pins:
        """What was found, the oldest anchor first."""
        pins = Pins()
        for anchor, entries in sorted(self._believed, key=lambda each: each[0].at):
            pins.add(anchor, entries)
        forged = [BrokenAnchor(number=number, why=Fault.RESTORE) for number in self._forged]
        pins.broken = sorted(self._broken, key=lambda each: each.number) + forged
        pins.elsewhere = self._elsewhere
        pins.restored = tuple(
            Restored(at=each.at, copied_at=each.copied_at, anchors=len(self._left[each.epoch]))
            for each in self._restores
        )
        return pins

    def read_files(self) -> None:
        """Each line by itself, and behind the one before."""
        previous = b""
        for number, line in enumerate(self._lines, start=1):
            why = self._read_line(number, line, previous)
            if why is not None:
                self._broken.append(BrokenAnchor(number=number, why=why))
            previous = line

    def _read_line(self, number: int, line: bytes, previous: bytes) -> Fault | None:
        anchor = readable(line)
        if anchor is None:
            return Fault.UNREADABLE
        if not anchor.is_sealed_by(self._keys):
            return Fault.SEAL
        if (anchor.number, anchor.previous) != (number, digest(previous) if previous else ""):
            return Fault.PREVIOUS
        entries = self._files.entries_of(anchor)
        if digest(entries) != anchor.entries:
            return Fault.ENTRIES
        return self._believe(line, anchor, entries)

    def _believe(self, line: bytes, anchor: Anchor, entries: bytes) -> Fault | None:
        """Believe it, unless what it tells of went with a restore, or its epoch began with none."""
        for restore in self._restores:
            if restore.copied_at < anchor.at <= restore.at and anchor.epoch != restore.epoch:
                self._left[restore.epoch].add(line)
                return None
        if anchor.epoch is not UNSET and anchor.epoch not in self._left:
            return Fault.EPOCH
        self._believed.append((anchor, entries))
        return None

    def read_topic(self, topic: Sequence[TopicAnchor]) -> None:
        """Compare the anchors of the files with those of the topic: what only one side has."""
        on_topic, roots = (
            {each.line for each in topic},
            _roots([*self._lines, *(each.line for each in topic)]),
        )
        alone = [(number, line) for number, line in enumerate(self._lines, 1) if line not in on_topic]
        there = {_place(line) for line in on_topic.difference(self._lines)} - {None}
        for number, line in alone:
            why = Fault.OTHER_ON_TOPIC if _place(line) in there else Fault.NOT_ON_TOPIC
            self._broken.append(BrokenAnchor(number=number, why=why))
        # What the topic has in the place of one of those was named with it.
        named = {_place(line) for _, line in alone}
        series = {roots[line] for line in self._lines if line in roots}
        known = set(self._lines)
        for each in topic:
            is_ours = roots.get(each.line) in series and _place(each.line) not in named
            self._compare(each, is_known=each.line in known, is_ours=is_ours)

    def _compare(self, found: TopicAnchor, *, is_known: bool, is_ours: bool) -> None:
        anchor = readable(found.line)
        number = 0 if anchor is None else anchor.number
        why: Fault | None = None
        if anchor is None or not anchor.is_sealed_by(self._keys):
            # What is changed in the files as well is named already.
            why = None if is_known else Fault.SEAL_ON_TOPIC
        elif found.entries is None:
            why = Fault.ENTRIES_ON_TOPIC
        elif not is_known:
            why = self._only_on_topic(found.line, anchor, found.entries, is_ours=is_ours)
        if why is not None:
            self._broken.append(BrokenAnchor(number=number, why=why))

    def _only_on_topic(self, line: bytes, anchor: Anchor, entries: bytes, *, is_ours: bool) -> Fault | None:
        believed = len(self._believed)
        why = self._believe(line, anchor, entries)
        if len(self._believed) == believed:
            return why
        if is_ours:
            return Fault.NOT_IN_FILES
        self._elsewhere += 1
        return None


def _place(line: bytes) -> tuple[int, object] | None:
    anchor = readable(line)
    return None if anchor is None else (anchor.number, anchor.epoch)


def _roots(lines: Sequence[bytes]) -> Mapping[bytes, str]:
    """For each readable line the digest with which its series begins, as far as it can be followed back."""
    previous = {digest(line): anchor.previous for line in lines if (anchor := readable(line)) is not None}
    roots: dict[str, str] = {}
    for start in previous:
        path: list[str] = []
        at = start
        while at not in roots and previous.get(at):
            path.append(at)
            at = previous[at]
        root = roots.get(at, at)
        roots |= dict.fromkeys([*path, start], root)
    return {line: roots[digest(line)] for line in lines if digest(line) in roots}
