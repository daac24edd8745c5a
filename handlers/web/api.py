"""The desk's API: what a department's own systems read and do, scoped to the caller's department."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from handlers.core.actions import ACTIONS
from handlers.core.desk import ContactReason
from handlers.core.files import AddFiles, ShareFile
from handlers.core.repeats import by_key
from handlers.core.rules import Action
from handlers.core.views import DeskCaseQuery, DeskQuery, Full, Lines, shown_fields
from handlers.steps import act_on_case, read_cases
from handlers.steps import add_files as steps
from handlers.steps.act_on_case import Asked
from handlers.steps.once import Acted
from handlers.web import earlier, entries
from handlers.web import near as near_routes
from schemas.attachments import Addresses, CaseFiles, ShownAttachment
from schemas.city import City
from schemas.errors import Refused
from schemas.http import RETRY_IS_SAFE, Answer, Call, Route, answer_one
from schemas.ids import CaseId
from schemas.ports import Callers, CaseClocks, Contacts, LiveEntries, NearAnswers, PublicAnswers, Unit
from schemas.words import CaseField, ContactPreference, Role

_DEPARTMENT = frozenset({Role.DEPARTMENT})


class ContactShown(msgspec.Struct, frozen=True, kw_only=True):
    """The citizen's contact details; that they were shown, to whom and why, is in the case's log."""

    case_id: CaseId
    name: str | None
    phone: str | None
    email: str | None
    #: Whether they may be called.
    preference: ContactPreference = ContactPreference.ANY
    hours: str | None = None
    language: str | None = None
    #: What was written there and could not be read, such as a second number.
    remarks: str | None = None
    #: Where the hotline keeps the recording of the call.
    recording: str | None = None


async def list_cases(call: Call, *, zone: ZoneInfo) -> Lines:
    """One page of the cases that the caller's department leads or supports."""
    lines = await read_cases.list_cases(call.unit, call.principal.own_department, call.query, zone)
    for line in lines.items:
        call.shows(line.case_id, CaseField.TITLE)
    return lines


async def read_case(
    call: Call, *, clocks: CaseClocks | None = None, addresses: Addresses | None = None
) -> Full:
    """One case of the caller's department in full, with whose time runs, and signed addresses of its files."""
    asked = call.query if isinstance(call.query, DeskCaseQuery) else None
    case = await read_cases.read_case(call.unit, call.principal.own_department, call.case_id, asked)
    call.shows(case.case_id, *shown_fields(case))
    readings = tuple(await clocks.of(call.unit, call.case_id)) if clocks else ()
    case = msgspec.structs.replace(case, clocks=readings)
    return case if addresses is None else _with_addresses(case, call, addresses)


def _with_addresses(case: Full, call: Call, addresses: Addresses) -> Full:
    """The same, with an address of each of its files."""

    def signed(files: Sequence[ShownAttachment]) -> tuple[ShownAttachment, ...]:
        return addresses.shown(files, case.case_id, call.principal, call.unit.now)

    supplements = tuple(
        msgspec.structs.replace(each, attachments=signed(each.attachments)) for each in case.supplements
    )
    return msgspec.structs.replace(
        case, attachments=signed(case.attachments), files=signed(case.files), supplements=supplements
    )


async def act_each(
    unit: Unit, calls: Sequence[Call], *, action: Action, city: City
) -> Sequence[Acted | Refused]:
    """Perform one action for many calls at once, each on a case of its own; a refusal is that call's answer."""
    return await act_on_case.act_each(unit, [_asked(call, action) for call in calls], city)


def _asked(call: Call, action: Action) -> Asked:
    who, case_id, body, key = call.principal, call.case_id, call.body, call.idempotency_key
    known = None if key is None else by_key(who, key, case_id, action, body)
    return Asked(who=who, case_id=case_id, action=action, body=body, known=known)


async def add_files(call: Call, *, files: CaseFiles) -> Acted:
    """Add files to the case, which were uploaded before; where it stands then."""
    return await steps.add_files(call.unit, call.principal, call.case_id, call.body, files)


async def share_file(call: Call, *, files: CaseFiles) -> Acted:
    """Say who may see a file of the case from now on; where it stands then."""
    return await steps.share_file(call.unit, call.principal, call.case_id, call.body, files)


async def show_contact(call: Call, *, contacts: Contacts) -> ContactShown:
    """The citizen's contact details, after the log has recorded who asked and why."""
    contact = await act_on_case.show_contact(call.unit, call.principal, call.case_id, call.body, contacts)
    call.shows(call.case_id, CaseField.CONTACT)
    return ContactShown(case_id=call.case_id, **msgspec.structs.asdict(contact))


def routes(
    *,
    city: City,
    contacts: Contacts,
    addresses: Addresses | None = None,
    files: CaseFiles | None = None,
    clocks: CaseClocks | None = None,
    live: LiveEntries | None = None,
    near: NearAnswers | None = None,
    answers: PublicAnswers | None = None,
    callers: Callers | None = None,
) -> tuple[Route, ...]:
    """The routes of the desk's API, for departments only. `near`: what was answered before; not looked for if None.

    `answers`: those that an entry may be made from, as everybody reads them.
    """
    listed, contact = partial(list_cases, zone=city.zone), partial(show_contact, contacts=contacts)
    shown = partial(read_case, addresses=addresses, clocks=clocks)
    return (
        _route("GET", "", listed, "The department's cases", query=DeskQuery, returns=Lines),
        _route(
            "GET",
            "/{case_id}",
            shown,
            "One case, its history and what may be done",
            query=DeskCaseQuery,
            returns=Full,
        ),
        *(
            _route(
                "POST",
                f"/{{case_id}}/actions/{action.name}",
                answer_one(each),
                f"{action.summary}. {RETRY_IS_SAFE}",
                answer_batch=each,
                body=action.body,
                returns=Acted,
            )
            for action in ACTIONS.values()
            for each in [partial(act_each, action=action.name, city=city)]
        ),
        _route(
            "POST",
            "/{case_id}/contact",
            contact,
            "How to reach the citizen; audited",
            body=ContactReason,
            returns=ContactShown,
        ),
        *(() if files is None else _file_routes(files)),
        *near_routes.routes(near, live),
        *earlier.routes(callers),
        *entries.routes(city=city, answers=answers),
    )


def _file_routes(files: CaseFiles) -> tuple[Route, ...]:
    path = "/{case_id}/attachments"
    add, share = partial(add_files, files=files), partial(share_file, files=files)
    return (
        _route("POST", path, add, "Add files that were uploaded", body=AddFiles, returns=Acted),
        _route("POST", f"{path}/audience", share, "Say who may see a file", body=ShareFile, returns=Acted),
    )


def _route(method: str, path: str, answer: Answer, summary: str, **types: Any) -> Route:
    path = f"/api/v1/desk/cases{path}"
    return Route(method=method, path=path, answer=answer, who=_DEPARTMENT, summary=summary, **types)
