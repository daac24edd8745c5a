"""Which department has a case: handlers knows, and answers the slices that ask."""

from handlers.steps.notices import has_case
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import CaseReaders, Unit


class DeskReaders(CaseReaders):
    """`schemas.ports.CaseReaders` over what handlers keeps."""

    async def has(self, unit: Unit, case_id: CaseId, department: DepartmentCode) -> bool:
        """Whether it leads or supports the case now, and nothing of it is withheld from it."""
        return await has_case(unit, case_id, department)
