"""`audit verify` compares the register of messages with what routing knows."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from deploy import clock, composition
from deploy.audit.answers import IN_FLIGHT
from deploy.audit.verification import UNREGISTERED, UNROUTED, verify_chains
from deploy.database.pool import Connection, connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import register
from tests.integration.routing.cases import registered, route
from tests.stack import fresh_database
from tests.unit.intake.messages import draft, message

MESSAGES = [message(draft(), entropy=bytes([number]) * 32) for number in range(3)]
IDS = [each.codes.case_id for each in MESSAGES]


@pytest.fixture
async def settings(postgres_server: EmbeddedPostgres, migrated: str) -> Settings:
    """A migrated database of its own."""
    return Settings(
        database_url=await fresh_database(postgres_server.url, like=migrated),
        secret_key="a secret for tests only, long enough",
    )


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[Connection]:
    """Three messages came long ago: both know the first, each one of the others alone; a fourth comes just now."""
    async with connect(settings) as db, db.transaction():
        unit = RecordingUnit(db, clock.now() - IN_FLIGHT - timedelta(minutes=1))
        await register(unit, *MESSAGES[:2])
        for case_id in (IDS[0], IDS[2]):
            await route(unit, [registered(case_id=case_id)])
        unit.now = clock.now()
        await register(unit, message(draft(), entropy=b"n" * 32))
        yield db


async def test_a_case_that_one_register_lacks_is_named(db: Connection, settings: Settings) -> None:
    """With which of them lacks it; what is on its way is not."""
    found = await verify_chains(db, composition.audit_keys(settings))

    named = {(each.case_id, each.why) for each in found.broken if each.why in (UNROUTED, UNREGISTERED)}
    assert {(IDS[1], UNROUTED), (IDS[2], UNREGISTERED)} == named
