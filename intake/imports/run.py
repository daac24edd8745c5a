"""Read messages from a file and send them to Kafka: streaming, resumable, with what is wrong put aside.

The file is never held in memory. Every id derives from the file's content, so that a row that is sent twice is still
one case. Whichever release goes on with an import, it sends no row that is done; where it cannot know which they are, it
sends none.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from itertools import count, islice
from pathlib import Path

import msgspec

from intake.core.accepting import Accepted, Envelope, accepted
from intake.core.codes import Codes, Sender
from intake.core.draft import Draft
from intake.core.keys import IntakeKeys
from intake.core.known_rows import SENT_BEFORE, KnownRow, RowNote, SentRows, codes_of, listed, row_of
from intake.core.notices import IMPORTED
from intake.imports import marks
from intake.imports import progress as progress_file
from intake.imports.attached import Folder, not_looked_for
from intake.imports.columns import SourceRow
from intake.imports.lines import noted_line, rejected_line
from intake.imports.progress import ImportProgress, put_aside
from intake.imports.rows import RowReading, read
from intake.imports.tables import EVERYTHING, Table, TableChoice, rows_of, tables_of
from schemas.errors import BadInput, FieldError, HuiyinError
from schemas.ids import CaseId
from schemas.ports import Publisher
from schemas.words import Channel

#: Characters of the file's hash that are its source where nobody named one. Project choice: no two files share them.
_SOURCE_CHARACTERS = 16


class BegunEarlier(HuiyinError):
    """A release that did not say it yet began a file of several sheets: which of their rows are done is not known."""

    zh = (
        "{file} 的导入由更早的版本开始，已完成 {rows} 行，但无法确定是各工作表中的哪些行。请用该版本完成导入；"
        "或者删除 {progress} 后从头导入：已发送的行，若本版本读法不同，会成为另一件诉求"
    )
    en = (
        "an earlier release began {file}: {rows} rows are done, and nobody knows which of its sheets. Finish it with that "
        "release; or delete {progress} and begin anew: a row that was sent and that this release reads otherwise becomes "
        "another case"
    )


class OtherContent(HuiyinError):
    """An import under this file's name has not come to its end, and the file has another content now."""

    zh = (
        "{progress} 记着一次未完成的导入（已完成 {rows} 行），而 {file} 的内容已与当时不同，因此没有发送任何内容。"
        "请换回当时的文件接着导入；或者删除 {progress} 从头导入：已立件的行不会再次发送，"
        "中断时正在发送的行会按原来的件再发一次，不会成为两件"
    )
    en = (
        "{progress} remembers an import that has not come to its end ({rows} rows are done), and {file} has another content "
        "now. Nothing was sent. Bring back the file as it was to go on; or delete {progress} and begin anew: rows that are "
        "cases are not sent again, and those that were under way are sent once more as the cases that they were to become"
    )


@dataclass(frozen=True, kw_only=True)
class Import:
    """One import. `on_rows` is told how many rows were done since it was told last."""

    path: Path
    channel: Channel
    keys: IntakeKeys
    clock: Callable[[], datetime]
    #: What the rows' numbers belong to, such as another system. None: to this very file.
    source: str | None = None
    choice: TableChoice = EVERYTHING
    #: Of times in the file that name none.
    zone: tzinfo = UTC
    #: Where the files lie that rows name.
    folder: Folder | None = None
    dry_run: bool = False
    #: Send also rows that were sent before, with another list.
    again: bool = False
    #: Messages on their way to Kafka at once. Project choice: fills Kafka's batches, and is sent again after a crash.
    in_flight: int = 500
    on_rows: Callable[[int], None] = lambda _rows: None
    #: Rows that were read, by sheet.
    counted: Counter[str] = field(default_factory=Counter)

    @property
    def progress_path(self) -> Path:
        """The file that remembers how far this import came."""
        return progress_file.path_of(self.path)

    @property
    def rejected_path(self) -> Path:
        """The file that rows go to which cannot be messages, each with its reasons."""
        return self.path.with_name(self.path.name + ".rejected.jsonl")

    @property
    def known_path(self) -> Path:
        """The file that rows go to which were sent before, with another list."""
        return self.path.with_name(self.path.name + ".known.jsonl")

    @property
    def notes_path(self) -> Path:
        """The file that says of which rows some cell was not understood."""
        return self.path.with_name(self.path.name + ".notes.jsonl")

    @cached_property
    def sha256(self) -> str:
        """What the file's content is known by."""
        return progress_file.sha256_of(self.path)

    @cached_property
    def key(self) -> bytes:
        """What the marks of its rows are keyed with."""
        return marks.key_of(self.path)

    @cached_property
    def sender(self) -> Sender:
        """Where the rows come from: never the file's name, which the next day's file may have as well."""
        source = self.source or f"sha256:{self.sha256[:_SOURCE_CHARACTERS]}"
        return Sender(channel=self.channel, source=f"{IMPORTED}{source}")

    def sender_of(self, sheet: str) -> Sender:
        """Where the rows of this sheet come from: each day's sheet counts anew, unless somebody named one source for all."""
        first = next((table.sheet.name for table in self.tables if not table.why), sheet)
        if self.source or sheet == first:
            return self.sender
        return Sender(channel=self.channel, source=f"{self.sender.source}#{sheet}")

    @cached_property
    def tables(self) -> Sequence[Table]:
        """Every sheet, and how it is read."""
        return tables_of(self.path, self.choice)

    def rows(self, done: ImportProgress) -> Iterator[tuple[int, str, SourceRow]]:
        """The rows of all sheets that are left, counted from 1, each with the place that tells it from all others.

        A sheet that goes on without a header has places of its own: an earlier reader passed over it, and the rows behind it
        are known by the places that they had then.
        """
        going_on = {table.sheet.name for table in self.tables if table.continues}
        numbers, places = count(done.rows + 1), Counter(done.places)
        for row in self._left(done):
            own = f"{row.sheet}:" if row.sheet in going_on else ""
            places[own] += 1
            yield next(numbers), f"{own}{places[own]}", row

    def _left(self, done: ImportProgress) -> Iterator[SourceRow]:
        passed: Counter[str] = Counter()
        for row in self._rows():
            passed[row.sheet] += 1
            if passed[row.sheet] > done.by_sheet.get(row.sheet, 0):
                yield row

    def _rows(self) -> Iterator[SourceRow]:
        self.counted.clear()
        for table in self.tables:
            for row in () if table.why else rows_of(table, self.choice.columns):
                self.counted[table.sheet.name] += 1
                yield row

    def look(self) -> None:
        """Find out now what rests on the whole file: it may be moved while its rows are sent."""
        _ = self.sha256, self.key, self.tables

    def begun(self) -> ImportProgress:
        """The progress of this import before its first row."""
        said = [sorted(self.choice.sheets), sorted(self.choice.columns.said.items())]
        return ImportProgress(
            file_sha256=self.sha256,
            channel=self.channel,
            source=self.sender.source,
            choice=msgspec.json.encode(said).decode(),
        )


async def run_import(
    task: Import, publisher: Publisher | None, sent: SentRows | None = None
) -> ImportProgress:
    """Send every row that is a message and that no other list sent; returns what was done, in this run and those before it.

    `sent`: None where nobody asks, as in a dry run.

    Raises:
        Malformed: the file cannot be read, or has no column for the text.
        BegunEarlier: another release began it, and nobody knows which rows of which sheets are done.
        ReadOtherwise: another release began it, and read a sheet otherwise.
        OtherContent: the file was changed, or replaced, before its import had come to its end.
        Unavailable: Kafka or the database was away; run it again to go on.
    """
    task.look()
    progress = _start(task)
    rows = task.rows(progress)
    task.on_rows(progress.rows)
    while portion := list(islice(rows, task.in_flight)):
        progress = await _send(task, portion, progress, publisher, sent)
        task.on_rows(len(portion))
    if not task.dry_run:
        task.progress_path.unlink(missing_ok=True)
    return progress


async def _send(
    task: Import,
    portion: Sequence[tuple[int, str, SourceRow]],
    progress: ImportProgress,
    publisher: Publisher | None,
    sent: SentRows | None,
) -> ImportProgress:
    messages: list[Accepted] = []
    rejected: list[bytes] = []
    noted: list[bytes] = []
    known: list[bytes] = []
    outcomes = [_read(task, row) for _, _, row in portion]
    claimed = await _claimed(task, portion, outcomes, progress, sent)
    for (number, place, row), outcome in zip(portion, outcomes, strict=True):
        if not isinstance(outcome, RowReading):
            rejected.append(rejected_line(row, number, outcome))
        elif place not in claimed:
            known.append(rejected_line(row, number, [SENT_BEFORE]))
        else:
            envelope, codes = claimed[place]
            outcome = await _with_files(task, outcome, codes.case_id)
            messages.append(accepted(outcome.draft, envelope, keys=task.keys, codes=codes))
            noted += [noted_line(row, number, outcome.notes)] if outcome.notes else []
    if publisher is not None and not task.dry_run:
        await asyncio.gather(*(publisher.publish(message.event) for message in messages))
    progress = msgspec.structs.replace(
        progress,
        rows=progress.rows + len(portion),
        by_sheet=Counter(progress.by_sheet) + Counter(row.sheet for _, _, row in portion),
        places={**progress.places, **dict(_split(place) for _, place, _ in portion)},
        accepted=progress.accepted + len(messages),
        rejected=progress.rejected + len(rejected),
        noted=progress.noted + len(noted),
        known=progress.known + len(known),
    )
    if task.dry_run:
        return progress
    aside = {task.rejected_path: rejected, task.notes_path: noted, task.known_path: known}
    return _saved(task, _marked(task, progress, portion), aside)


async def _claimed(
    task: Import,
    portion: Sequence[tuple[int, str, SourceRow]],
    outcomes: Sequence[RowReading | Sequence[FieldError]],
    progress: ImportProgress,
    sent: SentRows | None,
) -> Mapping[str, tuple[Envelope, Codes]]:
    """By the place of each row that is a message, and that no other list sent, what comes with it, and its codes.

    Before any is sent it is noted of all that this list does.
    """
    list_hash = task.keys.keyed(progress.list_hash)
    found: dict[str, tuple[Envelope, KnownRow]] = {}
    for (_, place, row), outcome in zip(portion, outcomes, strict=True):
        if isinstance(outcome, RowReading):
            envelope = _envelope(task, outcome.draft, place, row.sheet)
            files = bool(outcome.files)
            known = row_of(outcome.draft, envelope, task.keys, names_files=files, before=outcome.before)
            found[place] = replace(envelope, row=listed(known, list_hash)), known
    rows = [row for _, row in found.values()]
    claimed: Mapping[CaseId, RowNote | None] = {}
    if sent is not None and task.again:
        await sent.note(list_hash, rows)
    elif sent is not None:
        claimed = await sent.claim(list_hash, rows)
    return {
        place: (envelope, codes)
        for place, (envelope, row) in found.items()
        if (codes := codes_of(row, claimed, task.keys)) is not None
    }


def _marked(
    task: Import, progress: ImportProgress, portion: Sequence[tuple[int, str, SourceRow]]
) -> ImportProgress:
    """The progress with what its counts rest on."""
    found = marks.marks_of((row for _, _, row in portion), task.tables, task.key)
    return msgspec.structs.replace(progress, marks={**progress.marks, **found})


def _split(place: str) -> tuple[str, int]:
    """What a place begins with, and its number."""
    number = place.rpartition(":")[2]
    return place.removesuffix(number), int(number)


def _saved(task: Import, progress: ImportProgress, aside: Mapping[Path, Sequence[bytes]]) -> ImportProgress:
    """First what is put aside, then how far it came: a crash between the two writes the same again in the same place."""
    lengths = dict(progress.put_aside)
    for path, lines in aside.items():
        lengths[path.name] = put_aside(path, lines, lengths.get(path.name, 0))
    progress = msgspec.structs.replace(progress, put_aside=lengths)
    progress_file.save(task.progress_path, progress)
    return progress


async def _with_files(task: Import, reading: RowReading, case_id: CaseId) -> RowReading:
    if not reading.files:
        return reading
    if task.folder is None:
        draft, notes = not_looked_for(reading.draft, reading.files)
    else:
        draft, notes = await task.folder.attached(reading.draft, reading.files, case_id, task.clock())
    return replace(reading, draft=draft, notes=[*reading.notes, *notes])


def _read(task: Import, row: SourceRow) -> RowReading | Sequence[FieldError]:
    try:
        return read(row, coordinates="gcj02" if task.channel is Channel.MINIAPP else "wgs84", zone=task.zone)
    except BadInput as error:
        return error.errors


def _envelope(task: Import, draft: Draft, place: str, sheet: str) -> Envelope:
    """What comes with a row. One without a number of its own is told apart by its place in this very file."""
    key = None if draft.external_id is not None else f"{task.sha256}:{place}"
    return Envelope(sender=task.sender_of(sheet), key=key, now=task.clock(), entropy=b"")


def _start(task: Import) -> ImportProgress:
    """Where an earlier run of the same file stopped; otherwise the beginning, with nothing put aside by this one.

    What another channel, source or choice began is begun anew: whoever says otherwise wants other cases.
    """
    fresh = task.begun()
    known = None if task.dry_run else progress_file.load(task.progress_path)
    if known is not None and known.is_of(fresh):
        marks.check(task.path, known, task.tables, task.choice.columns, task.key)
        return known if known.by_sheet else _of_one_sheet(task, known)
    if known is not None and known.rows and known.file_sha256 != fresh.file_sha256:
        raise OtherContent(file=task.path, rows=known.rows, progress=task.progress_path)
    if task.dry_run:
        return fresh
    task.notes_path.unlink(missing_ok=True)
    _set_aside(task.known_path)
    return msgspec.structs.replace(fresh, earlier_rejected=_set_aside(task.rejected_path))


def _set_aside(lines: Path) -> str:
    """Put what an earlier import put aside, which people correct there, under another name; returns it, if there is one."""
    if not lines.exists():
        return ""
    stem = lines.name.removesuffix(lines.suffix)
    free = next(
        path for number in count(1) if not (path := lines.with_name(f"{stem}-{number}.jsonl")).exists()
    )
    return lines.rename(free).name


def _of_one_sheet(task: Import, known: ImportProgress) -> ImportProgress:
    """What a release left that did not say yet which sheets its rows are of: of the only one there is.

    Raises:
        BegunEarlier: there are several.
    """
    names = [table.sheet.name for table in task.tables if table.sheet.lines and any(table.sheet.lines())]
    if len(names) > 1:
        raise BegunEarlier(file=task.path, rows=known.rows, progress=task.progress_path)
    return msgspec.structs.replace(known, by_sheet=dict.fromkeys(names, known.rows), places={"": known.rows})
