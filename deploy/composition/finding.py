"""Which case a tracking code belongs to: intake reads the code, routing knows every case, handlers whose it is."""

from dataclasses import dataclass

import routing.store.cases
from handlers.steps.read_cases import read_case
from intake.core.codes import parse_tracking_code
from intake.core.keys import IntakeKeys
from schemas.errors import NotFound
from schemas.http import Principal
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import Role


@dataclass(frozen=True, slots=True)
class RoutedCodes:
    """`deploy.web.site.finding.KnownCodes`, over the cases that were registered."""

    keys: IntakeKeys

    async def find(self, unit: Unit, principal: Principal, typed: str) -> CaseId:
        """The case, however the code was typed; a department finds its own alone, as on its desk."""
        secrets = [keys.code_secret for keys in (self.keys, *self.keys.previous)]
        case_id = await routing.store.cases.find_by_code(unit.db, parse_tracking_code(secrets, typed))
        if case_id is None:
            raise NotFound
        if principal.role is Role.DEPARTMENT:
            await read_case(unit, principal.own_department, case_id)
        return case_id
