"""Read messages from a file and send them to Kafka: streaming, resumable, with what is wrong put aside.

The file is never held in memory. Every id derives from the file's content, so that a row that is sent twice is still
one case.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import msgspec

from intake.core.accepting import Accepted
from intake.core.keys import IntakeKeys
from intake.imports import progress as progress_file
from intake.imports.columns import Row
from intake.imports.progress import Progress
from intake.imports.readers import rows_of
from intake.imports.rows import Importer, draft_of, noted_line, notes_of, rejected_line
from schemas.errors import BadInput
from schemas.ports import Publisher
from schemas.words import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import. `on_rows` is told how many rows were done since it was told last."""

    path: Path
    channel: Channel
    name: str
    keys: IntakeKeys
    clock: Callable[[], datetime]
    dry_run: bool = False
    #: Messages on their way to Kafka at once. Project choice: fills Kafka's batches, and is sent again after a crash.
    in_flight: int = 500
    on_rows: Callable[[int], None] = lambda rows: None

    @property
    def progress_path(self) -> Path:
        """The file that remembers how far this import came."""
        return progress_file.path_of(self.path)

    @property
    def rejected_path(self) -> Path:
        """The file that rows go to which cannot be messages, each with its reasons."""
        return self.path.with_name(self.path.name + ".rejected.jsonl")

    @property
    def notes_path(self) -> Path:
        """The file that says of which rows some cell was not understood."""
        return self.path.with_name(self.path.name + ".notes.jsonl")


async def run_import(task: Import, publisher: Publisher | None) -> Progress:
    """Send every row that is a message; returns what was done, in this run and those before it.

    Raises:
        Malformed: the file cannot be read, or has no column for the text.
        Unavailable: Kafka was away; run it again to go on.
    """
    progress = _start(task)
    importer = Importer(channel=task.channel, name=task.name, keys=task.keys)
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
    rejected: list[bytes] = []
    noted: list[bytes] = []
    for number, row in portion:
        outcome = _accept(task, importer, row)
        if isinstance(outcome, BadInput):
            rejected.append(rejected_line(row, number, outcome.errors))
        else:
            messages.append(outcome)
            noted += [noted_line(number, notes)] if (notes := notes_of(row)) else []
    if publisher is not None and not task.dry_run:
        await asyncio.gather(*(publisher.publish(message.event) for message in messages))
    _put_aside(task.rejected_path, rejected)
    _put_aside(task.notes_path, noted)
    progress = msgspec.structs.replace(
        progress,
        rows=progress.rows + len(portion),
        accepted=progress.accepted + len(messages),
        rejected=progress.rejected + len(rejected),
        noted=progress.noted + len(noted),
    )
    if not task.dry_run:
        progress_file.save(task.progress_path, progress)
    return progress


def _accept(task: Import, importer: Importer, row: Row) -> Accepted | BadInput:
    try:
        draft = draft_of(row, coordinates="gcj02" if task.channel is Channel.MINIAPP else "wgs84")
    except BadInput as error:
        return error
    return importer.accepted(draft, task.clock())


def _start(task: Import) -> Progress:
    """Where an earlier run of the same file stopped; otherwise the beginning, with nothing put aside."""
    fresh = progress_file.beginning(task.path, channel=task.channel, name=task.name)
    known = None if task.dry_run else progress_file.load(task.progress_path)
    if known is not None and known.is_of(fresh):
        return known
    task.rejected_path.unlink(missing_ok=True)
    task.notes_path.unlink(missing_ok=True)
    return fresh


def _put_aside(path: Path, lines: Sequence[bytes]) -> None:
    if lines:
        # What citizens wrote: readable by its owner only.
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            file.writelines(lines)
