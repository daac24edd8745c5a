"""`huiyin webhook`: other systems that are told, by the Standard Webhooks convention."""

import asyncio
import sys
from collections.abc import Iterator
from typing import Annotated

import msgspec
import typer

from deploy import clock
from deploy.commands.endpoints import (
    audience_of,
    disabled_endpoint,
    enabled_endpoint,
    endpoint_changes,
    known_endpoints,
    removed_endpoint,
    renewed_endpoint,
    run_added,
    state_of,
    tested_endpoint,
)
from deploy.commands.speech import say, told
from deploy.local.running import settings_here
from deploy.notices.endpoints import Endpoint
from deploy.notices.pages import reason_in
from deploy.notices.webhooks import checked_url, secret_of, shown_secret, webhook_keys
from deploy.settings import callers_language
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
    secret = shown_secret(secret_of(webhook_keys(settings)[0], added.id, added.renewed))
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
        text = "  ".join((*(row | {"state": told(state.zh, state.en)}).values(), *_secrets_and_test(each)))
        row |= {"test": _test_in_a_word(each), "former_secret_until": _former_until(each)}
        sys.stdout.write(f"{msgspec.json.encode(row).decode() if as_json else text}\n")


def _former_until(endpoint: Endpoint) -> str:
    is_valid = len(endpoint.secrets(clock.now())) > 1
    return endpoint.former_until.isoformat(timespec="seconds") if is_valid and endpoint.former_until else ""


def _test_in_a_word(endpoint: Endpoint) -> str:
    """Empty: nobody ever asked for one."""
    if endpoint.is_being_tested:
        return "waiting"
    return (endpoint.tested_at and (endpoint.test_failed or "taken")) or ""


def _secrets_and_test(endpoint: Endpoint) -> Iterator[str]:
    """What is not said of every webhook."""
    if until := _former_until(endpoint):
        yield told(f"旧密钥有效至 {until}", f"former secret valid until {until}")
    if endpoint.is_being_tested:
        yield told("测试消息待发送", "test message waiting")
    elif endpoint.tested_at:
        said = f"{endpoint.tested_at:%Y-%m-%dT%H:%M:%S%z}"
        why = endpoint.test_failed and reason_in(callers_language(), endpoint.test_failed)
        yield told(f"测试 {said}：{why or '已收下'}", f"tested {said}: {why or 'taken'}")


@webhook.command()
def test(id_: _Id) -> None:
    """Send one a test message, once, switched off or not; `list` says what became of it."""
    asyncio.run(tested_endpoint(id_))
    say("测试消息即将发出；稍后看：huiyin webhook list", "it is about to be sent; then: huiyin webhook list")


@webhook.command("renew-secret")
def renew_secret(
    id_: _Id,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Others may know the present secret: it is over now.")
    ] = False,
    as_json: _Json = False,
) -> None:
    """Give one another secret, printed this once; for a week messages are signed under the former one, too."""
    renewed = asyncio.run(renewed_endpoint(id_, at_once=at_once))
    secret = shown_secret(secret_of(webhook_keys(settings_here())[0], renewed.id, renewed.renewed))
    until = _former_until(renewed)
    if as_json:
        row = {"id": renewed.id, "secret": secret, "former_secret_until": until}
        sys.stdout.write(msgspec.json.encode(row).decode() + "\n")
        return
    if until:
        say(
            f"旧密钥有效至 {until}。新密钥仅显示这一次：",
            f"The former secret is valid until {until}. The new one, shown this once:",
        )
    else:
        say("旧密钥已失效。新密钥仅显示这一次：", "The former secret is over. The new one, shown this once:")
    sys.stdout.write(f"{secret}\n")


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
