"""The watch page (监督台): what is overdue or nearly due, by department; urge and supervise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from schemas.city import City
from schemas.days import end_of_day
from schemas.errors import ActionNotAllowed, BadInput, named_wrong
from schemas.forms import NO_ERRORS, FormErrors, form_errors
from schemas.http import Answer, Call, Page, Redirect, Route
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import CaseLives, CaseMatters, GrowingTopics, ViewCounts
from schemas.words import CaseField, Language, Urgency
from sla.core.calendar import Calendar
from sla.core.calendars import hours_of
from sla.core.kinds import Owner
from sla.core.picture import picture_of
from sla.core.readings import AT_THE_CENTRE, PressingCount
from sla.core.rules import DeadlineRules
from sla.steps import urge as steps
from sla.steps import watch
from sla.steps.present_rules import move_to_present_rules
from sla.steps.urge import has_department, urge_once
from sla.web import (
    api,
    call_backs,
    drill,
    exclusions,
    export,
    figures,
    orders,
    promises,
    report_drill,
    reports,
    wall,
)
from sla.web.api import WATCHERS
from sla.web.chart import bars
from sla.web.topics import hot_days, page_routes, show_hot_topics
from sla.web.views import HotTopics, PressingList, ReasonBody, SuperviseBody, WatchedCase, WatchQuery
from sla.web.words import (
    CALL_BACK_WHY,
    DONE,
    HAPPENED,
    OWNERS,
    RECIPIENTS,
    SOLVED,
    STATES,
    WHY_NOT,
    allowance_in,
    clock_name,
    name_of,
    role_name,
    seen_from,
    words_in,
)

#: Whom a clock may wait for while it presses: a citizen's ends, and presses nobody.
_ASKED = (Owner.LEAD, Owner.SUPPORTING, Owner.DISPATCHER, Owner.SUPERVISOR)
#: Project choice: whoever means it again has read the page first.
_SECOND_PRESS = timedelta(seconds=10)
#: Project choice: a page of each list that fits the screen, and the topics that a supervisor reads every day.
_SHOWN = 20
_HOT_SHOWN = 10
#: The State Council announces the next year's holidays in October or November.
_ANNOUNCEMENT_MONTH = 10


async def show_watch(
    call: Call,
    *,
    city: City,
    calendar: Calendar,
    rules: DeadlineRules,
    matters: CaseMatters | None = None,
    topics: GrowingTopics | None = None,
) -> Page:
    """What presses, most pressing first."""
    query: WatchQuery = call.query
    midnight = end_of_day(calendar.local_day(call.unit.now), calendar.zone)
    counts = await watch.count_pressing(call.unit, midnight=midnight)
    asked = [count for count in counts if query.department in (None, "", count.department or AT_THE_CENTRE)]
    overdue = await _list(call, overdue=True) if query.due in (None, "", "overdue") else None
    near = await _list(call, overdue=False, until=midnight) if query.due != "overdue" else None
    hot = await _hot(call, city, calendar, topics)
    return Page(
        template="sla/watch.html",
        context={
            "query": query,
            "done": words_in(DONE, call.language).get(query.done or ""),
            "overdue": overdue,
            "near": near,
            "titles": await _titles(call, [each for each in (overdue, near) if each], matters),
            "overdue_count": sum(count.overdue for count in asked),
            "near_count": sum(count.near for count in asked),
            "today_count": sum(count.today for count in asked),
            "chart": bars([_bar(count, city, call.language) for count in counts]),
            "codes": [count.department or AT_THE_CENTRE for count in counts],
            "owners": {owner: words_in(OWNERS, call.language)[owner] for owner in _ASKED},
            "centre": AT_THE_CENTRE,
            "hot_topics": hot.items if hot else (),
            "frequent": hot.frequent if hot else (),
            "frequent_definition": hot.frequent_definition if hot else "",
            "frequent_tags": hot.frequent_tags if hot else (),
            "frequent_tags_definition": hot.frequent_tags_definition if hot else "",
            "growing": hot.topics if hot else (),
            "hot_days": hot_days(hot) if hot else (),
            "departments": [
                (department.code, department.name(call.language)) for department in city.departments
            ],
            "name_of": partial(name_of, city=city, language=call.language),
            "clock_name": partial(clock_name, rules=rules, language=call.language),
            "recipients": words_in(RECIPIENTS, call.language),
            "Urgency": Urgency,
            "now": call.unit.now,
            "year_missing": _year_missing(call, calendar),
        },
    )


async def _hot(call: Call, city: City, calendar: Calendar, topics: GrowingTopics | None) -> HotTopics | None:
    """As far as the page shows them; None where it only asks anew for what presses: nobody sees them then."""
    if call.headers.get("hx-request"):
        return None
    return await show_hot_topics(
        call, city=city, calendar=calendar, topics=topics, most=_HOT_SHOWN, samples=1
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


async def _titles(
    call: Call, lists: Sequence[PressingList], matters: CaseMatters | None
) -> Mapping[CaseId, str]:
    """The titles of what is listed, as far as they may be read; who saw them is written down."""
    listed = list({row.case_id: None for each in lists for row in each.rows})
    titles = await matters.titles(call.unit, listed) if matters else {}
    for case_id in titles:
        call.shows(case_id, CaseField.TITLE)
    return titles


async def _list(call: Call, *, overdue: bool, until: datetime | None = None) -> PressingList:
    """`until`: of what is due soon that which is due before then, where that is asked for."""
    query: WatchQuery = call.query
    rows, next_cursor = await watch.list_pressing(
        call.unit,
        overdue=overdue,
        department=query.department or None,
        owner=query.owner or None,
        until=until if query.due == "today" else None,
        cursor=query.overdue_after if overdue else query.near_after,
        limit=_SHOWN,
        private=query.private,
    )
    if next_cursor is None:
        return PressingList(rows=rows, more=None)
    field = "overdue_after" if overdue else "near_after"
    return PressingList(rows=rows, more="/watch" + query.kept(**{field: next_cursor}))


@dataclass(frozen=True, kw_only=True)
class CasePage:
    """What one case's page needs beside the call. `matters`, `lives`: what may be read of its words."""

    city: City
    rules: DeadlineRules
    calendar: Calendar
    views: ViewCounts
    matters: CaseMatters | None = None
    lives: CaseLives | None = None


async def show_case(call: Call, *, on: CasePage) -> Page:
    """One case's words and clocks, everything that moved them, and who looked at the case before."""
    return await _case_page(call, on)


async def _case_page(call: Call, on: CasePage, errors: FormErrors = NO_ERRORS, status: int = 200) -> Page:
    city, rules, calendar = on.city, on.rules, on.calendar
    case = await api.show_case(call, views=on.views, matters=on.matters, lives=on.lives)
    return Page(
        template="sla/case.html",
        status=status,
        context={
            "query": call.query,
            "case": case,
            "picture": picture_of(case, _moves(case), now=call.unit.now, calendar=calendar),
            "steps": on.lives.happened if on.lives else {},
            "owners": words_in(OWNERS, call.language),
            "happened": words_in(HAPPENED, call.language),
            "states": words_in(STATES, call.language),
            "whys": words_in(CALL_BACK_WHY, call.language),
            "solved_words": words_in(SOLVED, call.language),
            "why_nots": words_in(WHY_NOT, call.language),
            "recipients": words_in(RECIPIENTS, call.language),
            "name_of": partial(name_of, city=city, language=call.language),
            "clock_name": partial(clock_name, rules=rules, language=call.language),
            "role_name": partial(role_name, language=call.language),
            "seen_from": partial(seen_from, language=call.language),
            "allowance": partial(allowance_in, language=call.language),
            "errors": errors,
            "note": call.form.get("note", ""),
            "until": call.form.get("until", ""),
            "reason": call.form.get("reason", ""),
            "present": rules.version,
            "hours_of": partial(hours_of, calendar),
            "resend": call.form,
            "done": words_in(DONE, call.language).get(call.query.done or ""),
        },
    )


def _moves(case: WatchedCase) -> Sequence[tuple[datetime, DepartmentCode]]:
    """When the case was given to whom, as far as that may be read."""
    return [(step.at, step.lead) for step in case.life.timeline if step.lead] if case.life else []


#: The form has a field that belongs to one of its two buttons, and the key Enter presses the other one.
_NO_TERM = (
    "催办没有回报时限：要限期回报请点“督办”，只催办请清空日期。",
    "Urging sets no date: to set one press “Supervise”, or clear it.",
)


async def urge(call: Call, *, on: CasePage, supervised: bool) -> Page | Redirect:
    """Urge or supervise, then back to the list as it was; what was refused is said on the case's page."""
    if call.is_draft:
        return await _case_page(call, on)
    try:
        body = call.read_form(SuperviseBody)
        if body.until is not None and not supervised:
            raise named_wrong("until", *_NO_TERM)
        await urge_once(
            call.unit,
            call.case_id,
            by=call.principal.name,
            note=body.note,
            supervised=supervised,
            day=body.until,
            within=_SECOND_PRESS,
            rules=on.rules,
            calendar=on.calendar,
        )
    except (ActionNotAllowed, BadInput) as refusal:
        errors = form_errors(refusal, call.language, otherwise="note")
        return await _case_page(call, on, errors, refusal.status)
    done = "supervised" if supervised else "urged"
    if not await has_department(call.unit, call.case_id):
        done += "-centre"
    return Redirect(to="/watch" + call.query.kept(done=done, on=call.case_id))


async def accept(call: Call, *, on: CasePage) -> Page | Redirect:
    """Accept what the department reported, then show the case; what was refused is said there."""
    if call.is_draft:
        return await _case_page(call, on)
    try:
        body = call.read_form(SuperviseBody)
        await steps.accept_report(
            call.unit,
            call.case_id,
            by=call.principal.name,
            note=body.note,
            rules=on.rules,
            calendar=on.calendar,
        )
    except (ActionNotAllowed, BadInput) as refusal:
        errors = form_errors(refusal, call.language, otherwise="note")
        return await _case_page(call, on, errors, refusal.status)
    return Redirect(to=f"/watch/cases/{call.case_id}" + call.query.kept(done="accepted"))


async def move_to_rules(call: Call, *, on: CasePage) -> Page | Redirect:
    """Move the case to the present rules, then show it; what was refused is said there."""
    if call.is_draft:
        return await _case_page(call, on)
    try:
        body = call.read_form(ReasonBody)
        await move_to_present_rules(
            call.unit,
            call.case_id,
            by=call.principal.name,
            reason=body.reason,
            rules=on.rules,
            calendar=on.calendar,
        )
    except (ActionNotAllowed, BadInput) as refusal:
        errors = form_errors(refusal, call.language, otherwise="reason")
        return await _case_page(call, on, errors, refusal.status)
    return Redirect(to=f"/watch/cases/{call.case_id}" + call.query.kept(done="rules"))


def routes(
    *,
    city: City,
    calendar: Calendar,
    rules: DeadlineRules,
    views: ViewCounts,
    matters: CaseMatters | None = None,
    lives: CaseLives | None = None,
    topics: GrowingTopics | None = None,
    calling: call_backs.CallDesk | None = None,
    excluding: exclusions.ExclusionDesk | None = None,
) -> tuple[Route, ...]:
    """The supervisors' pages, and those of call-backs.

    `rules`: what they call the clocks; each keeps the terms it started with. `views`: who looked at a case. `matters`,
    `lives`: what may be read of it; without the first nothing is exported. `calling`, `excluding`: what call-backs and
    exclusions need; None: there are none.
    """
    on = CasePage(city=city, rules=rules, calendar=calendar, views=views, matters=matters, lives=lives)
    listed = partial(show_watch, city=city, calendar=calendar, rules=rules, matters=matters, topics=topics)
    one = partial(show_case, on=on)
    urged, supervised = partial(urge, on=on, supervised=False), partial(urge, on=on, supervised=True)
    moved = partial(move_to_rules, on=on)
    return (
        _page("GET", "", listed, "What is overdue or nearly due", query=WatchQuery),
        *figures.page_routes(city=city, calendar=calendar),
        *drill.page_routes(city=city, calendar=calendar, matters=matters),
        *reports.page_routes(city=city, calendar=calendar),
        *report_drill.page_routes(city=city, calendar=calendar, matters=matters),
        *(export.page_routes(city=city, calendar=calendar, matters=matters) if matters else ()),
        *wall.routes(city=city, calendar=calendar, rules=rules, matters=matters),
        *promises.page_routes(city=city),
        *page_routes(city=city, calendar=calendar, topics=topics),
        *orders.page_routes(city=city, rules=rules, calendar=calendar, matters=matters, query=WatchQuery),
        _page("GET", "/cases/{case_id}", one, "One case's clocks", query=WatchQuery),
        _action("urge", urged, "Urge the department"),
        _action("supervise", supervised, "Supervise the department"),
        _action("accept", partial(accept, on=on), "Accept what the department reported"),
        _action("rules", moved, "Move the case to the present rules"),
        *(call_backs.page_routes(calling) if calling else ()),
        *(exclusions.page_routes(excluding) if excluding else ()),
    )


def _action(what: str, answer: Answer, summary: str) -> Route:
    return _page("POST", f"/cases/{{case_id}}/{what}", answer, summary, query=WatchQuery, takes_drafts=True)


def _page(method: str, path: str, answer: Answer, summary: str, **more: Any) -> Route:
    return Route(
        method=method, path=f"/watch{path}", answer=answer, who=WATCHERS, summary=summary, page=True, **more
    )
