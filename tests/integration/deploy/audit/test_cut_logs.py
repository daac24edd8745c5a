"""Whoever cuts a log's end off before an anchor knows it is told of by what Kafka heard of the case."""

import secrets
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy import clock, composition
from deploy.audit.said import versions_said
from deploy.database.pool import connect
from deploy.database.unit_of_work import PostgresUnit
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.messaging.client.client import open_producer
from deploy.messaging.records.envelope import headers_of
from deploy.messaging.records.signature import event_keys
from deploy.settings import Settings
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.steps import act_on_case, assign
from schemas.city import load_city
from schemas.event import encode
from schemas.events.handlers import CaseSigned
from schemas.http import Principal
from schemas.ids import CaseId
from schemas.topics import HANDLERS, topic_name
from schemas.words import Role
from tests.integration.deploy.audit.anchored import case_row, cut_to, make_anchor, verify, with_topic
from tests.unit.handlers.making import HOUSING, routed

CITY = load_city()
_EVER = datetime.fromtimestamp(0, UTC)
WANG = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)


@pytest.fixture
async def settings(
    postgres_server: EmbeddedPostgres, migrated: str, kafka_server: EmbeddedKafka, tmp_path: Path
) -> Settings:
    """A migrated database with two roles, a folder for anchors, and the topic of handlers."""
    return await with_topic(postgres_server, migrated, kafka_server, tmp_path / "data", HANDLERS)


def _topic(settings: Settings) -> str:
    return topic_name(HANDLERS, settings.topic_prefix)


async def _opened(settings: Settings) -> CaseId:
    event = routed(case_id=CaseId(str(clock.new_event_id())), tracking_code=secrets.token_hex(9))
    async with connect(settings) as db, db.transaction():
        unit = PostgresUnit(db, clock.now(), audit_key=composition.audit_key(settings))
        await assign.open_cases(unit, [event])
    return event.case_id


async def _sign(settings: Settings, case_id: CaseId) -> None:
    async with connect(settings) as db, db.transaction():
        unit = PostgresUnit(db, clock.now(), audit_key=composition.audit_key(settings))
        await act_on_case.act(unit, WANG, case_id, Action.SIGN, Sign(version=3), CITY)


async def _tell(settings: Settings, case_id: CaseId, version: int, *, is_ours: bool = True) -> None:
    """As the relay does; or as somebody without the key."""
    event = CaseSigned(case_id=case_id, version=version, at=clock.now(), department=HOUSING, signed_by="wang")
    key, value = case_id.encode(), encode(event)
    headers = headers_of(str(clock.new_event_id()), event.type, event.at, None)
    if is_ours:
        headers = event_keys(settings).signed(_topic(settings), key, value, headers)
    async with open_producer(settings) as producer:
        await producer.send_and_wait(_topic(settings), value, key=key, headers=list(headers))


async def _broken(settings: Settings, since: datetime = _EVER) -> list[tuple[CaseId, int, str]]:
    said = await versions_said(settings, since)
    return [(each.case_id, each.row, each.why) for each in (await verify(settings, said)).broken]


async def test_a_log_cut_before_an_anchor_knew_its_end_is_named(settings: Settings) -> None:
    """With the case as it was, seal and all: nobody takes back what the relay told of it."""
    case_id = await _opened(settings)
    await make_anchor(settings)
    before = await case_row(settings, case_id)
    await _sign(settings, case_id)
    await _tell(settings, case_id, 4)
    # Anybody may say anything; nobody else signs it.
    await _tell(settings, case_id, 9, is_ours=False)

    assert [] == await _broken(settings)
    await cut_to(settings, before)
    assert [(case_id, 2, "cut")] == await _broken(settings)


async def test_a_case_that_came_and_went_between_two_anchors_is_named(settings: Settings) -> None:
    """Whatever tables it is deleted from."""
    await make_anchor(settings)
    case_id = CaseId(str(clock.new_event_id()))
    await _tell(settings, case_id, 3)

    assert [(case_id, 1, "cut")] == await _broken(settings)


async def test_what_was_said_before_is_not_looked_at(settings: Settings) -> None:
    """Of before a restore, say: the copy that was brought back lacks it, and that is said elsewhere."""
    case_id = await _opened(settings)
    await _tell(settings, case_id, 9)
    assert [(case_id, 2, "cut")] == await _broken(settings)

    assert [] == await _broken(settings, clock.now())
