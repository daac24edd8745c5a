"""Which citizens may be called: they left a telephone number and did not refuse calls."""

from collections.abc import Mapping, Sequence

from intake.core.keys import IntakeKeys
from intake.core.sealing import contact_in
from intake.store.register import all_sealed
from schemas.errors import DataRefused
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import ContactPreference


async def reach_by_phone(unit: Unit, keys: IntakeKeys, case_ids: Sequence[CaseId]) -> Mapping[CaseId, bool]:
    """Whether each may be rung up; what cannot be opened is rung up by nobody."""
    sealed = await all_sealed(unit.db, case_ids)
    return {case_id: _takes_calls(keys, case_id, what) for case_id, what in sealed.items()}


def _takes_calls(keys: IntakeKeys, case_id: CaseId, sealed: bytes | None) -> bool:
    try:
        contact = contact_in(keys, case_id, sealed)
    except DataRefused:
        return False
    return contact is not None and bool(contact.phone) and contact.preference is ContactPreference.ANY
