"""`huiyin import`: messages from a file to Kafka. Progress on stderr, the summary on stdout."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich import progress as bars
from rich.console import Console
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from deploy import clock
from deploy.composition import intake_keys
from deploy.local.running import settings_here
from deploy.messaging.publisher import kafka_publisher
from intake.imports.progress import Progress
from intake.imports.readers import FileUnreadable, count_rows
from intake.imports.run import Import, run_import
from schemas.errors import HuiyinError, Unavailable
from schemas.event import Event
from schemas.ports import Publisher
from schemas.words import Channel, Language

#: How long Kafka may be away before an import stops; run again, it goes on from there.
PATIENCE_SECONDS = 60.0

_File = Annotated[
    Path, typer.Argument(help="xlsx, csv or jsonl.", exists=True, dir_okay=False, readable=True)
]
_Channel = Annotated[Channel, typer.Option(help="How these messages reached the city.")]
_Name = Annotated[str | None, typer.Option(help="What the source is called; the file's name if not given.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Check every row; send nothing.")]
_Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]


def import_file(
    file: _File, channel: _Channel, name: _Name = None, dry_run: _DryRun = False, as_json: _Json = False
) -> None:
    """Send the messages in a file to Kafka. Stopped half-way, it goes on where it was when run again.

    Columns (字段), by these names or the usual Chinese ones: text 内容 (needed 必填), title 标题, external_id 编号,
    kind 类型, name 姓名, phone 电话, email 邮箱, address 地址, longitude 经度, latitude 纬度,
    confidential 保密, publish 公开.

    Rows that cannot be messages go to FILE.rejected.jsonl with the reason. Where a cell about secrecy or publication is not
    understood, the message is confidential and not published; FILE.notes.jsonl names the rows.
    """
    bar = bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    try:
        with bar:
            line = bar.add_task(file.name, total=count_rows(file) or None)
            done = asyncio.run(
                _run(
                    Import(
                        path=file,
                        channel=channel,
                        name=name or file.stem,
                        keys=intake_keys(settings_here()),
                        clock=clock.now,
                        dry_run=dry_run,
                        on_rows=lambda rows: bar.advance(line, rows),
                    )
                )
            )
    except FileUnreadable as error:
        typer.echo(f"{error.message(Language.ZH)} / {error.message(Language.EN)}", err=True)
        raise typer.Exit(2) from error
    except (HuiyinError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    _report(done, file, dry_run=dry_run, as_json=as_json)


async def _run(task: Import) -> Progress:
    if task.dry_run:
        return await run_import(task, None)
    async with kafka_publisher(settings_here()) as publisher:
        return await run_import(task, _Patient(publisher))


class _Patient:
    """A publisher that waits, bounded, where Kafka is away: an import should survive a broker's restart."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def publish(self, event: Event) -> None:
        """See `schemas.ports.Publisher`."""
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(Unavailable),
            stop=stop_after_delay(PATIENCE_SECONDS),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            reraise=True,
        ):
            with attempt:
                await self._publisher.publish(event)


def _report(done: Progress, file: Path, *, dry_run: bool, as_json: bool) -> None:
    rejected = f"{file}.rejected.jsonl" if done.rejected else None
    notes = f"{file}.notes.jsonl" if done.noted else None
    if as_json:
        summary = {
            "rows": done.rows,
            "accepted": done.accepted,
            "rejected": done.rejected,
            "rejected_file": rejected,
            "noted": done.noted,
            "notes_file": notes,
            "dry_run": dry_run,
        }
        typer.echo(msgspec.json.encode(summary))
        return
    verb = "would be sent" if dry_run else "sent"
    typer.echo(f"{done.rows} rows: {done.accepted} {verb}, {done.rejected} rejected.")
    if rejected:
        typer.echo(f"Rejected rows, with the reason: {rejected}")
    if notes:
        typer.echo(
            f"{done.noted} rows with a cell that was not understood, read as the citizen's protection: {notes}"
        )


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("import")(import_file)
