"""The citizen's contact details, for somebody who may see them."""

from dataclasses import dataclass

import msgspec

from intake.core.contacts.contact_words import as_shown
from intake.core.keys import IntakeKeys
from intake.core.sealing import unseal
from intake.store.register import sealed_of
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.values import Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedContacts:
    """`schemas.ports.Contacts` over what intake sealed."""

    keys: IntakeKeys

    async def reveal(self, unit: Unit, case_id: CaseId) -> Contact | None:
        """The contact details of this case, the words beside them masked; None where the citizen left none."""
        sealed = await sealed_of(unit.db, case_id)
        if sealed is None:
            return None
        personal = unseal(self.keys, case_id, sealed)
        contact = personal.contact and as_shown(personal.contact)
        if personal.recording is None:
            return contact
        return msgspec.structs.replace(contact or Contact(), recording=personal.recording)
