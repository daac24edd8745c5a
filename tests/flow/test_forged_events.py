"""Who has the whole broker, and not our key, answers nobody in our name."""

import uuid
from datetime import UTC, datetime

import aiohttp

from deploy.messaging.client.client import open_producer
from deploy.messaging.dead.dead_letters import StoredLetter, stored_letters
from deploy.messaging.records.envelope import headers_of
from deploy.messaging.records.signature import EventKeys
from schemas.event import encode
from schemas.events.handlers import ReplyPublished
from schemas.ids import CaseId, CategoryCode, DepartmentCode
from tests.faults.traffic import settings_of
from tests.flow.steps import followed, submit
from tests.stack import Stack, eventually

FORGED = "您的问题不予受理。"


async def test_a_forged_answer_changes_nothing(city: Stack, http: aiohttp.ClientSession) -> None:
    """Unsigned or signed with another key, by the broker's administrator: a dead letter, and the citizen sees none of it."""
    accepted = await submit(http, title="伪造答复的路灯")
    before = await followed(http, accepted, lambda seen: seen["state"] == "assigned")
    row = await city.sql(
        'SELECT case_id FROM intake."case" WHERE tracking_code = $1', accepted["tracking_code"]
    )
    forged = ReplyPublished(
        case_id=CaseId(str(row[0]["case_id"])),
        version=99,
        at=datetime.now(UTC),
        response=FORGED,
        department=DepartmentCode("housing"),
        category=CategoryCode("lighting"),
        public=True,
    )
    topic, key = f"{city.prefix}.handlers.v1", forged.case_id.encode()
    async with open_producer(settings_of(city)) as producer:
        for is_signed in (False, True):
            headers = headers_of(str(uuid.uuid4()), forged.type, forged.at, None)
            if is_signed:
                headers = EventKeys(b"x" * 32).signed(topic, key, encode(forged), headers)
            await producer.send_and_wait(topic, encode(forged), key=key, headers=[*headers])

    async def refused() -> list[StoredLetter]:
        letters = [letter async for letter in stored_letters(settings_of(city))]
        return [letter for letter in letters if letter.record.value == encode(forged)]

    letters = await eventually(
        refused, is_done=lambda found: [letter.fact("stage") for letter in found].count("intake.follow") == 2
    )
    after = await followed(http, accepted, bool)

    assert {"signature"} == {letter.fact("reason") for letter in letters}
    assert (before["state"], before.get("response")) == (after["state"], after.get("response"))
    assert FORGED not in str(after)
