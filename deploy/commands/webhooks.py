"""`huiyin webhook`: other systems that are told, by the Standard Webhooks convention."""

import asyncio
import sys
from typing import Annotated

import msgspec
import typer

from deploy.commands.endpoints import (
    audience_of,
    disabled_endpoint,
    enabled_endpoint,
    endpoint_changes,
    known_endpoints,
    removed_endpoint,
    run_added,
    state_of,
)
from deploy.commands.speech import say, told
from deploy.local.running import settings_here
from deploy.notices.webhooks import checked_url, secret_of, shown_secret, webhook_keys
from schemas.notices import NoticeChannel, masked_address

_Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]
_Id = Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")]

webhook = typer.Typer(no_args_is_help=True, help="Other systems that are told of things.")


@webhook.command()
def add(
    url: Annotated[str, typer.Option(help="Where messages are sent, https://….")],
    department: Annotated[str | None, typer.Option(help="A code in departments.toml.")] = None,
    city: Annotated[
        bool, typer.Option("--city", help="All that departments and supervisors are told.")
    ] = False,
    as_json: _Json = False,
) -> None:
    """Send what concerns a department, or the whole city, to another system. Prints its secret, this once."""
    settings = settings_here()
    checked_url(url, allows_private=settings.webhooks_private)
    audience, code = audience_of(department, city=city)
    added = run_added(audience, code, url)
    secret = shown_secret(secret_of(webhook_keys(settings)[0], added.id))
    if as_json:
        sys.stdout.write(msgspec.json.encode({"id": added.id, "url": url, "secret": secret}).decode() + "\n")
        return
    whom = code or audience.value
    say(
        f"{added.id} 将收到有关 {whom} 的消息。密钥仅显示这一次：",
        f"{added.id} is told what concerns {whom}. Its secret, shown this once:",
    )
    sys.stdout.write(f"{secret}\n")


@webhook.command("list")
def list_(as_json: _Json = False) -> None:
    """List them: whom each is for, and whether it takes what it is sent. Of an address only the host is shown."""
    for each in asyncio.run(known_endpoints()):
        if each.channel is not NoticeChannel.WEBHOOK:
            continue
        state, whom = state_of(each), each.department or each.audience.value
        row = {"id": each.id, "for": whom, "state": state.en, "url": masked_address(each.address)}
        text = "  ".join((row | {"state": told(state.zh, state.en)}).values())
        sys.stdout.write(f"{msgspec.json.encode(row).decode() if as_json else text}\n")


@webhook.command()
def remove(id_: _Id) -> None:
    """Forget the address: it is sent nothing more."""
    asyncio.run(removed_endpoint(id_))
    say("已删除", "removed")


@webhook.command()
def enable(id_: _Id) -> None:
    """Try one again that was switched off because it took nothing for days; then: huiyin notices retry --all."""
    asyncio.run(enabled_endpoint(id_))
    say("已启用", "enabled")


@webhook.command()
def disable(
    id_: _Id, reason: Annotated[str, typer.Option(help="Why; the page of notices shows it.")]
) -> None:
    """Tell one nothing more until it is switched on again; what it missed is sent then."""
    asyncio.run(disabled_endpoint(id_, reason))
    say("已停用", "disabled")


@webhook.command()
def changes(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20, as_json: _Json = False
) -> None:
    """Who added, switched on or off, or removed which address, the latest first; nobody: it took nothing for days."""
    for each in asyncio.run(endpoint_changes(limit)):
        row = {
            "at": each.at.isoformat(timespec="seconds"), "what": each.what, "by": each.by, "id": each.endpoint_id,
            "for": each.department or each.audience.value, "address": masked_address(each.address), "reason": each.reason,
        }  # fmt: skip
        line = (
            msgspec.json.encode(row).decode() if as_json else "  ".join(each or "-" for each in row.values())
        )
        sys.stdout.write(f"{line}\n")


def register(app: typer.Typer) -> None:
    """Add `huiyin webhook` and its commands."""
    app.add_typer(webhook, name="webhook")
