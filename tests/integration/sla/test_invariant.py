"""At every moment of its life an open case is somebody's, by a time, and that somebody cannot stop the time alone.

Citizens, departments, dispatchers, supervisors and the clock act in any order that the lifecycle allows, and some that it
does not; after each deed the rule is looked at over (state, clocks, owner).
"""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from schemas.event import Event
from schemas.events.handlers import (
    CaseReopened,
    CaseResumed,
    CaseReturned,
    CaseSuspended,
    ExtensionDecided,
    ExtensionRequested,
    ProgressNoted,
    PromiseDecided,
    QuestionAsked,
    QuestionLapsed,
    ReplySentBack,
    ReturnRefused,
    SuspensionRequested,
)
from schemas.events.parts import PartAsked, PartDone, PartWithdrawn
from schemas.events.routing import CaseDeclined
from schemas.ids import CaseId
from schemas.words import CaseState, Urgency
from sla.core.clocks import ClockState, deadline_of, history_of
from sla.steps.read_clocks import KeptClocks
from sla.steps.urge import urge
from sla.store import moving
from sla.store.watching import cases_elsewhere, nobodys_cases
from tests.integration.sla.events import WATER, Sla, assigned, closed, registered, replied, signed
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case

Deed = Callable[[CaseId, datetime, int], Event]
#: What each state allows, and where it leads; `None` stays.
_DEEDS: Mapping[str, Sequence[tuple[Deed, str | None]]] = {
    "new": [(lambda case, at, v: registered(case, at), "registered")],
    "registered": [
        (lambda case, at, v: assigned(case, at, version=v), "assigned"),
        (lambda case, at, v: assigned(case, at, version=v, urgency=Urgency.EMERGENCY), "assigned"),
        (lambda case, at, v: CaseDeclined(case_id=case, version=v, at=at, legal_route="r", decided_by="d"), "ended"),
    ],
    "assigned": [
        (lambda case, at, v: signed(case, at, v), "in_progress"),
        (lambda case, at, v: _of(CaseReturned, case, at, v, reason="r", basis="b", return_count=1), "returned"),
    ],
    "returned": [
        (lambda case, at, v: _of(ReturnRefused, case, at, v, state=CaseState.ASSIGNED), "assigned"),
        (lambda case, at, v: assigned(case, at, lead=WATER, version=v, return_count=1), "assigned"),
    ],
    "in_progress": [
        (lambda case, at, v: replied(case, at, v), "replied"),
        (lambda case, at, v: _of(ExtensionRequested, case, at, v, working_days=2, reason="r"), None),
        (
            lambda case, at, v: ExtensionDecided(
                case_id=case, version=v, at=at, granted=True, working_days=2, decided_by="d", extension_count=1,
                requested_at=at - timedelta(hours=3),
            ),
            None,
        ),
        (lambda case, at, v: _of(SuspensionRequested, case, at, v, reason="r", basis="b", until=at), None),
        (lambda case, at, v: CaseSuspended(case_id=case, version=v, at=at, reason="r"), "suspended"),
        (
            lambda case, at, v: _of(QuestionAsked, case, at, v, text="t", until=at + timedelta(days=3)),
            "asking",
        ),
        (
            lambda case, at, v: PromiseDecided(
                case_id=case, version=v, at=at, granted=True, date=date(2027, 2, 1), decided_by="d"
            ),
            None,
        ),
        (lambda case, at, v: _of(ProgressNoted, case, at, v, text="t"), None),
        (lambda case, at, v: _of(PartAsked, case, at, v, department=WATER), None),
        (lambda case, at, v: _of(PartDone, case, at, v, department=WATER), None),
        (lambda case, at, v: _of(PartWithdrawn, case, at, v, department=WATER), None),
    ],
    "suspended": [
        (lambda case, at, v: CaseResumed(case_id=case, version=v, at=at), "in_progress"),
        (lambda case, at, v: assigned(case, at, lead=WATER, version=v), "assigned"),
    ],
    "asking": [
        (lambda case, at, v: QuestionLapsed(case_id=case, version=v, at=at), "in_progress"),
        (lambda case, at, v: assigned(case, at, lead=WATER, version=v), "assigned"),
        (lambda case, at, v: replied(case, at, v), "replied"),
    ],
    "replied": [
        (lambda case, at, v: closed(case, at, v), "closed"),
        (lambda case, at, v: _of(ReplySentBack, case, at, v, remarks="r"), "in_progress"),
    ],
    "closed": [
        (lambda case, at, v: CaseReopened(case_id=case, version=v, at=at, reason="r", lead=HOUSING), "in_progress"),
    ],
    "ended": [],
}  # fmt: skip


def _of(event: type[Event], case: CaseId, at: datetime, version: int, **more: Any) -> Event:
    return event(case_id=case, version=version, at=at, **{"department": HOUSING, **more})


async def _look(sla: Sla, case: CaseId, state: str, since: Mapping[str, str]) -> None:
    """The rule, after each deed."""
    clocks = await KeptClocks(sla.rules, sla.calendar).of(sla.unit, case)
    running = [reading for reading in clocks if reading.running]
    if state in ("closed", "ended"):
        assert [] == [reading.clock for reading in running if reading.owner != "supervisor"], state
        return
    assert running, f"{state}: nobody's, by no time"
    if state in ("assigned", "in_progress", "returned"):
        reply = next(reading for reading in clocks if reading.clock == "reply")
        assert reply.running, f"{state}: the citizen's time stands still, and nobody is waited for"
    standing = [reading for reading in clocks if not reading.running]
    for reading in standing:
        assert reading.paused_until is not None, f"{state}: {reading.clock} stands still for ever"
        # Who holds a clock still is not who has the time meanwhile, or it ends by itself.
        assert any(other.owner != reading.owner or other.clock == "pause" for other in running), (
            state,
            since,
        )


async def _recomputed(sla: Sla, case: CaseId) -> None:
    """Every clock's stored deadline follows from its history."""
    rows = await sla.unit.db.fetch("SELECT clock FROM sla.clock WHERE case_id = $1", case)
    for clock in await moving.load(sla.unit.db, [case], [row["clock"] for row in rows]):
        if clock.state in (ClockState.RUNNING, ClockState.ANSWERED):
            deadline = deadline_of(clock.started_at, clock.term, sla.calendar, history_of(clock.entries))
            assert clock.due_at == deadline.due_at, (clock.clock, clock.entries)


@pytest.mark.parametrize("seed", range(24))
async def test_an_open_case_is_always_somebodys_by_a_time(sla: Sla, seed: int) -> None:
    """Whoever does what, and whenever anybody sweeps: a random life of thirty deeds, from registration to the end."""
    chance = random.Random(seed)
    case, state, at = fresh_case(), "new", MONDAY
    told: dict[str, str] = {}
    for version in range(1, 31):
        if not (choices := _DEEDS[state]):
            break
        deed, leads_to = chance.choice(choices)
        at += timedelta(minutes=chance.choice([1, 30, 600, 3000]))
        sla.unit.now = at
        await sla.hear(deed(case, at, version))
        state = leads_to or state
        if chance.random() < 0.4:
            await sla.sweep_at(at)
        if chance.random() < 0.1 and state not in ("ended", "closed", "registered"):
            await urge(sla.unit, case, by="s", rules=sla.rules, calendar=sla.calendar, supervised=True)
        told[str(version)] = state
        await _look(sla, case, state, told)
        await _recomputed(sla, case)


async def test_doctor_finds_a_case_that_is_nobodys(sla: Sla) -> None:
    """On live data: an open case of which no clock runs is named, and no other."""
    lost, kept = fresh_case(), fresh_case()
    await sla.hear(registered(lost), registered(kept))
    await sla.unit.db.execute("UPDATE sla.clock SET state = 'stopped' WHERE case_id = $1", lost)
    found = await nobodys_cases(sla.unit.db, MONDAY + timedelta(seconds=1), 100_000)

    assert lost in found
    assert kept not in found


async def test_doctor_finds_open_cases_of_a_department_that_left(sla: Sla) -> None:
    """By its code, as long as any clock of theirs is there; not those that have ended, nor what waits at the centre."""
    open_, ended, unsent = fresh_case(), fresh_case(), fresh_case()
    await sla.hear(*(registered(case) for case in (open_, ended, unsent)))
    await sla.hear(assigned(open_), assigned(ended))
    await sla.hear(replied(ended, MONDAY + timedelta(hours=1)), closed(ended, MONDAY + timedelta(hours=2)))

    assert {"housing": 1} == await cases_elsewhere(sla.unit.db, ["water"])
    assert {"housing": 1} == await cases_elsewhere(sla.unit.db, [])  # in a new city nobody acts for any yet
    assert {} == await cases_elsewhere(sla.unit.db, ["housing", "water"])
