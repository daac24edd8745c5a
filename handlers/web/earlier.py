"""The other cases of whoever wrote (同一电话的其他件) beside one at the desk: of those that the department sees itself."""

from collections.abc import Sequence
from functools import partial

import msgspec

from handlers.core.views import Full, OtherCase
from handlers.steps import read_cases
from schemas.http import Call, Route
from schemas.ports import Callers
from schemas.words import CaseField, Role


class OtherCases(msgspec.Struct, frozen=True, kw_only=True):
    """The latest first; what the department does not see, or what is private, is neither named nor counted."""

    items: Sequence[OtherCase]


async def earlier_of(call: Call, case: Full, callers: Callers | None) -> Sequence[OtherCase]:
    """What the department sees of that telephone's other cases; each is noted as shown."""
    if callers is None:
        return ()
    found = await read_cases.read_others(call.unit, call.principal.own_department, case, callers)
    for one in found:
        call.shows(one.case_id, CaseField.TITLE)
    return found


async def list_earlier(call: Call, *, callers: Callers) -> OtherCases:
    """The same over the API.

    Raises:
        NotFound: not this department's case.
    """
    case = await read_cases.read_case(call.unit, call.principal.own_department, call.case_id)
    return OtherCases(items=await earlier_of(call, case, callers))


def routes(callers: Callers | None) -> tuple[Route, ...]:
    """The route of the API; none where nobody knows who wrote."""
    if callers is None:
        return ()
    return (
        Route(
            method="GET",
            path="/api/v1/desk/cases/{case_id}/earlier",
            answer=partial(list_earlier, callers=callers),
            who=frozenset({Role.DEPARTMENT}),
            summary="The department's other cases from the telephone of this one",
            returns=OtherCases,
        ),
    )
