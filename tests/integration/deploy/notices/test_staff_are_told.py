"""Departments, supervisors and other systems hear what concerns them, at their addresses, and nobody else's cases."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from deploy import composition
from deploy.database.unit_of_work import unit_of_work
from deploy.notices import endpoints
from handlers.steps.assign import open_cases
from schemas.events.intake import SubmissionAccepted
from schemas.ids import CaseId
from schemas.notices import Audience, Occasion
from schemas.words import AlertLevel, Language
from sla.core.notices import urge_notice
from tests.integration.deploy.notices.addresses import alert, hears
from tests.integration.deploy.notices.office import Office, letters, plain
from tests.integration.deploy.notices.receiver import Receiver
from tests.integration.deploy.web.carrying import LAMP, carry
from tests.integration.deploy.web.city_of_files import HOUSING, WATER
from tests.mail_servers import SmtpServer
from tests.unit.handlers.making import routed

#: An emergency that the rules give to housing.
WALL = {"title": "墙塌了", "text": "光明小区三号楼楼道墙塌了，压住人了，物业不管，请住建局处理。"}


def _told(smtp: SmtpServer) -> dict[str, list[str]]:
    """Subjects, by address."""
    found: dict[str, list[str]] = {}
    for letter in letters(smtp.letters):
        found.setdefault(str(letter["To"]), []).append(str(letter["Subject"]))
    return found


async def test_each_department_hears_of_its_own(office: Office, smtp: SmtpServer) -> None:
    """In its language, with where to look; another hears nothing; supervisors hear of escalations alone."""
    await hears(office, "housing@city.example")
    await hears(office, "housing-en@city.example", language=Language.EN)
    await hears(office, "water@city.example", department=WATER)
    await hears(office, "watch@city.example", Audience.SUPERVISORS)
    _, case_id = await office.case(contact={"name": "王芳"})
    await alert(office, case_id, AlertLevel.MISSED)
    await alert(office, case_id, AlertLevel.ESCALATED)
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
    await hears(office, "housing@city.example")
    _, case_id = await office.case(contact={"name": "王芳"})
    await office.desk(case_id, "sign")
    await office.desk(case_id, "reply", note="已查", response="已经处理，谢谢。")
    await office.approve(case_id, decision="send_back", remarks="请说明日期")
    await office.send()

    assert 1 == _told(smtp)["housing@city.example"].count("有一件申请或答复被退回")


async def test_nobody_hears_where_nobody_listens(office: Office) -> None:
    """No address, no row: not even of cases that wait."""
    _, case_id = await office.case(contact={"name": "王芳"})
    await alert(office, case_id, AlertLevel.MISSED)

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
    await hears(office, "housing@city.example")
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
    await hears(office, "housing@city.example")
    await hears(office, "watch@city.example", Audience.SUPERVISORS)
    await hears(office, receiver.url)
    await hears(office, receiver.url + "?city", Audience.CITY)
    case = await _private_case(office, **more)
    await alert(office, case, AlertLevel.ESCALATED)
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
    await hears(office, "housing@city.example")
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


@pytest.mark.parametrize(("days", "told_at_night"), [(0, True), (400, False)])
async def test_an_emergency_of_an_old_list_waits_for_the_morning(
    office: Office, smtp: SmtpServer, days: int, *, told_at_night: bool
) -> None:
    """It went straight to its department: nobody is rung up for last year's wall, and one of tonight waits for nobody."""
    await hears(office, "housing@city.example")
    await office.city.submit(**WALL)
    event = office.city.kafka.events.pop()
    assert isinstance(event, SubmissionAccepted)
    said_at = event.at - timedelta(days=days)
    office.city.kafka.events.append(replace(event, source="import:desk", said_at=said_at))
    await carry(office.city)
    office.ahead += timedelta(hours=13)
    await office.send()
    assert told_at_night is bool(smtp.letters)
    office.ahead += timedelta(hours=9, minutes=30)
    await office.send()

    assert 1 == len(smtp.letters)


@pytest.mark.parametrize(("decided_by", "dangers"), [("li", 0), ("rules", 1)])
async def test_an_old_list_lets_nobody_sleep_through_what_is_live(
    office: Office, smtp: SmtpServer, decided_by: str, dangers: int
) -> None:
    """A dispatcher sent it where it is, or its citizen told of danger since."""
    await hears(office, "housing@city.example")
    await office.city.submit(**WALL)
    event = office.city.kafka.events.pop()
    assert isinstance(event, SubmissionAccepted)
    said_at = event.at - timedelta(days=4)
    office.city.kafka.events.append(replace(event, source="import:desk", said_at=said_at))
    await carry(office.city)
    await office.city.pool.execute(
        "UPDATE routing.case SET decided_by = $2, dangers_said = $3 WHERE case_id = $1::uuid",
        event.case_id,
        decided_by,
        dangers,
    )
    office.ahead += timedelta(hours=13)
    await office.send()

    assert 1 == len(smtp.letters)


async def _add(office: Office, codes: Mapping[str, str], text: str) -> None:
    url, headers = (
        f"/api/v1/submissions/{codes['tracking_code']}/supplement",
        {"Access-Code": codes["access_code"]},
    )
    async with office.city.http.post(url, json={"text": text}, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
    await carry(office.city)


async def test_danger_that_is_said_later_is_told_at_night(office: Office, smtp: SmtpServer) -> None:
    """To its department and the dispatchers, once, with where to look and without a word of it."""
    await hears(office, "housing@city.example")
    await hears(office, "centre@city.example", Audience.DISPATCHERS)
    codes, case_id = await office.case(contact={"name": "王芳"})
    await office.send()
    smtp.letters.clear()
    office.ahead += timedelta(hours=13)
    await _add(office, codes, "师傅来过一次，没有修好")
    await office.send()
    assert [] == smtp.letters
    for more in ("", "！"):
        await _add(office, codes, f"现在楼塌了，有人被压{more}")
    await office.send()

    assert {"housing@city.example": 1, "centre@city.example": 1} == {
        address: len(subjects) for address, subjects in _told(smtp).items()
    }
    for letter in letters(smtp.letters):
        assert case_id in plain(letter)
        assert "楼塌" not in plain(letter)


async def test_a_removed_address_hears_nothing(office: Office, smtp: SmtpServer) -> None:
    """Not even what waited for it."""
    endpoint = await hears(office, "housing@city.example")
    _, case_id = await office.case(contact={"name": "王芳"})
    await endpoints.remove(office.city.pool, endpoint.id, by="sun", now=office.now())
    await office.send()

    assert [] == smtp.letters
    assert [("dropped", "removed")] == [(row["state"], row["reason"]) for row in await office.rows(case_id)]


async def test_urged_is_told_each_time(office: Office, smtp: SmtpServer) -> None:
    """Two urges are two letters; the same one said twice is one."""
    await hears(office, "housing@city.example")
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
