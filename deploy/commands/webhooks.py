"""`huiyin webhook`: other systems that are told, by the Standard Webhooks convention."""

import asyncio
import sys
from typing import Annotated

import msgspec
import typer

from deploy.commands.endpoints import (
    audience_of,
    enabled_endpoint,
    known_endpoints,
    removed_endpoint,
    run_added,
)
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
    sys.stderr.write(
        f"{added.id} is told what concerns {code or audience.value}. Its secret, shown this once:\n"
    )
    sys.stdout.write(f"{secret}\n")


@webhook.command("list")
def list_(as_json: _Json = False) -> None:
    """List them: whom each is for, and whether it takes what it is sent. Of an address only the host is shown."""
    for each in asyncio.run(known_endpoints()):
        if each.channel is not NoticeChannel.WEBHOOK:
            continue
        state = "disabled" if each.disabled_at else "failing" if each.failing_since else "ok"
        whom = each.department or each.audience.value
        row = {"id": each.id, "for": whom, "state": state, "url": masked_address(each.address)}
        line = msgspec.json.encode(row).decode() if as_json else "  ".join(row.values())
        sys.stdout.write(f"{line}\n")


@webhook.command()
def remove(id_: _Id) -> None:
    """Forget the address: it is sent nothing more."""
    asyncio.run(removed_endpoint(id_))
    sys.stderr.write("removed\n")


@webhook.command()
def enable(id_: _Id) -> None:
    """Try one again that was switched off because it took nothing for days; then: huiyin notices retry --all."""
    asyncio.run(enabled_endpoint(id_))
    sys.stderr.write("enabled\n")


def register(app: typer.Typer) -> None:
    """Add `huiyin webhook` and its commands."""
    app.add_typer(webhook, name="webhook")
