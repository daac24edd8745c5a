"""Call-backs (回访): drawn when a day is over, called about by others than who answered, done anew where not settled."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from handlers.steps.read_cases import read_case
from intake.core.following.view import allowed_actions
from intake.steps import act_on_case as citizen
from schemas.errors import ActionNotAllowed, BadInput, Forbidden, NotFound
from schemas.events.call_backs import CallBackDone, CallBackDue
from schemas.events.handlers import CaseReopened
from schemas.http import Principal
from schemas.ids import CaseId, DepartmentCode
from schemas.values import Callee, Contact
from schemas.words import CaseState, CitizenAction, Clock, ContactPreference, Role
from sla.core.call_backs import CallResult, call_back_rule
from sla.steps.call_backs import draw_call_backs, end_silent, record, show_contact
from sla.steps.sweep import sweep
from tests.conftest import RecordingUnit
from tests.integration.sla.calling import (
    ASK,
    CASE,
    IN_VAIN,
    KNOW,
    LOOK,
    PHONE,
    SETTLED,
    UNSETTLED,
    WU,
    calls,
    closed_case,
    draw_day,
    listed,
    seen,
    written,
)
from tests.integration.sla.ordering import (
    LEAD,
    OTHER,
    approve,
    clock_of,
    reply,
)
from tests.integration.slices import Slices
from tests.unit.intake.messages import KEYS

#: Long enough to count as another time.
_APART = timedelta(hours=call_back_rule().apart_hours)


@pytest.fixture
async def slices(unit: RecordingUnit) -> Slices:
    """A closed case whose citizen takes calls."""
    return (await closed_case(unit))[0]


async def test_it_is_drawn_once(slices: Slices) -> None:
    """When its day is over, not before; the centre has a time for it, and its citizen is told."""
    assert [] == await draw_day(slices, days=0)
    [due] = [event for event in await draw_day(slices) if isinstance(event, CallBackDue)]
    clock = await clock_of(slices, Clock.CALL_BACK)

    assert (1, "sample", LEAD, None) == (due.number, due.why, due.department, due.until)
    assert ("running", "dispatcher", None) == (clock["state"], clock["owner"], clock["department"])
    assert [CASE] == await listed(slices)
    assert "call_back_due" == (await seen(slices)).timeline[-1].event
    assert [] == await draw_day(slices)
    assert [] == await draw_day(slices)


async def test_settled_is_another_fact_than_closed(slices: Slices) -> None:
    """The citizen, the desk and the figures learn what was said; the case stays closed, and both clocks stop."""
    await citizen.rate(slices.unit, KEYS, await seen(slices), score=1, comment="")
    await slices.carry()
    await draw_day(slices)
    [done] = [event for event in await written(slices, SETTLED) if isinstance(event, CallBackDone)]
    desk = await read_case(slices.unit, LEAD, CASE)
    view = await seen(slices)

    assert ("wu", True, "yes", False) == (done.by, done.reached, done.solved, done.redo)
    assert (CaseState.CLOSED, "yes") == (view.state, view.solved)
    assert ("call-back.done", "yes") == (desk.timeline[-1].event, desk.timeline[-1].detail["solved"])
    assert ["stopped", "stopped"] == [
        (await clock_of(slices, clock))["state"] for clock in (Clock.CALL_BACK, Clock.FOLLOW_UP)
    ]
    assert ["rated"] == [each.why for each in await calls(slices)]
    assert [] == await listed(slices)


async def test_what_is_not_settled_is_done_anew(slices: Slices) -> None:
    """In the same step, with a clock of its own; the citizen keeps their objection, and it is called back again."""
    await draw_day(slices)
    [reopened] = [event for event in await written(slices, UNSETTLED) if isinstance(event, CaseReopened)]
    view = await seen(slices)

    assert LEAD == reopened.lead
    assert (CaseState.REOPENED, "no") == (view.state, view.solved)
    assert "running" == (await clock_of(slices, Clock.REPLY))["state"]
    await reply(slices)
    await approve(slices)
    assert CitizenAction.OBJECTION in allowed_actions(await seen(slices), slices.unit.now)
    await draw_day(slices)
    assert [(1, "sample"), (2, "reopened")] == [(each.number, each.why) for each in await calls(slices)]


async def test_what_was_said_hides_who_and_where(slices: Slices) -> None:
    """No home, and not what the citizen is called; not in the event, nor where others read it."""
    await draw_day(slices)
    said = "王小明说没修好，电话13900139000，住东湖路8号3单元201室"
    done = await written(
        slices, CallResult(reached=True, contacted=True, solved="no", satisfied=False, note=said)
    )
    [call] = await calls(slices)

    for shown in (call.note or "", *(event.note for event in done if isinstance(event, CallBackDone))):
        assert "没修好" in shown
        assert not [each for each in ("13900139000", "王小明") if each in shown]
    assert "201" not in str(call.note)


async def test_nothing_is_noted_of_a_citizen_who_was_forgotten(slices: Slices) -> None:
    """Nobody can tell any more what they are called: the call counts, its words are kept nowhere."""
    await draw_day(slices)
    await slices.unit.db.execute("DELETE FROM intake.sealed")
    done = await written(
        slices, CallResult(reached=True, contacted=True, solved="yes", satisfied=True, note="王小明说修好了")
    )
    [call] = await calls(slices)

    assert ("done", []) == (
        call.state,
        [text for text in (call.note, repr(done)) if "王小明" in (text or "")],
    )


async def test_an_accused_department_reads_nothing_of_it(slices: Slices) -> None:
    """What they said against somebody there takes the case away, before any word of it is read at the desk."""
    await draw_day(slices)
    said = "交通局路政大队收钱放行超载车，请查"
    await written(slices, CallResult(reached=True, contacted=True, solved="no", satisfied=False, note=said))

    with pytest.raises(NotFound):
        await read_case(slices.unit, LEAD, CASE)
    told = [repr(event) for _, event in slices.unit.emitted_to]
    assert not [each for each in told if "收钱" in each]


async def test_tried_at_most_so_often(slices: Slices) -> None:
    """Then it counts as not reached: nobody calls again, and nothing is done anew."""
    await draw_day(slices)
    for _ in range(call_back_rule().tries - 1):
        assert [] == await written(slices, IN_VAIN)
        assert [CASE] == await listed(slices)
        slices.unit.now += _APART
    [done] = [event for event in await written(slices, IN_VAIN) if isinstance(event, CallBackDone)]

    assert (False, "no_answer", "") == (done.reached, done.why_not, done.solved)
    assert [("unreached", 3)] == [(each.state, each.tries) for each in await calls(slices)]
    assert (CaseState.CLOSED, None) == ((await seen(slices)).state, (await seen(slices)).solved)
    with pytest.raises(NotFound):
        await written(slices, SETTLED)


@pytest.mark.parametrize("department", [LEAD, None])
async def test_never_by_whoever_answered(slices: Slices, department: DepartmentCode | None) -> None:
    """Nobody of the department, though a dispatcher, sees it in the list, opens it or writes anything down."""
    await draw_day(slices)
    theirs = Principal(role=Role.DISPATCHER, name="zhao", department=department)
    if department is None:
        await slices.unit.db.execute("UPDATE sla.call_back SET answered_by = 'zhao'")

    assert [] == await listed(slices, theirs)
    for attempt in (
        record(slices.unit, theirs, CASE, 1, SETTLED, **ASK, **KNOW),
        show_contact(slices.unit, theirs, CASE, **LOOK),
    ):
        with pytest.raises(Forbidden):
            await attempt
    assert [CASE] == await listed(slices, Principal(role=Role.DISPATCHER, name="zhou", department=OTHER))


async def test_the_number_is_shown_once_asked_for(slices: Slices) -> None:
    """With the hours that they gave; who looked is in the history, and no address is shown."""
    await draw_day(slices)
    contact = await show_contact(slices.unit, WU, CASE, **LOOK)
    rows = await slices.unit.db.fetch(
        "SELECT detail FROM sla.history WHERE case_id = $1 AND what = 'contact shown'", CASE
    )

    assert ("13800138000", "晚上七点后", None) == (contact.phone, contact.hours, contact.email)
    assert 1 == len(rows)
    assert '"wu"' in rows[0]["detail"]


@pytest.mark.parametrize(
    ("contact", "more"),
    [
        (Contact(phone="13800138000", preference=ContactPreference.TEXT), {}),
        (Contact(phone="13800138000", preference=ContactPreference.NONE), {}),
        (Contact(email="wang@example.org"), {}),
        (PHONE, {"confidential": True}),
    ],
)
async def test_who_takes_no_calls_is_asked_on_their_page(
    unit: RecordingUnit, contact: Contact, more: dict[str, Any]
) -> None:
    """Nobody sees a number; they answer there, once; what is not settled is done anew as if they had been called."""
    slices, case_id = await closed_case(unit, contact, **more)
    await citizen.rate(slices.unit, KEYS, await seen(slices), score=2, comment="")
    await slices.carry()
    [due] = [event for event in await draw_day(slices) if isinstance(event, CallBackDue)]

    assert due.until is not None
    assert due.until == (await seen(slices)).asked_back_until
    assert ([], None) == (await listed(slices), await clock_of(slices, Clock.CALL_BACK))
    with pytest.raises(NotFound):
        await show_contact(slices.unit, WU, case_id, **LOOK)
    answers: dict[str, Any] = {"contacted": True, "solved": "no", "satisfied": False, "comment": "没有变化"}
    await citizen.answer_call_back(slices.unit, KEYS, await seen(slices), **answers)
    with pytest.raises(ActionNotAllowed):
        await citizen.answer_call_back(slices.unit, KEYS, await seen(slices), **answers)
    await slices.carry()

    assert (CaseState.REOPENED, "no") == ((await seen(slices)).state, (await seen(slices)).solved)
    assert [("done", "")] == [(each.state, each.settled_by) for each in await calls(slices)]


async def test_words_beside_it_take_back_a_yes_to_publication(unit: RecordingUnit) -> None:
    """As whatever else a citizen adds."""
    slices, case_id = await closed_case(unit, Contact(email="wang@example.org"), publish=True)
    await draw_day(slices)
    said: dict[str, Any] = {
        "contacted": True,
        "solved": "yes",
        "satisfied": True,
        "comment": "请不要公开我的答复",
    }
    await citizen.answer_call_back(slices.unit, KEYS, await seen(slices), **said)
    kept = "SELECT may_publish FROM intake.view WHERE case_id = $1"

    assert await unit.db.fetchval(kept, case_id) is False


async def test_silence_on_the_page_is_not_reached(unit: RecordingUnit) -> None:
    """When the days for it are over, and not before; an answer that comes later is refused."""
    slices, _ = await closed_case(unit, Contact(email="wang@example.org"))
    await draw_day(slices)
    view = await seen(slices)
    assert view.asked_back_until is not None
    assert 0 == await end_silent(slices.unit, reached=slices.unit.now, **KNOW)
    slices.unit.now = view.asked_back_until + timedelta(seconds=1)
    assert 1 == await end_silent(slices.unit, reached=slices.unit.now, **KNOW)
    await slices.carry()

    assert [("unreached", "silent")] == [(each.state, each.why_not) for each in await calls(slices)]
    with pytest.raises(ActionNotAllowed):
        await citizen.answer_call_back(
            slices.unit, KEYS, await seen(slices), contacted=True, solved="yes", satisfied=True, comment=""
        )


async def test_a_confidential_case_is_in_no_sample(unit: RecordingUnit) -> None:
    """Nobody of the centre reads it; only its citizen's own bad rating has them asked."""
    slices, _ = await closed_case(unit, confidential=True)

    assert [] == await draw_day(slices)


async def test_what_is_open_again_is_not_called_back(slices: Slices) -> None:
    """The citizen objected meanwhile: the call is refused, and the next draw ends it."""
    await draw_day(slices)
    await citizen.object_to_outcome(slices.unit, KEYS, await seen(slices), reason="没解决")
    await slices.carry()

    assert ([], "stopped") == (await listed(slices), (await clock_of(slices, Clock.CALL_BACK))["state"])
    with pytest.raises(ActionNotAllowed):
        await written(slices, SETTLED)
    await draw_day(slices)
    assert ["void"] == [each.state for each in await calls(slices)]


async def test_a_late_call_is_the_centres(slices: Slices) -> None:
    """It is escalated like any other time, and counts as the centre's: the case is counted anew."""
    await draw_day(slices)
    slices.unit.now += timedelta(days=30)
    while await sweep(slices.unit, **KNOW):
        await slices.carry()
    late = await slices.unit.db.fetchrow(
        "SELECT owner, department FROM sla.alert WHERE case_id = $1 AND clock = 'call_back' AND level = 'missed'",
        CASE,
    )

    assert ("dispatcher", None) == (late["owner"], late["department"])


async def test_a_refusal_names_what_is_missing(slices: Slices) -> None:
    """Nothing is kept of it."""
    await draw_day(slices)
    with pytest.raises(BadInput):
        await written(slices, CallResult(reached=True))

    assert ["open"] == [each.state for each in await calls(slices)]


async def test_whose_case_became_private_is_asked_on_their_page(slices: Slices) -> None:
    """Nobody may ring up any more, so no clock runs for it, and they may answer there; they are told once."""
    await draw_day(slices)
    await slices.unit.db.execute('UPDATE sla."case" SET private = true WHERE case_id = $1', CASE)
    [due] = [event for event in await draw_day(slices) if isinstance(event, CallBackDue)]

    assert (1, due.until) == (due.number, (await seen(slices)).asked_back_until)
    assert due.until is not None
    assert "stopped" == (await clock_of(slices, Clock.CALL_BACK))["state"]
    assert [] == [event for event in await draw_day(slices) if isinstance(event, CallBackDue)]


async def test_a_call_in_vain_sent_twice_counts_once(slices: Slices) -> None:
    """A second press is no second call; hours later it is one."""
    await draw_day(slices)
    await written(slices, IN_VAIN)
    await written(slices, IN_VAIN)
    assert [1] == [each.tries for each in await calls(slices)]
    slices.unit.now += _APART
    await written(slices, IN_VAIN)

    assert [2] == [each.tries for each in await calls(slices)]


async def test_nobody_was_reached_so_the_supervisor_still_has_to(slices: Slices) -> None:
    """Calls in vain settle no bad rating: its own clock runs on."""
    await citizen.rate(slices.unit, KEYS, await seen(slices), score=1, comment="")
    await slices.carry()
    await draw_day(slices)
    for _ in range(call_back_rule().tries):
        await written(slices, IN_VAIN)
        slices.unit.now += _APART

    assert ["stopped", "running"] == [
        (await clock_of(slices, clock))["state"] for clock in (Clock.CALL_BACK, Clock.FOLLOW_UP)
    ]


async def test_what_is_not_done_anew_is_a_supervisors(slices: Slices) -> None:
    """It is not settled, and the case stays closed: somebody with more say has a time to see to it."""
    await draw_day(slices)
    await written(slices, replace(UNSETTLED, redo=False))

    assert CaseState.CLOSED == (await seen(slices)).state
    clock = await clock_of(slices, Clock.FOLLOW_UP)
    assert ("running", "supervisor") == (clock["state"], clock["owner"])


async def test_who_asks_for_secrecy_on_their_page_is_heeded(unit: RecordingUnit) -> None:
    """As in whatever else they write: their answer is shown to nobody from then on."""
    slices, _ = await closed_case(unit, Contact(email="wang@example.org"), publish=True)
    await draw_day(slices)
    assert "public" == (await seen(slices)).publication
    await citizen.answer_call_back(
        slices.unit,
        KEYS,
        await seen(slices),
        contacted=True,
        solved="yes",
        satisfied=True,
        comment="请不要公开",
    )

    assert "withheld" == (await seen(slices)).publication


async def test_an_unknown_citizen_is_not_drawn(slices: Slices) -> None:
    """Of a case that the other slices do not know nobody knows whether it may be called about."""

    class Nobody:
        async def of(self, unit: Any, case_ids: Sequence[CaseId]) -> dict[CaseId, Callee]:
            return {}

    slices.unit.now += timedelta(days=1)
    drawn = await draw_call_backs(
        slices.unit, callees=Nobody(), lot_key=b"k", reached=slices.unit.now, **KNOW
    )

    assert 0 == drawn
