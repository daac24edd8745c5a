"""What whoever watches cases of all departments may read of what their citizens wrote."""

from collections.abc import Mapping, Sequence

from routing.store import matters
from schemas.ids import CaseId
from schemas.ports import CaseMatters, Unit
from schemas.values import CaseMatter


class KeptMatters(CaseMatters):
    """`schemas.ports.CaseMatters` over what routing keeps."""

    async def titles(self, unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, str]:
        """The titles of those that may be read."""
        return await matters.titles(unit.db, case_ids) if case_ids else {}

    async def of(self, unit: Unit, case_id: CaseId) -> CaseMatter | None:
        """One of them; None where it may not be read, or is not known."""
        return await matters.find(unit.db, case_id)
