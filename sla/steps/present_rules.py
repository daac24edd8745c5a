"""A supervisor moves one open case to the rules as they are now; until then each clock keeps what it began with."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from schemas.errors import ActionNotAllowed, BadInput, FieldError
from schemas.ids import CaseId
from schemas.masking import for_department
from schemas.ports import Unit
from schemas.wording import says_something
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.calendars import present_path
from sla.core.rules import CaseTraits, DeadlineRules
from sla.steps.move import recompute, save
from sla.store import cases, moving
from sla.store.moving import Loaded, Move


class RulesApplied(NamedTuple):
    """The case's version, that of the rules, and which clocks have other terms or another deadline now."""

    version: int
    rules: str
    clocks: Sequence[Clock]


async def move_to_present_rules(
    unit: Unit, case_id: CaseId, *, by: str, reason: str, rules: DeadlineRules, calendar: Calendar
) -> RulesApplied:
    """Give every clock that still goes the term that such a case has now: counted from its start, with its whole history.

    Raises:
        NotFound: no such case.
        ActionNotAllowed: it has ended.
        BadInput: no reason is given.
    """
    case = await cases.lock_case(unit.db, case_id)
    if case["closed_at"] is not None:
        raise ActionNotAllowed
    if not says_something(reason):
        raise BadInput([FieldError("reason", "请写明理由。", "Say why.")])
    traits = CaseTraits(*(case[name] for name in ("urgency", "lead", "category", "kind", "channel")))
    loaded = await moving.load_going(unit.db, case_id)
    moves = [move for clock in loaded if (move := _moved(unit, clock, traits, rules, calendar))]
    words = for_department(reason.strip(), official=True)
    await save(unit, [move._replace(reason=words, by=by) for move in moves])
    return RulesApplied(case["version"], rules.version, [move.loaded.clock for move in moves])


def _moved(
    unit: Unit, clock: Loaded, traits: CaseTraits, rules: DeadlineRules, calendar: Calendar
) -> Move | None:
    """None where it runs under them already, where an event named its date, or where they state no such term."""
    if isinstance(clock.term.allow, datetime):
        return None
    present = rules.present_term(clock.clock, clock.rule, traits)
    hours = present_path(calendar, clock.calendar)
    if present is None or (present.id, hours) == (clock.rule, clock.calendar):
        return None
    under = replace(clock, term=present.term, rule=present.id, calendar=hours)
    return recompute(under, calendar, what="rules", at=unit.now)
