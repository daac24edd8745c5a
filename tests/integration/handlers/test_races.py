"""Two processes at once, each in its own transaction."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.steps import act_on_case, assign, follow
from schemas.city import load_city
from schemas.errors import StaleVersion
from schemas.events.intake import CaseWithdrawn
from schemas.http import Principal
from schemas.ids import DepartmentCode
from schemas.words import CaseState, Role
from tests.conftest import RecordingUnit
from tests.unit.handlers.making import MONDAY, routed

CITY = load_city()
#: What these tests commit stays: no other test counts the cases of this department.
RACERS = DepartmentCode("racers")


@pytest.fixture
async def pair(schema: str) -> AsyncIterator[tuple[Any, Any]]:
    """Two connections that commit."""
    connections = [await asyncpg.connect(schema) for _ in range(2)]
    yield connections[0], connections[1]
    for connection in connections:
        await connection.close()


async def test_two_clerks_at_once_make_one_signature(pair: tuple[Any, Any]) -> None:
    """One signs, the other is told that the case changed."""
    event = routed(lead=RACERS)
    async with pair[0].transaction():
        await assign.open_cases(RecordingUnit(pair[0], MONDAY), [event])
    both_in = asyncio.Barrier(2)

    async def sign(connection: Any, name: str) -> str:
        who = Principal(role=Role.DEPARTMENT, name=name, department=RACERS)
        async with connection.transaction():
            await both_in.wait()
            try:
                await act_on_case.act(
                    RecordingUnit(connection, MONDAY), who, event.case_id, Action.SIGN, Sign(version=3), CITY
                )
            except StaleVersion:
                return "stale"
            return "signed"

    outcomes = await asyncio.gather(sign(pair[0], "wang"), sign(pair[1], "zhao"))
    rows = await pair[0].fetchval("SELECT count(*) FROM handlers.log WHERE case_id = $1", event.case_id)

    assert sorted(outcomes) == ["signed", "stale"]
    assert rows == 2


@pytest.mark.parametrize("opens_first", [True, False])
async def test_a_withdrawal_beside_the_opening_is_never_lost(
    pair: tuple[Any, Any], opens_first: bool
) -> None:
    """Whichever of the two transactions comes first, and neither sees the other's work until it ends."""
    event = routed(lead=RACERS)
    withdrawn = CaseWithdrawn(case_id=event.case_id, version=1, at=MONDAY, reason="不用了")

    async def open_case() -> None:
        await assign.open_cases(RecordingUnit(pair[0], MONDAY), [event])

    async def withdraw() -> None:
        await follow.withdraw_cases(RecordingUnit(pair[1], MONDAY), [withdrawn])

    steps = [(pair[0], open_case), (pair[1], withdraw)]
    (first, do_first), (second, do_second) = steps if opens_first else steps[::-1]
    transaction = first.transaction()
    await transaction.start()
    await do_first()

    async def run_second() -> None:
        async with second.transaction():
            await do_second()

    waiting = asyncio.create_task(run_second())
    done, _ = await asyncio.wait([waiting], timeout=0.2)
    await transaction.commit()
    await waiting
    state = await first.fetchval("SELECT state FROM handlers.case WHERE case_id = $1", event.case_id)

    assert not done
    assert state == CaseState.WITHDRAWN
