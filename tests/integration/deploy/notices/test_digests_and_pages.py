"""Once a day how much there is, many letters as one, text messages, and the page that shows what became of them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from deploy.accounts import accounts, sessions
from deploy.accounts.passwords import Passwords
from deploy.composition import sign_in_keys
from deploy.database.unit_of_work import unit_of_work
from deploy.notices import store
from deploy.notices.letters import bounced_notice
from deploy.web.site.cookies import SESSION
from schemas.days import day_of
from schemas.notices import Audience
from schemas.words import AlertLevel, Role
from sla.core.calendar import china_calendar
from sla.core.kinds import Owner
from sla.core.notices import Burden, digest_notices
from sla.steps.digest import notify_digests
from sla.store.digests import burdens
from tests.conftest import RecordingUnit
from tests.integration.deploy.accounts.signing_in import CHANGING
from tests.integration.deploy.notices.addresses import alert, hears
from tests.integration.deploy.notices.office import Office, letters, plain
from tests.integration.deploy.web.city_of_files import CITY, HOUSING, FileCity
from tests.mail_servers import SmtpServer

CHINA = ZoneInfo("Asia/Shanghai")
NAMELESS = {"contact": {"name": "王芳"}}


async def test_a_digest_counts_what_is_due_and_late(office: Office, smtp: SmtpServer) -> None:
    """Each case once, however many clocks; said twice, it is told once; a Sunday tells nobody."""
    city = office.city
    await hears(office, "housing@city.example")
    await hears(office, "watch@city.example", Audience.SUPERVISORS)
    await city.pool.execute("DELETE FROM sla.clock")
    _, late = await office.case(**NAMELESS)
    await office.case(**NAMELESS)
    await office.send()
    smtp.letters.clear()
    monday = datetime(2031, 11, 24, 1, 0, tzinfo=UTC)
    await city.pool.execute("UPDATE sla.clock SET due_at = $1", monday + timedelta(hours=3))
    await city.pool.execute(
        "UPDATE sla.clock SET due_at = $1 WHERE case_id = $2::uuid", monday - timedelta(1), late
    )
    calendar = china_calendar()
    for now in (monday - timedelta(days=1), monday, monday):
        async with city.pool.acquire() as db, db.transaction():
            unit = RecordingUnit(db, now)
            await notify_digests(unit, calendar=calendar, zone=CHINA)
            await unit.flush()
    async with city.pool.acquire() as db:
        found = await burdens(db, monday, monday + timedelta(hours=15))
    assert [(1, 1)] == [(each.due, each.overdue) for each in found if each.department == "housing"]
    office.ahead += monday - office.now()
    await office.send()

    assert 2 == len(smtp.letters)
    assert all("今天到期 1 件，已超期 1 件" in plain(letter) for letter in letters(smtp.letters))


async def test_many_letters_to_an_office_are_one(office: Office, smtp: SmtpServer) -> None:
    """Nothing is dropped: each notice is in it and shown as sent; where it bounces, all have."""
    await hears(office, "housing@city.example")
    cases = [(await office.case(**NAMELESS)) for _ in range(7)]
    await office.send()
    (letter,) = letters(smtp.letters)

    assert "7 条新通知" == letter["Subject"]
    assert all(codes["tracking_code"] in plain(letter) for codes, _ in cases)
    assert {"sent"} == {row["state"] for row in await office.rows()}

    report = f"Action: failed\nStatus: 5.1.1\n\nMessage-ID: {letter['Message-ID']}".encode()
    found = bounced_notice(report)
    assert found is not None
    assert await store.note_bounced(office.city.pool, *(found[0], office.now(), found[1]))
    assert {"bounced"} == {row["state"] for row in await office.rows()}


async def test_one_letter_of_many_that_may_have_arrived(office: Office, smtp: SmtpServer) -> None:
    """Those in it go out once more; what came since, and went out with them, is not given up for their sake."""
    await hears(office, "housing@city.example")
    smtp.answers = {"LETTER": None}
    for _ in range(6):
        await office.case(**NAMELESS)
    await office.send()
    office.ahead += timedelta(minutes=2)
    await office.case(**NAMELESS)
    await office.send()

    assert ["given_up"] * 6 + ["waiting"] == sorted(row["state"] for row in await office.rows())
    assert {"perhaps-sent"} == {row["reason"] for row in await office.rows()}
    assert 2 == len(smtp.letters)


async def test_a_text_message_by_day(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To whoever left a mobile number alone; at night none but that the message came; never with the whole code."""
    sms = tmp_path / "sms.jsonl"
    settings = office.city.settings.model_copy(update={"sms_url": f"file://{sms}"})
    monkeypatch.setattr(office.city, "settings", settings)
    office.ahead += timedelta(hours=13)
    codes, case_id = await office.case(contact={"phone": "13800138000"})
    await office.send()
    assert 1 == len(sms.read_text().splitlines())
    assert {"received": "sent", "assigned": "waiting"} == await office.states(case_id)
    office.ahead += timedelta(hours=10)
    await office.send()
    sent = [json.loads(line) for line in sms.read_text().splitlines()]

    assert 2 == len(sent)
    assert {"13800138000"} == {each["to"] for each in sent}
    assert codes["tracking_code"] not in str(sent)
    assert all(codes["tracking_code"][-4:] in each["text"] for each in sent)
    assert {"138****00"} == {row["shown_to"] for row in await office.rows(case_id)}


async def signed_in(city: FileCity, http: aiohttp.ClientSession, role: Role) -> None:
    """Somebody of that role at the browser."""
    name = f"notices-{role}"
    async with city.pool.acquire() as db:
        if not await db.fetchval("SELECT 1 FROM deploy.account WHERE username = $1", name):
            await accounts.create_account(
                db,
                Passwords(),
                CITY,
                CHANGING,
                username=name,
                password="long enough 123",
                role=role,
                department=None,
            )
        session = await sessions.open_session(db, sign_in_keys(city.settings), name, datetime.now(UTC))
    http.cookie_jar.update_cookies({SESSION: session})


async def test_the_page_shows_what_became_of_them(office: Office, smtp: SmtpServer) -> None:
    """Masked, without a case; its button sends what failed again, and nothing that was sent."""
    await hears(office, "housing@city.example")
    smtp.verdict = "550 no"
    codes, case_id = await office.case(**NAMELESS)
    await office.send()
    smtp.verdict = "250 ok"
    async with office.city.browser() as http:
        await signed_in(office.city, http, Role.SUPERVISOR)
        async with http.get("/watch/notices?state=troubled") as answer:
            page = await answer.text()
            assert answer.status == 200, page
        for shown in ("h***@city.example", "被拒收", "新件"):
            assert shown in page
        for hidden in ("housing@city.example", codes["tracking_code"], case_id, "楼道"):
            assert hidden not in page
        token = page.split('name="csrf" value="')[1].split('"')[0]
        fields = {"csrf": token, "id": str((await office.rows(case_id))[0]["id"])}
        async with http.post("/watch/notices/retry", data=fields) as answer:
            assert answer.status == 200, await answer.text()
        await office.send()
        async with http.get("/watch/notices/preview") as answer:
            assert "每种通知的样例" in await answer.text()

    assert ["sent"] == [row["state"] for row in await office.rows(case_id)]
    assert 1 == len(smtp.letters)


@pytest.mark.parametrize(
    ("reason", "shown"),
    [("moved", "已不在该单位"), ("HTTP 500", "HTTP 500"), ("TimeoutError", "对方没有回应")],
)
async def test_the_page_says_why_in_words(office: Office, reason: str, shown: str) -> None:
    """Our own reasons in the reader's language; what a receiver answered as it came."""
    await hears(office, "housing@city.example")
    await office.case(**NAMELESS)
    await office.city.pool.execute("UPDATE deploy.notice SET state = 'dropped', reason = $1", reason)
    async with office.city.browser() as http:
        await signed_in(office.city, http, Role.SUPERVISOR)
        async with http.get("/watch/notices") as answer:
            page = await answer.text()

    assert f'<span class="quiet">{shown}</span>' in page


async def test_nobody_else_sees_the_page(office: Office) -> None:
    """Departments and dispatchers do not, nor does anybody without an account."""
    city = office.city
    async with city.browser() as http:
        await signed_in(city, http, Role.DISPATCHER)
        for path in ("/watch/notices", "/watch/notices/preview"):
            async with http.get(path) as answer:
                assert answer.status == 403
    async with city.http.get("/watch/notices", allow_redirects=False) as answer:
        assert answer.status in (303, 401)


async def test_alerts_said_again_are_one(office: Office, smtp: SmtpServer) -> None:
    """However often the sweeper says the same."""
    await hears(office, "housing@city.example")
    _, case_id = await office.case(**NAMELESS)
    for _ in range(3):
        await alert(office, case_id, AlertLevel.NEAR)
    async with unit_of_work(office.city.pool, prefix="huiyin") as unit:
        assert not unit.has_notices

    assert 1 == [row["occasion"] for row in await office.rows(case_id)].count("near")


async def test_what_waits_for_its_time_is_not_late(office: Office, smtp: SmtpServer) -> None:
    """Neither a request to rate nor a letter for the morning; what should have gone is, from then on."""
    await hears(office, "housing@city.example")
    office.ahead += timedelta(hours=13)
    await office.case(**NAMELESS)
    await office.send()
    async with office.city.pool.acquire() as db:
        by_night = await store.waiting(db, office.now())
        by_noon = await store.waiting(db, office.now() + timedelta(hours=13))

    assert (0, 0.0, 0) == by_night
    assert 1 == by_noon[0]
    # From the end of the quiet hours.
    assert 2.5 * 3600 < by_noon[1] < 4.5 * 3600

    office.ahead += timedelta(hours=9, minutes=5)
    smtp.verdict = "451 later"
    await office.send()
    async with office.city.pool.acquire() as db:
        after_a_try = await store.waiting(db, office.now())

    assert 0 <= after_a_try[1] < 600


async def test_what_has_no_channel_any_more_is_given_up(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at once: a setting may be missing by mistake; a retry sends it once there is one again."""
    settings = office.city.settings.model_copy(update={"sms_url": f"file://{tmp_path / 'sms.jsonl'}"})
    office.ahead = timedelta()
    with monkeypatch.context() as with_sms:
        with_sms.setattr(office.city, "settings", settings)
        _, case_id = await office.case(contact={"phone": "13800138000"})
    channels = list(office.delivery().carriers)
    assert 0 == await store.give_up_uncarried(office.city.pool, channels, office.now())
    office.ahead += store.UNCARRIED_FOR + timedelta(minutes=1)

    assert 2 == await store.give_up_uncarried(office.city.pool, channels, office.now())
    assert {("given_up", "no-channel")} == {
        (row["state"], row["reason"]) for row in await office.rows(case_id)
    }
    assert 2 == len(await store.retry(office.city.pool, [], office.now()))
    assert {0} == {row["attempts"] for row in await office.rows(case_id)}


async def test_old_news_is_not_sent_when_its_channel_comes_back(office: Office, smtp: SmtpServer) -> None:
    """What nobody tried for days is no news."""
    await hears(office, "housing@city.example")
    _, case_id = await office.case(**NAMELESS)
    office.ahead += timedelta(days=5)
    await office.send()

    assert [] == smtp.letters
    assert [("dropped", "outdated")] == [(row["state"], row["reason"]) for row in await office.rows(case_id)]


async def test_a_digest_of_another_day_is_not_sent_again(office: Office, smtp: SmtpServer) -> None:
    """Whoever tries again what failed gets no list of what was due then."""
    await hears(office, "housing@city.example")
    smtp.verdict = "550 no"
    async with unit_of_work(office.city.pool, prefix="huiyin") as unit:
        today = day_of(office.now(), CHINA)
        for notice in digest_notices([Burden(Owner.LEAD, HOUSING, 1, 0)], today, office.now()):
            unit.notify(notice)
    await office.send()
    smtp.verdict = "250 ok"
    office.ahead += timedelta(days=1)
    await store.retry(office.city.pool, [], office.now())
    await office.send()

    assert [] == smtp.letters
    assert [("dropped", "outdated")] == [(row["state"], row["reason"]) for row in await office.rows()]


async def test_yesterdays_digest_is_not_told(office: Office, smtp: SmtpServer) -> None:
    """A server that was away for a day gets no list of what was due then."""
    await hears(office, "housing@city.example")
    async with unit_of_work(office.city.pool, prefix="huiyin") as unit:
        today = day_of(office.now(), CHINA)
        for notice in digest_notices([Burden(Owner.LEAD, HOUSING, 1, 0)], today, office.now()):
            unit.notify(notice)
    office.ahead += timedelta(days=1)
    await office.send()

    assert [] == smtp.letters
    assert [("dropped", "outdated")] == [(row["state"], row["reason"]) for row in await office.rows()]
