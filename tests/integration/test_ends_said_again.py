"""How a case ended without an answer comes back to its citizen's page that lost it: on Postgres, through all four slices."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from deploy.reconcile.gaps import Gaps, find_gaps, still_missing
from intake.core.view import View
from intake.steps import act_on_case as citizen
from intake.steps.say_again import say_registered_again
from intake.store.view import find_view
from routing.core.review import Decision
from routing.steps.decide import decide
from routing.steps.say_again import say_ended_again, say_waiting_again
from schemas.city import load_city
from tests.conftest import RecordingUnit
from tests.integration.everybodys_requests import ANOTHER, UNSURE
from tests.integration.slices import Slices
from tests.unit.intake.messages import KEYS

CITY = load_city()
CASE = UNSURE.codes.case_id


async def _decided(slices: Slices, by: str = "li", **said: Any) -> None:
    slices.unit.now += timedelta(hours=1)
    version = await slices.unit.db.fetchval(
        "SELECT version FROM routing.review_item WHERE case_id = $1 AND state = 'open'", CASE
    )
    await decide(slices.unit, CITY, CASE, Decision(version=version, **said), by)
    await slices.carry()


async def _seen(slices: Slices) -> View:
    found = await find_view(slices.unit.db, UNSURE.codes.tracking_code)
    assert found is not None
    return found


async def _declined(slices: Slices) -> None:
    await _decided(slices, decline=True)


async def _declined_in_words(slices: Slices) -> None:
    await _decided(slices, decline="请向市仲裁委员会申请仲裁。")


async def _declined_for_good(slices: Slices) -> None:
    await _declined(slices)
    await citizen.object_to_outcome(slices.unit, KEYS, await _seen(slices), reason="请再看一下")
    await slices.carry()
    await _decided(slices, by="qian", accept=False)


async def _merged(slices: Slices) -> None:
    await _decided(slices, merge_into=ANOTHER.codes.case_id)


async def _withdrawn(slices: Slices) -> None:
    await citizen.withdraw(slices.unit, KEYS, await _seen(slices), reason="")
    await slices.carry()


ENDS: Mapping[str, Callable[[Slices], Awaitable[None]]] = {
    "declined": _declined, "declined in words": _declined_in_words,
    "declined for good": _declined_for_good, "merged": _merged, "withdrawn": _withdrawn,
}  # fmt: skip


@pytest.fixture
async def slices(unit: RecordingUnit) -> Slices:
    """All four, with two cases."""
    found = Slices(unit, CITY)
    for message in (ANOTHER, UNSURE):
        await found.submit(message)
    return found


async def _gaps(slices: Slices) -> Gaps:
    return await find_gaps(slices.unit.db, slices.unit.now + timedelta(days=400))


async def test_what_is_only_on_its_way_is_not_missing(slices: Slices) -> None:
    """A case may be old and have ended a moment ago; what is lost is missing whenever one looks."""
    until, db = slices.unit.now + timedelta(days=400), slices.unit.db
    version = await db.fetchval(
        "SELECT version FROM routing.review_item WHERE case_id = $1 AND state = 'open'", CASE
    )
    await decide(slices.unit, CITY, CASE, Decision(version=version, decline=True), "li")
    early = await _gaps(slices)
    assert frozenset({CASE}) == early.untold_end
    lost = await still_missing(db, early, until)
    await slices.carry()

    assert lost == early
    assert Gaps() == await still_missing(db, early, until)


@pytest.mark.parametrize("name", ENDS)
async def test_a_lost_end_is_told_again(slices: Slices, name: str) -> None:
    """With its moment, its words, what may be done about it and until when; and it is missing nowhere then."""
    await ENDS[name](slices)
    before = await _seen(slices)
    assert frozenset() == (await _gaps(slices)).cases
    await slices.unit.db.execute("DELETE FROM intake.view WHERE case_id = $1", CASE)
    slices.unit.now += timedelta(hours=1)

    assert frozenset({CASE}) == (await _gaps(slices)).untold_end
    await say_ended_again(slices.unit, [CASE], zone=CITY.zone)
    await slices.carry()
    after = await _seen(slices)

    assert frozenset() == (await _gaps(slices)).cases
    for field in ("state", "response", "citizen_may"):
        assert getattr(before, field) == getattr(after, field), field
    assert not before.citizen_may or before.objection_until == after.objection_until
    assert before.timeline[-1:] == after.timeline[-1:] or name == "withdrawn"


@pytest.mark.parametrize("is_first", [True, False])
async def test_an_emergency_that_waits_is_hurried_again(slices: Slices, *, is_first: bool) -> None:
    """Its clocks were lost: the dispatcher has a quarter of an hour, as before, whichever event is heard first."""
    db: Any = slices.unit.db
    clock = "SELECT state, started_at, due_at - started_at FROM sla.clock WHERE case_id = $1 AND clock = 'dispatch'"
    await db.execute("UPDATE routing.case SET urgency = 'emergency' WHERE case_id = $1", CASE)
    seen = await _seen(slices)
    for table in ("clock", "history", '"case"'):
        await db.execute(f"DELETE FROM sla.{table}")  # noqa: S608  one of ours
    started_at = await db.fetchval("SELECT received_at FROM intake.case WHERE case_id = $1", CASE)
    await say_registered_again(slices.unit, [CASE], keys=KEYS)
    registration = slices.unit.emitted.pop()
    await say_waiting_again(slices.unit, [CASE])
    slices.unit.emitted.insert(0 if is_first else len(slices.unit.emitted), registration)
    await slices.carry()

    assert ("running", started_at, timedelta(minutes=15)) == tuple(await db.fetchrow(clock, CASE))
    assert seen == await _seen(slices)


async def test_said_twice_it_changes_nothing(slices: Slices) -> None:
    """Neither what the citizen reads, nor the clocks."""
    await _declined(slices)
    clocks = "SELECT clock, state, due_at FROM sla.clock WHERE case_id = $1 ORDER BY clock"
    before, ran = await _seen(slices), await slices.unit.db.fetch(clocks, CASE)
    await say_ended_again(slices.unit, [CASE], zone=CITY.zone)
    await slices.carry()

    assert before == await _seen(slices)
    assert ran == await slices.unit.db.fetch(clocks, CASE)
