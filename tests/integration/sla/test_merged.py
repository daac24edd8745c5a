"""A case that was merged keeps the date that its citizen was told: whoever merged it answers for that."""

import re
from datetime import datetime, timedelta

from schemas.event import Event
from schemas.events.handlers import CaseClosed, CaseSuspended
from schemas.events.routing import CaseMerged, CaseUnmerged, MergedAnswered
from schemas.events.sla import DeadlineMissed, DeadlineNear
from schemas.ids import CaseId, CategoryCode
from schemas.words import CaseState, Clock
from sla.core.rules import parse_rules, rules_text
from tests.integration.sla.events import Sla, assigned, china, registered, signed
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case

#: Of a general matter that a department has since Monday.
DUE = china("2026-11-30 17:30")
TUESDAY = china("2026-11-24 10:00")


def _merged(case: CaseId, at: datetime, version: int = 6) -> tuple[Event, Event]:
    """As both topics tell it."""
    return (
        CaseClosed(case_id=case, version=version, at=at, outcome="merged", state=CaseState.MERGED),
        CaseMerged(case_id=case, version=version, at=at, into=fresh_case(), decided_by="li"),
    )


def _answered(case: CaseId, at: datetime, version: int = 8) -> MergedAnswered:
    return MergedAnswered(
        case_id=case, version=version, at=at, state=CaseState.MERGED, response="已修好", department=HOUSING,
        category=CategoryCode("urban"),
    )  # fmt: skip


def _taken_out(case: CaseId, at: datetime, version: int) -> CaseUnmerged:
    return CaseUnmerged(case_id=case, version=version, at=at, state=CaseState.IN_REVIEW, why="decided")


async def _figures(sla: Sla, case: CaseId) -> tuple[bool, str | None]:
    """Whether the case counts as replied to, and how it ended."""
    row = await sla.unit.db.fetchrow('SELECT replied_at, outcome FROM sla."case" WHERE case_id = $1', case)
    return row["replied_at"] is not None, row["outcome"]


async def test_its_date_is_missed_by_the_centre_where_the_other_has_no_answer_by_then(sla: Sla) -> None:
    """It was lost with the merger once, and nobody was ever late: the citizen waited for another case's date."""
    case, answered = fresh_case(), fresh_case()
    for each in (case, answered):
        await sla.hear(registered(each), assigned(each), signed(each), *_merged(each, TUESDAY))
    await sla.hear(_answered(answered, china("2026-11-27 10:00")))

    said = await sla.sweep_at(DUE + timedelta(minutes=1))

    assert {(case, DeadlineNear), (case, DeadlineMissed)} >= {
        (e.case_id, type(e)) for e in said if isinstance(e, DeadlineNear | DeadlineMissed)
    }
    (missed,) = [e for e in said if isinstance(e, DeadlineMissed)]
    assert (Clock.MERGED, "dispatcher", DUE) == (missed.clock, missed.owner, missed.due_at)
    assert (True, "merged") == await _figures(sla, answered)
    assert ("stopped",) == await sla.facts(answered, "state", clock=Clock.MERGED)

    # The answer comes too late to change that.
    await sla.hear(_answered(case, DUE + timedelta(days=9)))
    assert ("stopped", DUE) == await sla.facts(case, "state", "missed_at", clock=Clock.MERGED)


async def test_what_stood_still_is_due_later_and_what_is_late_has_a_working_day(sla: Sla) -> None:
    """As whoever gets a case late has."""
    paused, late = fresh_case(), fresh_case()
    await sla.hear(registered(paused), assigned(paused), signed(paused))
    pause = CaseSuspended(case_id=paused, version=5, at=china("2026-11-24 09:00"), reason="等")
    await sla.hear(pause, *_merged(paused, china("2026-11-26 09:00")))
    await sla.hear(registered(late), assigned(late), signed(late), *_merged(late, DUE + timedelta(hours=17)))

    assert (china("2026-12-02 17:30"),) == await sla.facts(paused, "due_at", clock=Clock.MERGED)
    assert (china("2026-12-02 17:30"),) == await sla.facts(late, "due_at", clock=Clock.MERGED)
    assert (DUE,) == await sla.facts(late, "missed_at")


async def test_who_merges_a_case_and_takes_it_out_to_and_fro_buries_no_date(sla: Sla) -> None:
    """Each time it is given back what the merger took, but the date that its citizen was told stays that of the next one."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), signed(case))
    for number, day in enumerate((24, 26, 30)):
        at = china(f"2026-11-{day} 10:00")
        await sla.hear(
            *_merged(case, at, 6 + 4 * number), _taken_out(case, at + timedelta(days=1), 8 + 4 * number)
        )
    sla.unit.now = china("2026-12-02 10:00")
    await sla.hear(*_merged(case, sla.unit.now, 20))
    said = await sla.sweep_at(sla.unit.now + timedelta(minutes=1))

    assert Clock.MERGED in {e.clock for e in said if isinstance(e, DeadlineMissed)}
    assert (DUE,) == await sla.facts(case, "due_at", clock=Clock.MERGED)


async def test_who_was_told_no_date_waits_for_none(sla: Sla) -> None:
    """No department had the case: what everybody joins by themselves (我也遇到) runs no clock."""
    case = fresh_case()
    await sla.hear(registered(case), _merged(case, MONDAY, 3)[1], _answered(case, TUESDAY, 5))

    assert await sla.clock(case, Clock.MERGED) is None


async def test_a_city_whose_rules_know_no_such_term_has_it_all_the_same(sla: Sla) -> None:
    """It is due when the reply was; nothing is said before, since nothing is written about it."""
    text = re.sub(r"\[rule\.merged\]\n(.+\n)+", "", rules_text())
    own = Sla(unit=sla.unit, calendar=sla.calendar, rules=parse_rules(text), city=sla.city)
    case = fresh_case()
    await own.hear(registered(case), assigned(case), signed(case), *_merged(case, TUESDAY))

    assert (DUE, None, "running") == await own.facts(case, "due_at", "near_at", "state", clock=Clock.MERGED)
