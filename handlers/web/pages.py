"""The desk (办件台): a department's cases, one case with the forms that fit it, and the reply's preview."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec

from handlers.core.actions import ACTIONS
from handlers.core.actions.reply import Reply
from handlers.core.desk import ContactReason
from handlers.core.drafts import draft_from
from handlers.core.files import AddFiles, ShareFile, may_become
from handlers.core.history import danger_said_in, sound_of
from handlers.core.refused import refused_last
from handlers.core.repeats import by_form
from handlers.core.rules import Action
from handlers.core.texts import clean_each, tidy
from handlers.core.views import DeskCaseQuery, DeskQuery, Full
from handlers.steps import act_on_case, read_cases
from handlers.steps import add_files as steps
from handlers.steps import entries as entry_steps
from handlers.web import entry_pages
from handlers.web.api import read_case
from handlers.web.choices import choices_of, days_of
from handlers.web.desk_list import show_list
from handlers.web.earlier import earlier_of
from handlers.web.near import drafted, near_pages
from handlers.web.sign_many import sign_many_routes
from handlers.web.words import (
    CONTACT_FIELDS,
    DONE,
    FILE_FIELDS,
    HAPPENED,
    IGNORED,
    LOGGED,
    PART_STATES,
    PARTS,
)
from schemas.attachments import Addresses, CaseFiles
from schemas.city import City
from schemas.errors import ActionNotAllowed, BadInput, Forbidden, Overtaken, Refused, StaleVersion
from schemas.forms import NO_ERRORS, FormErrors, form_errors
from schemas.http import Answer, Call, Page, Redirect, Route, read
from schemas.ids import CaseId
from schemas.ports import Callers, CaseClocks, Contacts, LiveEntries, NearAnswers, PublicAnswers
from schemas.words import CaseField, CaseState, FileAudience, Language, Role

_DEPARTMENT = frozenset({Role.DEPARTMENT})

#: How long a page says what its reader did (project choice): loaded anew it still does, the next day it does not.
_JUST_NOW = timedelta(minutes=10)
#: Characters of a list's address (project choice: a hundred of words, each as twelve, and all else that narrows it).
_LONGEST_PLACE = 1_800


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What the pages of one case depend on."""

    city: City
    addresses: Addresses | None
    files: CaseFiles | None = None
    clocks: CaseClocks | None = None
    #: What a reply may begin with, and who knows what was answered before and what everybody reads; not asked if None.
    entries: LiveEntries | None = None
    near: NearAnswers | None = None
    answers: PublicAnswers | None = None
    #: Who wrote before; not shown if None.
    callers: Callers | None = None


async def show_case(call: Call, *, desk: Desk) -> Page:
    """One case with its history, and a form for each action that is allowed now."""
    asked: _CaseQuery = call.query
    case = await read_case(call, clocks=desk.clocks, addresses=desk.addresses)
    older = "timeline" if asked.timeline_before else "supplements" if asked.supplements_before else None
    entry = await drafted(call, case, asked.entry, desk.entries)
    begun: dict[str, Any] = {}
    if entry is not None:
        typed = {"response": draft_from(entry.content)}
        begun = {"acting": Action.REPLY.value, "typed": typed, "drafted_from": entry}
    return await _case_page(call, case, desk, done=_done(call, case, asked.done), older=older, **begun)


def _done(call: Call, case: Full, action: str | None) -> str | None:
    """What is said of what the caller did just now; None to whoever only has the address from them."""
    event, since = LOGGED.get(action or "", action), call.unit.now - _JUST_NOW
    did = any(
        (row.event, row.actor) == (event, call.principal.name) and row.at >= since for row in case.timeline
    )
    return DONE.get(action or "") if did else None


async def _case_page(call: Call, case: Full, desk: Desk, **more: Any) -> Page:
    own = call.principal.own_department
    context = {
        "case": case,
        "place": _place(call),
        "offer": await desk.files.offer(call.unit, more.get("typed", {})) if desk.files else {},
        "makes_entry": await entry_steps.may_make(call.unit, own, case.case_id, desk.answers),
        "happened": HAPPENED,
        "into": await _merged_into(call, case),
        "refused": refused_last(case.timeline) if case.closed_at is None and case.part == "lead" else None,
        "danger_said": danger_said_in(case.timeline, case.closed_at),
        "sound": sound_of(case.timeline) if case.closed_at is None else (),
        "shares": lambda case, file: may_become(file, case.part, case.state),
        "ignored": IGNORED,
        "parts": PARTS,
        "part_states": PART_STATES,
        "has_near": desk.near is not None and case.closed_at is None,
        "drafted_from": None,
        "offered": sorted(
            (ACTIONS[action] for action in case.allowed_actions), key=lambda action: action.form.place
        ),
        "choices": choices_of(case, desk.city),
        "days": days_of(case, call.unit.now, desk.city.zone),
        "earlier": await earlier_of(call, case, desk.callers),
        "acting": None,
        "typed": {},
        "unsent": (),
        "errors": NO_ERRORS,
        "older": None,
    }
    status = more.pop("status", 200)
    return Page(template="handlers/desk_case.html", context={**context, **more}, status=status)


def _place(call: Call) -> str:
    """Where in which list of the desk the case was opened, as that list's address says it; empty: nowhere in particular."""
    asked = call.query.list if isinstance(call.query, _CaseQuery) else call.form.get("list")
    return asked if asked and len(asked) <= _LONGEST_PLACE else ""


def _done_at(call: Call, done: str) -> Redirect:
    told = {"done": done, "list": _place(call)}
    return Redirect(
        to=f"/desk/{call.case_id}?" + urlencode({name: each for name, each in told.items() if each})
    )


async def _merged_into(call: Call, case: Full) -> CaseId | None:
    """The case that this one was merged into, where the department takes part in it."""
    if case.state is not CaseState.MERGED:
        return None
    return await read_cases.merged_into(call.unit, case.case_id, call.principal.own_department)


async def act(call: Call, *, action: Action, desk: Desk) -> Page | Redirect:
    """Perform the action and go back to the case; a refusal shows the form again with what was typed and what is wrong."""
    if call.is_draft:
        return await _as_typed(call, action.value, desk)
    try:
        body = read(ACTIONS[action].body, _fields(call, action), strict=False)
        known = by_form(call.principal, call.form_token, call.case_id, action, body)
        await act_on_case.act(call.unit, call.principal, call.case_id, action, body, desk.city, known)
    except (StaleVersion, ActionNotAllowed) as refusal:
        # What somebody wrote may be another's than what was done: it is shown again.
        is_wordless = not ACTIONS[action].form.fields
        if not is_wordless or not await act_on_case.was_just_done(
            call.unit, call.principal, call.case_id, action, body.version
        ):
            return await _refused(call, action.value, refusal, desk)
    except BadInput as refusal:
        return await _refused(call, action.value, refusal, desk)
    return _done_at(call, action.value)


def _fields(call: Call, action: Action) -> dict[str, object]:
    fields: dict[str, object] = {name: text for name, text in call.form.items() if text != ""}
    for field in ACTIONS[action].form.fields:
        if field.kind == "departments" and field.name in fields:
            fields[field.name] = str(fields[field.name]).split(",")
    return fields


async def _refused(call: Call, acting: str, refusal: Refused, desk: Desk) -> Page:
    errors = _errors(acting, refusal, call.language)
    return await _as_typed(call, acting, desk, errors=errors, status=refusal.status)


async def _as_typed(call: Call, acting: str, desk: Desk, **more: Any) -> Page:
    case = await read_case(call, clocks=desk.clocks, addresses=desk.addresses)
    if call.is_draft and call.form.get("version", str(case.version)) != str(case.version):
        # Typed before somebody else's change: to be read again before it is sent.
        stale = StaleVersion(current=case.version)
        more = {"errors": _errors(acting, stale, call.language), **more}
    return await _case_page(
        call,
        case,
        desk,
        acting=acting,
        typed=call.form,
        resend=call.form,
        unsent=_unsent(call, acting, case),
        **more,
    )


def _unsent(call: Call, acting: str, case: Full) -> Sequence[tuple[str, str]]:
    """What was typed into a form that the case no longer offers: by the field's label, to be read and copied."""
    if acting in _LABELS or Action(acting) in case.allowed_actions:
        return ()
    labels = ACTIONS[Action(acting)].labels
    return [(labels[name], text) for name, text in call.form.items() if name in labels and text.strip()]


def _errors(acting: str, refusal: Refused, language: Language) -> FormErrors:
    """What is wrong with the form `acting`, whose inputs are called `acting-field` beside those of the others."""
    labels = _LABELS[acting] if acting in _LABELS else ACTIONS[Action(acting)].labels
    inputs = {"files": "attachments"} if acting == "files" else None
    return form_errors(refusal, language, otherwise="case", labels=labels, prefix=f"{acting}-", inputs=inputs)


async def reply(call: Call, *, desk: Desk) -> Page | Redirect:
    """Show the reply as the citizen will read it, masked; send it once the department has confirmed that preview."""
    step = call.form.get("step")
    if call.is_draft or step == "edit":
        return await _as_typed(call, Action.REPLY.value, desk)
    if step == "send":
        return await act(call, action=Action.REPLY, desk=desk)
    case = await read_cases.read_case(call.unit, call.principal.own_department, call.case_id)
    call.shows(case.case_id, CaseField.TITLE)
    try:
        _check_reply(case, call)
        body = read(Reply, _fields(call, Action.REPLY), strict=False)
        note, response = clean_each((body.note, "note"), (body.response, "response"))
    except (BadInput, StaleVersion, ActionNotAllowed) as refusal:
        return await _refused(call, Action.REPLY.value, refusal, desk)
    context = {
        "case": case,
        "typed": call.form,
        "place": _place(call),
        "resend": call.form,
        "note": note,
        "response": response,
        "files": [file for file in case.files if file.audience is not FileAudience.DEPARTMENTS],
        "undone": [part.department for part in case.parts if part.state == "asked"],
        "is_masked": (note, response) != (tidy(body.note), tidy(body.response)),
    }
    return Page(template="handlers/desk_preview.html", context=context)


def _check_reply(case: Full, call: Call) -> None:
    if call.form.get("version") != str(case.version):
        raise StaleVersion(current=case.version)
    if Action.REPLY not in case.allowed_actions:
        raise ActionNotAllowed(state=case.state.value, allowed_actions=list(case.allowed_actions))


async def show_contact(call: Call, *, desk: Desk, contacts: Contacts) -> Page:
    """Show the citizen's contact details once, after writing to the log who asked and why."""
    if call.is_draft:
        return await _as_typed(call, "contact", desk)
    try:
        asked = call.read_form(ContactReason)
        contact = await act_on_case.show_contact(call.unit, call.principal, call.case_id, asked, contacts)
    except BadInput as refusal:
        return await _refused(call, "contact", refusal, desk)
    except Forbidden as refusal:
        # Whoever has the form could see it when the page was opened.
        errors = _errors("contact", Overtaken(), call.language)
        return await _as_typed(call, "contact", desk, errors=errors, status=refusal.status)
    call.shows(call.case_id, CaseField.CONTACT)
    case = await read_cases.read_case(call.unit, call.principal.own_department, call.case_id)
    context = {
        "case": case,
        "contact": contact,
        "place": _place(call),
        "way_back": f"/desk/{case.case_id}",
    }
    return Page(template="handlers/desk_contact.html", context=context)


async def add_files(call: Call, *, desk: Desk, files: CaseFiles) -> Page | Redirect:
    """Give the case the files that the form brought, or names."""
    if call.is_draft:
        return await _as_typed(call, "files", desk)
    try:
        if call.refusal is not None:
            raise call.refusal
        named = [each for each in call.form.get("attachments", "").split(",") if each]
        given = {**call.form, "attachments": named} if named else dict(call.form, attachments=None)
        body = read(AddFiles, {name: value for name, value in given.items() if value}, strict=False)
        await steps.add_files(call.unit, call.principal, call.case_id, body, files)
    except (BadInput, StaleVersion, ActionNotAllowed) as refusal:
        return await _refused(call, "files", refusal, desk)
    return _done_at(call, "files")


async def share_file(call: Call, *, desk: Desk, files: CaseFiles) -> Page | Redirect:
    """Let others see a file of the case, or see it no longer."""
    if call.is_draft:
        return await _as_typed(call, "share", desk)
    try:
        body = call.read_form(ShareFile)
        await steps.share_file(call.unit, call.principal, call.case_id, body, files)
    except (BadInput, StaleVersion, ActionNotAllowed) as refusal:
        return await _refused(call, "share", refusal, desk)
    return _done_at(call, "share")


#: The forms of a case that are no actions of the lifecycle, with what their fields are called.
_LABELS: Mapping[str, Mapping[str, str]] = {
    "contact": CONTACT_FIELDS,
    "files": FILE_FIELDS,
    "share": FILE_FIELDS,
}


class _CaseQuery(DeskCaseQuery, frozen=True, kw_only=True):
    done: Annotated[str, msgspec.Meta(pattern="^[a-z-]{1,20}$")] | None = None
    #: The knowledge entry that the reply is to begin with.
    entry: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    #: Where the case was opened: see `_place`.
    list: str | None = None


def routes(
    *,
    city: City,
    contacts: Contacts,
    addresses: Addresses | None = None,
    files: CaseFiles | None = None,
    clocks: CaseClocks | None = None,
    entries: LiveEntries | None = None,
    near: NearAnswers | None = None,
    answers: PublicAnswers | None = None,
    callers: Callers | None = None,
) -> tuple[Route, ...]:
    """The routes of the desk's pages, for departments only."""
    desk = Desk(
        city=city, addresses=addresses, files=files, clocks=clocks, entries=entries, near=near, answers=answers,
        callers=callers,
    )  # fmt: skip
    contact = partial(show_contact, desk=desk, contacts=contacts)
    plain = [action for action in ACTIONS.values() if action.name is not Action.REPLY]
    show_all = partial(show_list, zone=city.zone, clocks=clocks)
    return (
        *entry_pages.routes(city=city, answers=answers),
        _page("GET", "", show_all, "The department's cases", query=DeskQuery),
        *near_pages(near, entries),
        *sign_many_routes(city=city),
        _page("GET", "/{case_id}", partial(show_case, desk=desk), "One case", query=_CaseQuery),
        *(
            _page(
                "POST",
                f"/{{case_id}}/{action.name}",
                partial(act, action=action.name, desk=desk),
                action.summary,
                takes_drafts=True,
            )
            for action in plain
        ),
        _page(
            "POST",
            "/{case_id}/reply",
            partial(reply, desk=desk),
            "Preview and send a reply",
            takes_drafts=True,
        ),
        _page("POST", "/{case_id}/contact", contact, "How to reach the citizen", takes_drafts=True),
        *(() if files is None else _file_pages(desk, files)),
    )


def _file_pages(desk: Desk, files: CaseFiles) -> tuple[Route, ...]:
    add, share = (partial(each, desk=desk, files=files) for each in (add_files, share_file))
    return (
        _page(
            "POST",
            "/{case_id}/files",
            add,
            "Add files",
            takes_drafts=True,
            before=files.keep,
            takes_files=files.most_bytes,
        ),
        _page("POST", "/{case_id}/share", share, "Say who may see a file", takes_drafts=True),
    )


def _page(method: str, path: str, answer: Answer, summary: str, **more: Any) -> Route:
    return Route(
        method=method, path=f"/desk{path}", answer=answer, who=_DEPARTMENT, summary=summary, page=True, **more
    )
