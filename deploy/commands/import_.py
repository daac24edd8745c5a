"""`huiyin import`: messages from a file to Kafka. Progress on stderr, the summary on stdout."""

import asyncio
import shlex
import signal
import sys
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich import progress as bars
from rich.console import Console

from deploy import clock
from deploy.commands.import_waiting import NotingPublisher, WaitingPublisher, WaitingRows
from deploy.commands.progress import show_rows
from deploy.commands.refusals import refuse, wrong_option
from deploy.commands.speech import tell
from deploy.composition import changing_by_command, city_of, intake_keys
from deploy.composition.acceptance import PostgresSentRows, cabinet_of
from deploy.database.operator_deeds import Operated, note_deed
from deploy.database.pool import TRANSIENT, Pool, open_pool
from deploy.local.running import settings_here
from deploy.messaging.publisher import kafka_publisher
from deploy.observability.disk import Room
from deploy.settings import Settings
from intake.imports.attached import Folder
from intake.imports.columns import COLUMNS, UNREAD, Columns, is_called
from intake.imports.lines import columns_in
from intake.imports.preview import SheetReport, has_unread_messages, reports_of
from intake.imports.progress import ImportProgress, load
from intake.imports.readers import FileUnreadable, count_lines
from intake.imports.run import Import, run_import
from intake.imports.tables import TableChoice
from intake.steps.filing import Cabinet
from schemas.errors import HuiyinError, Unavailable
from schemas.words import Channel

#: The exit status where every row was read and some were not taken (project choice: neither a failure, 1, nor
#: mistyped, 2).
SOME_REJECTED = 3
#: How `miniapp` is written elsewhere.
_OTHER_NAMES = {"mini_app": Channel.MINIAPP.value, "mini-app": Channel.MINIAPP.value}


class ImportStopped(HuiyinError):
    """It was told to end before the file did."""

    en = "stopped: {rows} rows of {file} are done. Run the same command again: it goes on there, and none becomes two cases"
    zh = "已停止：{file} 中已完成 {rows} 行。再次运行同一命令即可接着导入，不会重复立件"


class DryRunStopped(ImportStopped):
    """Nothing was sent, and nothing is remembered."""

    en = "stopped: nothing of {file} was sent, as in every dry run. Run again, it begins anew"
    zh = "已停止：试运行不发送 {file} 的任何内容。再次运行将从头开始"


_File = Annotated[
    Path,
    typer.Argument(
        help="xlsx, csv, tsv or jsonl, whatever it is called.", exists=True, dir_okay=False, readable=True
    ),
]
_Channel = Annotated[
    str,
    typer.Option(
        help=f"How these messages reached the city: {', '.join(channel.value for channel in Channel)}."
    ),
]
_Source = Annotated[
    str | None,
    typer.Option(
        help="What the rows' numbers belong to, such as another system: a row that was sent before by this source, with the "
        "same number and content, is not sent twice. Not given: this very file."
    ),
]
_Sheets = Annotated[
    list[str] | None,
    typer.Option("--sheet", help="A sheet to read, hidden or not; all visible ones if not given."),
]
_Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="COLUMN=FIELD", help=f"What a column means; COLUMN={UNREAD}: not to be read."
    ),
]
_Files = Annotated[
    Path | None,
    typer.Option(
        "--files",
        help="Folder of the files that rows name in 附件 (attachments).",
        exists=True,
        file_okay=False,
    ),
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be read; send nothing.")]
_Again = Annotated[
    bool,
    typer.Option(
        "--again",
        help="Send also rows that were imported before, with another file: each becomes a second case.",
    ),
]
_Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]


def import_file(
    file: _File,
    channel: _Channel,
    source: _Source = None,
    sheet: _Sheets = None,
    map_: _Map = None,
    files: _Files = None,
    dry_run: _DryRun = False,
    again: _Again = False,
    as_json: _Json = False,
) -> None:
    """Send the messages in a file to Kafka. Stopped half-way, it goes on where it was when run again.

    Columns (字段), by these names or the usual Chinese ones: text 内容 (needed 必填), title 标题, external_id 编号,
    kind 类型, name 姓名, phone 电话, email 邮箱, address 地址, longitude 经度, latitude 纬度,
    confidential 保密, publish 公开, said_at 来件时间, preference 联系偏好 (any, text, none), hours 方便联系时间,
    language 语言, attachments 附件 (names of files in --files, several with ；).

    Every visible sheet with a column for the text is read; the others are named, with the reason. Rows that cannot be
    messages go to FILE.rejected.jsonl with theirs, and those that were imported before, with another file, to
    FILE.known.jsonl: only --again sends them. An optional cell that cannot be read is kept as a note, and where a cell
    about secrecy or publication is not understood, the message is confidential and not published; FILE.notes.jsonl names
    the rows.

    Exit status: 0 every row was taken; 3 some were not, or a sheet of them
    could not be read; 2 the file cannot be read; 1 it stopped, or was told to
    (Ctrl-C, SIGTERM): run it again.
    """
    settings = settings_here()
    task = Import(
        path=file,
        channel=_channel(channel),
        source=source,
        choice=TableChoice(sheets=sheet or (), columns=_columns(map_ or ())),
        keys=intake_keys(settings),
        clock=clock.now,
        zone=city_of(settings).zone,
        dry_run=dry_run,
        again=again,
    )
    try:
        task.look()
        with _told_to_stop(task):
            done = _with_bar(task, files)
        sheets = reports_of(task)
    except FileUnreadable as error:
        refuse(error, status=2)
    _report(task, done, sheets, files, as_json=as_json)
    is_whole = not (done.rejected or done.known or has_unread_messages(task))
    raise typer.Exit(0 if is_whole else SOME_REJECTED)


def _channel(said: str) -> Channel:
    plain = _OTHER_NAMES.get(said.lower(), said.lower())
    if plain not in {channel.value for channel in Channel}:
        known = ", ".join(channel.value for channel in Channel)
        raise wrong_option(
            f"{said!r} 应为以下之一：{known}", f"{said!r} is not one of: {known}", option="--channel"
        )
    return Channel(plain)


def _columns(said: Sequence[str]) -> Columns:
    """What `--map` says: each column with a field of ours."""
    meanings: dict[str, str] = {}
    for each in said:
        column, mark, meaning = each.rpartition("=")
        meaning = meaning.strip() or UNREAD
        if not mark or not column.strip() or meaning not in {*COLUMNS, UNREAD}:
            known = ", ".join(COLUMNS)
            raise wrong_option(
                f"{each!r}：应写成 列名=字段，字段为以下之一：{known}",
                f"{each!r}: say COLUMN=FIELD, with one of: {known}",
                option="--map",
            )
        meanings[column.strip()] = meaning
    return Columns(meanings)


def _with_bar(task: Import, files: Path | None) -> ImportProgress:
    bar = bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    total, done = count_lines(task.path), 0

    def on_rows(rows: int) -> None:
        nonlocal done
        done += rows
        bar.advance(line, rows)
        show_rows(task.path.name, done, total)

    with bar:
        line = bar.add_task(task.path.name, total=total or None)
        work = _run(replace(task, on_rows=on_rows), files)
        return asyncio.run(work if task.dry_run else _until_sigterm(work))


async def _until_sigterm(work: Coroutine[Any, Any, ImportProgress]) -> ImportProgress:
    """`work`, given up where it waits: amid the loop's own doing its end would be left undone, and said with a traceback.

    Raises:
        CancelledError: it was told to end.
    """
    running = asyncio.current_task()
    assert running is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    return await work


async def _run(task: Import, files: Path | None) -> ImportProgress:
    if task.dry_run:
        return await run_import(_from(task, files, None), None)
    settings = settings_here()
    async with AsyncExitStack() as stack:
        publisher = await stack.enter_async_context(kafka_publisher(settings))
        pool = await stack.enter_async_context(open_pool(settings, size=2))
        await _ask_postgres(pool)
        if files is not None:
            task = _from(task, files, cabinet_of(settings, pool))
        waiting = WaitingPublisher(publisher, Room(settings))
        noting = NotingPublisher(waiting, partial(_note_who, settings, pool, task))
        return await run_import(task, noting, WaitingRows(PostgresSentRows(pool)))


async def _ask_postgres(pool: Pool) -> None:
    """Say at once where it is away: without it no row is sent."""
    try:
        async with pool.acquire() as db:
            await db.execute("SELECT 1")
    except TRANSIENT as error:
        raise Unavailable("postgres") from error


async def _note_who(settings: Settings, pool: Pool, task: Import) -> None:
    try:
        async with pool.acquire() as db, db.transaction():
            await note_deed(db, changing_by_command(settings), Operated.MESSAGES, task.path.name)
    except TRANSIENT as error:
        raise Unavailable("postgres") from error


def _from(task: Import, files: Path | None, cabinet: Cabinet | None) -> Import:
    """The import with the folder that its files lie in."""
    if files is None:
        return task
    return replace(task, folder=Folder(path=files, cabinet=cabinet))


@contextmanager
def _told_to_stop(task: Import) -> Iterator[None]:
    """SIGTERM ends it as Ctrl-C does: what is under way is given up, and what was sent before is remembered.

    Raises:
        ImportStopped: it was told to.
    """
    # Not by way of SIGINT, which shells have what runs in their background ignore.
    former = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except (KeyboardInterrupt, asyncio.CancelledError) as error:
        raise _stopped(task) from error
    finally:
        signal.signal(signal.SIGTERM, former)


def _stopped(task: Import) -> ImportStopped:
    """How far it came: what lies there may be of another import, of a file that was called the same."""
    if task.dry_run:
        return DryRunStopped(file=task.path)
    done = load(task.progress_path)
    return ImportStopped(file=task.path, rows=done.rows if done and done.is_of(task.begun()) else 0)


def _report(
    task: Import,
    done: ImportProgress,
    sheets: Sequence[SheetReport],
    files: Path | None = None,
    *,
    as_json: bool,
) -> None:
    rejected = str(task.rejected_path) if done.rejected and not task.dry_run else None
    known = str(task.known_path) if done.known and not task.dry_run else None
    notes = str(task.notes_path) if done.noted and not task.dry_run else None
    earlier = str(task.path.with_name(done.earlier_rejected)) if done.earlier_rejected else None
    if as_json:
        summary = {
            "rows": done.rows,
            "accepted": done.accepted,
            "rejected": done.rejected,
            "sheets": sheets,
            "rejected_file": rejected,
            "earlier_rejected_file": earlier,
            "known": done.known,
            "known_file": known,
            "noted": done.noted,
            "notes_file": notes,
            "source": task.sender.source,
            "dry_run": task.dry_run,
        }
        typer.echo(msgspec.json.encode(summary))
        return
    _say_sheets(sheets)
    zh, en = ("将发送", "would be sent") if task.dry_run else ("已发送", "sent")
    tell(
        f"共 {done.rows} 行：{zh} {done.accepted} 行，未接收 {done.rejected} 行。",
        f"{done.rows} rows: {done.accepted} {en}, {done.rejected} rejected.",
    )
    if rejected:
        tell(f"未接收的行及原因：{rejected}", f"Rejected rows, with the reason: {rejected}")
        _say_how_to_go_on(task, files)
    if known:
        tell(
            f"{done.known} 行已随另一份表格导入过（或那次导入尚未完成，请先再运行一次），未再发送：{known}；"
            "确要再立一件，请加 --again 导入该文件",
            f"{done.known} rows were imported before with another file (or that import has not come to its end: run it "
            f"again first), and were not sent: {known}; to make other cases of them, import that file with --again",
        )
    if earlier:
        tell(
            f"此前导入时未接收的行（可能已有人改正）移到了 {earlier}",
            f"Rows that an earlier import had put aside, perhaps corrected since, are now in {earlier}",
        )
    if done.noted:
        tell(
            f"{done.noted} 行有单元格无法识别：记为备注，或按保护市民处理"
            + (f"：{notes}" if notes else "。"),
            f"{done.noted} rows with a cell that was not understood: kept as a note, or read as the citizen's protection"
            + (f": {notes}" if notes else "."),
        )


def _say_how_to_go_on(task: Import, files: Path | None) -> None:
    """With the same words as the list that they came from."""
    again = _again(task, files)
    tell(f"请在该文件中改正，然后导入它：{again}", f"Correct them there, then import that file: {again}")


def _again(task: Import, files: Path | None) -> str:
    """What is typed to import the rows that were put aside."""
    there, choices = columns_in(task.rejected_path), task.choice.columns.said
    said = ["--source", task.source] if task.source is not None else []
    for column in (each for each in choices if any(is_called(name, each) for name in there)):
        said += ["--map", f"{column}={choices[column]}"]
    said += ["--files", str(files)] if files is not None else []
    return shlex.join(["huiyin", "import", str(task.rejected_path), "--channel", task.channel.value, *said])


def _say_sheets(sheets: Sequence[SheetReport]) -> None:
    for sheet in sheets:
        if not sheet.read:
            tell(
                f"{sheet.name}：未读，{sheet.why_zh}（{sheet.rows} 行）",
                f"{sheet.name}: not read, {sheet.why} ({sheet.rows} rows)",
            )
            continue
        line, of = sheet.header_line, sheet.continues or sheet.name
        tell(
            f"{sheet.name}：{sheet.rows} 行，表头{f'在第 {line} 行' if line else f'同 {of}'}",
            f"{sheet.name}: {sheet.rows} rows, header {f'in line {line}' if line else f'of {of}'}",
        )
        typer.echo("  " + ", ".join(f"{name} → {meaning or '-'}" for name, meaning in sheet.columns.items()))
        for sample in sheet.samples:
            typer.echo("  " + " | ".join(f"{name}: {value}" for name, value in sample.items() if value))


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("import")(import_file)
