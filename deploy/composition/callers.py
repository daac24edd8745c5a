"""Earlier cases of a caller: intake knows who called, routing shows the cases."""

from collections.abc import Sequence
from contextlib import suppress

import intake.store.register
from intake.core.keys import IntakeKeys
from intake.core.sealing import contact_in, phone_index
from schemas.errors import DataRefused
from schemas.ids import CaseId
from schemas.ports import Unit

#: Project choice: more than any dispatcher reads, and a number on more messages is an office's.
_MOST = 50


class SealedCallers:
    """Who called, by the blind index of telephones: see `schemas.ports.Callers`."""

    def __init__(self, keys: IntakeKeys) -> None:
        self._keys = keys

    async def earlier(self, unit: Unit, case_id: CaseId) -> Sequence[CaseId]:
        """Those received last, the latest first; also what came before the master secret was changed."""
        if self._keys.previous:
            # Their index is another: the number itself has to be known; sealed under a secret that is gone, it is not.
            with suppress(DataRefused):
                sealed = await intake.store.register.sealed_of(unit.db, case_id)
                contact = contact_in(self._keys, case_id, sealed)
                found = await self.of_telephone(unit, contact.phone) if contact and contact.phone else ()
                return [each for each in found if each != case_id]
        return await intake.store.register.same_telephone(unit.db, case_id, _MOST)

    async def of_telephone(self, unit: Unit, telephone: str) -> Sequence[CaseId]:
        """The same for a telephone that calls now; also finds cases from before the master secret was changed."""
        indexes = [phone_index(keys, telephone) for keys in (self._keys, *self._keys.previous)]
        return await intake.store.register.of_telephone(unit.db, indexes, _MOST)
