"""Departments, supervisors and other systems hear what concerns them, at their addresses, and nobody else's cases."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from deploy import composition
from deploy.commands.notices import notices
from deploy.commands.webhooks import webhook
from deploy.database.unit_of_work import unit_of_work
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.notices import endpoints, store, webhooks
from deploy.notices.delivery import LEASE
from deploy.notices.endpoints import Endpoint
from deploy.notices.webhooks import secret_of, shown_secret, webhook_keys
from handlers.steps.assign import open_cases
from schemas.ids import CaseId, DepartmentCode
from schemas.notices import Audience, NoticeChannel, Occasion
from schemas.words import AlertLevel, Language
from sla.core.kinds import Owner
from sla.core.notices import Alert, alert_notice, urge_notice
from tests.integration.deploy.notices.office import Office, letters, plain
from tests.integration.deploy.notices.receiver import Receiver, is_signed
from tests.integration.deploy.web.carrying import LAMP
from tests.integration.deploy.web.city_of_files import HOUSING, WATER, FileCity, file_city
from tests.mail_servers import SmtpServer
from tests.stack import fresh_database
from tests.unit.handlers.making import routed


@pytest.fixture(scope="module")
async def smtp() -> AsyncIterator[SmtpServer]:
    """The next server."""
    server = SmtpServer()
    async with server.running() as port:
        server.port = port
        yield server


@pytest.fixture(scope="module")
async def city(
    postgres_server: EmbeddedPostgres,
    migrated: str,
    smtp: SmtpServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[FileCity]:
    """One for the file."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(
        url,
        tmp_path_factory.mktemp("files"),
        smtp_url=f"smtp://127.0.0.1:{smtp.port}",
        mail_from="no-reply@city.example",
        webhooks_private=True,
    ) as city:
        yield city


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Another system."""
    receiver = Receiver()
    async with receiver.running() as url:
        receiver.url = url
        yield receiver


@pytest.fixture
async def office(city: FileCity, smtp: SmtpServer) -> Office:
    """Nobody hears anything yet; it is ten in the morning."""
    smtp.letters.clear()
    smtp.verdict = "250 ok"
    office = Office(city)
    await office.forget()
    local = datetime.now(city_zone(city))
    office.ahead = local.replace(hour=10, minute=0) - local + timedelta(days=local.hour >= 10)
    return office


def city_zone(city: FileCity) -> Any:
    """The city's."""
    return composition.city_of(city.settings).zone


async def _hears(
    office: Office,
    address: str,
    audience: Audience = Audience.DEPARTMENT,
    department: DepartmentCode | None = HOUSING,
    language: Language = Language.ZH,
) -> Endpoint:
    return await endpoints.add(
        office.city.pool,
        audience=audience,
        department=department if audience is Audience.DEPARTMENT else None,
        channel=NoticeChannel.EMAIL if "@" in address else NoticeChannel.WEBHOOK,
        address=address,
        language=language,
        now=datetime.now(UTC),
    )


async def _alert(office: Office, case_id: CaseId, level: AlertLevel, owner: Owner = Owner.LEAD) -> None:
    """A deadline of housing's, as the sweeper would say it."""
    async with unit_of_work(office.city.pool, prefix="huiyin") as unit:
        alert = Alert(case_id, level, "reply", owner, HOUSING, unit.now, 1)
        notice = alert_notice(alert, unit.now)
        assert notice is not None
        unit.notify(notice)


def _told(smtp: SmtpServer) -> dict[str, list[str]]:
    """Subjects, by address."""
    found: dict[str, list[str]] = {}
    for letter in letters(smtp.letters):
        found.setdefault(str(letter["To"]), []).append(str(letter["Subject"]))
    return found


async def test_each_department_hears_of_its_own(office: Office, smtp: SmtpServer) -> None:
    """In its language, with where to look; another hears nothing; supervisors hear of escalations alone."""
    await _hears(office, "housing@city.example")
    await _hears(office, "housing-en@city.example", language=Language.EN)
    await _hears(office, "water@city.example", department=WATER)
    await _hears(office, "watch@city.example", Audience.SUPERVISORS)
    _, case_id = await office.case(contact={"name": "王芳"})
    await _alert(office, case_id, AlertLevel.MISSED)
    await _alert(office, case_id, AlertLevel.ESCALATED)
    await office.send()
    told = _told(smtp)

    assert {"housing@city.example", "housing-en@city.example", "watch@city.example"} == set(told)
    assert ["有一件已超期", "有新件待签收"] == sorted(
        text.split("，")[0] for text in told["housing@city.example"]
    )
    assert any(text.startswith("There is a new case") for text in told["housing-en@city.example"])
    assert ["有一件超期后仍未办结"] == [text.split("，")[0] for text in told["watch@city.example"]]
    for letter in letters(smtp.letters):
        assert "楼道" not in plain(letter)
        assert "王芳" not in plain(letter)


async def test_what_came_back_and_who_wrote(office: Office, smtp: SmtpServer) -> None:
    """A reply that was sent back is told to the department, once."""
    await _hears(office, "housing@city.example")
    _, case_id = await office.case(contact={"name": "王芳"})
    await office.desk(case_id, "sign")
    await office.desk(case_id, "reply", note="已查", response="已经处理，谢谢。")
    await office.approve(case_id, decision="send_back", remarks="请说明日期")
    await office.send()

    assert 1 == _told(smtp)["housing@city.example"].count("有一件申请或答复被退回")


async def test_nobody_hears_where_nobody_listens(office: Office) -> None:
    """No address, no row: not even of cases that wait."""
    _, case_id = await office.case(contact={"name": "王芳"})
    await _alert(office, case_id, AlertLevel.MISSED)

    assert [] == await office.rows(case_id)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("lead", "'water'"),
        ("accused", "ARRAY['housing']"),
        ("withheld", "true"),
    ],
)
async def test_who_lost_the_case_hears_nothing(
    office: Office, smtp: SmtpServer, column: str, value: str
) -> None:
    """Moved, accused or withheld between the event and the letter: dropped."""
    await _hears(office, "housing@city.example")
    _, case_id = await office.case(contact={"name": "王芳"})
    await office.city.pool.execute(
        f"UPDATE handlers.case SET {column} = {value} WHERE case_id = $1::uuid",  # noqa: S608  the test's own words
        case_id,
    )
    await office.send()

    assert [] == smtp.letters
    assert [("dropped", "moved")] == [(row["state"], row["reason"]) for row in await office.rows(case_id)]


@pytest.mark.parametrize("more", [{"confidential": True}, {"kind": "report"}])
async def test_private_cases_are_named_nowhere(
    office: Office, smtp: SmtpServer, receiver: Receiver, more: dict[str, Any]
) -> None:
    """Their department hears that there is something, the city's system nothing, supervisors no code and no address."""
    await _hears(office, "housing@city.example")
    await _hears(office, "watch@city.example", Audience.SUPERVISORS)
    await _hears(office, receiver.url)
    await _hears(office, receiver.url + "?city", Audience.CITY)
    case = await _private_case(office, **more)
    await _alert(office, case, AlertLevel.ESCALATED)
    await office.send()
    code = await office.city.pool.fetchval(
        "SELECT tracking_code FROM handlers.case WHERE case_id = $1::uuid", case
    )

    assert 2 == len(smtp.letters)
    for said in (*map(plain, letters(smtp.letters)), *(body.decode() for _, body in receiver.got)):
        assert code not in said
        assert case not in said
    assert ["notice.new_case"] == [body["type"] for body in receiver.bodies()]
    assert {"private"} == {row["reason"] for row in await office.rows(case) if row["state"] == "dropped"}


async def _private_case(office: Office, **more: Any) -> CaseId:
    """At housing, as a dispatcher sent it there."""
    city = office.city
    await city.submit(**{**LAMP, **more})
    registered = await city.registered()
    facts = {"protected": True} if more.get("kind") == "report" else {"confidential": True}
    event = routed(case_id=registered.case_id, tracking_code=registered.tracking_code, lead=HOUSING, **facts)
    key = composition.audit_key(city.settings)
    async with unit_of_work(city.pool, prefix="huiyin", audit_key=key) as unit:
        await open_cases(unit, [event])
    return registered.case_id


async def test_letters_wait_for_the_morning(office: Office, smtp: SmtpServer) -> None:
    """Of what is no emergency; other systems do not sleep."""
    await _hears(office, "housing@city.example")
    _, case_id = await office.case(contact={"name": "王芳"})
    office.ahead += timedelta(hours=13)
    await office.send()
    assert [] == smtp.letters
    assert [("waiting", "quiet-hours")] == [
        (row["state"], row["reason"]) for row in await office.rows(case_id)
    ]
    office.ahead += timedelta(hours=9, minutes=30)
    await office.send()

    assert 1 == len(smtp.letters)


async def test_a_webhook_is_signed(office: Office, receiver: Receiver) -> None:
    """As its owner checks it; with the case's code and no word of the case."""
    endpoint = await _hears(office, receiver.url)
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
    await _hears(office, receiver.url)
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
    await _hears(office, receiver.url)
    await _hears(office, "housing@city.example")
    _, case_id = await office.case(contact={"name": "王芳"})
    await office.send()
    states = {row["channel"]: row["state"] for row in await office.rows(case_id)}

    assert {"webhook": "waiting", "email": "sent"} == states


async def test_a_receiver_that_is_gone_for_days_is_switched_off(office: Office, receiver: Receiver) -> None:
    """Its notices are shown as given up or failed; enabled again, they are told."""
    endpoint = await _hears(office, receiver.url)
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
    await endpoints.enable(office.city.pool, endpoint.id)
    again = await store.retry(office.city.pool, [], office.now())
    await office.send()

    assert 2 == len(again)
    assert {"sent"} == {row["state"] for row in await office.rows()}


async def test_whoever_answers_gone_is_switched_off_at_once(office: Office, receiver: Receiver) -> None:
    """410, as the convention has it."""
    await _hears(office, receiver.url)
    receiver.status = 410
    await office.case(contact={"name": "王芳"})
    await office.send()
    (endpoint,) = await endpoints.listed(office.city.pool)

    assert endpoint.disabled_at is not None


async def test_a_removed_address_hears_nothing(office: Office, smtp: SmtpServer) -> None:
    """Not even what waited for it."""
    endpoint = await _hears(office, "housing@city.example")
    _, case_id = await office.case(contact={"name": "王芳"})
    await endpoints.remove(office.city.pool, endpoint.id, office.now())
    await office.send()

    assert [] == smtp.letters
    assert [("dropped", "removed")] == [(row["state"], row["reason"]) for row in await office.rows(case_id)]


async def test_no_webhook_reaches_our_own_network(
    office: Office, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by address nor by a name that leads there when it is used."""
    for url in (receiver.url, receiver.url.replace("127.0.0.1", "localhost")):
        await _hears(office, url.replace("http://", "https://"))
    monkeypatch.setattr(
        office.city, "settings", office.city.settings.model_copy(update={"webhooks_private": False})
    )
    await office.case(contact={"name": "王芳"})
    await office.send()

    assert [] == receiver.got
    assert {"waiting"} == {row["state"] for row in await office.rows()}


async def test_a_killed_sender_leaves_nothing_behind(office: Office, receiver: Receiver) -> None:
    """What it had taken is sent by the next, once its lease ran out."""
    await _hears(office, receiver.url)
    _, case_id = await office.case(contact={"name": "王芳"})
    async with unit_of_work(office.city.pool, prefix="huiyin") as unit:
        taken = await store.take(unit.db, [NoticeChannel.WEBHOOK], office.now(), lease=LEASE, limit=9)
    await office.send()
    assert (1, []) == (len(taken), receiver.got)
    office.ahead += LEASE + timedelta(seconds=1)
    await office.send()

    assert 1 == len(receiver.got)
    assert ["sent"] == [row["state"] for row in await office.rows(case_id)]


async def test_urged_is_told_each_time(office: Office, smtp: SmtpServer) -> None:
    """Two urges are two letters; the same one said twice is one."""
    await _hears(office, "housing@city.example")
    _, case_id = await office.case(contact={"name": "王芳"})
    await office.send()
    smtp.letters.clear()
    async with unit_of_work(office.city.pool, prefix="huiyin") as unit:
        for later in (0, 0, -1):
            at = unit.now + timedelta(seconds=later)
            unit.notify(urge_notice(case_id, HOUSING, at, supervised=False))
    await office.send()

    assert ["督办员催办了一件"] * 2 == _told(smtp)["housing@city.example"]
    assert Occasion.URGED in {row["occasion"] for row in await office.rows(case_id)}


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
