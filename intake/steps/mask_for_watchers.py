"""Masks what departments wrote for readers who have no part in the case: no home, and nobody's name."""

from collections.abc import Sequence

from intake.core.keys import IntakeKeys
from intake.core.sealing import declared_in
from intake.store.published import messages_of
from schemas.errors import DataRefused
from schemas.ids import CaseId
from schemas.masking import for_public
from schemas.ports import Unit


async def mask_for_watchers(
    unit: Unit, keys: IntakeKeys, case_id: CaseId, texts: Sequence[str]
) -> Sequence[str]:
    """These texts as everybody may read them, without what the case's citizen declared; empty where nobody can tell."""
    message = (await messages_of(unit.db, [case_id])).get(case_id)
    if message is None or message.is_forgotten:
        return ["" for _ in texts]
    try:
        declared = declared_in(keys, case_id, message.sealed)
    except DataRefused:
        return ["" for _ in texts]
    return [for_public(text, declared, official=True) for text in texts]
