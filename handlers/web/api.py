"""The desk's API: what a department's own systems read and do, scoped to the caller's department."""

from functools import partial
from zoneinfo import ZoneInfo

import msgspec

from handlers.core.desk import BODIES, ContactReason
from handlers.core.lifecycle import Action
from handlers.core.views import DeskQuery, Full, Lines
from handlers.steps import desk, look
from handlers.steps.desk import Acted
from schemas.city import City
from schemas.http import Call, Route
from schemas.ids import CaseId
from schemas.ports import Contacts
from schemas.words import Role

#: Where the days of `due=today` and `due=week` begin: all of China keeps this time.
CITY_ZONE = ZoneInfo("Asia/Shanghai")

_CASES = "/api/v1/desk/cases"
_DEPARTMENT = frozenset({Role.DEPARTMENT})


class ContactShown(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach the citizen; the log says who asked, and why."""

    case_id: CaseId
    name: str | None
    phone: str | None
    email: str | None


async def list_cases(call: Call, *, zone: ZoneInfo) -> Lines:
    """The department's cases."""
    return await look.list_cases(call.unit, call.principal.own_department, call.query, zone)


async def read_case(call: Call) -> Full:
    """One of them in full."""
    return await look.read_case(call.unit, call.principal.own_department, call.case_id)


async def act(call: Call, *, action: Action, city: City) -> Acted:
    """One action on one of them."""
    return await desk.act(call.unit, call.principal, call.case_id, action, call.body, city)


async def show_contact(call: Call, *, contacts: Contacts) -> ContactShown:
    """The citizen's contact details."""
    contact = await desk.show_contact(call.unit, call.principal, call.case_id, call.body, contacts)
    return ContactShown(case_id=call.case_id, name=contact.name, phone=contact.phone, email=contact.email)


_SUMMARIES = {
    Action.SIGN: "Sign for a case (签收)",
    Action.RETURN: "Return a case that is not ours (退单)",
    Action.REPLY: "Answer a case (答复)",
    Action.EXTEND: "Ask for more time (延期)",
    Action.SUSPEND: "Wait for something outside (挂起)",
    Action.RESUME: "Go on with a suspended case",
    Action.CO_HANDLE: "Ask other departments to support (协办)",
    Action.NOTE: "Write a note for the inside",
}


def routes(*, city: City, contacts: Contacts, zone: ZoneInfo = CITY_ZONE) -> tuple[Route, ...]:
    """The desk's part of the API."""
    return (
        Route(
            method="GET",
            path=_CASES,
            answer=partial(list_cases, zone=zone),
            who=_DEPARTMENT,
            summary="The department's cases",
            query=DeskQuery,
            returns=Lines,
        ),
        Route(
            method="GET",
            path=f"{_CASES}/{{case_id}}",
            answer=read_case,
            who=_DEPARTMENT,
            summary="One case, its history and what may be done",
            returns=Full,
        ),
        *(
            Route(
                method="POST",
                path=f"{_CASES}/{{case_id}}/actions/{action}",
                answer=partial(act, action=action, city=city),
                who=_DEPARTMENT,
                summary=_SUMMARIES[action],
                body=body,
                returns=Acted,
            )
            for action, body in BODIES.items()
        ),
        Route(
            method="POST",
            path=f"{_CASES}/{{case_id}}/contact",
            answer=partial(show_contact, contacts=contacts),
            who=_DEPARTMENT,
            summary="How to reach the citizen; audited",
            body=ContactReason,
            returns=ContactShown,
        ),
    )
