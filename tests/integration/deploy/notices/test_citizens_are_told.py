"""Citizens hear of their case by e-mail: once, in words that give nothing away, and at no address but the one they left."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.notices.delivery import LEASE
from schemas.ids import CaseId
from tests.integration.deploy.notices.office import Office, letters, plain
from tests.integration.deploy.processes.post import Post
from tests.integration.deploy.web.carrying import LAMP
from tests.integration.deploy.web.city_of_files import FileCity, file_city
from tests.mail_servers import SmtpServer
from tests.stack import fresh_database


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
        public_url="https://city.example",
    ) as city:
        yield city


@pytest.fixture
async def office(city: FileCity, smtp: SmtpServer) -> Office:
    """Nothing was sent yet."""
    smtp.letters.clear()
    smtp.verdict, smtp.answers = "250 ok", {}
    office = Office(city)
    await office.forget()
    return office


async def test_from_received_to_rating(office: Office, smtp: SmtpServer) -> None:
    """Each step once; the rating is asked for days later, and not of who has rated."""
    codes, case_id = await office.case()
    await office.send()
    told = [plain(letter) for letter in letters(smtp.letters)]

    assert 2 == len(told)
    assert "已收到并登记" in told[0]
    assert re.search(r"承诺在 20\d\d-\d\d-\d\d (?:24:00|(?:[01]\d|2[0-3]):[0-5]\d) 前答复", told[1])

    await office.answer(case_id)
    await office.send()

    assert {"received": "sent", "assigned": "sent", "answered": "sent", "rating": "waiting"} == (
        await office.states(case_id)
    )

    office.ahead = timedelta(days=3, minutes=1)
    await office.send()

    assert "请评价" in plain(letters(smtp.letters)[-1])
    assert 4 == len(smtp.letters)
    assert all(codes["tracking_code"] in text for text in told)


async def test_who_has_rated_is_not_asked(office: Office, city: FileCity, smtp: SmtpServer) -> None:
    """The notice is dropped when its time comes."""
    codes, case_id = await office.case()
    await office.answer(case_id)
    async with city.http.post(
        f"/api/v1/submissions/{codes['tracking_code']}/rating",
        json={"score": 5},
        headers={"Access-Code": codes["access_code"]},
    ) as answer:
        assert answer.status == 200
    office.ahead = timedelta(days=3, minutes=1)
    await office.send()

    assert "dropped" == (await office.states(case_id))["rating"]


async def test_a_letter_says_nothing_of_the_matter(office: Office, smtp: SmtpServer) -> None:
    """No title, text, answer, department or access code; and programs are told not to answer it (RFC 3834)."""
    codes, case_id = await office.case()
    await office.send()
    await office.answer(case_id)
    await office.send()

    assert 3 == len(smtp.letters)
    for letter in letters(smtp.letters):
        html = letter.get_body(("html",))
        assert html is not None
        said = plain(letter) + html.get_content() + str(letter.items())
        for secret in (LAMP["title"], "楼道灯", "修好", "住", "王芳", codes["access_code"]):
            assert secret not in said
        assert "auto-generated" == letter["Auto-Submitted"]
        assert letter["Message-ID"].startswith("<notice.")
        assert "wang.fang@example.org" == letter["To"]
        assert "List-Unsubscribe=One-Click" == letter["List-Unsubscribe-Post"]


async def test_private_cases_say_only_that_there_is_news(office: Office, smtp: SmtpServer) -> None:
    """Of confidential ones and reports not even what happened."""
    for more in ({"confidential": True}, {"kind": "report"}):
        smtp.letters.clear()
        await office.case(**more)
        await office.send()
        told = [plain(letter) for letter in letters(smtp.letters)]

        assert told
        for text in told:
            assert "有新的消息" in text
            assert "诉求已" not in text
            assert "承诺" not in text


@pytest.mark.parametrize(
    "contact",
    [
        {"email": "a@example.org", "preference": "none"},
        {"phone": "13800138000"},
        None,
    ],
)
async def test_who_left_no_address_makes_no_row(office: Office, contact: Any) -> None:
    """Or wants no contact."""
    _, case_id = await office.case(contact=contact) if contact else await office.case(contact={"name": "李"})

    assert [] == await office.rows(case_id)


async def test_the_same_event_twice_is_one_notice(office: Office, city: FileCity) -> None:
    """Said again by the reconciler, which knows the case's version of now, or read again from Kafka."""
    from deploy.database.unit_of_work import unit_of_work
    from intake.steps.notices import tell
    from schemas.events.handlers import ProgressNoted
    from tests.integration.deploy.web.city_of_files import HOUSING

    _, case_id = await office.case()
    async with unit_of_work(city.pool, prefix="huiyin") as unit:
        noted = unit.now
    for version in (7, 7, 9):
        async with unit_of_work(city.pool, prefix="huiyin") as unit:
            event = ProgressNoted(case_id=case_id, version=version, at=noted, department=HOUSING, text="在办")
            await tell(unit, [event])

    assert ["progress"] == [
        row["occasion"] for row in await office.rows(case_id) if row["occasion"] == "progress"
    ]


async def test_the_server_is_away_for_an_hour(office: Office, smtp: SmtpServer) -> None:
    """Each notice is sent once when it is back; meanwhile it is shown as waiting, with the reason."""
    _, case_id = await office.case()
    smtp.verdict = "451 later"
    for minutes in (0, 1, 2, 4, 8, 16, 29):
        office.ahead += timedelta(minutes=minutes)
        await office.send()
    waiting = await office.rows(case_id)

    assert [] == smtp.letters
    assert {("waiting", "OSError")} == {(row["state"], row["reason"]) for row in waiting}
    assert all(3 <= row["attempts"] <= 7 for row in waiting)

    smtp.verdict = "250 ok"
    office.ahead += timedelta(hours=1)
    await office.send()
    office.ahead += timedelta(days=5)
    await office.send()

    assert 2 == len(smtp.letters)
    assert {"sent"} == set((await office.states(case_id)).values())


@pytest.mark.parametrize("password", ["geheim", "密码"])
async def test_what_the_server_has_against_us_is_no_fault_of_the_address(
    office: Office, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    """A changed password, or one that cannot be said: every letter waits until somebody mends it."""
    url = f"smtp://no-reply@127.0.0.1:{smtp.port}"
    settings = {"smtp_url": url, "smtp_password": SecretStr(password)}
    monkeypatch.setattr(office.city, "settings", office.city.settings.model_copy(update=settings))
    smtp.answers = {"AUTH": "535 5.7.8 no"}
    _, case_id = await office.case()
    await office.send()

    assert {"waiting"} == set((await office.states(case_id)).values())


async def test_a_letter_of_which_nobody_says_that_it_was_taken(office: Office, smtp: SmtpServer) -> None:
    """It may have arrived: it goes out once more, whatever comes between, and then a person decides."""
    _, case_id = await office.case()
    await office.city.pool.execute("DELETE FROM deploy.notice WHERE occasion <> 'received'")
    for answer, verdict in ((None, "250 ok"), (None, "451 later"), (None, "250 ok"), (None, "250 ok")):
        smtp.answers, smtp.verdict = {"LETTER": answer}, verdict
        await office.send()
        office.ahead += timedelta(hours=1)

    assert 2 == len(smtp.letters)
    assert [("given_up", "perhaps-sent")] == [
        (row["state"], row["reason"]) for row in await office.rows(case_id)
    ]


async def test_one_that_cannot_be_worded_or_read_stops_no_other(office: Office, smtp: SmtpServer) -> None:
    """A later release's word, or a fault of ours: it waits and is said, and the others are sent."""
    _, case_id = await office.case()
    _, broken = await office.case()
    change = "UPDATE deploy.notice SET {} WHERE case_id = $1::uuid AND occasion = '{}'"
    await office.city.pool.execute(change.format("occasion = 'of-tomorrow'", "received"), broken)
    await office.city.pool.execute(
        change.format("facts = '{\"until\": \"soon\"}', occasion = 'extended'", "assigned"), broken
    )
    await office.send()

    assert {"received": "sent", "assigned": "sent"} == await office.states(case_id)
    assert {"waiting"} == set((await office.states(broken)).values()) - {"dropped"}


async def test_an_address_that_is_refused_is_shown_as_failed(office: Office, smtp: SmtpServer) -> None:
    """And tried no more, until a person says so."""
    _, case_id = await office.case()
    smtp.verdict = "550 nobody here"
    await office.send()
    office.ahead = timedelta(hours=2)
    await office.send()

    assert {"failed"} == set((await office.states(case_id)).values())
    assert {"w***@example.org"} == {row["shown_to"] for row in await office.rows(case_id)}
    assert {1} == {row["attempts"] for row in await office.rows(case_id)}


async def test_whoever_answers_nothing_for_days_is_given_up(office: Office, smtp: SmtpServer) -> None:
    """Shown as that; nothing is tried for ever, and nothing vanishes."""
    _, case_id = await office.case()
    smtp.verdict = "451 later"
    for _ in range(6):
        await office.send()
        office.ahead += timedelta(days=1)

    assert {"given_up"} == set((await office.states(case_id)).values())


async def test_a_sender_that_dies_before_it_wrote_that_down(
    office: Office, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next sends it again, under the same Message-ID; not before the lease ran out."""
    from deploy.notices import store

    await office.case()
    delivery = office.delivery()
    with monkeypatch.context() as dying:
        dying.setattr(store, "settle", _killed)
        with pytest.raises(_Killed):
            await delivery.turn()
        await asyncio.sleep(0)
    sent = len(smtp.letters)
    await office.send()

    assert sent == len(smtp.letters)

    office.ahead = LEASE + timedelta(minutes=1)
    await office.send()
    ids = [letter["Message-ID"] for letter in letters(smtp.letters)]

    assert 2 == len(set(ids))
    assert {"sent"} == set((await office.states()).values())


class _Killed(BaseException):
    """As if by kill -9."""


async def _killed(*_: object, **__: object) -> None:
    raise _Killed


async def test_two_senders_send_each_once(office: Office, smtp: SmtpServer) -> None:
    """However many processes look at once."""
    for _ in range(3):
        await office.case()
    await asyncio.gather(*(office.send() for _ in range(4)))

    assert 6 == len(smtp.letters)
    assert 6 == len({letter["Message-ID"] for letter in letters(smtp.letters)})


async def test_one_click_stops_them(office: Office, city: FileCity, smtp: SmtpServer) -> None:
    """By a program's POST (RFC 8058), or by a person's button; a link alone stops nothing, nor does a made-up address."""
    _, case_id = await office.case()
    await office.send()
    path = letters(smtp.letters)[0]["List-Unsubscribe"].strip("<>").removeprefix("https://city.example")
    async with city.http.get(path) as page:
        assert page.status == 200
    async with city.http.post(path[:-2] + "AA", data={"List-Unsubscribe": "One-Click"}) as answer:
        assert answer.status == 404
    assert not await _stopped(city, case_id)
    async with city.http.post(path, data={"List-Unsubscribe": "One-Click"}) as answer:
        assert answer.status == 200
    smtp.letters.clear()
    await office.answer(case_id)
    await office.send()

    assert await _stopped(city, case_id)
    assert [] == smtp.letters


async def _stopped(city: FileCity, case_id: CaseId) -> bool:
    return bool(
        await city.pool.fetchval(
            "SELECT stopped_at IS NOT NULL FROM intake.reachable WHERE case_id = $1::uuid", case_id
        )
    )


async def test_a_bounce_marks_its_notice(
    office: Office, city: FileCity, smtp: SmtpServer, tmp_path: Path
) -> None:
    """A report of failure that comes into the mailbox; a delay is none, and a stranger's report changes nothing."""
    _, case_id = await office.case()
    await office.send()
    first, second = sorted(letters(smtp.letters), key=lambda letter: "登记" not in plain(letter))
    post = Post(city, tmp_path / "mail")
    post.bring(_report("delayed", "4.4.1", second["Message-ID"]))
    post.bring(_report("failed", "5.1.1", "<other@b.example>"))
    await post.look()
    assert {"sent"} == set((await office.states(case_id)).values())
    post.bring(_report("failed", "5.1.1", first["Message-ID"]))
    await post.look()
    found = {row["occasion"]: (row["state"], row["reason"]) for row in await office.rows(case_id)}

    assert {"received": ("bounced", "5.1.1"), "assigned": ("sent", "")} == found


def _report(action: str, status: str, message_id: str) -> bytes:
    return (
        "From: MAILER-DAEMON@b.example\r\nReturn-Path: <>\r\nTo: no-reply@city.example\r\nSubject: Undelivered\r\n"
        f"Message-ID: <{action}.{status}.{hash(message_id)}@b.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; b.example\r\n\r\n"
        f"Final-Recipient: rfc822; wang.fang@example.org\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\nSubject: news\r\n\r\n--x--\r\n"
    ).encode()


async def test_no_address_lies_where_it_should_not(
    office: Office, city: FileCity, smtp: SmtpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither in notices nor in events nor in logs, whether it was sent or refused."""
    smtp.verdict = "550 nobody"
    _, case_id = await office.case()
    kept = str(await city.pool.fetch("SELECT * FROM deploy.notice"))
    events = b"".join(row["body"] for row in await city.pool.fetch("SELECT body FROM deploy.outbox"))
    await office.send()
    kept += str(await city.pool.fetch("SELECT * FROM deploy.notice"))
    logged = capsys.readouterr()

    assert "failed" in (await office.states(case_id)).values()
    for secret in ("wang.fang", "王芳", "13800138000"):
        assert secret not in kept
        assert secret.encode() not in events
        assert secret not in logged.out + logged.err
