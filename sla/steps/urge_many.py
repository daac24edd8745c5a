"""Urges or supervises many cases at once: each by itself, and refusals are named."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from schemas.errors import ActionNotAllowed, NotFound, Refused
from schemas.ids import CaseId
from schemas.ports import Unit
from sla.core.calendar import Calendar
from sla.core.rules import DeadlineRules
from sla.steps.urge import urge_once
from sla.store import watching

#: Project choice: what was sent twice (a second press, a page that is loaded again) is told once.
SAME_WITHIN = timedelta(minutes=10)


class Outcome(NamedTuple):
    """What came of one case; `refusal`: None where it was done, now or (`is_repeat`) by the same request just before."""

    case_id: CaseId
    tracking_code: str | None
    refusal: Refused | None
    is_repeat: bool = False


async def codes_of(unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, str | None]:
    """What those of these cases are called that are known."""
    return await watching.tracking_codes(unit.db, case_ids)


async def urge_many(
    unit: Unit,
    case_ids: Sequence[CaseId],
    *,
    by: str,
    note: str,
    supervised: bool,
    day: date | None,
    rules: DeadlineRules,
    calendar: Calendar,
) -> Sequence[Outcome]:
    """One after the other, in an order in which two such requests never wait for each other.

    Raises:
        BadInput: the note says nothing, or `day` cannot be: nothing was done then.
    """
    codes = await watching.tracking_codes(unit.db, case_ids)
    outcomes = []
    for case_id in sorted(set(case_ids)):
        refusal: Refused | None = None
        is_repeat = False
        try:
            done = await urge_once(
                unit, case_id, by=by, note=note, supervised=supervised, day=day, rules=rules,
                calendar=calendar, within=SAME_WITHIN,
            )  # fmt: skip
            is_repeat = done is None
        except (ActionNotAllowed, NotFound) as refused:
            refusal = refused
        outcomes.append(Outcome(case_id, codes.get(case_id), refusal, is_repeat))
    return outcomes
