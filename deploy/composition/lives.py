"""What became of cases, for supervisors: handlers keeps it, intake alone knows whose names must be left out."""

from collections.abc import Mapping

import msgspec

from handlers.web.lives import KeptLives
from intake.core.keys import IntakeKeys
from intake.steps.mask_for_watchers import mask_for_watchers
from schemas.ids import CaseId
from schemas.ports import CaseLives, Unit
from schemas.values import CaseLife


class NamelessLives(CaseLives):
    """`schemas.ports.CaseLives`, its words as everybody may read them: homes and names are for those who handle a case."""

    def __init__(self, keys: IntakeKeys) -> None:
        self._keys = keys
        self._kept = KeptLives()

    @property
    def happened(self) -> Mapping[str, str]:
        """What each step of a history is called, in the words of the desk's pages."""
        return self._kept.happened

    async def of(self, unit: Unit, case_id: CaseId) -> CaseLife | None:
        """One of them; None where it may not be read, or no department has had it."""
        life = await self._kept.of(unit, case_id)
        if life is None:
            return None
        texts = [life.response or "", *(step.text for step in life.timeline)]
        response, *told = await mask_for_watchers(unit, self._keys, case_id, texts)
        steps = [
            msgspec.structs.replace(step, text=text) for step, text in zip(life.timeline, told, strict=True)
        ]
        return msgspec.structs.replace(life, response=response or None, timeline=tuple(steps))
