"""A case that accuses its department since is a dispatcher's again: their time runs, and no department hears of anything."""

from datetime import datetime, timedelta

from schemas.events.handlers import CaseProtected, CaseSuspended, ExtensionRequested
from schemas.events.routing import CaseDeclined, CaseMerged, CaseUnmerged, DecisionUndone
from schemas.events.sla import DeadlineMissed, DeadlineNear, DeadlineSet
from schemas.events.undone import CaseRecalled
from schemas.ids import CaseId
from schemas.words import CaseState, Clock
from sla.steps.urge import urge
from tests.integration.sla.events import WATER, Sla, assigned, china, closed, registered, replied, signed
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case

SOON = MONDAY + timedelta(hours=1)


def _protected(case: CaseId, version: int = 9, state: CaseState = CaseState.IN_REVIEW) -> CaseProtected:
    return CaseProtected(case_id=case, version=version, at=SOON, state=state, accused=(HOUSING,))


async def test_the_dispatchers_clock_runs_again_and_the_citizens_goes_on(sla: Sla) -> None:
    """From now on the one, under the deadline that the citizen was told the other; nobody has to sign."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case))
    (due,) = await sla.facts(case, "due_at")

    await sla.hear(_protected(case))

    assert ("running", SOON) == await sla.facts(case, "state", "started_at", clock=Clock.DISPATCH)
    assert ("running", due, None) == await sla.facts(case, "state", "due_at", "department")
    assert ("stopped",) == await sla.facts(case, "state", clock=Clock.SIGN)


async def test_no_department_hears_of_what_is_late(sla: Sla) -> None:
    """Neither of what was late before, nor of what is after, nor an urging; supervisors do."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case, MONDAY - timedelta(days=4)))
    said = await sla.hear(_protected(case))
    said += await sla.sweep_at(MONDAY + timedelta(days=60))
    await urge(sla.unit, case, by="sun", rules=sla.rules, calendar=sla.calendar)

    assert {HOUSING} == {
        e.department for e in said if isinstance(e, DeadlineMissed) and e.clock == Clock.SIGN
    }
    assert Clock.REPLY in {e.clock for e in said if isinstance(e, DeadlineMissed | DeadlineNear)}
    assert [] == sla.unit.emitted_to


async def test_the_next_department_answers_for_the_same_deadline(sla: Sla) -> None:
    """Whether the reply had been given, or was waited for: it runs, for the one that has the case now."""
    for earlier in (
        (replied(case := fresh_case(), MONDAY + timedelta(minutes=40)),),
        (CaseSuspended(case_id=(waiting := fresh_case()), version=5, at=SOON, reason="等"),),
    ):
        each = earlier[0].case_id
        await sla.hear(registered(each), assigned(each), signed(each), *earlier)
        said = await sla.hear(
            _protected(each), assigned(each, SOON + timedelta(hours=1), lead=WATER, version=10)
        )

        assert ("running", WATER) == await sla.facts(each, "state", "department")
        assert ("running", WATER) == await sla.facts(each, "state", "department", clock=Clock.SIGN)
        assert ("stopped",) == await sla.facts(each, "state", clock=Clock.DISPATCH)
        assert [WATER] == [event.department for event in said if isinstance(event, DeadlineSet)]
    assert case != waiting


async def test_nobody_decides_any_more_what_the_department_had_asked_for(sla: Sla) -> None:
    """Its reply, or more time: the centre is late with neither, and whoever has the case next begins with none."""
    answered, longer = fresh_case(), fresh_case()
    asks = ExtensionRequested(
        case_id=longer, version=5, at=MONDAY + timedelta(minutes=40), department=HOUSING, working_days=3, reason="等"
    )  # fmt: skip
    for case, asked, clock in (
        (answered, replied(answered, MONDAY + timedelta(minutes=40)), Clock.REVIEW_REPLY),
        (longer, asks, Clock.REVIEW_EXTENSION),
    ):
        await sla.hear(registered(case), assigned(case), signed(case), asked, _protected(case))
        assert ("stopped",) == await sla.facts(case, "state", clock=clock)
    again = assigned(answered, SOON + timedelta(hours=1), lead=WATER, version=11)
    said = await sla.hear(again) + await sla.sweep_at(MONDAY + timedelta(days=3))

    assert Clock.REVIEW_REPLY not in {e.clock for e in said if isinstance(e, DeadlineMissed)}


async def test_the_supervisor_waits_for_no_reply_that_was_taken_with_the_case(sla: Sla) -> None:
    """Their time runs on, with what the rules leave at the least; it stands still for the next reply alone."""
    soon_over, case = fresh_case(), fresh_case()
    for each in (soon_over, case):
        await sla.hear(registered(each), assigned(each), signed(each))
        await urge(sla.unit, each, by="sun", rules=sla.rules, calendar=sla.calendar, supervised=True)
        await sla.hear(replied(each, MONDAY + timedelta(minutes=40)))
    due = await sla.facts(case, "due_at", clock=Clock.SUPERVISION)
    late = china("2026-12-01 10:00")
    sla.unit.now = late
    taken = CaseProtected(
        case_id=soon_over, version=9, at=late, state=CaseState.IN_REVIEW, accused=(HOUSING,)
    )
    await sla.hear(_protected(case), taken)
    said = await sla.sweep_at(late + timedelta(minutes=1))

    assert ("running", *due) == await sla.facts(case, "state", "due_at", clock=Clock.SUPERVISION)
    assert ("running", china("2026-12-02 17:30")) == await sla.facts(
        soon_over, "state", "due_at", clock=Clock.SUPERVISION
    )
    missed = {(e.case_id, e.clock) for e in said if isinstance(e, DeadlineMissed)}
    assert (case, Clock.SUPERVISION) in missed
    assert (soon_over, Clock.SUPERVISION) not in missed


async def test_told_again_it_changes_nothing(sla: Sla) -> None:
    """Further accusations give the dispatcher no more time; an ended case stays ended."""
    case, ended = fresh_case(), fresh_case()
    await sla.hear(registered(case), assigned(case), _protected(case))
    before = await sla.clock(case, Clock.DISPATCH)
    await sla.hear(_protected(case, 11))
    await sla.hear(registered(ended), assigned(ended), closed(ended, SOON))
    await sla.hear(_protected(ended, 11, CaseState.CLOSED))

    assert before == await sla.clock(case, Clock.DISPATCH)
    assert ("stopped",) == await sla.facts(ended, "state")


async def test_a_case_that_is_merged_no_more_is_the_dispatchers_anew(sla: Sla) -> None:
    """Whether a department had had it or not; figures count it as open."""
    case, returned = fresh_case(), fresh_case()
    for each, earlier in ((case, ()), (returned, (assigned(returned),))):
        merged = CaseMerged(case_id=each, version=5, at=MONDAY, into=fresh_case(), decided_by="li")
        unmerged = CaseUnmerged(
            case_id=each, version=7, at=SOON, state=CaseState.IN_REVIEW, why="decided", decided_by="li"
        )
        await sla.hear(registered(each), *earlier, merged, unmerged)

        assert ("running", SOON) == await sla.facts(each, "state", "started_at", clock=Clock.DISPATCH)
        closed_at = await sla.unit.db.fetchval('SELECT closed_at FROM sla."case" WHERE case_id = $1', each)
        assert closed_at is None
    assert ("running", None) == await sla.facts(returned, "state", "department")


async def test_the_time_in_which_it_was_merged_is_given_back(sla: Sla) -> None:
    """Three weeks later no department is late for what the other case was to answer; its history says why that moved."""
    case = fresh_case()
    merged = CaseMerged(
        case_id=case, version=5, at=china("2026-11-25 10:00"), into=fresh_case(), decided_by="li"
    )
    back = china("2026-12-16 10:00")
    unmerged = CaseUnmerged(
        case_id=case, version=7, at=back, state=CaseState.IN_REVIEW, why="decided", decided_by="li"
    )
    await sla.hear(registered(case), assigned(case), signed(case), merged)
    sla.unit.now = back
    await sla.hear(unmerged)
    said = await sla.sweep_at(back + timedelta(minutes=1))
    rows = await sla.unit.db.fetch(
        "SELECT what, detail->>'reason' FROM sla.history WHERE case_id = $1 AND clock = 'reply' ORDER BY seq",
        case,
    )
    (moved,) = [
        e
        for e in await sla.hear(assigned(case, china("2026-12-16 14:00"), lead=WATER, version=9))
        if isinstance(e, DeadlineSet)
    ]

    assert (china("2026-12-21 17:30"), "running") == await sla.facts(case, "due_at", "state")
    # Whoever merged it is: the citizen waited past the date that they were told.
    assert [(Clock.MERGED, None)] == [(e.clock, e.department) for e in said if isinstance(e, DeadlineMissed)]
    assert [("paused", "case.merged"), ("resumed", None)] == [tuple(row) for row in rows]
    assert china("2026-12-21 17:30") == moved.due_at


async def test_an_undone_dispatch_gives_nobody_time(sla: Sla) -> None:
    """The dispatcher's clock runs on from its first start and to its first end, as does the citizen's."""
    case = fresh_case()
    await sla.hear(registered(case))
    first = await sla.facts(case, "started_at", "due_at", clock=Clock.DISPATCH)
    await sla.hear(assigned(case))
    due = await sla.facts(case, "due_at")
    back = CaseRecalled(case_id=case, version=9, at=SOON, state=CaseState.IN_REVIEW, decided_by="li")

    said = await sla.hear(back)

    assert ("running", *first) == await sla.facts(case, "state", "started_at", "due_at", clock=Clock.DISPATCH)
    assert ("running", *due, None) == await sla.facts(case, "state", "due_at", "department")
    assert ("stopped",) == await sla.facts(case, "state", clock=Clock.SIGN)
    assert [] == said


async def test_an_undone_refusal_or_merge_gives_nobody_time(sla: Sla) -> None:
    """However the case had ended: the clocks run as if it had not."""
    refused, merged = fresh_case(), fresh_case()
    ended = {
        refused: (
            CaseDeclined(
                case_id=refused, version=3, at=MONDAY, state=CaseState.DECLINED, legal_route="诉讼", decided_by="li"
            ),
            DecisionUndone(case_id=refused, version=5, at=SOON, state=CaseState.IN_REVIEW, decided_by="li"),
        ),
        merged: (
            CaseMerged(case_id=merged, version=3, at=MONDAY, into=fresh_case(), decided_by="li"),
            CaseUnmerged(
                case_id=merged, version=5, at=SOON, state=CaseState.IN_REVIEW, why="undone", decided_by="li"
            ),
        ),
    }  # fmt: skip
    for case, events in ended.items():
        await sla.hear(registered(case))
        first = await sla.facts(case, "started_at", "due_at", clock=Clock.DISPATCH)
        await sla.hear(*events)

        assert ("running", *first) == await sla.facts(
            case, "state", "started_at", "due_at", clock=Clock.DISPATCH
        )


async def test_the_time_of_an_undone_refusal_after_a_return_is_not_given_back(sla: Sla) -> None:
    """The citizen's deadline is the one that they were told."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case))
    due = await sla.facts(case, "due_at")
    await sla.hear(
        CaseDeclined(case_id=case, version=6, at=SOON, state=CaseState.DECLINED, legal_route="诉讼", decided_by="li"),
        DecisionUndone(
            case_id=case, version=8, at=SOON + timedelta(minutes=9), state=CaseState.IN_REVIEW, decided_by="li"
        ),
    )  # fmt: skip

    assert ("running", *due) == await sla.facts(case, "state", "due_at")


async def _leads(sla: Sla, case: CaseId) -> list[str]:
    found: list[str] = await sla.unit.db.fetchval('SELECT leads FROM sla."case" WHERE case_id = $1', case)
    return found


def _recalled(case: CaseId, version: int, at: datetime) -> CaseRecalled:
    return CaseRecalled(case_id=case, version=version, at=at, state=CaseState.IN_REVIEW, decided_by="li")


async def test_who_had_a_case_by_an_undone_dispatch_alone_has_not_led_it(sla: Sla) -> None:
    """The next one is the first; undone twice, the third is; a department that had led it before stays."""
    case = fresh_case()
    at = [MONDAY + timedelta(hours=n) for n in range(9)]
    await sla.hear(registered(case), assigned(case, at[0]), _recalled(case, 5, at[1]))
    assert [] == await _leads(sla, case)
    await sla.hear(assigned(case, at[2], lead=WATER, version=7), _recalled(case, 9, at[3]))
    assert [] == await _leads(sla, case)
    await sla.hear(assigned(case, at[4], lead=WATER, version=11))
    assert [WATER] == await _leads(sla, case)
    await sla.hear(assigned(case, at[5], lead=HOUSING, version=13), _recalled(case, 15, at[6]))
    assert [WATER] == await _leads(sla, case)
    await sla.hear(assigned(case, at[7], lead=WATER, version=17), _recalled(case, 19, at[8]))
    assert [WATER] == await _leads(sla, case)


async def test_it_has_not_led_it_either_where_what_came_after_was_heard_first(sla: Sla) -> None:
    """Refused since, as routing says on another topic: the undone dispatch counts for nobody."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case))
    refused = CaseDeclined(
        case_id=case, version=9, at=SOON, state=CaseState.DECLINED, legal_route="诉讼", decided_by="li"
    )
    await sla.hear(refused, _recalled(case, 7, SOON - timedelta(minutes=5)))

    assert [] == await _leads(sla, case)
