"""`huiyin dead-letters`: look at the records that could not be handled, bring them back, or drop them."""

import asyncio
import socket
import sys
from collections.abc import Sequence
from contextlib import aclosing
from typing import Annotated, Any

import asyncpg
import msgspec
import typer
from aiokafka.errors import OffsetOutOfRangeError, UnknownTopicOrPartitionError

from deploy import clock
from deploy.access import AccessDenied
from deploy.accounts.who_runs import who_runs
from deploy.commands.database_time import go_by_the_database
from deploy.commands.refusals import wrong_option
from deploy.commands.speech import say
from deploy.composition import changing_by_command
from deploy.database.case_views import StaffView, store_views
from deploy.database.operator_deeds import Operated, note_deed
from deploy.database.pool import connect
from deploy.local.running import settings_here
from deploy.messaging.client.client import open_producer
from deploy.messaging.dead.dead_letters import StoredLetter, delete_up_to, replay, stored_letters
from deploy.messaging.records.signature import event_keys
from deploy.settings import Settings
from schemas.errors import NotFound
from schemas.ids import CaseId, is_uuid
from schemas.words import CaseField

#: Letters that a row names (project choice: who replays more names them by a reason).
_NAMED = 20

_Reason = Annotated[str | None, typer.Option(help="Only those whose reason starts like this.")]
_Topic = Annotated[str | None, typer.Option(help="Only those that came from this topic.")]
_Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
_Sign = Annotated[
    bool, typer.Option("--sign", help="Vouch for them: sign as ours whatever they say. Read them first.")
]
_Ids = Annotated[
    list[str] | None, typer.Argument(help="PARTITION-OFFSET, as `list` shows; all that match if none.")
]


class NoSuchLetter(NotFound):
    """No dead letter has this id."""

    en = "no dead letter {id}; see huiyin dead-letters list"
    zh = "没有死信 {id}；请看 huiyin dead-letters list"


dead_letters = typer.Typer(no_args_is_help=True, help="Records that could not be handled, with the reason.")


@dead_letters.command("list")
def list_(reason: _Reason = None, topic: _Topic = None, limit: _Limit = 100, as_json: _Json = False) -> None:
    """List dead letters, oldest first in each partition."""
    letters = asyncio.run(_found(reason, topic, limit, ()))
    for letter in letters:
        sys.stdout.write(_json_line(_summary(letter)) if as_json else _text_line(_summary(letter)))
    if not letters and not as_json:
        say("没有死信", "no dead letters")


@dead_letters.command()
def show(id_: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Show one whole, as it came. It may hold personal data: who looked is written down."""
    letters = asyncio.run(_found(None, None, 1, (id_,))) if _is_id(id_) else []
    if not letters:
        raise NoSuchLetter(id=id_)
    original = letters[0].original()
    asyncio.run(_record_view(letters[0]))
    whole = _summary(letters[0]) | {
        "headers": {name: (value or b"").decode(errors="replace") for name, value in original.headers},
        "value": (original.value or b"").decode(errors="replace"),
    }
    sys.stdout.write(_json_line(whole))


@dead_letters.command("replay")
def replay_(
    ids: _Ids = None,
    reason: _Reason = None,
    topic: _Topic = None,
    limit: _Limit = 1000,
    dry_run: _DryRun = False,
    sign: _Sign = False,
) -> None:
    """Send them to where they came from, with the same event id: handled once, however often replayed."""
    asyncio.run(_replay(tuple(ids or ()), reason, topic, limit, dry_run=dry_run, sign=sign))


@dead_letters.command()
def drop(before: Annotated[str, typer.Argument(metavar="ID", help="This one and all before it in its partition.")],
         dry_run: _DryRun = False) -> None:  # fmt: skip
    """Delete for good: Kafka deletes from the front, so one and all older ones of its partition."""
    partition, _, offset = before.partition("-")
    if not _is_id(before):
        raise _no_id()
    if not dry_run:
        if not asyncio.run(_found(None, None, 1, (before,))):
            raise NoSuchLetter(id=before)
        try:
            asyncio.run(_dropped(settings_here(), int(partition), int(offset)))
        except (OffsetOutOfRangeError, UnknownTopicOrPartitionError) as error:
            raise NoSuchLetter(id=before) from error
    say(
        f"{'将删除' if dry_run else '已删除'}分区 {partition} 中至 {offset} 为止的死信",
        f"{'would drop' if dry_run else 'dropped'} partition {partition} up to offset {offset}",
    )


async def _dropped(settings: Settings, partition: int, offset: int) -> None:
    """Write down who drops them, and have that stand before anything is deleted for good: a row too many says less."""
    async with connect(settings) as db, db.transaction():
        changing, about = changing_by_command(settings), f"..{partition}-{offset}"
        await note_deed(db, changing, Operated.DEAD_LETTERS_DROPPED, about)
    await delete_up_to(settings, partition, offset)


async def _record_view(letter: StoredLetter) -> None:
    """A line on stderr, and a row about the case that the record's key names: by the system's user.

    Postgres may be what is wrong: the letter is shown without it, and the line says that there is no row.
    """
    who, key = who_runs(), (letter.record.key or b"").decode(errors="replace")
    is_stored = is_uuid(key) and await _is_stored(who, CaseId(key))
    line = {"event": "dead-letter.view", "at": clock.now(), "who": who, "letter": letter.id, "case_id": key}
    sys.stderr.write(_json_line(line | {"row": is_stored}))


async def _is_stored(who: str, case_id: CaseId) -> bool:
    try:
        async with connect(settings_here()) as db:
            await store_views(db, [_view(who, case_id)])
    except (OSError, AccessDenied, asyncpg.PostgresError):
        return False
    return True


def _view(who: str, case_id: CaseId) -> StaffView:
    return StaffView(
        at=clock.now(),
        case_id=case_id,
        who=who,
        role="operator",
        unit=None,
        address=socket.gethostname(),
        route="huiyin dead-letters show",
        fields=[CaseField.DEAD_LETTER],
    )


def _is_id(text: str) -> bool:
    partition, _, offset = text.partition("-")
    return partition.isdecimal() and offset.isdecimal()


async def _found(
    reason: str | None, topic: str | None, limit: int, ids: tuple[str, ...]
) -> list[StoredLetter]:
    found: list[StoredLetter] = []
    async with aclosing(stored_letters(settings_here())) as letters:
        async for letter in letters:
            if letter.matches(reason=reason, topic=topic, ids=ids):
                found.append(letter)
            if len(found) == limit:
                break
    return found


def _no_id() -> typer.BadParameter:
    return wrong_option("编号的写法如 0-17", "an ID looks like 0-17")


async def _replay(
    ids: tuple[str, ...], reason: str | None, topic: str | None, limit: int, *, dry_run: bool, sign: bool
) -> None:
    for each in ids:
        if not _is_id(each):
            raise _no_id()
    letters = await _found(reason, topic, limit, ids)
    if ids and (unknown := set(ids) - {letter.id for letter in letters}):
        # Before any of the others: whoever mistyped one must not believe that all came back.
        raise NoSuchLetter(id=min(unknown))
    if not dry_run:
        settings = settings_here()
        await go_by_the_database(settings)
        vouching = event_keys(settings) if sign else None
        if letters:
            await _note_replay(settings, letters, sign=sign)
        async with open_producer(settings) as producer:
            for letter in letters:
                await replay(producer, letter, vouching)
    for letter in letters:
        sys.stdout.write(_text_line(_summary(letter)))
    say(
        f"{'将重发' if dry_run else '已重发'} {len(letters)} 条",
        f"{'would replay' if dry_run else 'replayed'} {len(letters)}",
    )


async def _note_replay(settings: Settings, letters: Sequence[StoredLetter], *, sign: bool) -> None:
    what = Operated.DEAD_LETTERS_SIGNED if sign else Operated.DEAD_LETTERS_REPLAYED
    about = f"{len(letters)}: {', '.join(letter.id for letter in letters[:_NAMED])}"
    async with connect(settings) as db, db.transaction():
        await note_deed(db, changing_by_command(settings), what, about)


def _summary(letter: StoredLetter) -> dict[str, Any]:
    names = ("reason", "stage", "topic", "partition", "offset", "attempts", "first_failed_at", "app_version")
    key = (letter.record.key or b"").decode(errors="replace")
    return {"id": letter.id, "key": key} | {name: letter.fact(name) for name in names}


def _json_line(content: dict[str, Any]) -> str:
    return msgspec.json.encode(content).decode() + "\n"


def _text_line(content: dict[str, Any]) -> str:
    return "{id:>8}  {reason:<28} {stage:<16} {topic} {partition}/{offset}  {first_failed_at}\n".format(
        **content
    )


def register(app: typer.Typer) -> None:
    """Add `huiyin dead-letters …` to the command line."""
    app.add_typer(dead_letters, name="dead-letters")
