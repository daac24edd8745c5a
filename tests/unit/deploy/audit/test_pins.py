"""What is said of anchors in files and on the topic that are not alike, and of what a restore left behind."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from deploy.audit.anchors import Anchor, AnchorFiles, digest, packed
from deploy.audit.pins import Fault, Pins, read_pins
from deploy.audit.restores import Restore
from deploy.audit.topic import TopicAnchor

KEYS = [b"the key", b"the former key"]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CASE = UUID(int=7).bytes


def at(hour: int) -> datetime:
    """Hours after noon."""
    return NOON + timedelta(hours=hour)


class Series:
    """Anchors one hour after the other, in files and on a topic."""

    def __init__(self, directory: Path) -> None:
        self.files = AnchorFiles(directory)
        self.topic: list[TopicAnchor] = []
        self.restores: list[Restore] = []

    def add(self, hour: int, *, epoch: str | UnsetType = UNSET, full: bool = False) -> Anchor:
        """The next one, of a case whose log had as many rows as there were hours."""
        lines = self.files.lines()
        entries = packed(CASE, hour, b"k" + bytes([hour]) * 32, is_plain=False)
        anchor = Anchor(
            number=len(lines) + 1, at=at(hour), full=full or not lines, cases=1, rows=hour, entries=digest(entries),
            previous=digest(lines[-1]) if lines else "", epoch=epoch,
        ).sealed(KEYS[0])  # fmt: skip
        with self.files.writing():
            self.files.append(anchor, entries)
        self.topic.append(TopicAnchor(line=anchor.line(), entries=entries))
        return anchor

    def write(self, lines: list[bytes]) -> None:
        """What the file of lines holds from now on."""
        (self.files.directory / "anchors.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))

    def read(self) -> Pins:
        """What is found."""
        return read_pins(self.files, KEYS, restores=self.restores, topic=self.topic)

    def faults(self) -> set[tuple[int, str]]:
        """Number and fault of each broken one."""
        return {(each.number, each.why) for each in self.read().broken}


@pytest.fixture
def series(tmp_path: Path) -> Series:
    """Four anchors that nobody touched."""
    made = Series(tmp_path)
    for hour in (1, 2, 3, 4):
        made.add(hour)
    return made


def test_what_is_alike_in_both_holds(series: Series) -> None:
    """Each counts once."""
    assert not series.faults()
    assert 4 == series.read().read
    assert 0 == series.read().elsewhere


def test_a_line_of_an_earlier_release_keeps_its_seal() -> None:
    """It has no epoch, and its bytes are as they were."""
    anchor = Anchor(number=1, at=NOON, full=True, cases=0, rows=0, entries="", previous="").sealed(b"k")

    assert b"epoch" not in anchor.line()
    assert msgspec.json.decode(anchor.line(), type=Anchor).is_sealed_by([b"k"])


def test_one_that_the_topic_lacks_is_named(series: Series) -> None:
    """Whoever deletes a topic deletes it from files, too, or is found."""
    del series.topic[1]

    assert {(2, Fault.NOT_ON_TOPIC)} == series.faults()


def test_one_that_the_files_lack_is_named_and_still_pins(series: Series) -> None:
    """The tail of the files is cut, and written again after that."""
    series.write(list(series.files.lines())[:2])
    cut = series.faults()
    series.add(5)

    assert {(3, Fault.NOT_IN_FILES), (4, Fault.NOT_IN_FILES)} == cut
    assert cut == series.faults()
    assert {1, 2, 3, 4, 5} == {seq for seq, _ in series.read().ends_of(CASE)}


@pytest.mark.parametrize("number", [1, 2, 4])
def test_one_that_was_altered_in_the_files_is_another_on_the_topic(series: Series, number: int) -> None:
    """Also by whoever has the key; and what it said is known from the topic."""
    lines = list(series.files.lines())
    anchor = msgspec.json.decode(lines[number - 1], type=Anchor)
    lines[number - 1] = msgspec.structs.replace(anchor, rows=99).sealed(KEYS[0]).line()
    series.write(lines)

    found = series.faults()
    assert (number, Fault.OTHER_ON_TOPIC) in found
    assert not {Fault.NOT_IN_FILES, Fault.NOT_ON_TOPIC} & {why for _, why in found}


def test_what_nobody_sealed_on_the_topic_is_named(series: Series) -> None:
    """And pins nothing."""
    anchor = msgspec.json.decode(series.topic[2].line, type=Anchor)
    forged = msgspec.structs.replace(anchor, rows=99).line()
    series.topic[2] = TopicAnchor(line=forged, entries=packed(CASE, 99, bytes(32), is_plain=False))
    series.topic.append(TopicAnchor(line=b"no anchor", entries=None))

    assert {(3, Fault.OTHER_ON_TOPIC), (3, Fault.SEAL_ON_TOPIC), (0, Fault.SEAL_ON_TOPIC)} == series.faults()
    assert 99 not in {seq for seq, _ in series.read().ends_of(CASE)}


def test_other_entries_on_the_topic_are_named(series: Series) -> None:
    """The line says of which they are the digest."""
    series.topic[2] = TopicAnchor(line=series.topic[2].line, entries=None)

    assert {(3, Fault.ENTRIES_ON_TOPIC)} == series.faults()


def test_a_line_that_stands_twice_is_named(series: Series) -> None:
    """In the files each has its number."""
    lines = list(series.files.lines())
    series.write([*lines, lines[-1]])

    assert {(5, Fault.PREVIOUS)} == series.faults()


def test_files_that_were_deleted_leave_what_the_topic_says(series: Series, tmp_path: Path) -> None:
    """Whether or not a new series began: it may be another sweeper's, so it is said, and everything that it pins holds."""
    series.write([])
    gone = series.read()
    series.add(5)
    begun_anew = series.read()

    assert not gone.broken
    assert (4, 4) == (gone.read, gone.elsewhere)
    assert not begun_anew.broken
    assert (5, 4) == (begun_anew.read, begun_anew.elsewhere)


def restored(series: Series, epoch: str, *, at_hour: float, copied: float) -> None:
    """A restore that the database knows."""
    restore = Restore(
        epoch=epoch, at=NOON + timedelta(hours=at_hour), copied_at=NOON + timedelta(hours=copied)
    )
    series.restores.append(restore.sealed(KEYS[0]))


@pytest.mark.parametrize("with_files", [True, False])
def test_what_went_with_a_restore_is_counted_and_no_fault(series: Series, *, with_files: bool) -> None:
    """The copy was made after the second; the files are of the copy, or lay elsewhere and stayed."""
    restored(series, "e1", at_hour=4.5, copied=2.5)
    if with_files:
        series.write(list(series.files.lines())[:2])
    series.add(5, epoch="e1", full=True)
    series.add(6, epoch="e1")
    found = series.read()

    assert not found.broken
    assert [2] == [each.anchors for each in found.restored]
    assert {1, 2, 5, 6} == {seq for seq, _ in found.ends_of(CASE)}


def test_an_older_copy_takes_an_epoch_with_it(series: Series) -> None:
    """The second restore brings a copy from before the first, whose entry it does not have."""
    series.write(list(series.files.lines())[:2])
    series.add(5, epoch="e1", full=True)
    series.write(list(series.files.lines())[:1])
    restored(series, "e2", at_hour=5.5, copied=1.5)
    series.add(6, epoch="e2", full=True)
    found = series.read()

    assert not found.broken
    assert [4] == [each.anchors for each in found.restored]
    assert {1, 6} == {seq for seq, _ in found.ends_of(CASE)}


def test_an_epoch_that_began_without_an_entry_is_a_fault(series: Series) -> None:
    """No restore of ours began it."""
    series.add(5, epoch="e1", full=True)

    assert {(5, Fault.EPOCH)} == series.faults()


def test_a_restore_that_nobody_sealed_explains_nothing(series: Series) -> None:
    """It is named, and what it would excuse still pins."""
    restored(series, "e1", at_hour=4.5, copied=2.5)
    series.restores[0] = msgspec.structs.replace(series.restores[0], copied_at=at(0))
    series.write(list(series.files.lines())[:2])
    found = series.read()

    assert {(1, Fault.RESTORE), (3, Fault.NOT_IN_FILES), (4, Fault.NOT_IN_FILES)} == series.faults()
    assert {1, 2, 3, 4} == {seq for seq, _ in found.ends_of(CASE)}
    assert not found.restored


def test_a_restore_excuses_nothing_before_the_copy(series: Series) -> None:
    """What the copy has must be there."""
    restored(series, "e1", at_hour=4.5, copied=2.5)
    series.write(list(series.files.lines())[:1])

    assert {(2, Fault.NOT_IN_FILES)} == series.faults()
    assert {1, 2} == {seq for seq, _ in series.read().ends_of(CASE)}
