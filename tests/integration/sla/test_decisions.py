"""Whose time it is: what the centre takes is the centre's, a breach is of who held the case when it was due."""

from datetime import date, timedelta
from typing import Any

import pytest

from schemas.event import Event
from schemas.events.handlers import (
    CaseResumed,
    CaseReturned,
    CaseSuspended,
    ExtensionDecided,
    ExtensionRequested,
    PromiseDecided,
    PromiseRequested,
    QuestionAnswered,
    QuestionAsked,
    QuestionLapsed,
    ReplySentBack,
    ReturnRefused,
    SuspensionDecided,
    SuspensionRequested,
)
from schemas.events.intake import CitizenRated, RefusalObjected
from schemas.events.parts import PartAsked, PartDone
from schemas.events.routing import CaseDeclined, ReviewRequested
from schemas.events.sla import BreachWithdrawn, CaseEscalated, DeadlineMissed, DeadlineSet, PauseEnded
from schemas.ids import CaseId
from schemas.words import CaseState, Clock, ReviewKind, Urgency
from sla.core.measures import Measure
from sla.steps import watch
from sla.steps.read_clocks import KeptClocks
from sla.steps.urge import follow_up, urge
from tests.integration.sla.events import WATER, Sla, assigned, china, closed, registered, replied, signed
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case

AT = china("2026-11-24 10:00")
LATER = china("2026-11-25 10:00")


def _facts(case: CaseId, at: Any = AT, **more: Any) -> dict[str, Any]:
    return {"case_id": case, "version": 6, "at": at, "department": HOUSING} | more


def _without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def _asked(case: CaseId) -> dict[str, tuple[Event, Clock, Event]]:
    """What is asked for, the clock that it starts, and the decision that stops it."""
    decided = _without(_facts(case, LATER), "department")
    asked = _facts(case)
    because: dict[str, Any] = {"reason": "r", "basis": "b"}
    return {
        "return": (
            CaseReturned(**asked, **because, return_count=1),
            Clock.REVIEW_RETURN,
            ReturnRefused(**_facts(case, LATER), state=CaseState.ASSIGNED),
        ),
        "extension": (
            ExtensionRequested(**asked, working_days=3, reason="r"),
            Clock.REVIEW_EXTENSION,
            ExtensionDecided(**decided, granted=False, working_days=3, decided_by="d", extension_count=0),
        ),
        "suspension": (
            SuspensionRequested(**asked, **because, until=LATER),
            Clock.REVIEW_SUSPENSION,
            SuspensionDecided(**decided, granted=False, until=LATER, decided_by="d", suspension_count=0),
        ),
        "promise": (
            PromiseRequested(**asked, **because, date=date(2027, 3, 1)),
            Clock.REVIEW_PROMISE,
            PromiseDecided(**decided, granted=False, date=date(2027, 3, 1), decided_by="d"),
        ),
        "reply": (
            replied(case, AT),
            Clock.REVIEW_REPLY,
            ReplySentBack(**_facts(case, LATER), remarks="r"),
        ),
    }


@pytest.mark.parametrize("what", ["return", "extension", "suspension", "promise", "reply"])
async def test_what_waits_for_the_centre_is_the_centres_time(sla: Sla, what: str) -> None:
    """From the asking to the deciding a clock of the dispatcher's runs; late, no department hears of it."""
    case = fresh_case()
    asked, clock, decided = _asked(case)[what]
    await sla.hear(assigned(case), signed(case), asked)
    assert ("running", AT, None, "dispatcher") == await sla.facts(
        case, "state", "started_at", "department", "owner", clock=clock
    )
    told = len(sla.unit.emitted_to)
    said = await sla.sweep_at(china("2026-11-27 10:00"))
    assert [(clock, None, "dispatcher")] * 2 == [
        (e.clock, e.department, e.owner) for e in said if isinstance(e, DeadlineMissed | CaseEscalated)
    ]
    assert told == len(sla.unit.emitted_to)

    await sla.hear(decided)
    assert ("stopped",) == await sla.facts(case, "state", clock=clock)


@pytest.mark.parametrize("what", ["return", "extension", "suspension", "promise", "reply"])
async def test_an_emergency_leaves_the_centre_minutes(sla: Sla, what: str) -> None:
    """The review may not take what the whole reply is allowed."""
    case = fresh_case()
    asked, clock, _ = _asked(case)[what]
    await sla.hear(assigned(case, urgency=Urgency.EMERGENCY), asked)

    assert (AT + timedelta(minutes=15),) == await sla.facts(case, "due_at", clock=clock)


async def test_an_emergency_in_review_has_a_quarter_of_an_hour(sla: Sla) -> None:
    """The ordinary two hours of dispatching are as long as its whole reply; an ordinary case keeps them."""
    pressing, ordinary = fresh_case(), fresh_case()
    await sla.hear(registered(pressing), registered(ordinary))
    for case, urgency in ((pressing, Urgency.EMERGENCY), (ordinary, Urgency.NORMAL)):
        await sla.hear(
            ReviewRequested(
                case_id=case,
                version=2,
                at=MONDAY + timedelta(seconds=5),
                kind=ReviewKind.DISPATCH,
                urgency=urgency,
            )
        )

    assert (MONDAY + timedelta(minutes=15),) == await sla.facts(pressing, "due_at", clock=Clock.DISPATCH)
    assert (MONDAY + timedelta(hours=2),) == await sla.facts(ordinary, "due_at", clock=Clock.DISPATCH)


def _returned(case: CaseId, at: Any, version: int = 6) -> CaseReturned:
    return CaseReturned(**_facts(case, at, version=version), reason="r", basis="b", return_count=1)


def _missed(said: list[Event]) -> list[tuple[str, Any]]:
    return [(e.clock, e.department) for e in said if isinstance(e, DeadlineMissed) and e.clock == "reply"]


async def test_a_breach_is_of_who_held_the_case(sla: Sla) -> None:
    """Overdue at A, then given to B and to C: A is late, once; the others have a working day each, and no old alert."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    sla.unit.now = china("2026-12-01 09:00")
    said = await sla.hear(
        _returned(case, china("2026-12-01 09:00")),
        assigned(case, china("2026-12-01 10:00"), lead=WATER, version=8, return_count=1),
    )
    said += await sla.sweep_at(china("2026-12-01 10:01"))
    said += await sla.hear(
        _returned(case, china("2026-12-01 11:00"), 9),
        assigned(case, china("2026-12-01 12:00"), lead=HOUSING, version=10, return_count=2),
    )
    said += await sla.sweep_at(china("2026-12-02 17:30"))

    assert [("reply", HOUSING)] == _missed(said)
    assert (china("2026-12-02 17:30"), HOUSING) == await sla.facts(case, "due_at", "department")
    assert [("reply", HOUSING)] == _missed(await sla.sweep_at(china("2026-12-02 17:31")))


async def test_what_passes_while_the_centre_decides_is_the_centres(sla: Sla) -> None:
    """Returned in time, decided after the deadline: the citizen's deadline was missed, by nobody but the centre."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case), _returned(case, china("2026-11-30 10:00")))
    said = await sla.sweep_at(china("2026-12-01 10:00"))
    said += await sla.hear(
        ReturnRefused(**_facts(case, china("2026-12-01 11:00")), state=CaseState.IN_PROGRESS)
    )
    said += await sla.sweep_at(china("2026-12-02 17:30"))

    (missed,) = [e for e in said if isinstance(e, DeadlineMissed) and e.clock == "reply"]
    assert (None, "dispatcher") == (missed.department, missed.owner)
    assert (china("2026-12-02 17:30"), HOUSING) == await sla.facts(case, "due_at", "department")


async def test_whoever_has_enough_time_left_gets_no_more(sla: Sla) -> None:
    """The least is a least: the citizen's deadline is never reset by a return."""
    case = fresh_case()
    await sla.hear(
        assigned(case), _returned(case, AT), assigned(case, LATER, lead=WATER, version=8, return_count=1)
    )

    assert (china("2026-11-30 17:30"), WATER) == await sla.facts(case, "due_at", "department")


async def test_an_extension_asked_for_in_time_is_in_time(sla: Sla) -> None:
    """Granted after the deadline had passed: the breach is taken back, since the centre took its time."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    await sla.sweep_at(china("2026-12-01 10:00"))
    said = await sla.hear(
        ExtensionDecided(
            **_without(_facts(case, china("2026-12-01 11:00")), "department"), granted=True, working_days=3,
            decided_by="d", extension_count=1, requested_at=china("2026-11-30 09:00"),
        )
    )  # fmt: skip

    (event,) = [e for e in said if isinstance(e, BreachWithdrawn)]
    assert ("extended", china("2026-11-30 09:00"), HOUSING) == (
        event.why,
        event.happened_at,
        event.department,
    )
    assert (None, china("2026-12-03 17:30")) == await sla.facts(case, "missed_at", "due_at")


async def test_a_pause_ends_by_itself(sla: Sla) -> None:
    """At its end date it is said, once; nobody was late; resumed before, nothing is said."""
    case, resumed = fresh_case(), fresh_case()
    until = china("2026-11-26 10:00")
    for each in (case, resumed):
        fields = _without(_facts(each), "department")
        await sla.hear(assigned(each), signed(each), CaseSuspended(**fields, reason="r", until=until))
    await sla.hear(CaseResumed(**_without(_facts(resumed, LATER), "department")))
    assert ("running", until) == await sla.facts(case, "state", "due_at", clock=Clock.PAUSE)
    said = await sla.sweep_at(until + timedelta(seconds=1))

    assert [(case, "pause", until)] == [
        (e.case_id, e.clock, e.due_at) for e in said if isinstance(e, PauseEnded)
    ]
    assert 1 == len(said)
    assert [] == await sla.sweep_at(china("2026-11-30 10:00"))
    await sla.hear(CaseResumed(**_without(_facts(case, until), "department"), cause="ended"))
    assert ("running",) == await sla.facts(case, "state")
    assert ("stopped", None) == await sla.facts(case, "state", "missed_at", clock=Clock.PAUSE)


@pytest.mark.parametrize("end", [QuestionAnswered, QuestionLapsed])
async def test_a_question_stops_the_departments_clock_for_a_time(sla: Sla, end: Any) -> None:
    """The citizen's time runs meanwhile; answered or lapsed, the department's goes on, later by what it took."""
    case = fresh_case()
    until = china("2026-11-27 10:00")
    await sla.hear(assigned(case), signed(case), QuestionAsked(**_facts(case), text="t", until=until))
    assert ("paused",) == await sla.facts(case, "state")
    assert ("running", "citizen", until) == await sla.facts(
        case, "state", "owner", "due_at", clock=Clock.QUESTION
    )
    text = {"text": "t"} if end is QuestionAnswered else {}
    (moved,) = await sla.hear(end(**_without(_facts(case, LATER), "department"), **text))

    assert isinstance(moved, DeadlineSet)
    assert china("2026-12-01 17:30") == moved.due_at
    assert ("stopped",) == await sla.facts(case, "state", clock=Clock.QUESTION)


@pytest.mark.parametrize("waits", ["pause", "question"])
async def test_who_gets_a_case_anew_waits_for_nothing(sla: Sla, waits: str) -> None:
    """Moved while it was suspended, or its citizen asked: the reply's clock runs, later by what the pause took."""
    case = fresh_case()
    until = china("2026-12-10 10:00")
    fields = _facts(case)
    paused = (
        CaseSuspended(**_without(fields, "department"), reason="r", until=until)
        if waits == "pause"
        else QuestionAsked(**fields, text="t", until=until)
    )
    await sla.hear(assigned(case), signed(case), paused)
    assert ("paused",) == await sla.facts(case, "state")
    await sla.hear(assigned(case, LATER, lead=WATER, version=8))

    assert ("running", WATER, china("2026-12-01 17:30"), "near") == await sla.facts(
        case, "state", "department", "due_at", "next_level"
    )


async def test_each_supporting_department_has_its_own_part(sla: Sla) -> None:
    """One clock for each; the part of one that is done stops no other's."""
    case = fresh_case()
    until = china("2026-11-26 10:00")
    await sla.hear(
        assigned(case), signed(case), PartAsked(**_facts(case, department=WATER), until=until),
        PartAsked(**_facts(case)), PartDone(**_facts(case, LATER)),
    )  # fmt: skip
    water, housing = Clock("part.water"), Clock("part.housing")
    assert ("running", WATER, until) == await sla.facts(case, "state", "department", "due_at", clock=water)
    assert ("stopped", china("2026-11-27 17:30")) == await sla.facts(case, "state", "due_at", clock=housing)
    said = await sla.sweep_at(until + timedelta(seconds=1))

    assert [(water, WATER, "supporting")] == [
        (e.clock, e.department, e.owner) for e in said if isinstance(e, DeadlineMissed)
    ]


async def test_an_objection_to_a_refusal_is_decided_in_time(sla: Sla) -> None:
    """A declined case is open again: the centre's clock runs until it is decided once more."""
    case = fresh_case()
    fields = _without(_facts(case), "department")
    await sla.hear(
        registered(case), CaseDeclined(**fields, legal_route="court", decided_by="d"),
        RefusalObjected(**_without(_facts(case, LATER), "department"), reason="r"),
    )  # fmt: skip
    assert ("running", china("2026-11-30 17:30")) == await sla.facts(
        case, "state", "due_at", clock=Clock.REVIEW_OBJECTION
    )
    await sla.hear(
        CaseDeclined(
            **_without(_facts(case, LATER), "department", "version"),
            version=9,
            legal_route="court",
            decided_by="e",
        )
    )
    assert ("stopped",) == await sla.facts(case, "state", clock=Clock.REVIEW_OBJECTION)


@pytest.mark.parametrize(("score", "state"), [(1, "running"), (2, "running"), (3, None)])
async def test_a_bad_rating_asks_for_a_call_back(sla: Sla, score: int, state: str | None) -> None:
    """The supervisor's time, after the case has ended."""
    case = fresh_case()
    await sla.hear(assigned(case), replied(case, AT), closed(case, LATER))
    await sla.hear(CitizenRated(**_without(_facts(case, LATER), "department"), score=score))
    row = await sla.clock(case, Clock.FOLLOW_UP)

    assert state == (row and row["state"])


async def test_who_supervises_has_a_time_too(sla: Sla) -> None:
    """From the supervision on, until it is seen to."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    sla.unit.now = AT
    known: dict[str, Any] = {"by": "sun", "rules": sla.rules, "calendar": sla.calendar}
    await urge(sla.unit, case, **known, supervised=True)
    assert ("running", "supervisor", china("2026-11-27 17:30")) == await sla.facts(
        case, "state", "owner", "due_at", clock=Clock.SUPERVISION
    )
    event = await follow_up(sla.unit, case, **known, note="已电话回访")

    assert ("sun", "已电话回访") == (event.by, event.note)
    assert ("stopped",) == await sla.facts(case, "state", clock=Clock.SUPERVISION)


async def test_the_desk_reads_whose_time_runs(sla: Sla) -> None:
    """What runs, and until when what stands still; at every moment of an open case at least one runs."""
    case = fresh_case()
    clocks = KeptClocks(sla.rules, sla.calendar)

    async def read() -> list[tuple[str, str, bool]]:
        return [(c.clock, c.owner, c.running) for c in await clocks.of(sla.unit, case)]

    await sla.hear(registered(case))
    assert [("dispatch", "dispatcher", True)] == await read()
    assert ("case.assigned", "case.declined") == (await clocks.of(sla.unit, case))[0].stopped_by
    await sla.hear(assigned(case), signed(case))
    assert [("reply", "lead", True)] == await read()
    until = china("2026-11-27 10:00")
    await sla.hear(QuestionAsked(**_facts(case), text="t", until=until))
    assert [("question", "citizen", True), ("reply", "lead", False)] == await read()
    assert [None, until] == [c.paused_until for c in await clocks.of(sla.unit, case)]
    await sla.hear(QuestionLapsed(**_without(_facts(case, LATER), "department")), replied(case, LATER, 7))
    assert [("review_reply", "dispatcher", True), ("reply", "lead", False)] == await read()
    assert ("case.closed", "reply.sent-back") == (await clocks.of(sla.unit, case))[0].stopped_by
    await sla.hear(closed(case, LATER, 8))
    assert [] == await read()


_COUNTED = (Measure.MISSED, Measure.CLOSED, Measure.DUE, Measure.DUE_ON_TIME)


async def test_figures_count_for_who_was_late(sla: Sla) -> None:
    """A's breach is A's although B answers in time; what the centre misses is the centre's."""
    case = fresh_case()
    await sla.hear(registered(case))
    await sla.sweep_at(MONDAY + timedelta(hours=3))
    await sla.hear(assigned(case, MONDAY + timedelta(hours=3)), signed(case))
    sla.unit.now = china("2026-12-01 10:00")
    await sla.hear(
        _returned(case, china("2026-12-01 09:00")),
        assigned(case, china("2026-12-01 10:00"), lead=WATER, version=8, return_count=1),
        replied(case, china("2026-12-01 11:00"), version=9),
        closed(case, china("2026-12-01 12:00"), version=10),
    )
    sla.unit.now = china("2026-12-02 10:00")
    found = await watch.count_cases(
        sla.unit, by="department", first=MONDAY.date(), last=date(2026, 12, 2), calendar=sla.calendar
    )
    by_key = dict(found.groups)
    late_at_housing, in_time_at_water = by_key[HOUSING], by_key[WATER]

    assert (1, 0, 1, 0) == tuple(late_at_housing.n(each) for each in _COUNTED)
    assert (0, 1, 0, 0) == tuple(in_time_at_water.n(each) for each in _COUNTED)
    assert (1, 1, 1, 0) == tuple(found.total.n(each) for each in _COUNTED)
    assert 1 == found.total.n(Measure.MISSED_BY_CENTRE)
