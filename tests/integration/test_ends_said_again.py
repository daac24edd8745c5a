"""How a case ended without an answer comes back to its citizen's page that lost it: on Postgres, through all four slices."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from deploy.reconcile.gaps import Gaps, find_gaps, still_missing
from intake.core.following.view import View
from intake.steps import act_on_case as citizen
from intake.steps.entries import KeptEntries
from intake.steps.say_again import say_registered_again
from intake.store.view import find_view
from routing.core.decisions.direct import SecondReading
from routing.core.decisions.review import Decision, DirectAnswer
from routing.steps import merging
from routing.steps.decide import decide
from routing.steps.direct import read_again
from routing.steps.say_again import say_ended_again, say_waiting_again
from routing.steps.undo import undo
from routing.store.reconciling import waiting_anew
from schemas.city import load_city
from schemas.events.knowledge import EntryPublished
from schemas.events.sla import DeadlineMissed
from schemas.ids import DepartmentCode
from tests.conftest import RecordingUnit
from tests.integration.centre import CONTENT, ENTRY
from tests.integration.everybodys_requests import ANOTHER, UNSURE
from tests.integration.slices import Slices
from tests.unit.intake.messages import KEYS

CITY = load_city()
CASE = UNSURE.codes.case_id


async def _version(slices: Slices) -> Any:
    return await slices.unit.db.fetchval(
        "SELECT version FROM routing.review_item WHERE case_id = $1 AND state = 'open'", CASE
    )


async def _decided(slices: Slices, by: str = "li", **said: Any) -> None:
    slices.unit.now += timedelta(hours=1)
    version = await _version(slices)
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


async def _answered(slices: Slices, by: str = "li") -> None:
    slices.unit.now += timedelta(hours=1)
    entry = EntryPublished(
        case_id=ENTRY, version=3, at=slices.unit.now, owner=DepartmentCode("housing"), content=CONTENT,
        holds_from=slices.unit.now - timedelta(days=1), holds_until=slices.unit.now + timedelta(days=30),
    )  # fmt: skip
    slices.unit.emit(entry)
    await slices.carry()
    version = await _version(slices)
    said = DirectAnswer(entry_id=ENTRY, text="请带身份证到窗口办理。")
    await decide(slices.unit, CITY, CASE, Decision(version=version, answer=said), by, KeptEntries())
    await slices.carry()


ENDS: Mapping[str, Callable[[Slices], Awaitable[None]]] = {
    "declined": _declined, "declined in words": _declined_in_words,
    "declined for good": _declined_for_good, "merged": _merged, "withdrawn": _withdrawn,
    "answered directly": _answered,
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
    for field in ("state", "response", "citizen_may", "department", "category", "publication"):
        assert getattr(before, field) == getattr(after, field), field
    assert not before.citizen_may or before.objection_until == after.objection_until
    assert before.timeline[-1:] == after.timeline[-1:] or name == "withdrawn"


async def _objected(slices: Slices, reason: str = "请再看一下") -> None:
    slices.unit.now += timedelta(days=3)
    await citizen.object_to_outcome(slices.unit, KEYS, await _seen(slices), reason=reason)
    await slices.carry()


async def _declined_and_objected(slices: Slices) -> None:
    await _declined(slices)
    await _objected(slices)


async def _answered_and_objected(slices: Slices) -> None:
    await _answered(slices)
    await _objected(slices)


async def _recalled(slices: Slices) -> None:
    await _answered(slices)
    slices.unit.now += timedelta(days=3)
    version = await slices.unit.db.fetchval("SELECT version FROM routing.case WHERE case_id = $1", CASE)
    await read_again(
        slices.unit, CASE, version, SecondReading(is_right=False, remarks="已改为网上办理"), "sun"
    )
    await slices.carry()


async def _unmerged(slices: Slices) -> None:
    await _merged(slices)
    slices.unit.now += timedelta(days=3)
    version = await slices.unit.db.fetchval("SELECT version FROM routing.case WHERE case_id = $1", CASE)
    await merging.unmerge(slices.unit, CASE, version, "li")
    await slices.carry()


async def _undone(slices: Slices) -> None:
    await _declined(slices)
    slices.unit.now += timedelta(minutes=5)
    version = await slices.unit.db.fetchval("SELECT version FROM routing.case WHERE case_id = $1", CASE)
    await undo(slices.unit, CASE, version, "li")
    await slices.carry()


async def _objected_and_undone(slices: Slices) -> None:
    await _declined_and_objected(slices)
    await _decided(slices, by="qian", accept=False)
    slices.unit.now += timedelta(minutes=5)
    version = await slices.unit.db.fetchval("SELECT version FROM routing.case WHERE case_id = $1", CASE)
    await undo(slices.unit, CASE, version, "qian")
    await slices.carry()


async def _unmerged_and_undone(slices: Slices) -> None:
    await _unmerged(slices)
    await _declined(slices)
    slices.unit.now += timedelta(minutes=5)
    version = await slices.unit.db.fetchval("SELECT version FROM routing.case WHERE case_id = $1", CASE)
    await undo(slices.unit, CASE, version, "li")
    await slices.carry()


async def _nothing_done(slices: Slices) -> None:
    slices.unit.now += timedelta(hours=1)


ANEW: Mapping[str, Callable[[Slices], Awaitable[None]]] = {
    "never decided": _nothing_done, "declined and objected to": _declined_and_objected, "taken out of another": _unmerged,
    "answered directly and objected to": _answered_and_objected, "answered directly and recalled": _recalled,
    "decision undone": _undone, "decision on an objection undone": _objected_and_undone,
    "decision undone after a merger": _unmerged_and_undone,
}  # fmt: skip


@pytest.mark.parametrize("name", ANEW)
async def test_a_dispatchers_lost_clock_runs_from_when_they_had_it_anew(slices: Slices, name: str) -> None:
    """Not from the registration, or they would be late for what had ended meanwhile."""
    await ANEW[name](slices)
    db: Any = slices.unit.db
    clocks = "SELECT clock, owner, started_at, due_at FROM sla.clock WHERE case_id = $1 AND state = 'running' ORDER BY 1"
    ran, seen = await db.fetch(clocks, CASE), await _seen(slices)
    assert len(ran) == 1
    for table in ("clock", "history", '"case"'):
        await db.execute(f"DELETE FROM sla.{table} WHERE case_id = $1", CASE)  # noqa: S608  one of ours
    slices.unit.now += timedelta(minutes=1)
    assert frozenset({CASE}) == (await _gaps(slices)).unwatched
    await say_registered_again(slices.unit, [CASE], keys=KEYS, anew=await waiting_anew(db, [CASE]))
    await say_waiting_again(slices.unit, [CASE])
    await say_ended_again(slices.unit, [CASE], zone=CITY.zone)
    said = await slices.carry()

    assert ran == await db.fetch(clocks, CASE)
    assert [] == [each for each in said if isinstance(each, DeadlineMissed)]
    assert seen == await _seen(slices)
    assert frozenset() == (await _gaps(slices)).cases


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
