"""Orders end with their cases, and what was reported is asked for no more."""

from datetime import timedelta

import pytest

from handlers.core.rules import Action
from handlers.steps.read_cases import read_case
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from schemas.errors import ActionNotAllowed
from schemas.events.intake import CitizenObjected
from schemas.events.routing import CaseMerged, CaseUnmerged
from schemas.words import CaseState, Clock, ReviewKind
from sla.steps.urge import urge
from sla.store import supervision
from tests.conftest import RecordingUnit
from tests.integration.sla.ordering import (
    ANOTHER,
    ASKS,
    BY,
    CASE,
    CITY,
    LEAD,
    accuse_case,
    answer_case,
    approve,
    clock_of,
    order,
    orders_of,
    reply,
    report,
    signed_case,
)
from tests.integration.slices import Slices


@pytest.fixture
async def slices(unit: RecordingUnit) -> Slices:
    """A case that its department has signed for."""
    return await signed_case(unit)


async def test_an_answered_case_has_no_order_left(slices: Slices) -> None:
    """Its clocks stop, nothing can be asked of it, and the list forgets it."""
    await order(slices)
    await answer_case(slices)

    assert [(1, "ended")] == await orders_of(slices)
    assert "stopped" == (await clock_of(slices, Clock.REPORT_BACK))["state"]
    with pytest.raises(ActionNotAllowed):
        await order(slices)
    assert [] == await supervision.unsettled(slices.unit.db, after=None, limit=9)


async def test_a_case_that_is_reopened_has_no_order_of_before(slices: Slices) -> None:
    """Nothing to report on that nobody waits for; another order is another one, with a clock of its own."""
    await order(slices)
    await answer_case(slices)
    case = await read_case(slices.unit, LEAD, CASE)
    slices.unit.emit(
        CitizenObjected(case_id=CASE, version=case.version, at=slices.unit.now, reason="末班车没有改")
    )
    await slices.carry()
    reopened = await read_case(slices.unit, LEAD, CASE)

    assert (CaseState.REOPENED, None) == (reopened.state, reopened.order)
    assert Action.REPORT_BACK not in reopened.allowed_actions
    assert [] == await supervision.unsettled(slices.unit.db, after=None, limit=9)
    await order(slices, "请给出明确时间")
    await report(slices)
    assert [(1, "ended"), (2, "reported")] == await orders_of(slices)


async def test_an_order_that_is_heard_after_the_end_is_none(slices: Slices) -> None:
    """It was given just before the approval was heard of: at the desk and in the list there is none either."""
    await reply(slices)
    event = await urge(slices.unit, CASE, note=ASKS, supervised=True, day=None, **BY)
    slices.unit.emitted.remove(event)
    await approve(slices)
    slices.unit.emitted.append(event)
    await slices.carry()

    assert (await read_case(slices.unit, LEAD, CASE)).order is None
    assert [(1, "ended")] == await orders_of(slices)


async def test_a_reply_that_is_sent_back_leaves_the_supervisor_in_charge(slices: Slices) -> None:
    """The report waits on, and the supervisor's time goes on: neither ended with a reply that was none."""
    await order(slices)
    await report(slices)
    await reply(slices)
    assert "answered" == (await clock_of(slices, Clock.SUPERVISION))["state"]
    case = await read_case(slices.unit, LEAD, CASE)
    refused = Decision(version=case.version, kind=ReviewKind.REPLY, accept=False, remarks="没有说清")
    await decide(slices.unit, CITY, CASE, refused, "li")
    await slices.carry()

    assert [(1, "reported")] == await orders_of(slices)
    assert "running" == (await clock_of(slices, Clock.SUPERVISION))["state"]


async def test_what_was_reported_is_not_asked_for_again(slices: Slices) -> None:
    """The case accuses its department since: the dispatcher's time runs, the order was answered, and nobody has to twice."""
    await order(slices)
    await report(slices)
    await accuse_case(slices)

    assert [(1, "reported")] == await orders_of(slices)
    assert ["running", "stopped"] == [
        (await clock_of(slices, each))["state"] for each in (Clock.DISPATCH, Clock.REPORT_BACK)
    ]


@pytest.mark.parametrize("is_reported", [True, False])
async def test_an_order_ends_with_a_merger(slices: Slices, is_reported: bool) -> None:
    """Not merged after all, it is asked for no more, reported on or not: only the citizen's time goes on."""
    await order(slices)
    if is_reported:
        await report(slices)
    version = (await read_case(slices.unit, LEAD, CASE)).version
    merged = CaseMerged(
        case_id=CASE, version=version + 1, at=slices.unit.now, into=ANOTHER.codes.case_id, decided_by="li"
    )
    slices.unit.emit(merged)
    await slices.carry()
    slices.unit.now += timedelta(hours=1)
    back = CaseUnmerged(
        case_id=CASE, version=version + 9, at=slices.unit.now, state=CaseState.IN_REVIEW, why="decided",
        decided_by="li",
    )  # fmt: skip
    slices.unit.emit(back)
    await slices.carry()

    assert [(1, "ended")] == await orders_of(slices)
    assert ["running", "running", "stopped"] == [
        (await clock_of(slices, each))["state"] for each in (Clock.DISPATCH, Clock.REPLY, Clock.REPORT_BACK)
    ]


async def test_an_order_that_waits_goes_on_with_an_accusation(slices: Slices) -> None:
    """Whoever gets the case next reports on it: its time runs on, for no department until then."""
    await order(slices)
    await accuse_case(slices)
    clock = await clock_of(slices, Clock.REPORT_BACK)

    assert [(1, "open")] == await orders_of(slices)
    assert ("running", None) == (clock["state"], clock["department"])
