"""The supervisors' API: alerts, figures, hot topics, one case's clocks; urge and supervise."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec

from schemas.city import City
from schemas.errors import BadInput, FieldError, Malformed, NotFound
from schemas.http import Call, Route, read
from schemas.labels import label
from schemas.words import Channel, Clock, Language, Role
from sla import steps
from sla.core.calendar import Calendar
from sla.core.figures import rate, span_of
from sla.core.rules import DeadlineRules
from sla.store import watching
from sla.web.shown import (
    DEFINITIONS,
    AlertQuery,
    Alerts,
    CaseClocks,
    ClockEntry,
    ClockShown,
    Figure,
    FigureQuery,
    Figures,
    Grouping,
    HotTopic,
    HotTopics,
    UrgeBody,
    Urged,
    alert_of,
)
from sla.web.stream import Connections, stream_alerts

WATCHERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})

_DAYS_SHOWN = timedelta(days=29)
_YEARS = frozenset(range(1970, 2200))
_LONGEST_SPAN = timedelta(days=3 * 366)
_HOT_DAYS = timedelta(days=7)
_HOT_LEAST = 3
_HOT_SHOWN = 50
_COUNTS = (
    "received", "assigned", "closed", "ended_otherwise", "on_time", "open", "overdue_open", "awaiting_review",
    "missed", "replied",
)  # fmt: skip


def _text(zh: str, en: str, language: Language) -> str:
    return zh if language is Language.ZH else en


async def list_alerts(call: Call) -> Alerts:
    """Alerts, newest first."""
    query: AlertQuery = call.query
    rows = await watching.alerts(
        call.unit.db,
        level=query.level,
        department=query.department,
        before=_position(query.cursor),
        limit=query.limit + 1,
    )
    shown = rows[: query.limit]
    more = len(rows) > query.limit
    return Alerts(
        items=[alert_of(row) for row in shown], next_cursor=_cursor(shown[-1]["seq"]) if more else None
    )


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode()


def _position(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    try:
        position = int(base64.urlsafe_b64decode(cursor.encode()).decode())
    except (ValueError, binascii.Error) as error:
        raise BadInput([FieldError("cursor", "游标无效。", "Not a cursor of ours.")]) from error
    if not 0 <= position < 2**63:
        raise BadInput([FieldError("cursor", "游标无效。", "Not a cursor of ours.")])
    return position


async def show_figures(call: Call, *, city: City, calendar: Calendar) -> Figures:
    """Counts of the cases received in a span of days, by group."""
    query: FigureQuery = call.query
    last = query.last or calendar.local_day(call.unit.now)
    if not {last.year, (query.first or last).year} <= _YEARS:
        raise BadInput([FieldError("from", "须为1970至2199年。", "Give years from 1970 to 2199.")])
    first = query.first or last - _DAYS_SHOWN
    if first > last or last - first > _LONGEST_SPAN:
        raise BadInput(
            [
                FieldError(
                    "from",
                    "起始日期须不晚于截止日期，且不超过三年。",
                    "The first day must not be after the last, and the span at most three years.",
                )
            ]
        )
    since, until = span_of(first, last, calendar.zone)
    rows = await watching.figures(call.unit.db, by=query.by, since=since, until=until, now=call.unit.now)
    shown = [_figure(row, query.by, city, call.language) for row in rows]
    return Figures(
        first=first,
        last=last,
        by=query.by,
        items=shown[:-1],
        total=shown[-1],
        definitions={name: _text(zh, en, call.language) for name, (zh, en) in DEFINITIONS.items()},
    )


def _figure(row: Any, by: Grouping, city: City, language: Language) -> Figure:
    median = row["median_reply_workdays"]
    counts = {name: row[name] for name in _COUNTS}
    total = _text("合计", "total", language)
    return Figure(
        key=row["key"],
        label=total if row["is_total"] else name_of(by, row["key"], city, language),
        on_time_rate=rate(row["on_time"], row["closed"]),
        median_reply_workdays=None if median is None else round(median, 2),
        **counts,
    )


def name_of(by: Grouping, code: str | None, city: City, language: Language) -> str:
    """What people read for a code; the code itself where the city does not know it."""
    if code is None:
        return _text("未定", "not known yet", language)
    if by == "channel":
        return _channel(code, language)
    known = {"department": city.department, "category": city.category, "region": city.region}[by]
    return known[code].name(language) if code in known else code


def _channel(code: str, language: Language) -> str:
    return label(Channel(code), language) if code in set(Channel) else code


async def show_hot_topics(call: Call, *, city: City, calendar: Calendar) -> HotTopics:
    """Category and district pairs that repeat: three cases or more within seven days, today included.

    Source: 苗头预警 in Beijing's practice, "same place and category, three or more in seven days".
    """
    last = calendar.local_day(call.unit.now)
    first = last - _HOT_DAYS + timedelta(days=1)
    rows = await watching.hot_topics(
        call.unit.db,
        since=span_of(first, last, calendar.zone).since,
        before_since=span_of(first - _HOT_DAYS, last, calendar.zone).since,
        least=_HOT_LEAST,
        limit=_HOT_SHOWN,
    )
    return HotTopics(
        first=first,
        last=last,
        definition=_text(
            "近七天内同一类别、同一区县收到三件及以上的诉求；仅按计数，不作内容分析。",
            "Three or more cases of one category in one district within seven days; counted, not analysed.",
            call.language,
        ),
        items=[_hot_topic(row, city, call.language) for row in rows],
    )


def _hot_topic(row: Any, city: City, language: Language) -> HotTopic:
    return HotTopic(
        category=row["category"],
        category_label=name_of("category", row["category"], city, language),
        region=row["region"],
        region_label=name_of("region", row["region"], city, language),
        cases=row["cases"],
        cases_before=row["cases_before"],
    )


async def show_case(call: Call) -> CaseClocks:
    """One case's clocks, and everything that moved them."""
    case, clocks, history = await watching.case_with_clocks(call.unit.db, call.case_id)
    if case is None:
        raise NotFound
    return CaseClocks(
        case_id=call.case_id,
        tracking_code=case["tracking_code"],
        department=case["lead"],
        urged=case["urged"],
        supervised=case["supervised"],
        clocks=msgspec.convert([dict(row) for row in clocks], list[ClockShown], strict=False),
        history=[_entry(row) for row in history],
    )


def _entry(row: Any) -> ClockEntry:
    return ClockEntry(
        at=row["at"], clock=Clock(row["clock"]), what=row["what"], detail=msgspec.json.decode(row["detail"])
    )


async def urge(call: Call, *, supervised: bool) -> Urged:
    """Urge the department, or put the case under supervision. The note, and so the body, may be left out."""
    body = read(UrgeBody, _json(call.raw_body)) if call.raw_body.strip() else UrgeBody()
    event = await steps.urge(
        call.unit, call.case_id, by=call.principal.name, note=body.note, supervised=supervised
    )
    return Urged(
        case_id=event.case_id,
        version=event.version,
        department=event.department,
        supervised=event.supervised,
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


def _urge(what: str, summary: str) -> Route:
    return Route(
        method="POST",
        path=f"/api/v1/sla/cases/{{case_id}}/{what}",
        answer=partial(urge, supervised=what == "supervise"),
        who=WATCHERS,
        summary=summary,
        returns=Urged,
    )


def routes(
    *, city: City, calendar: Calendar, rules: DeadlineRules, connections: Connections | None = None
) -> tuple[Route, ...]:
    """What supervisors may call. `rules` are not needed here: every clock keeps the terms it started with.

    `connections` gives the stream a database connection for each look: a pool's `acquire`.
    """
    figures = partial(show_figures, city=city, calendar=calendar)
    hot_topics = partial(show_hot_topics, city=city, calendar=calendar)
    return (
        _read("alerts", list_alerts, "Alerts, newest first", query=AlertQuery, returns=Alerts),
        _read("figures", figures, "Figures of the cases received", query=FigureQuery, returns=Figures),
        _read("hot-topics", hot_topics, "Categories that repeat in a district", returns=HotTopics),
        _read("cases/{case_id}", show_case, "A case's clocks and what moved them", returns=CaseClocks),
        _read(
            "stream",
            partial(stream_alerts, connections=connections),
            "Alerts as they are raised, as server-sent events",
            database=False,
        ),
        _urge("urge", "Urge the department; `note` is optional"),
        _urge("supervise", "Put the case under supervision; `note` is optional"),
    )
