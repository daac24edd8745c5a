"""The supervisors' API: alerts, figures, hot topics, one case's clocks; urge, supervise, call back."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec

from schemas.city import City
from schemas.errors import Malformed
from schemas.http import Call, Route, read
from schemas.ports import CaseLives, CaseMatters, GrowingTopics, ViewCounts
from schemas.values import CaseLife, CaseMatter
from schemas.words import CaseField, Role
from sla.core.calendar import Calendar
from sla.core.rules import DeadlineRules
from sla.steps import urge as steps
from sla.steps import watch
from sla.steps.call_backs import read_call_backs
from sla.steps.present_rules import move_to_present_rules
from sla.web import call_backs, drill, exclusions, figures, orders, promises, report_drill, reports
from sla.web.stream import AlertHub, StreamQuery, stream_alerts
from sla.web.topics import show_hot_topics
from sla.web.views import (
    AlertQuery,
    Alerts,
    FollowedUp,
    HotTopics,
    MovedToRules,
    ReasonBody,
    SuperviseBody,
    Urged,
    WatchedCase,
)

WATCHERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


async def list_alerts(call: Call) -> Alerts:
    """One page of the alerts that were raised, the newest first."""
    query: AlertQuery = call.query
    items, next_cursor = await watch.list_alerts(
        call.unit,
        level=query.level,
        department=query.department,
        owner=query.owner,
        cursor=query.cursor,
        limit=query.limit,
    )
    for alert in items:
        call.shows(alert.case_id, CaseField.ALERT)
    return Alerts(items=items, next_cursor=next_cursor)


async def show_case(
    call: Call, *, views: ViewCounts, matters: CaseMatters | None = None, lives: CaseLives | None = None
) -> WatchedCase:
    """One case's clocks and what moved them, its words, what became of it, and who looked at the case before."""
    clocks = await watch.read_case(call.unit, call.case_id)
    counted = await views.count(call.unit, call.case_id)
    call.shows(call.case_id, CaseField.CLOCKS)
    matter, life = await _words(call, matters, lives)
    asked = await watch.read_orders(call.unit, call.case_id)
    called = await read_call_backs(call.unit, call.case_id)
    if asked or called:
        call.shows(call.case_id, CaseField.NOTE)
    return WatchedCase(
        **msgspec.structs.asdict(clocks),
        views=counted.views,
        last_viewed_at=counted.last_at,
        matter=matter,
        life=life,
        alerts=await watch.read_alerts(call.unit, call.case_id),
        orders=asked,
        # What was said of a private case is for those who handle it.
        call_backs=[each if matter else msgspec.structs.replace(each, note=None) for each in called],
        viewed_by=await views.latest(call.unit, call.case_id),
        looks=await matters.looks(call.unit, call.case_id) if matters else (),
    )


async def _words(
    call: Call, matters: CaseMatters | None, lives: CaseLives | None
) -> tuple[CaseMatter | None, CaseLife | None]:
    """Nothing, where either slice keeps it to those who handle it."""
    matter = await matters.of(call.unit, call.case_id) if matters else None
    if matter is None:
        return None, None
    call.shows(call.case_id, CaseField.TITLE, CaseField.TEXT)
    life = await lives.of(call.unit, call.case_id) if lives else None
    if life is not None:
        call.shows(call.case_id, *([CaseField.RESPONSE] if life.response else []), CaseField.TIMELINE)
    return matter, life


def _said(call: Call) -> SuperviseBody:
    """The note, the day, and so the body, may be left out."""
    return read(SuperviseBody, _json(call.raw_body)) if call.raw_body.strip() else SuperviseBody()


async def urge(call: Call, *, supervised: bool, rules: DeadlineRules, calendar: Calendar) -> Urged:
    """Urge the department, or put the case under supervision: from then on the supervisor has a time, too."""
    said = _said(call)
    event = await steps.urge(
        call.unit,
        call.case_id,
        by=call.principal.name,
        note=said.note,
        supervised=supervised,
        day=said.until if supervised else None,
        rules=rules,
        calendar=calendar,
    )
    return Urged(
        case_id=event.case_id,
        version=event.version,
        department=event.department,
        supervised=event.supervised,
        order=event.order,
        until=event.until,
    )


async def follow_up(call: Call, *, rules: DeadlineRules, calendar: Calendar) -> FollowedUp:
    """The supervisor has called back, or has seen to a case under supervision: their clocks stop."""
    event = await steps.follow_up(
        call.unit, call.case_id, by=call.principal.name, note=_said(call).note, rules=rules, calendar=calendar
    )
    return FollowedUp(case_id=event.case_id, version=event.version)


async def move_to_rules(call: Call, *, rules: DeadlineRules, calendar: Calendar) -> MovedToRules:
    """Move the case to the rules as they are now, with a reason that its history keeps."""
    body: ReasonBody = call.body
    moved = await move_to_present_rules(
        call.unit, call.case_id, by=call.principal.name, reason=body.reason, rules=rules, calendar=calendar
    )
    return MovedToRules(
        case_id=call.case_id, version=moved.version, rules=moved.rules, clocks=list(moved.clocks)
    )


def _json(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(reason=f"JSON: {error}") from error


def _read(path: str, answer: Callable[[Call], Awaitable[Any]], summary: str, **types: Any) -> Route:
    return Route(
        method="GET", path=f"/api/v1/sla/{path}", answer=answer, who=WATCHERS, summary=summary, **types
    )


def _act(
    what: str, answer: Callable[[Call], Awaitable[Any]], summary: str, returns: Any = Urged, **more: Any
) -> Route:
    return Route(
        method="POST",
        path=f"/api/v1/sla/cases/{{case_id}}/{what}",
        answer=answer,
        who=WATCHERS,
        summary=summary,
        returns=returns,
        **more,
    )


def routes(
    *,
    city: City,
    calendar: Calendar,
    rules: DeadlineRules,
    views: ViewCounts,
    matters: CaseMatters | None = None,
    lives: CaseLives | None = None,
    hub: AlertHub | None = None,
    topics: GrowingTopics | None = None,
    calling: call_backs.CallDesk | None = None,
    excluding: exclusions.ExclusionDesk | None = None,
) -> tuple[Route, ...]:
    """What supervisors may call, and dispatchers who call citizens back.

    `views`: who looked at a case; `matters`, `lives`: what may be read of it. `hub` feeds everybody who listens. `topics`:
    what routing found to grow; None: nothing. `calling`, `excluding`: what call-backs and exclusions need, if there
    are any.
    """
    hot_topics = partial(show_hot_topics, city=city, calendar=calendar, topics=topics)
    one = partial(show_case, views=views, matters=matters, lives=lives)
    urged = partial(urge, rules=rules, calendar=calendar)
    called = partial(follow_up, rules=rules, calendar=calendar)
    return (
        _read("alerts", list_alerts, "Alerts, newest first", query=AlertQuery, returns=Alerts),
        *figures.api_routes(city=city, calendar=calendar),
        *drill.api_routes(calendar=calendar, matters=matters),
        *reports.api_routes(calendar=calendar),
        *report_drill.api_routes(calendar=calendar, matters=matters),
        _read(
            "hot-topics",
            hot_topics,
            "Topics that grow, and categories that repeat in a district",
            returns=HotTopics,
        ),
        _read(
            "cases/{case_id}",
            one,
            "A case's clocks, what moved them, and who looked at it",
            returns=WatchedCase,
        ),
        Route(
            method="GET",
            path="/api/v1/sla/stream",
            answer=partial(stream_alerts, hub=hub),
            who=WATCHERS | {Role.DISPATCHER},
            summary="Alerts as they are raised, and topics that become hot, burst and cool, as server-sent events; "
            "`only=changes`: that there are alerts, without a word; `only=topics`, and to dispatchers: topics alone",
            database=False,
            query=StreamQuery,
            by_session=True,
        ),
        _act("urge", partial(urged, supervised=False), "Urge the department; `note` is optional"),
        _act(
            "supervise",
            partial(urged, supervised=True),
            "Put the case under supervision; `note` and `until`, a day, are optional",
        ),
        _act(
            "rules",
            partial(move_to_rules, rules=rules, calendar=calendar),
            "Move the case to the present rules; `reason` is kept in its history",
            returns=MovedToRules,
            body=ReasonBody,
        ),
        _act("follow-up", called, "The supervisor has called back; `note` is optional", returns=FollowedUp),
        *promises.api_routes(),
        *orders.api_routes(rules=rules, calendar=calendar, matters=matters),
        *(call_backs.api_routes(calling) if calling else ()),
        *(exclusions.api_routes(excluding) if excluding else ()),
    )
