"""What whoever watches cases of all departments may read of what became of them."""

from collections.abc import Mapping

from handlers.steps.read_cases import read_life
from handlers.web.words import HAPPENED
from schemas.ids import CaseId
from schemas.ports import CaseLives, Unit
from schemas.values import CaseLife


class KeptLives(CaseLives):
    """`schemas.ports.CaseLives` over the cases of departments."""

    @property
    def happened(self) -> Mapping[str, str]:
        """As `CaseLives.happened`: the words of the desk's pages."""
        return HAPPENED

    async def of(self, unit: Unit, case_id: CaseId) -> CaseLife | None:
        """One of them; None where it may not be read, or no department has had it."""
        return await read_life(unit, case_id)
