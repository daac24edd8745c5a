"""The caller's earlier cases (同一电话的其他件), for whoever takes the call: the hotline's system and dispatchers."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated

import msgspec

from routing.core.decisions.review import RoutingCase
from routing.steps.read_queue import read_callers
from routing.web.views import DISPATCHERS
from routing.web.words import STANDING_NAMES
from schemas.city import City
from schemas.errors import BadInput, FieldError
from schemas.http import Call, Route
from schemas.ids import CategoryCode, TrackingCode
from schemas.ports import Callers
from schemas.words import CaseField, Role

#: Digits that a telephone has at least (project choice: a short number is an office's, and says nothing of who calls).
_FEWEST_DIGITS = 7
_NO_NUMBER = ("请填写来电号码。", "Give the number that calls.")


class CallerQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls. In the body: an address of a page would stand in logs."""

    phone: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class CallersCase(msgspec.Struct, frozen=True, kw_only=True):
    """One earlier case. `state`: `open` (a dispatcher has it), `routed` (a department has), `answered`, `declined`, …"""

    tracking_code: TrackingCode
    title: str
    state: str
    category: CategoryCode
    department: str | None
    received_at: datetime
    urged_count: int


class CallersCases(msgspec.Struct, frozen=True, kw_only=True):
    """The latest first. What is for its citizen alone is neither named nor counted."""

    items: Sequence[CallersCase]


async def list_callers_cases(call: Call, *, city: City, callers: Callers) -> CallersCases:
    """What came from that telephone before; each look is written down."""
    phone: str = call.body.phone
    if sum(letter.isdecimal() for letter in phone) < _FEWEST_DIGITS:
        raise BadInput([FieldError("phone", *_NO_NUMBER)])
    found = await read_callers(call.unit, phone, callers)
    for case in found:
        call.shows(case.case_id, CaseField.TITLE)
    return CallersCases(items=[_shown(call, case, city) for case in found])


def _shown(call: Call, case: RoutingCase, city: City) -> CallersCase:
    state = "answered" if case.response is not None else case.state
    lead = city.department.get(case.lead) if state in ("routed", "answered") else None
    return CallersCase(
        tracking_code=case.tracking_code,
        title=case.title,
        state=state if state in STANDING_NAMES else "open",
        category=case.category,
        department=lead.name(call.language) if lead else None,
        received_at=case.received_at,
        urged_count=case.urged_count,
    )


def routes(*, city: City, callers: Callers | None) -> tuple[Route, ...]:
    """The route; none where nobody knows who called."""
    if callers is None:
        return ()
    return (
        Route(
            method="POST",
            path="/api/v1/hotline/callers",
            answer=partial(list_callers_cases, city=city, callers=callers),
            who=DISPATCHERS | {Role.HOTLINE},
            summary="The earlier cases of whoever calls, while the call is taken",
            body=CallerQuestion,
            returns=CallersCases,
        ),
    )
