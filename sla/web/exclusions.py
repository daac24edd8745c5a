"""Exclusions and appeals (不纳入考核、考核申诉): a department's page of its case, and what waits for supervisors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

import msgspec

from schemas.city import City
from schemas.errors import ActionNotAllowed, BadInput, NotFound, StaleVersion
from schemas.forms import NO_ERRORS, FormErrors, form_errors
from schemas.http import Answer, Call, Page, Redirect, Route
from schemas.ids import CaseId
from schemas.ports import CaseMatters, CaseReaders
from schemas.words import CaseField, Role
from sla.core.calendar import Calendar
from sla.core.exclusions import (
    TEXT_LIMIT,
    WAITING,
    WHOLE_CASE,
    Exclusion,
    ExclusionAsk,
    exclusion_rule,
    who_may_not,
)
from sla.core.figure_kinds import figure_kinds
from sla.steps import exclusions as steps
from sla.web.unsent import unsent
from sla.web.words import EXCLUSION_STATES, EXCLUSION_STEPS, name_of, words_in

_ASKERS = frozenset({Role.DEPARTMENT})
_JUDGES = frozenset({Role.SUPERVISOR})
_WATCHERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
#: Project choice: a page that fits the screen.
_SHOWN = 20
_Text = Annotated[str, msgspec.Meta(max_length=TEXT_LIMIT * 2)]


class ExclusionQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which list: what waits for a decision, or what was decided; departments have one of their own."""

    state: Literal["waiting", "settled"] = "waiting"
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = _SHOWN
    done: Literal["asked", "appealed", "taken_back", "granted", "refused", "revoked"] | None = None


class ShownExclusion(Exclusion, frozen=True, kw_only=True):
    """A request as it is read. `seen`: what a decision names as its `version`."""

    seen: int
    #: For how many whole days it has stood so, and whether it waits for longer than it may.
    age_days: int
    overdue: bool
    #: Of what may be read, for supervisors.
    title: str | None = None


class Exclusions(msgspec.Struct, frozen=True, kw_only=True):
    """A page of requests: those that wait, the longest first; all others the latest first."""

    items: Sequence[ShownExclusion]
    next_cursor: str | None


class CaseExclusions(msgspec.Struct, frozen=True, kw_only=True):
    """What the department asked about a case, and whether it may ask now."""

    case_id: CaseId
    tracking_code: str | None
    items: Sequence[ShownExclusion]
    may_ask: bool
    #: Until when; or why not, in the caller's language.
    until: datetime | None
    why_not: str | None


class OneBody(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the case's requests."""

    number: int


class AppealBody(OneBody, frozen=True, kw_only=True):
    """Why the refusal is wrong."""

    text: _Text = ""


class JudgeBody(AppealBody, frozen=True, kw_only=True):
    """What is decided, and why; `version`: the request as it was read."""

    decision: Literal["grant", "refuse", "revoke"]
    version: int


class AskForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a form asks for; its figures are ticked one by one."""

    reason: str = ""
    text: _Text = ""


@dataclass(frozen=True, kw_only=True)
class ExclusionDesk:
    """What exclusions need beside the call. `readers`: which department has a case; `matters`: what may be read of it."""

    city: City
    calendar: Calendar
    readers: CaseReaders
    matters: CaseMatters


def _is_department(call: Call) -> bool:
    return call.principal.role is Role.DEPARTMENT


def _shown(call: Call, each: Exclusion, title: str | None = None) -> ShownExclusion:
    now, waits = call.unit.now, each.state in WAITING
    return ShownExclusion(
        **msgspec.structs.asdict(each), seen=each.version, age_days=(now - each.since).days, title=title,
        overdue=waits and each.is_current and each.until is not None and each.until < now,
    )  # fmt: skip


async def list_exclusions(call: Call, *, on: ExclusionDesk) -> Exclusions:
    """One page: a department's own; for supervisors what waits, or what was decided. Of no protected case."""
    query: ExclusionQuery = call.query
    if not _is_department(call) and query.state == "waiting":
        found, cursor = await steps.list_waiting(call.unit, cursor=query.cursor, limit=query.limit)
    else:
        department = call.principal.own_department if _is_department(call) else None
        found, cursor = await steps.list_latest(call.unit, department, cursor=query.cursor, limit=query.limit)
    titles = await on.matters.titles(call.unit, [each.case_id for each in found])
    # What is kept from view since, of merged cases too, is in neither list.
    found = [each for each in found if each.case_id in titles]
    for each in found:
        call.shows(each.case_id, CaseField.NOTE, *([] if _is_department(call) else [CaseField.TITLE]))
    items = [_shown(call, each, None if _is_department(call) else titles[each.case_id]) for each in found]
    return Exclusions(items=items, next_cursor=cursor)


async def show_own(call: Call, *, on: ExclusionDesk) -> CaseExclusions:
    """What the caller's department asked about a case, and whether it may ask now."""
    own = await steps.read_own(
        call.unit, call.principal, call.case_id, readers=on.readers, calendar=on.calendar
    )
    if own.items:
        call.shows(call.case_id, CaseField.NOTE)
    return CaseExclusions(
        case_id=call.case_id,
        tracking_code=own.tracking_code,
        items=[_shown(call, each) for each in own.items],
        may_ask=own.refusal is None,
        until=own.until,
        why_not=own.refusal.message(call.language) if own.refusal else None,
    )


async def ask(call: Call, *, on: ExclusionDesk) -> ShownExclusion:
    """Ask that a case be left out of figures of the caller's department."""
    return await _ask(call, call.body, on)


async def _ask(call: Call, asked: ExclusionAsk, on: ExclusionDesk) -> ShownExclusion:
    made = await steps.ask(
        call.unit, call.principal, call.case_id, asked, readers=on.readers, calendar=on.calendar
    )
    return _answer(call, made)


def _answer(call: Call, made: Exclusion) -> ShownExclusion:
    call.shows(call.case_id, CaseField.NOTE)
    return _shown(call, made)


async def appeal(call: Call, *, on: ExclusionDesk) -> ShownExclusion:
    """Appeal against a refusal, once."""
    return await _appeal(call, call.body, on)


async def _appeal(call: Call, body: AppealBody, on: ExclusionDesk) -> ShownExclusion:
    made = await steps.appeal(
        call.unit, call.principal, call.case_id, body.number, body.text, readers=on.readers, calendar=on.calendar
    )  # fmt: skip
    return _answer(call, made)


async def take_back(call: Call, *, on: ExclusionDesk) -> ShownExclusion:
    """Take a request back: the case stands in the figures again."""
    return await _take_back(call, call.body, on)


async def _take_back(call: Call, body: OneBody, on: ExclusionDesk) -> ShownExclusion:
    made = await steps.take_back(call.unit, call.principal, call.case_id, body.number, readers=on.readers)
    return _answer(call, made)


async def judge(call: Call, *, on: ExclusionDesk) -> ShownExclusion:
    """Decide on a request or an appeal, or revoke what was granted."""
    return await _judge(call, call.body, on)


async def _judge(call: Call, body: JudgeBody, on: ExclusionDesk) -> ShownExclusion:
    await _title(call, on)
    made = await steps.judge(
        call.unit, call.principal, call.case_id, body.number, body.decision, body.text, version=body.version,
        calendar=on.calendar,
    )  # fmt: skip
    return _answer(call, made)


async def show_list(call: Call, *, on: ExclusionDesk) -> Page:
    """The list as a page."""
    query: ExclusionQuery = call.query
    found = await list_exclusions(call, on=on)
    first = "/exclusions" if _is_department(call) else f"/exclusions?state={query.state}"
    joint = "?" if _is_department(call) else "&"
    context = {
        **_words(call, on),
        "state": query.state,
        "done": query.done,
        "found": found,
        "first": first if query.cursor else None,
        "next": f"{first}{joint}cursor={found.next_cursor}" if found.next_cursor else None,
    }
    return Page(template="sla/exclusions.html", context=context)


def _words(call: Call, on: ExclusionDesk) -> Mapping[str, Any]:
    rates = {kind.code: kind.label.message(call.language) for kind in figure_kinds().rate}
    return {
        "is_department": _is_department(call),
        "name_of": partial(name_of, "department", city=on.city, language=call.language),
        "figures": {
            **rates,
            WHOLE_CASE: call.language.choose("整件（全部比率）", "the whole case: every rate"),
        },
        "reasons": {each.code: each.label.message(call.language) for each in exclusion_rule().reason},
        "states": words_in(EXCLUSION_STATES, call.language),
        "steps": words_in(EXCLUSION_STEPS, call.language),
    }


async def show_one(call: Call, *, on: ExclusionDesk) -> Page:
    """One case: the department's own requests and the form; for supervisors every request, and what they decide."""
    return await _page(call, on)


async def _page(call: Call, on: ExclusionDesk, errors: FormErrors = NO_ERRORS, status: int = 200) -> Page:
    case = await show_own(call, on=on) if _is_department(call) else await _of_case(call, on)
    context = {
        **_words(call, on),
        "case": case,
        "may_judge": call.principal.role in _JUDGES,
        "others_judge": {each.number: _why_another_judges(call, each) for each in case.items},
        "may_be_asked": exclusion_rule().figures,
        "whole": WHOLE_CASE,
        "text_limit": TEXT_LIMIT,
        "typed": call.form,
        "unsent": unsent(call, case.items, may_ask=case.may_ask),
        "errors": errors,
        "resend": call.form,
    }
    return Page(template="sla/exclusion.html", context=context, status=status)


def _why_another_judges(call: Call, exclusion: Exclusion) -> str | None:
    """Said before anybody writes why they decide; None: the caller may."""
    refusal = who_may_not(exclusion, call.principal.name, call.principal.department)
    return refusal.message(call.language) if refusal else None


async def _of_case(call: Call, on: ExclusionDesk) -> CaseExclusions:
    found = await steps.read_all(call.unit, call.case_id)
    title = await _title(call, on)
    call.shows(call.case_id, CaseField.NOTE, CaseField.TITLE)
    return CaseExclusions(
        case_id=call.case_id,
        tracking_code=found[0].tracking_code,
        items=[_shown(call, each, title) for each in found],
        may_ask=False,
        until=None,
        why_not=None,
    )


async def _title(call: Call, on: ExclusionDesk) -> str:
    """Of a case that whoever watches may read.

    Raises:
        NotFound: it is kept to those who handle it.
    """
    titles = await on.matters.titles(call.unit, [call.case_id])
    if call.case_id not in titles:
        raise NotFound
    return titles[call.case_id]


async def _from_page(call: Call, on: ExclusionDesk, done: str, what: Answer) -> Page | Redirect:
    """Do it and show the list; what was refused is said above the form, which keeps what was typed."""
    if call.is_draft:
        return await _page(call, on)
    try:
        await what(call)
    except (ActionNotAllowed, BadInput, StaleVersion) as refusal:
        errors = form_errors(refusal, call.language, otherwise="requests")
        return await _page(call, on, errors, refusal.status)
    return Redirect(to=f"/exclusions?done={done}")


async def ask_on_page(call: Call, *, on: ExclusionDesk) -> Page | Redirect:
    """Ask from the page: each figure is a box of its own."""

    async def asked(call: Call) -> None:
        form = call.read_form(AskForm)
        figures = tuple(
            code for code in (WHOLE_CASE, *exclusion_rule().figures) if call.form.get(f"figure-{code}")
        )
        await _ask(call, ExclusionAsk(figures=figures, reason=form.reason, text=form.text), on)

    return await _from_page(call, on, "asked", asked)


async def appeal_on_page(call: Call, *, on: ExclusionDesk) -> Page | Redirect:
    """Appeal against a refusal from the page."""

    async def appealed(call: Call) -> None:
        await _appeal(call, call.read_form(AppealBody), on)

    return await _from_page(call, on, "appealed", appealed)


async def take_back_on_page(call: Call, *, on: ExclusionDesk) -> Page | Redirect:
    """Take a request back from the page."""

    async def taken(call: Call) -> None:
        await _take_back(call, call.read_form(OneBody), on)

    return await _from_page(call, on, "taken_back", taken)


async def judge_on_page(call: Call, *, on: ExclusionDesk) -> Page | Redirect:
    """Decide on a request from the page."""
    done = {"grant": "granted", "refuse": "refused", "revoke": "revoked"}.get(
        call.form.get("decision", ""), "refused"
    )

    async def judged(call: Call) -> None:
        await _judge(call, call.read_form(JudgeBody), on)

    return await _from_page(call, on, done, judged)


def api_routes(on: ExclusionDesk) -> tuple[Route, ...]:
    """What departments' systems may ask, and supervisors' decide."""
    own, watched = "/api/v1/desk/cases/{case_id}", "/api/v1/sla/exclusions"
    return (
        _route("GET", "/api/v1/desk/exclusions", list_exclusions, on, _ASKERS,
               "What the department asked to have left out of its figures", query=ExclusionQuery, returns=Exclusions),
        _route("GET", f"{own}/exclusions", show_own, on, _ASKERS,
               "What was asked about a case, and whether it may be asked now", returns=CaseExclusions),
        _route("POST", f"{own}/exclude", ask, on, _ASKERS,
               "Ask that a case be left out of figures", body=ExclusionAsk, returns=ShownExclusion),
        _route("POST", f"{own}/appeal", appeal, on, _ASKERS,
               "Appeal against a refusal, once; another supervisor decides", body=AppealBody, returns=ShownExclusion),
        _route("POST", f"{own}/take-back", take_back, on, _ASKERS,
               "Take such a request back", body=OneBody, returns=ShownExclusion),
        _route("GET", watched, list_exclusions, on, _WATCHERS,
               "Requests to leave cases out of figures: those that wait, or `state=settled`", query=ExclusionQuery,
               returns=Exclusions),
        _route("POST", f"{watched}/{{case_id}}/judge", judge, on, _JUDGES,
               "Decide on a request or an appeal, or revoke what was granted", body=JudgeBody, returns=ShownExclusion),
    )  # fmt: skip


def page_routes(on: ExclusionDesk) -> tuple[Route, ...]:
    """The list, one case's page, and what is done there."""
    one, both = "/exclusions/{case_id}", _ASKERS | _WATCHERS
    return (
        _route("GET", "/exclusions", show_list, on, both, "Cases left out of figures", query=ExclusionQuery, page=True),
        _route("GET", one, show_one, on, both, "A case left out of figures", page=True),
        _form(f"{one}/exclude", ask_on_page, on, _ASKERS, "Ask that a case be left out of figures"),
        _form(f"{one}/appeal", appeal_on_page, on, _ASKERS, "Appeal against a refusal"),
        _form(f"{one}/take-back", take_back_on_page, on, _ASKERS, "Take a request back"),
        _form(f"{one}/judge", judge_on_page, on, _JUDGES, "Decide on a request or an appeal"),
    )  # fmt: skip


def _form(path: str, answer: Any, on: ExclusionDesk, who: frozenset[Role], summary: str) -> Route:
    return _route("POST", path, answer, on, who, summary, page=True, takes_drafts=True)


def _route(
    method: str, path: str, answer: Any, on: ExclusionDesk, who: frozenset[Role], summary: str, **more: Any
) -> Route:
    return Route(method=method, path=path, answer=partial(answer, on=on), who=who, summary=summary, **more)
