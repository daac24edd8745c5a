"""Who may be called back: intake knows who takes calls, routing which cases are kept from view."""

from collections.abc import Mapping, Sequence

from intake.core.keys import IntakeKeys
from intake.steps.reach_by_phone import reach_by_phone
from routing.steps.read_matters import read_privacy
from schemas.ids import CaseId
from schemas.ports import Callees, Unit
from schemas.values import Callee


class KnownCallees(Callees):
    """`schemas.ports.Callees` over what both keep."""

    def __init__(self, keys: IntakeKeys) -> None:
        self._keys = keys

    async def of(self, unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, Callee]:
        """Each case that both know, in two statements."""
        privacy = await read_privacy(unit, case_ids)
        phones = await reach_by_phone(unit, self._keys, case_ids)
        return {
            case_id: Callee(by_phone=phones[case_id], is_private=is_private, answered_by=answered_by)
            for case_id, (is_private, answered_by) in privacy.items()
            if case_id in phones
        }
