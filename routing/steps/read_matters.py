"""What supervisors may read of citizens' messages: what everybody may, without homes."""

from collections.abc import Mapping, Sequence

from routing.store import matters, said_since
from schemas.ids import CaseId
from schemas.masking import for_public
from schemas.ports import CaseMatters, Unit
from schemas.values import CaseMatter, DangerLook


class KeptMatters(CaseMatters):
    """`schemas.ports.CaseMatters` over what routing keeps."""

    async def titles(self, unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, str]:
        """The titles of those that may be read."""
        found = await matters.titles(unit.db, case_ids) if case_ids else {}
        return {case_id: for_public(title) for case_id, title in found.items()}

    async def of(self, unit: Unit, case_id: CaseId) -> CaseMatter | None:
        """One of them; None where it may not be read, or is not known."""
        found = await matters.find(unit.db, case_id)
        return found and CaseMatter(title=for_public(found.title), text=for_public(found.text))

    async def looks(self, unit: Unit, case_id: CaseId) -> Sequence[DangerLook]:
        """Who has looked at the danger that its citizen told of since."""
        return await said_since.looks(unit.db, case_id)


async def read_privacy(unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, tuple[bool, str]]:
    """Whether each is kept from those who do not handle it, and the dispatcher who answered it alone; empty: none did."""
    return await matters.privacy(unit.db, case_ids)
