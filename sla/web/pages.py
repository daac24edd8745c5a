"""The watch page (监督台): what is overdue or nearly due, by department; urge and supervise."""

from functools import partial
from typing import Any

from schemas.city import City
from schemas.errors import ActionNotAllowed, BadInput
from schemas.forms import NO_ERRORS, FormErrors, form_errors
from schemas.http import Answer, Call, Page, Redirect, Route
from schemas.ports import ViewCounts
from schemas.words import Language, Urgency
from sla import steps
from sla.core.calendar import Calendar
from sla.core.calendars import hours_of
from sla.core.readings import PressingCount
from sla.core.rules import DeadlineRules
from sla.steps import watch
from sla.steps.present_rules import move_to_present_rules
from sla.web import api, promises
from sla.web.api import WATCHERS, show_figures, show_hot_topics
from sla.web.chart import bars
from sla.web.views import FigureQuery, PressingList, ReasonBody, UrgeBody, WatchQuery
from sla.web.words import HAPPENED, RECIPIENTS, STATES, allowance_in, clock_name, name_of, role_name, words_in

#: Project choice: a page of each list that fits the screen, and the topics that a supervisor reads every day.
_SHOWN = 20
_HOT_SHOWN = 10
#: The State Council announces the next year's holidays in October or November.
_ANNOUNCEMENT_MONTH = 10


async def show_watch(call: Call, *, city: City, calendar: Calendar, rules: DeadlineRules) -> Page:
    """What presses, most pressing first."""
    query: WatchQuery = call.query
    counts = await watch.count_pressing(call.unit)
    asked = [count for count in counts if query.department in (None, count.department)]
    return Page(
        template="sla/watch.html",
        context={
            "query": query,
            "overdue": await _list(call, overdue=True),
            "near": await _list(call, overdue=False),
            "overdue_count": sum(count.overdue for count in asked),
            "near_count": sum(count.near for count in asked),
            "chart": bars([_bar(count, city, call.language) for count in counts]),
            "hot_topics": (await show_hot_topics(call, city=city, calendar=calendar)).items[:_HOT_SHOWN],
            "departments": [(d.code, d.name(call.language)) for d in city.departments],
            "name_of": partial(name_of, city=city, language=call.language),
            "clock_name": partial(clock_name, rules=rules, language=call.language),
            "recipients": words_in(RECIPIENTS, call.language),
            "Urgency": Urgency,
            "now": call.unit.now,
            "year_missing": _year_missing(call, calendar),
        },
    )


def _year_missing(call: Call, calendar: Calendar) -> int | None:
    """The year whose announcement deadlines wait for, from a quarter of a year ahead."""
    today = calendar.local_day(call.unit.now)
    soon = today.year + (today.month >= _ANNOUNCEMENT_MONTH)
    announced = calendar.announced_years
    return soon if announced is not None and soon not in announced else None


def _bar(count: PressingCount, city: City, language: Language) -> tuple[str, int, int]:
    if count.department is None:
        return language.choose("诉求中心", "The centre"), count.overdue, count.near
    return name_of("department", count.department, city, language), count.overdue, count.near


async def _list(call: Call, *, overdue: bool) -> PressingList:
    query: WatchQuery = call.query
    rows, next_cursor = await watch.list_pressing(
        call.unit,
        overdue=overdue,
        department=query.department,
        cursor=query.overdue_after if overdue else query.near_after,
        limit=_SHOWN,
    )
    if next_cursor is None:
        return PressingList(rows=rows, more=None)
    field = "overdue_after" if overdue else "near_after"
    return PressingList(rows=rows, more="/watch" + query.kept(**{field: next_cursor}))


async def show_case(
    call: Call, *, city: City, rules: DeadlineRules, calendar: Calendar, views: ViewCounts
) -> Page:
    """One case's clocks, everything that moved them, and who looked at the case before."""
    return await _case_page(call, city, rules, calendar, views)


async def _case_page(
    call: Call,
    city: City,
    rules: DeadlineRules,
    calendar: Calendar,
    views: ViewCounts,
    errors: FormErrors = NO_ERRORS,
    status: int = 200,
) -> Page:
    return Page(
        template="sla/case.html",
        status=status,
        context={
            "query": call.query,
            "case": await api.show_case(call, views=views),
            "happened": words_in(HAPPENED, call.language),
            "states": words_in(STATES, call.language),
            "recipients": words_in(RECIPIENTS, call.language),
            "name_of": partial(name_of, city=city, language=call.language),
            "clock_name": partial(clock_name, rules=rules, language=call.language),
            "role_name": partial(role_name, language=call.language),
            "allowance": partial(allowance_in, language=call.language),
            "errors": errors,
            "note": call.form.get("note", ""),
            "reason": call.form.get("reason", ""),
            "present": rules.version,
            "hours_of": partial(hours_of, calendar),
            "resend": call.form,
        },
    )


async def urge(
    call: Call, *, city: City, rules: DeadlineRules, calendar: Calendar, views: ViewCounts, supervised: bool
) -> Page | Redirect:
    """Urge or supervise, then back to the list as it was; what was refused is said on the case's page."""
    if call.is_draft:
        return await _case_page(call, city, rules, calendar, views)
    try:
        body = call.read_form(UrgeBody)
        await steps.urge(
            call.unit,
            call.case_id,
            by=call.principal.name,
            note=body.note,
            supervised=supervised,
            rules=rules,
            calendar=calendar,
        )
    except (ActionNotAllowed, BadInput) as refusal:
        errors = form_errors(refusal, call.language, otherwise="note")
        return await _case_page(call, city, rules, calendar, views, errors, refusal.status)
    return Redirect(to="/watch" + call.query.kept(done="supervised" if supervised else "urged"))


async def move_to_rules(
    call: Call, *, city: City, rules: DeadlineRules, calendar: Calendar, views: ViewCounts
) -> Page | Redirect:
    """Move the case to the present rules, then show it; what was refused is said there."""
    if call.is_draft:
        return await _case_page(call, city, rules, calendar, views)
    try:
        body = call.read_form(ReasonBody)
        await move_to_present_rules(
            call.unit,
            call.case_id,
            by=call.principal.name,
            reason=body.reason,
            rules=rules,
            calendar=calendar,
        )
    except (ActionNotAllowed, BadInput) as refusal:
        errors = form_errors(refusal, call.language, otherwise="reason")
        return await _case_page(call, city, rules, calendar, views, errors, refusal.status)
    return Redirect(to=f"/watch/cases/{call.case_id}" + call.query.kept())


async def figures(call: Call, *, city: City, calendar: Calendar) -> Page:
    """Figures of the cases received in a span of days; a span that cannot be is said to be one above the form."""
    query: FigureQuery = call.query
    shown: dict[str, Any] = {"first": query.first, "last": query.last, "by": query.by, "errors": NO_ERRORS}
    try:
        found = await show_figures(call, city=city, calendar=calendar)
    except BadInput as refusal:
        shown["errors"] = form_errors(refusal, call.language)
        return Page(template="sla/figures.html", context=shown, status=refusal.status)
    shown |= {"first": found.first, "last": found.last, "figures": found}
    return Page(template="sla/figures.html", context=shown)


def routes(*, city: City, calendar: Calendar, rules: DeadlineRules, views: ViewCounts) -> tuple[Route, ...]:
    """The supervisors' pages.

    `rules`: what they call the clocks; each keeps the terms it started with. `views`: who looked at a case.
    """
    listed = partial(show_watch, city=city, calendar=calendar, rules=rules)
    counted = partial(figures, city=city, calendar=calendar)
    one = partial(show_case, city=city, rules=rules, calendar=calendar, views=views)
    urged = partial(urge, city=city, rules=rules, calendar=calendar, views=views, supervised=False)
    supervised = partial(urge, city=city, rules=rules, calendar=calendar, views=views, supervised=True)
    moved = partial(move_to_rules, city=city, rules=rules, calendar=calendar, views=views)
    return (
        _page("GET", "", listed, "What is overdue or nearly due", query=WatchQuery),
        _page("GET", "/figures", counted, "Figures", query=FigureQuery),
        *promises.page_routes(city=city),
        _page("GET", "/cases/{case_id}", one, "One case's clocks", query=WatchQuery),
        _action("urge", urged, "Urge the department"),
        _action("supervise", supervised, "Supervise the department"),
        _action("rules", moved, "Move the case to the present rules"),
    )


def _action(what: str, answer: Answer, summary: str) -> Route:
    return _page("POST", f"/cases/{{case_id}}/{what}", answer, summary, query=WatchQuery, takes_drafts=True)


def _page(method: str, path: str, answer: Answer, summary: str, **more: Any) -> Route:
    return Route(
        method=method, path=f"/watch{path}", answer=answer, who=WATCHERS, summary=summary, page=True, **more
    )
