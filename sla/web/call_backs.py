"""Call-backs (回访台): whom a dispatcher of the centre may ring up, the form of a call, and what came of earlier ones."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from msgspec.structs import replace

from schemas.city import City
from schemas.errors import ActionNotAllowed, BadInput, NotFound, Overtaken
from schemas.forms import NO_ERRORS, FormErrors, form_errors
from schemas.http import Call, Page, Redirect, Route
from schemas.ids import CaseId
from schemas.ports import Callees, CaseLives, CaseMatters, Contacts
from schemas.values import CaseMatter, Contact
from schemas.words import CaseField, Role
from sla.core.calendar import Calendar
from sla.core.call_backs import (
    NOTE_LIMIT,
    BeingCalled,
    CallBack,
    CallBackState,
    CallResult,
    HeldCallBack,
    ListedCallBack,
    NumberNotShown,
    call_back_rule,
    says_the_same,
)
from sla.core.rules import DeadlineRules
from sla.steps import call_backs as steps
from sla.web.call_form import CallResultForm
from sla.web.words import CALL_BACK_WHY, SOLVED, WHY_NOT, name_of, words_in

CALLERS = frozenset({Role.DISPATCHER})
#: What came of calls is read by those who watch, too.
_READERS = CALLERS | {Role.SUPERVISOR, Role.ADMINISTRATOR}
#: Project choice: a page that fits the screen.
_SHOWN = 20


class CallBackQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which list: whom to call, or what came of calls; and what was just done."""

    state: Literal["open", "settled"] = "open"
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = _SHOWN
    done: Literal["done", "redo", "open", "unreached", "back"] | None = None


class ShownCallBack(ListedCallBack, frozen=True, kw_only=True):
    """A call-back in a list, with the title of its case."""

    title: str


class CallBacks(msgspec.Struct, frozen=True, kw_only=True):
    """A page of them: whom to call, drawn first first; or what came of calls, the latest first."""

    items: list[ShownCallBack]
    next_cursor: str | None


class ToCall(msgspec.Struct, frozen=True, kw_only=True):
    """A citizen who is to be called: what they wrote, what they were answered, and what came of earlier calls."""

    call_back: CallBack
    #: How often there may be a call in vain.
    tries: int
    matter: CaseMatter
    response: str | None
    earlier: list[CallBack]


class CallResultBody(CallResult, frozen=True, kw_only=True):
    """What came of the call, of this call-back of the case."""

    number: int


class CallRecorded(msgspec.Struct, frozen=True, kw_only=True):
    """What the call-back is now; `redo`: the case is done once more."""

    case_id: CaseId
    number: int
    state: CallBackState
    redo: bool


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """A case that nobody is calling about now."""

    case_id: CaseId


@dataclass(frozen=True, kw_only=True)
class CallDesk:
    """What call-backs need beside the call."""

    city: City
    rules: DeadlineRules
    calendar: Calendar
    callees: Callees
    contacts: Contacts
    matters: CaseMatters
    lives: CaseLives


async def list_call_backs(call: Call, *, on: CallDesk) -> CallBacks:
    """One page. What is kept to those who handle it is not in it, whatever it was when it was drawn."""
    query: CallBackQuery = call.query or CallBackQuery()
    listed = steps.list_to_call if query.state == "open" and _may_call(call) else steps.list_settled
    found, next_cursor = await listed(call.unit, call.principal, cursor=query.cursor, limit=query.limit)
    titles = await on.matters.titles(call.unit, [each.case_id for each in found])
    items = [
        ShownCallBack(**msgspec.structs.asdict(each), title=titles[each.case_id])
        for each in found
        if each.case_id in titles
    ]
    for each in items:
        call.shows(each.case_id, CaseField.TITLE, *([CaseField.NOTE] if each.note else []))
    return CallBacks(items=items, next_cursor=next_cursor)


def _may_call(call: Call) -> bool:
    return call.principal.role in CALLERS


async def show_call_back(call: Call, *, on: CallDesk) -> ToCall:
    """One case to call about; who reads it is written down."""
    held = await steps.open_call(call.unit, call.principal, call.case_id, on.callees)
    return await _to_call(call, held, on)


async def _to_call(call: Call, held: HeldCallBack, on: CallDesk) -> ToCall:
    matter = await on.matters.of(call.unit, call.case_id)
    life = await on.lives.of(call.unit, call.case_id)
    earlier = await steps.read_call_backs(call.unit, call.case_id)
    call.shows(call.case_id, CaseField.TITLE, CaseField.TEXT, CaseField.RESPONSE, CaseField.NOTE)
    return ToCall(
        call_back=held.call_back,
        tries=call_back_rule().tries,
        matter=matter or CaseMatter(title="", text=""),
        response=life.response if life else None,
        earlier=[each for each in earlier if each.number != held.call_back.number],
    )


async def show_contact(call: Call, *, on: CallDesk) -> Contact:
    """The citizen's number, hours and language; that they were shown is in the case's history."""
    found = await steps.show_contact(
        call.unit,
        call.principal,
        call.case_id,
        callees=on.callees,
        contacts=on.contacts,
        calendar=on.calendar,
    )
    call.shows(call.case_id, CaseField.CONTACT)
    return found


async def give_back(call: Call, *, on: CallDesk) -> Released:
    """Whoever was to call does not after all; anybody may."""
    await steps.give_back(call.unit, call.principal, call.case_id, callees=on.callees, calendar=on.calendar)
    return Released(case_id=call.case_id)


async def record(call: Call, *, on: CallDesk) -> CallRecorded:
    """Write down what came of the call; whoever sends the same again is told what came of it the first time."""
    body: CallResultBody = call.body
    try:
        return await _record(call, body.number, body, on)
    except (ActionNotAllowed, NotFound):
        before = await _settled_before(call, body.number)
        if before is None or not says_the_same(before, body):
            raise
        return CallRecorded(case_id=call.case_id, number=body.number, state=before.state, redo=before.redo)


async def _record(call: Call, number: int, result: CallResult, on: CallDesk) -> CallRecorded:
    state = await steps.record(
        call.unit, call.principal, call.case_id, number, result, callees=on.callees, contacts=on.contacts,
        rules=on.rules, calendar=on.calendar,
    )  # fmt: skip
    is_redo = state == "done" and result.is_redo
    return CallRecorded(case_id=call.case_id, number=number, state=state, redo=is_redo)


async def show_list(call: Call, *, on: CallDesk) -> Page:
    """The list as a page."""
    query: CallBackQuery = call.query or CallBackQuery()
    shown = query if _may_call(call) else replace(query, state="settled")
    found = await list_call_backs(call, on=on)
    first = f"/callbacks?state={shown.state}"
    context = {
        **_words(call, on),
        "state": shown.state,
        "done": query.done,
        "may_call": _may_call(call),
        "found": found,
        "first": first if query.cursor else None,
        "next": f"{first}&cursor={found.next_cursor}" if found.next_cursor else None,
        "now": call.unit.now,
    }
    return Page(template="sla/callbacks.html", context=context)


def _words(call: Call, on: CallDesk) -> Mapping[str, Any]:
    return {
        "name_of": partial(name_of, city=on.city, language=call.language),
        "whys": words_in(CALL_BACK_WHY, call.language),
        "solved_words": words_in(SOLVED, call.language),
        "why_nots": words_in(WHY_NOT, call.language),
    }


async def show_one(call: Call, *, on: CallDesk) -> Page:
    """One case to call about, with the form."""
    return await _page(call, on)


async def _page(
    call: Call,
    on: CallDesk,
    errors: FormErrors = NO_ERRORS,
    status: int = 200,
    contact: Contact | None = None,
) -> Page:
    found = await show_call_back(call, on=on)
    if errors and contact is None and found.call_back.claimed_by == call.principal.name:
        # Whoever talks to the citizen corrects the form: asking for the number again would lose what is typed there.
        contact = await show_contact(call, on=on)
    context = {
        **_words(call, on),
        "case_id": call.case_id,
        "found": found,
        "contact": contact,
        "errors": errors,
        "name": call.principal.name,
        "form": call.form,
        "resend": call.form,
        "note_limit": NOTE_LIMIT,
        "claim_minutes": call_back_rule().claim_minutes,
        "apart_hours": call_back_rule().apart_hours,
    }
    return Page(template="sla/callback.html", context=context, status=status)


async def contact_page(call: Call, *, on: CallDesk) -> Page:
    """The page of a case to call about, with the number to call."""
    if call.is_draft:
        return await _page(call, on)
    try:
        contact = await show_contact(call, on=on)
    except BeingCalled as refusal:
        return await _page(call, on, form_errors(refusal, call.language, otherwise="calling"), refusal.status)
    return await _page(call, on, contact=contact)


async def give_back_page(call: Call, *, on: CallDesk) -> Page | Redirect:
    """Back to the list, where it is anybody's again."""
    if call.is_draft:
        return await _page(call, on)
    try:
        await give_back(call, on=on)
    except BeingCalled as refusal:
        return await _page(call, on, form_errors(refusal, call.language, otherwise="calling"), refusal.status)
    return Redirect(to="/callbacks?done=back")


async def record_page(call: Call, *, on: CallDesk) -> Page | Redirect:
    """Write down what came of the call, then go on with the list; what was refused is said above the form.

    Whoever sends the form twice is told what came of it the first time.
    """
    if call.is_draft:
        return await _page(call, on)
    try:
        form = call.read_form(CallResultForm)
        recorded = await _record(call, form.number, form.result, on)
    except BadInput as refusal:
        errors = form_errors(refusal, call.language, otherwise="reached")
        return await _page(call, on, errors, refusal.status)
    except BeingCalled as refusal:
        # What was typed stays on the page.
        return await _page(call, on, form_errors(refusal, call.language, otherwise="calling"), refusal.status)
    except NumberNotShown as refusal:
        errors = form_errors(refusal, call.language, otherwise="show-number")
        return await _page(call, on, errors, refusal.status)
    except (ActionNotAllowed, NotFound):
        before = await _written_before(call, form.number)
        if before is None:
            raise
        return Redirect(to=f"/callbacks?done={before}")
    return Redirect(to=f"/callbacks?done={'redo' if recorded.redo else recorded.state}")


async def _unless_over(
    call: Call, *, on: CallDesk, answer: Callable[..., Awaitable[Page | Redirect]]
) -> Page | Redirect:
    """What `answer` says; of a call-back that is none any more the list as it is now, with what was written."""
    try:
        return await answer(call, on=on)
    except (ActionNotAllowed, NotFound):
        refusal, note = Overtaken(), call.form.get("note", "")
        page = await show_list(call, on=on)
        told = {
            "over": refusal.message(call.language),
            "unsent": [note] if note.strip() else [],
            "resend": call.form,
        }
        return Page(template=page.template, context={**page.context, **told}, status=refusal.status)


async def _written_before(call: Call, number: int) -> str | None:
    """What the same person wrote down of that very call-back; None where they did not."""
    before = await _settled_before(call, number)
    return ("redo" if before.redo else before.state) if before else None


async def _settled_before(call: Call, number: int) -> CallBack | None:
    for each in await steps.read_call_backs(call.unit, call.case_id):
        if (each.number, each.settled_by) == (number, call.principal.name):
            return each
    return None


def api_routes(on: CallDesk) -> tuple[Route, ...]:
    """What dispatchers' own systems may ask and say of call-backs."""
    one = "/api/v1/callbacks/{case_id}"
    return (
        Route(
            method="GET", path="/api/v1/callbacks", answer=partial(list_call_backs, on=on), who=_READERS,
            summary="Whom to call back, or (`state=settled`) what came of it", query=CallBackQuery, returns=CallBacks,
        ),
        Route(
            method="GET", path=one, answer=partial(show_call_back, on=on),
            who=CALLERS, summary="A case to call about", returns=ToCall,
        ),
        Route(
            method="POST", path=f"{one}/number", answer=partial(show_contact, on=on),
            who=CALLERS, summary="The number, for whoever calls now; that it was shown is kept", returns=Contact,
        ),
        Route(
            method="POST", path=f"{one}/release", answer=partial(give_back, on=on),
            who=CALLERS, summary="Not to call after all: anybody may", returns=Released,
        ),
        Route(
            method="POST", path=f"{one}/result", answer=partial(record, on=on),
            who=CALLERS, summary="What came of the call; what is not settled is done once more", body=CallResultBody,
            returns=CallRecorded,
        ),
    )  # fmt: skip


def page_routes(on: CallDesk) -> tuple[Route, ...]:
    """The list, the form of a call, and what is done there."""
    return (
        Route(
            method="GET", path="/callbacks", answer=partial(show_list, on=on), who=_READERS, summary="Call-backs",
            query=CallBackQuery, page=True,
        ),
        Route(
            method="GET", path="/callbacks/{case_id}", answer=partial(show_one, on=on),
            who=CALLERS, summary="A case to call about", page=True,
        ),
        Route(
            method="POST", path="/callbacks/{case_id}/number", answer=partial(_unless_over, on=on, answer=contact_page),
            who=CALLERS, summary="The number to call", page=True, takes_drafts=True,
        ),
        Route(
            method="POST", path="/callbacks/{case_id}/release", answer=partial(_unless_over, on=on, answer=give_back_page),
            who=CALLERS, summary="Not to call after all", page=True, takes_drafts=True,
        ),
        Route(
            method="POST", path="/callbacks/{case_id}/outcome", answer=partial(_unless_over, on=on, answer=record_page),
            who=CALLERS, summary="What came of the call", page=True, takes_drafts=True,
        ),
    )  # fmt: skip
