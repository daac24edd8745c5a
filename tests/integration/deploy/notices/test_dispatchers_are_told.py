"""Dispatchers hear of what waits: some times a day how much, of an emergency at once; supervisors of a report."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from deploy.database.unit_of_work import unit_of_work
from deploy.notices import endpoints
from deploy.observability import metrics
from deploy.processes.notify import NoticeSender, tell_round
from routing.steps.notices import notify_waiting
from schemas.events.supervision import OrderReported
from schemas.ids import CaseId
from schemas.notices import Audience
from schemas.words import Role
from sla.core.calendar import named_calendar
from sla.core.notices import Round
from sla.core.rules import load_rules
from sla.steps.reports import handle_reports
from sla.steps.urge import urge
from tests.integration.deploy.notices.addresses import hears
from tests.integration.deploy.notices.office import Office, letters, plain
from tests.integration.deploy.notices.receiver import Receiver
from tests.integration.deploy.notices.test_digests_and_pages import signed_in
from tests.integration.deploy.web.city_of_files import HOUSING
from tests.mail_servers import SmtpServer

RULES: dict[str, Any] = {"rules": load_rules(), "calendar": named_calendar("china")}
LEAK = {"title": "煤气泄漏有人晕倒", "text": "救命，有人晕倒了！请看一下。"}
#: No rule finds it, and the weights are not sure.
HINTED = {"title": "豆腐坊", "text": "豆腐坊的锅炉嗡嗡抖，墙都跟着跳，老板拿砖头压着阀"}
UNCLEAR = {"title": "一件事不知道归谁", "text": "请看一下。"}
NAMELESS = {"contact": {"name": "王芳"}}
_NOBODY = "00000000-0000-4000-8000-000000000000"


async def _waits(office: Office, **more: object) -> CaseId:
    """A case at the dispatchers."""
    _, case_id = await office.case(**{**UNCLEAR, **NAMELESS, **more})
    return case_id


async def _round(office: Office, since: timedelta = timedelta(hours=2)) -> bool:
    async with unit_of_work(office.city.pool, prefix="huiyin") as unit:
        return await notify_waiting(
            unit,
            since=unit.now - since,
            round_at=office.now().replace(minute=0, second=0, microsecond=0),
            day=f"{office.now():%Y-%m-%d}",
        )


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        (LEAK, "有一件特急诉求待派单，请立即处理"),
        (HINTED, "有一件诉求疑似有人遇险，尚未核实，请立即核实"),
    ],
)
async def test_what_is_or_may_be_an_emergency_is_told_at_night(
    office: Office, smtp: SmtpServer, message: dict[str, str], subject: str
) -> None:
    """At once, once, with where to look and without a word of it; what else waits is told in no letter of its own."""
    await hears(office, "centre@city.example", Audience.DISPATCHERS)
    await hears(office, "watch@city.example", Audience.SUPERVISORS)
    office.ahead += timedelta(hours=13)
    case_id = await _waits(office, **message)
    await _waits(office)
    await office.send()
    (letter,) = letters(smtp.letters)

    assert ("centre@city.example", subject) == (letter["To"], letter["Subject"])
    assert "/review" in plain(letter)
    for hidden in ("煤气", "晕倒", "锅炉", case_id):
        assert hidden not in plain(letter)


@pytest.mark.parametrize("message", [LEAK, HINTED])
async def test_an_emergency_that_is_dispatched_is_told_no_more(
    office: Office, smtp: SmtpServer, receiver: Receiver, message: dict[str, str]
) -> None:
    """Nor one that ended otherwise; the city's system hears nothing of a private one."""
    await hears(office, "centre@city.example", Audience.DISPATCHERS)
    await hears(office, receiver.url, Audience.CITY)
    for state in ("routed", "merged", "withdrawn", "declined"):
        case_id = await _waits(office, **message)
        await office.city.pool.execute(
            "UPDATE routing.case SET state = $1 WHERE case_id = $2::uuid", state, case_id
        )
        await office.send()
        assert {"outdated"} == {row["reason"] for row in await office.rows(case_id)}
    await _waits(office, **message, confidential=True)
    await office.send()

    assert 1 == len(smtp.letters)
    assert [] == receiver.got


@pytest.mark.parametrize("more", [{"confidential": True}, {"kind": "report"}])
async def test_a_private_case_is_in_no_number(office: Office, smtp: SmtpServer, more: dict[str, Any]) -> None:
    """With or without it the letter says the same: a round in which nothing else came is none."""
    await hears(office, "centre@city.example", Audience.DISPATCHERS)
    await office.city.pool.execute("UPDATE routing.review_item SET state = 'superseded' WHERE state = 'open'")
    await _waits(office, **more)
    assert not await _round(office)
    await _waits(office)
    await _waits(office)
    assert await _round(office)
    assert await _round(office)
    await office.send()

    assert ["新到 2 件待处理，共 2 件在等"] == [letter["Subject"] for letter in letters(smtp.letters)]


async def test_a_round_without_anything_new_is_silent(office: Office, smtp: SmtpServer) -> None:
    """However much waits; what was counted yesterday is told to nobody."""
    await hears(office, "centre@city.example", Audience.DISPATCHERS)
    await _waits(office)
    assert not await _round(office, since=timedelta(0))
    assert await _round(office)
    office.ahead += timedelta(days=1)
    await office.send()

    assert [] == smtp.letters


@pytest.mark.parametrize("before", [1, 3])
async def test_a_round_that_nobody_sent_is_told_with_the_next(
    office: Office, smtp: SmtpServer, before: int
) -> None:
    """Of all that came since the last that was sent, by whichever process; a second sender says nothing again."""
    await hears(office, "centre@city.example", Audience.DISPATCHERS)
    pool, day = office.city.pool, office.now().date()
    await pool.execute("DELETE FROM deploy.notice_round")
    await pool.execute("UPDATE routing.review_item SET state = 'superseded' WHERE state = 'open'")
    hours = [office.now() + timedelta(hours=2 * place) for place in range(before + 2)]

    async def told(at: datetime, since: datetime) -> bool:
        async with unit_of_work(pool, prefix="huiyin") as unit:
            return await tell_round(unit, Round(at, since), day)

    assert not await told(hours[0], hours[0] - timedelta(hours=2))
    case_id = await _waits(office)
    # It came after the round that was sent, and before those that nobody sent.
    opened = hours[0] + timedelta(minutes=1)
    await pool.execute(
        "UPDATE routing.review_item SET opened_at = $1 WHERE case_id = $2::uuid AND state = 'open'",
        opened,
        case_id,
    )
    assert await told(hours[-1], hours[-2])
    assert not await told(hours[-1], hours[-2])
    assert not await told(hours[-2], hours[-3])
    await office.send()

    assert ["新到 1 件待处理，共 1 件在等"] == [letter["Subject"] for letter in letters(smtp.letters)]


async def _reported(office: Office) -> CaseId:
    """A case under supervision, on which its department has reported."""
    _, case_id = await office.case(**NAMELESS)
    async with unit_of_work(office.city.pool, prefix="huiyin") as unit:
        order = await urge(unit, case_id, by="sun", note="请说明", supervised=True, **RULES)
    said = OrderReported(
        case_id=case_id, version=order.version, at=office.now(), department=HOUSING, order=1, text="已修好"
    )
    for _ in range(2):
        async with unit_of_work(office.city.pool, prefix="huiyin") as unit:
            await handle_reports(unit, [said], **RULES)
    return case_id


async def test_supervisors_hear_of_a_report(office: Office, smtp: SmtpServer) -> None:
    """Once, however often it is heard; where it is, and not what it says."""
    await hears(office, "watch@city.example", Audience.SUPERVISORS)
    await _reported(office)
    await office.send()
    (letter,) = letters(smtp.letters)

    assert "承办单位已就一件督办提交回报，请审阅" == letter["Subject"]
    assert "/watch" in plain(letter)
    assert "已修好" not in plain(letter)


@pytest.mark.parametrize("state", ["accepted", "again", "ended"])
async def test_a_report_that_was_read_is_told_no_more(office: Office, smtp: SmtpServer, state: str) -> None:
    """Accepted, followed by another order, or ended with its case before the letter left."""
    await hears(office, "watch@city.example", Audience.SUPERVISORS)
    case_id = await _reported(office)
    await office.city.pool.execute(
        "UPDATE sla.supervision SET state = $1 WHERE case_id = $2::uuid", state, case_id
    )
    await office.send()

    assert [] == smtp.letters
    assert {"outdated"} == {row["reason"] for row in await office.rows(case_id)}


async def test_a_webhook_is_switched_on_again_from_the_page(office: Office, receiver: Receiver) -> None:
    """Switched off it stands on the page, masked, and in a metric; the button sends what it missed; twice is once."""
    endpoint = await hears(office, receiver.url + "?key=secret-path")
    receiver.status = 410
    await office.case(**NAMELESS)
    await office.send()
    _, missed = await office.case(**NAMELESS)
    await office.send()
    await NoticeSender(office.city.settings, office.city.pool).look_around()
    assert 1 == metrics.WEBHOOKS_DISABLED._value.get()
    receiver.status = 200
    async with office.city.browser() as http:
        await signed_in(office.city, http, Role.SUPERVISOR)
        async with http.get("/watch/notices") as answer:
            page = await answer.text()
        assert "已停用的对接系统" in page
        assert "secret-path" not in page
        token = page.split('name="csrf" value="')[1].split('"')[0]
        for _ in range(2):
            fields = {"csrf": token, "id": endpoint.id}
            async with http.post("/watch/notices/enable", data=fields) as answer:
                page = await answer.text()
                assert answer.status == 200, page
        assert "已停用的对接系统" not in page
        assert "已重新启用" in page
        done = [(each.what, each.by) for each in await endpoints.changes(office.city.pool, 9)]
        assert [("enabled", "notices-supervisor"), ("disabled", ""), ("added", "admin")] == done
        assert "接收地址的变更" in page
        assert "notices-supervisor" in page.split('id="changes"')[1]
        fields["id"] = "00000000-0000-4000-8000-000000000000"
        async with http.post("/watch/notices/enable", data=fields) as answer:
            assert 404 == answer.status
    await office.send()

    assert ["sent"] == [row["state"] for row in await office.rows(missed)]
    assert None is (await endpoints.listed(office.city.pool))[0].disabled_at


@pytest.mark.parametrize(
    ("language", "why"), [("zh", "请写明停用的原因"), ("en", "Say why it is switched off")]
)
async def test_a_webhook_is_switched_off_from_the_page(
    office: Office, receiver: Receiver, language: str, why: str
) -> None:
    """Not without a reason, which stands beside who did it; nothing is sent there meanwhile; twice is once."""
    endpoint = await hears(office, receiver.url + "?key=secret-path")
    at = "/watch/notices/disable"
    async with office.city.browser() as http:
        await signed_in(office.city, http, Role.SUPERVISOR)
        http.headers["accept-language"] = language
        async with http.get("/watch/notices") as answer:
            page = await answer.text()
        assert f'id="reason-{endpoint.id}"' in page
        assert "secret-path" not in page
        fields = {
            "csrf": page.split('name="csrf" value="')[1].split('"')[0],
            "id": endpoint.id,
            "reason": " —— ",
        }
        async with http.post(at, data=fields) as answer:
            page = await answer.text()
            assert 422 == answer.status
        assert why in page
        assert f'id="reason-{endpoint.id}-error"' in page
        assert None is (await endpoints.listed(office.city.pool))[0].disabled_at
        for _ in range(2):
            async with http.post(at, data=fields | {"reason": " 对方停机<维护> "}) as answer:
                page = await answer.text()
                assert answer.status == 200, page
        assert f'id="reason-{endpoint.id}"' not in page
        assert "对方停机&lt;维护&gt;" in page.split('id="changes"')[1]
        async with http.post(at, data=fields | {"id": _NOBODY, "reason": "维护"}) as answer:
            assert 404 == answer.status
    await office.case(**NAMELESS)
    await office.send()
    done = [(each.what, each.by, each.reason) for each in await endpoints.changes(office.city.pool, 9)]

    assert [("disabled", "notices-supervisor", "对方停机<维护>"), ("added", "admin", "")] == done
    assert [] == receiver.got
