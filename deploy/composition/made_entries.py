"""Knowledge entries made from a case: handlers names them to whoever limits what is published of that case."""

from collections.abc import Sequence

from handlers.steps.held_entries import entries_of
from schemas.ids import CaseId
from schemas.ports import CaseEntries, Unit
from schemas.values import MadeEntry


class MadeEntries(CaseEntries):
    """`schemas.ports.CaseEntries` over what handlers keeps."""

    async def of(self, unit: Unit, case_ids: Sequence[CaseId]) -> Sequence[MadeEntry]:
        """Those of these cases that have not ended."""
        return await entries_of(unit, case_ids)
