"""Whether a case is over for its citizen too, so that their personal data may be forgotten."""

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec

from intake.core.following.view import TimelineEntry, undecided
from schemas.ids import CaseId
from schemas.words import ENDED_STATES, CaseState, CitizenAction


class CaseEnd(msgspec.Struct, frozen=True, kw_only=True):
    """What tells of a case whether it has ended, as its citizen sees it."""

    case_id: CaseId
    state: CaseState | None
    timeline: tuple[TimelineEntry, ...]
    objection_until: datetime | None
    #: The case that it was merged into.
    merged_into: CaseId | None

    @property
    def awaits_withdrawal(self) -> bool:
        """Whether it shows as withdrawn because its citizen asked; routing may hold it yet."""
        return self.state is CaseState.WITHDRAWN and CitizenAction.WITHDRAWAL in undecided(self.timeline)

    @property
    def has_ended(self) -> bool:
        """Whether nobody is at it, or has its citizen's objection before them."""
        return self.state in ENDED_STATES and CitizenAction.OBJECTION not in undecided(self.timeline)

    def is_over(self, before: datetime, now: datetime) -> bool:
        """Whether nothing happened in it since `before`, and its citizen may not object any more."""
        can_object = self.objection_until is not None and self.objection_until >= now
        return not can_object and all(line.at < before for line in self.timeline)


def have_ended(
    ends: Mapping[CaseId, CaseEnd],
    case_ids: Collection[CaseId],
    withdrawn: Collection[CaseId],
    called: Collection[CaseId],
    *,
    before: datetime | None,
    now: datetime,
) -> list[CaseId]:
    """Those of the cases that have ended, and of one that was merged the other, too; `before`: and are over since then.

    `ends`: of all of these. `withdrawn`: of those that await it, the ones whose withdrawal was confirmed. `called`: those
    whose citizens somebody is to ring up, or had to have it done once more; and whose end may be taken back yet.
    """

    def has_ended(end: CaseEnd | None) -> bool:
        if end is None or not end.has_ended or end.case_id in called:
            return False
        if end.awaits_withdrawal and end.case_id not in withdrawn:
            return False
        return before is None or end.is_over(before, now)

    def main_has_ended(end: CaseEnd) -> bool:
        return end.merged_into is None or has_ended(ends.get(end.merged_into))

    return [each for each in case_ids if has_ended(end := ends.get(each)) and end and main_has_ended(end)]
