"""Earlier cases of a caller: intake knows who called, routing shows the cases."""

from collections.abc import Sequence

import intake.store.register
from schemas.ids import CaseId
from schemas.ports import Unit

#: Project choice: more than any dispatcher reads, and a number on more messages is an office's.
_MOST = 50


class SealedCallers:
    """Who called, by the blind index of telephones: see `schemas.ports.Callers`."""

    async def earlier(self, unit: Unit, case_id: CaseId) -> Sequence[CaseId]:
        """Those received last, the latest first."""
        return await intake.store.register.same_telephone(unit.db, case_id, _MOST)
