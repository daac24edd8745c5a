"""`huiyin notices`: what was sent to whom, what failed, and to try that again."""

import asyncio
import re
import sys
from typing import Annotated, Any

import msgspec
import typer

from deploy import clock, composition
from deploy.commands.endpoints import added_endpoint, audience_of, known_endpoints, removed_endpoint, state_of
from deploy.commands.refusals import wrong_option
from deploy.commands.speech import padded, say, told
from deploy.database.pool import connect
from deploy.local.running import settings_here
from deploy.notices import store
from deploy.notices.pages import reason_in
from deploy.notices.preview import samples
from deploy.settings import callers_language
from schemas.errors import NotFound
from schemas.ids import is_uuid
from schemas.notices import NoticeChannel, NoticeState, Occasion, masked_address
from schemas.words import Language, Role

#: One address, and nothing else.
_ADDRESS = r"[^\s<>,;:\"()\[\]\\@]+@[^\s<>,;:\"()\[\]\\@]+\.[^\s<>,;:\"()\[\]\\@]+"

_State = Annotated[list[NoticeState] | None, typer.Option("--state", help="Only those in this state.")]
_Failed = Annotated[bool, typer.Option("--failed", help="Only those that failed, bounced or were given up.")]
_Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
_Ids = Annotated[list[str] | None, typer.Argument(help="Ids, as `list` shows them.")]
_All = Annotated[bool, typer.Option("--all", help="All that failed.")]

notices = typer.Typer(no_args_is_help=True, help="What was sent to whom, and what failed.")


class NoSuchNotice(NotFound):
    """No failed notice has this id."""

    en = "no failed notice {id}; see huiyin notices list --failed"
    zh = "没有失败的通知 {id}；请看 huiyin notices list --failed"


@notices.command("list")
def list_(state: _State = None, failed: _Failed = False, limit: _Limit = 100, as_json: _Json = False) -> None:
    """List notices, the newest first. Addresses are masked."""
    states = tuple(state or ()) + (store.TROUBLED if failed else ())
    for row in asyncio.run(_listed(states, limit)):
        sys.stdout.write(_json_line(row) if as_json else _text_line(row))


@notices.command()
def retry(ids: _Ids = None, every: _All = False) -> None:
    """Try failed notices again, from the beginning."""
    if not ids and not every:
        raise wrong_option("请写出通知的编号，或 --all", "name the notices, or --all")
    if unknown := [each for each in ids or () if not is_uuid(each)]:
        raise NoSuchNotice(id=unknown[0])
    again = asyncio.run(_retried(ids or []))
    if missing := set(ids or ()) - set(again):
        raise NoSuchNotice(id=min(missing))
    say(f"{len(again)} 条将重试", f"{len(again)} to be tried again")


@notices.command()
def preview(
    occasion: Annotated[Occasion | None, typer.Option(help="Only this one.")] = None,
    language: Annotated[Language, typer.Option(help="Of the words.")] = Language.ZH,
) -> None:
    """Print what each notice says, with an example's values; where the case is private, too."""
    settings = settings_here()
    for each in samples(language, composition.city_of(settings).zone, settings.base_url):
        if occasion in (None, each.occasion):
            private = told("（不公开的件）", " (private)") if each.is_private else ""
            sms = f"{told('短信：', 'SMS: ')}{each.short}\n" if each.short else ""
            sys.stdout.write(
                f"## {each.audience} {each.occasion}{private}\n{each.subject}\n\n{each.text}{sms}\n"
            )


@notices.command()
def subscribe(
    email: Annotated[str, typer.Argument(help="An office's address.")],
    department: Annotated[str | None, typer.Option(help="A code in departments.toml.")] = None,
    role: Annotated[Role | None, typer.Option(help="dispatcher or supervisor.")] = None,
    language: Annotated[Language, typer.Option(help="Of the letters.")] = Language.ZH,
) -> None:
    """Let an office's mailbox hear what concerns a department, the dispatchers or the supervisors."""
    if not re.fullmatch(_ADDRESS, email):
        raise wrong_option("这不是电子邮件地址", "that is no e-mail address")
    audience, code = audience_of(department, role)
    added = asyncio.run(added_endpoint(audience, code, NoticeChannel.EMAIL, email, language))
    address, whom = masked_address(email), f"{audience.value} {code or ''}".strip()
    say(
        f"{added.id}  {address} 将收到有关 {whom} 的通知", f"{added.id}  {address} hears what concerns {whom}"
    )


@notices.command()
def addresses(as_json: _Json = False) -> None:
    """List where staff and other systems hear of things. Addresses are masked."""
    for each in asyncio.run(known_endpoints()):
        row = each._asdict() | {"address": masked_address(each.address)}
        if as_json:
            sys.stdout.write(_json_line(row))
        else:
            whom = f"{each.audience} {each.department or ''}".strip()
            word = state_of(each)
            state = padded(told(word.zh, word.en), 8)
            sys.stdout.write(f"{each.id}  {each.channel:<7}  {state}  {whom}  {row['address']}\n")


@notices.command()
def unsubscribe(id_: Annotated[str, typer.Argument(metavar="ID", help="As `addresses` shows it.")]) -> None:
    """Let an address hear nothing more."""
    asyncio.run(removed_endpoint(id_))
    say("已删除", "removed")


async def _listed(states: tuple[NoticeState, ...], limit: int) -> list[dict[str, Any]]:
    async with connect(settings_here()) as db:
        return [dict(row) for row in await store.listed(db, states=states, limit=limit)]


async def _retried(ids: list[str]) -> list[str]:
    async with connect(settings_here()) as db:
        return list(await store.retry(db, ids, clock.now()))


def _json_line(row: dict[str, Any]) -> str:
    return msgspec.json.encode({name: value for name, value in row.items() if value != ""}).decode() + "\n"


def _text_line(row: dict[str, Any]) -> str:
    whom = f"{row['audience']} {row['department']}".strip()
    words = f"{row['id']}  {row['at']:%Y-%m-%d %H:%M}  {row['state']:<8}  {row['channel']:<7}  {row['occasion']}  {whom}"
    tries = told(f"尝试 {row['attempts']} 次", f"{row['attempts']} tries")
    why = reason_in(callers_language(), row["reason"])
    more = " ".join(filter(None, (row["shown_to"], why, tries)))
    return f"{words}  {more}\n"


def register(app: typer.Typer) -> None:
    """Add `huiyin notices` and its commands."""
    app.add_typer(notices, name="notices")
