"""A rules file that changes moves no open case; a supervisor does, with a reason that its history keeps."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.errors import ActionNotAllowed, BadInput, NotFound
from schemas.events.handlers import CaseReopened, CaseResumed, CaseSuspended
from schemas.events.sla import DeadlineSet
from schemas.words import Clock
from sla.core.rules import parse_rules, rules_text
from sla.steps.present_rules import RulesApplied, move_to_present_rules
from tests.integration.sla.events import Sla, assigned, china, closed, registered, replied, signed
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case

LATER_RULES = (
    rules_text()
    .replace('version = "2026-2"', 'version = "2026-3"')
    .replace('allow = "5 working days"\nnear = "1 working day"', 'allow = "7 working days"\nnear = "1 working day"', 1)
    .replace('[rule.reopened]\nallow = "3 working days"', '[rule.reopened]\nallow = "4 working days"', 1)
)  # fmt: skip


@pytest.fixture
def later(sla: Sla) -> Sla:
    """The slice after the city has changed its rules: seven working days, no longer five."""
    return replace(sla, rules=parse_rules(LATER_RULES, sla.city))


async def _move(sla: Sla, case: str, reason: str = "新规定施行") -> RulesApplied:
    return await move_to_present_rules(
        sla.unit, case, by="sun", reason=reason, rules=sla.rules, calendar=sla.calendar  # type: ignore[arg-type]  # ids of it
    )  # fmt: skip


async def test_open_cases_keep_what_they_began_with(sla: Sla, later: Sla) -> None:
    """Whatever happens to them under a later file."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case))
    await later.hear(signed(case))

    assert (china("2026-11-30 17:30"), "general@2026-2") == await sla.facts(case, "due_at", "rule")


async def test_a_supervisor_moves_one_with_a_reason(sla: Sla, later: Sla) -> None:
    """From its start, with its pause; departments hear the new date, and the history says who, why and when."""
    case, other = fresh_case(), fresh_case()
    for each in (case, other):
        await sla.hear(registered(each), assigned(each), signed(each))
    await sla.hear(
        CaseSuspended(case_id=case, version=5, at=china("2026-11-24 10:00"), reason="等鉴定"),
        CaseResumed(case_id=case, version=6, at=china("2026-11-26 10:00")),
    )
    said = len(later.unit.emitted)
    later.unit.now = china("2026-11-26 11:00")
    moved = await _move(later, case)
    (told,) = later.unit.emitted[said:]
    row = await sla.unit.db.fetchrow(
        "SELECT what, detail->>'by' AS by, detail->>'reason' AS why FROM sla.history WHERE case_id = $1 AND what = 'rules'",
        case,
    )

    assert ("2026-3", [Clock.REPLY]) == (moved.rules, list(moved.clocks))
    assert isinstance(told, DeadlineSet)
    assert (china("2026-12-04 17:30"), "rules", HOUSING) == (told.due_at, told.cause, told.department)
    assert (china("2026-12-04 17:30"), "general@2026-3") == await sla.facts(case, "due_at", "rule")
    assert ("rules", "sun", "新规定施行") == tuple(row)
    assert (china("2026-11-30 17:30"),) == await sla.facts(other, "due_at")


async def test_a_second_time_moves_nothing(sla: Sla, later: Sla) -> None:
    """A double click leaves one row."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), signed(case))
    await _move(later, case)

    assert [] == list((await _move(later, case)).clocks)
    assert 1 == await sla.unit.db.fetchval(
        "SELECT count(*) FROM sla.history WHERE case_id = $1 AND what = 'rules'", case
    )


async def test_a_reopened_case_has_the_present_term_of_reopened_ones(sla: Sla, later: Sla) -> None:
    """Not that of first answers: the clock knows how it began."""
    case = fresh_case()
    await sla.hear(
        registered(case), assigned(case), signed(case), replied(case, MONDAY + timedelta(hours=3)),
        closed(case, MONDAY + timedelta(hours=4)),
        CaseReopened(case_id=case, version=10, at=china("2026-12-04 10:00"), reason="r", lead=HOUSING),
    )  # fmt: skip
    await _move(later, case)

    assert (china("2026-12-10 17:30"), "general.reopened@2026-3") == await sla.facts(case, "due_at", "rule")


async def test_a_breach_of_before_stays_one(sla: Sla, later: Sla) -> None:
    """What was late under the rules of then is told first; more time makes nothing undone."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), signed(case))
    later.unit.now = china("2026-12-01 10:00")
    await _move(later, case)

    assert (china("2026-11-30 17:30"), china("2026-12-02 17:30")) == await sla.facts(
        case, "missed_at", "due_at"
    )


async def test_what_cannot_be_moved(sla: Sla, later: Sla) -> None:
    """Nobody knows it, it has ended, or nobody says why."""
    case, ended = fresh_case(), fresh_case()
    await sla.hear(registered(case), assigned(case))
    await sla.hear(registered(ended), assigned(ended), closed(ended, MONDAY + timedelta(hours=1)))

    with pytest.raises(NotFound):
        await _move(later, fresh_case())
    with pytest.raises(ActionNotAllowed):
        await _move(later, ended)
    for reason in ("", " ", "……"):
        with pytest.raises(BadInput):
            await _move(later, case, reason)
