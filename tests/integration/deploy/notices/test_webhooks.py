"""Other systems are told, signed, again where they did not take it, and nowhere in our own network."""

import asyncio
import json
from datetime import timedelta

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from deploy.accounts.who_runs import who_runs
from deploy.commands.checks.mail import check_told
from deploy.commands.notices import notices
from deploy.commands.webhooks import webhook
from deploy.database.unit_of_work import unit_of_work
from deploy.notices import endpoints, store, webhooks
from deploy.notices.delivery import LEASE
from deploy.notices.webhooks import secret_of, shown_secret, webhook_keys
from schemas.errors import BadInput, NotFound
from schemas.ids import CaseId
from schemas.notices import Audience, NoticeChannel
from schemas.words import AlertLevel
from sla.core.kinds import Owner
from tests.integration.deploy.notices.addresses import alert, hears
from tests.integration.deploy.notices.office import Office
from tests.integration.deploy.notices.receiver import Receiver, is_signed
from tests.mail_servers import SmtpServer

_NOBODY = "00000000-0000-4000-8000-000000000000"


async def test_a_webhook_is_signed(office: Office, receiver: Receiver) -> None:
    """As its owner checks it; with the case's code and no word of the case."""
    endpoint = await hears(office, receiver.url)
    codes, case_id = await office.case(contact={"name": "王芳"})
    await office.send()
    ((headers, body),) = receiver.got
    secret = shown_secret(secret_of(webhook_keys(office.city.settings)[0], endpoint.id))

    assert is_signed(headers, body, secret)
    assert not is_signed(headers, body + b" ", secret)
    (said,) = receiver.bodies()
    assert ("notice.new_case", case_id, codes["tracking_code"], "housing") == (
        said["type"],
        said["data"]["case_id"],
        said["data"]["tracking_code"],
        said["data"]["department"],
    )
    assert "楼道" not in body.decode()


@pytest.mark.parametrize("status", [301, 400, 401, 404, 429, 500, 503])
async def test_whatever_is_no_success_is_tried_again(office: Office, receiver: Receiver, status: int) -> None:
    """No redirect is followed; once it works it was told once more, under the same id."""
    await hears(office, receiver.url)
    receiver.status, receiver.headers = status, {"location": "/elsewhere"}
    _, case_id = await office.case(contact={"name": "王芳"})
    await office.send()
    assert [("waiting", f"HTTP {status}")] == [
        (row["state"], row["reason"]) for row in await office.rows(case_id)
    ]
    receiver.status = 204
    office.ahead += timedelta(minutes=2)
    await office.send()
    await office.send()

    assert 2 == len(receiver.got)
    assert 1 == len(set(receiver.ids()))
    assert 0 == receiver.elsewhere
    assert ["sent"] == [row["state"] for row in await office.rows(case_id)]


async def test_a_slow_receiver_holds_up_nobody(
    office: Office, receiver: Receiver, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again; whoever stands beside it is told meanwhile."""
    monkeypatch.setattr(webhooks, "_SECONDS", 0.3)
    receiver.slow = 2.0
    await hears(office, receiver.url)
    await hears(office, "housing@city.example")
    _, case_id = await office.case(contact={"name": "王芳"})
    await office.send()
    states = {row["channel"]: row["state"] for row in await office.rows(case_id)}

    assert {"webhook": "waiting", "email": "sent"} == states


async def test_one_that_hangs_is_asked_once(
    office: Office, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that waits for it waits with the one that was tried; once it takes that one, it is told all, each once."""
    monkeypatch.setattr(webhooks, "_SECONDS", 0.3)
    monkeypatch.setattr("deploy.notices.delivery.AT_ONCE", 3)
    receiver.slow = 2.0
    await hears(office, receiver.url)
    for _ in range(5):
        await office.case(contact={"name": "王芳"})
    for _ in range(3):
        await office.send()
    rows = await office.rows()

    assert 1 == len(receiver.got)
    assert {"waiting"} == {row["state"] for row in rows}
    assert 4 == [row["reason"] for row in rows].count("behind-another")

    receiver.slow = 0
    office.ahead += timedelta(minutes=3)
    for _ in range(3):
        await office.send()

    assert {"sent"} == {row["state"] for row in await office.rows()}
    assert 6 == len(receiver.got)
    assert 5 == len(set(receiver.ids()))


@pytest.mark.parametrize(("status", "within"), [(400, 1), (500, 12)])
async def test_one_that_is_never_taken_holds_up_no_other(
    office: Office, receiver: Receiver, status: int, within: int
) -> None:
    """Its receiver finds fault with that one, or breaks at it: the others are taken, at once or minutes later."""
    await hears(office, receiver.url)
    _, first = await office.case(contact={"name": "王芳"})
    receiver.answers = {str((await office.rows(first))[0]["id"]): status}
    for _ in range(2):
        await office.case(contact={"name": "王芳"})
    for _ in range(within):
        await office.send()
        office.ahead += timedelta(minutes=1)
    states = {str(row["case_id"]) == first: row["state"] for row in await office.rows()}

    assert {True: "waiting", False: "sent"} == states


async def test_what_waits_behind_one_that_hangs_is_given_up_in_time(
    office: Office, receiver: Receiver
) -> None:
    """Not tried each for itself, and not for ever."""
    await hears(office, receiver.url)
    receiver.status = 500
    for _ in range(3):
        await office.case(contact={"name": "王芳"})
    await office.send()
    office.ahead += timedelta(days=4, minutes=1)
    await office.send()

    assert {"given_up"} == {row["state"] for row in await office.rows()}
    assert 2 == len(receiver.got)


async def test_the_city_hears_of_what_waits_for_a_dispatcher(office: Office, receiver: Receiver) -> None:
    """The centre's own late deadlines, of cases that no department has had; never of private ones, nor of who is accused."""
    await hears(office, receiver.url, Audience.CITY)
    told, *hidden = [await _undispatched(office) for _ in range(5)]
    for case_id, change in zip(
        hidden,
        ("confidential = true", "protected = true", "accused = ARRAY['housing']", "kind = 'report'"),
        strict=True,
    ):
        await office.city.pool.execute(
            f"UPDATE routing.case SET {change} WHERE case_id = $1::uuid",  # noqa: S608  the test's own words
            case_id,
        )
    for case_id in (told, *hidden):
        await alert(office, case_id, AlertLevel.MISSED, Owner.DISPATCHER)
    await office.send()

    assert [told] == [body["data"]["case_id"] for body in receiver.bodies()]
    assert ["private"] * 4 == [row["reason"] for row in await office.rows() if row["state"] == "dropped"]


async def _undispatched(office: Office) -> CaseId:
    """Waits for a dispatcher; handlers never heard of it."""
    _, case_id = await office.case(contact={"name": "王芳"})
    for statement in (
        "DELETE FROM handlers.case WHERE case_id = $1::uuid",
        "UPDATE routing.case SET state = 'open', confidential = false, accused = '{}' WHERE case_id = $1::uuid",
        "DELETE FROM deploy.notice WHERE case_id = $1::uuid",
    ):
        await office.city.pool.execute(statement, case_id)
    return case_id


async def test_a_receiver_that_is_gone_for_days_is_switched_off(office: Office, receiver: Receiver) -> None:
    """Its notices are shown as given up or failed; enabled again, they are told."""
    endpoint = await hears(office, receiver.url)
    receiver.status = 500
    _, case_id = await office.case(contact={"name": "王芳"})
    await office.send()
    office.ahead += timedelta(days=5, minutes=1)
    await office.send()
    _, later = await office.case(contact={"name": "王芳"})
    await office.send()

    assert (await endpoints.listed(office.city.pool))[0].disabled_at is not None
    assert ["given_up"] == [row["state"] for row in await office.rows(case_id)]
    assert [("failed", "disabled")] == [(row["state"], row["reason"]) for row in await office.rows(later)]

    receiver.status = 200
    await endpoints.enable(office.city.pool, endpoint.id, by="sun", now=office.now())
    again = await store.retry(office.city.pool, [], office.now())
    await office.send()

    assert 2 == len(again)
    assert {"sent"} == {row["state"] for row in await office.rows()}


async def test_whoever_answers_gone_is_switched_off_at_once(office: Office, receiver: Receiver) -> None:
    """410, as the convention has it."""
    await hears(office, receiver.url)
    receiver.status = 410
    await office.case(contact={"name": "王芳"})
    await office.send()
    (endpoint,) = await endpoints.listed(office.city.pool)

    assert endpoint.disabled_at is not None


async def test_only_who_fell_silent_by_itself_is_somebodys_to_look_at(
    office: Office, receiver: Receiver
) -> None:
    """Whoever switched one off knows of it; one that was switched on since and falls silent again counts anew."""
    endpoint = await hears(office, receiver.url)
    pool, now = office.city.pool, office.now()
    await endpoints.disable(pool, endpoint.id, by="sun", now=now, reason="对方停机维护")
    on_purpose = await endpoints.fallen_silent(pool)
    knows = await check_told(office.city.settings)
    await endpoints.enable(pool, endpoint.id, by="sun", now=now)
    later = now + timedelta(seconds=1)
    await endpoints.failed(pool, endpoint.id, later, for_good=True)

    assert ([], [endpoint.id]) == (on_purpose, await endpoints.fallen_silent(pool))
    silent = await check_told(office.city.settings)
    assert ("ok", "warn") == (knows.state, silent.state)
    assert endpoint.id in silent.found.en


async def test_no_webhook_reaches_our_own_network(
    office: Office, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by address nor by a name that leads there when it is used."""
    for url in (receiver.url, receiver.url.replace("127.0.0.1", "localhost")):
        await hears(office, url.replace("http://", "https://"))
    monkeypatch.setattr(
        office.city, "settings", office.city.settings.model_copy(update={"webhooks_private": False})
    )
    await office.case(contact={"name": "王芳"})
    await office.send()

    assert [] == receiver.got
    assert {"waiting"} == {row["state"] for row in await office.rows()}


async def test_a_killed_sender_leaves_nothing_behind(office: Office, receiver: Receiver) -> None:
    """What it had taken is sent by the next, once its lease ran out."""
    await hears(office, receiver.url)
    _, case_id = await office.case(contact={"name": "王芳"})
    async with unit_of_work(office.city.pool, prefix="huiyin") as unit:
        taken = await store.take(unit.db, [NoticeChannel.WEBHOOK], office.now(), lease=LEASE, limit=9)
    await office.send()
    assert (1, []) == (len(taken), receiver.got)
    office.ahead += LEASE + timedelta(seconds=1)
    await office.send()

    assert 1 == len(receiver.got)
    assert ["sent"] == [row["state"] for row in await office.rows(case_id)]


async def test_the_commands_that_add_and_show_addresses(
    office: Office, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The secret is printed once and is the one that messages are signed with; lists mask what they show."""
    for module in ("endpoints", "webhooks", "notices"):
        monkeypatch.setattr(f"deploy.commands.{module}.settings_here", lambda: office.city.settings)

    async def run(app: Typer, *words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, words)

    added = await run(
        webhook, "add", "--department", "housing", "--url", f"{receiver.url}?key=hidden", "--json"
    )
    secret = json.loads(added.stdout)["secret"]
    assert 0 == (await run(notices, "subscribe", "office@city.example", "--role", "supervisor")).exit_code
    for wrong in (
        ("--department", "nobody"),
        ("--role", "hotline"),
        (),
        ("--department", "housing", "--role", "supervisor"),
    ):
        assert 2 == (await run(notices, "subscribe", "office@city.example", *wrong)).exit_code
    await office.case(contact={"name": "王芳"})
    await office.send()
    ((headers, body),) = receiver.got
    listed = (await run(webhook, "list")).stdout + (await run(notices, "addresses")).stdout

    assert is_signed(headers, body, secret)
    assert "hidden" not in listed
    assert "o***@city.example" in listed
    assert secret not in listed
    sent = (await run(notices, "list", "--json")).stdout
    assert "sent" == json.loads(sent.splitlines()[0])["state"]
    removed = await run(webhook, "remove", json.loads(added.stdout)["id"])
    assert (0, "") == (removed.exit_code, (await run(webhook, "list")).stdout)


async def test_the_commands_that_switch_off_and_say_who_did(
    office: Office, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a reason that says something; what it missed arrives once it is on again; each change stands with who made it."""
    monkeypatch.setattr("deploy.commands.endpoints.settings_here", lambda: office.city.settings)
    endpoint = await hears(office, f"{receiver.url}?key=hidden")

    async def run(app: Typer, *words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, words)

    assert 2 == (await run(webhook, "disable", endpoint.id)).exit_code
    for wrong in (
        (endpoint.id, "--reason", " … "),
        ("nobody", "--reason", "维护"),
        (_NOBODY, "--reason", "维护"),
    ):
        assert isinstance((await run(webhook, "disable", *wrong)).exception, BadInput | NotFound)
    assert "ok" in (await run(webhook, "list")).stdout
    assert 0 == (await run(webhook, "disable", endpoint.id, "--reason", "对方停机维护")).exit_code
    assert "disabled" in (await run(webhook, "list")).stdout
    _, case_id = await office.case(contact={"name": "王芳"})
    await office.send()
    assert [] == receiver.got
    assert 0 == (await run(webhook, "enable", endpoint.id)).exit_code
    await store.retry(office.city.pool, [], office.now())
    await office.send()
    told = (await run(webhook, "changes", "--json")).stdout
    changed = [json.loads(line) for line in told.splitlines()]

    assert [case_id] == [body["data"]["case_id"] for body in receiver.bodies()]
    assert [("enabled", ""), ("disabled", "对方停机维护"), ("added", "")] == [
        (each["what"], each["reason"]) for each in changed
    ]
    assert {(who_runs(), endpoint.id, "housing")} == {
        (each["by"], each["id"], each["for"]) for each in changed if each["what"] != "added"
    }
    assert "hidden" not in told
    last = await run(webhook, "changes", "--limit", "1")
    assert (1, True) == (len(last.stdout.splitlines()), "enabled" in last.stdout)
