"""The watch page (监督台): what is overdue or nearly due, by department; urge and supervise."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from schemas.city import City
from schemas.errors import ActionNotAllowed, BadInput, NotFound
from schemas.http import Answer, Call, Page, Redirect, Route
from schemas.ids import CaseId
from schemas.words import Clock, Language, Urgency
from sla import steps
from sla.core.allowance import TimeUnit, parse_allowance
from sla.core.calendar import Calendar
from sla.core.rules import DeadlineRules
from sla.store import watching
from sla.web.api import WATCHERS, name_of, show_case, show_figures, show_hot_topics
from sla.web.chart import bars
from sla.web.shown import FigureQuery, UrgeBody

_SHOWN = 20

#: What happened to a clock, as people read it.
HAPPENED = {
    "paused": ("挂起，暂停计时", "suspended: the clock stands still"),
    "resumed": ("恢复办理，继续计时", "resumed: the clock runs again"),
    "extended": ("同意延期", "extended"),
    "reassigned": ("改派", "assigned to another department"),
    "reopened": ("重办，重新计时", "reopened: the clock starts anew"),
    "return refused": ("退单未准，重新签收", "return refused: to be signed anew"),
    "calendar": ("节假日安排公布，重新计算", "calendar announced: computed anew"),
    "urged": ("催办", "urged"),
    "supervised": ("督办", "under supervision"),
}
STATES = {
    "running": ("计时中", "running"),
    "paused": ("暂停", "paused"),
    "answered": ("答复待审核", "reply under review"),
    "stopped": ("已停止", "stopped"),
}


class WatchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What to show: one department's, and where each list goes on. What leaves the list brings it back."""

    department: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    overdue_after: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    near_after: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    done: Annotated[str, msgspec.Meta(max_length=20)] | None = None
    #: Refresh by itself; off unless asked for (WCAG 2.2.2).
    live: bool = False

    def kept(self, **changed: str | None) -> str:
        """What a link adds to its address so that the way back leads to this list, with what is changed in it."""
        asked = {
            **msgspec.structs.asdict(self),
            "live": "true" if self.live else None,
            "done": None,
            **changed,
        }
        known = urlencode({name: value for name, value in asked.items() if value})
        return f"?{known}" if known else ""


class _Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A list as the page shows it."""

    rows: Sequence[Any]
    more: str | None


async def watch(call: Call, *, city: City, calendar: Calendar) -> Page:
    """What presses, most pressing first."""
    query: WatchQuery = call.query
    db, now = call.unit.db, call.unit.now
    counts = await watching.pressing_counts(db, now)
    asked = [row for row in counts if query.department in (None, row["department"])]
    return Page(
        template="sla/watch.html",
        context={
            "query": query,
            "overdue": await _list(call, query, overdue=True),
            "near": await _list(call, query, overdue=False),
            "overdue_count": sum(row["overdue"] for row in asked),
            "near_count": sum(row["near"] for row in asked),
            "chart": bars([_bar(row, city, call.language) for row in counts]),
            "hot_topics": (await show_hot_topics(call, city=city, calendar=calendar)).items[:10],
            "departments": [(d.code, d.name(call.language)) for d in city.departments],
            "name_of": partial(name_of, city=city, language=call.language),
            "Clock": Clock,
            "Urgency": Urgency,
            "now": now,
            "year_missing": _year_missing(calendar, now),
        },
    )


def _year_missing(calendar: Calendar, now: datetime) -> int | None:
    """The year whose announcement deadlines wait for, from a quarter of a year ahead."""
    soon = calendar.local_day(now).year + (calendar.local_day(now).month >= 10)
    announced = calendar.announced_years
    return soon if announced is not None and soon not in announced else None


def _bar(row: Any, city: City, language: Language) -> tuple[str, int, int]:
    if row["department"] is None:
        return ("尚未派单" if language is Language.ZH else "Not dispatched yet"), row["overdue"], row["near"]
    return name_of("department", row["department"], city, language), row["overdue"], row["near"]


async def _list(call: Call, query: WatchQuery, *, overdue: bool) -> _Shown:
    after = query.overdue_after if overdue else query.near_after
    rows = await watching.pressing(
        call.unit.db,
        call.unit.now,
        overdue=overdue,
        department=query.department,
        after=_place(after),
        limit=_SHOWN + 1,
    )
    shown = rows[:_SHOWN]
    if len(rows) <= _SHOWN:
        return _Shown(rows=shown, more=None)
    field = "overdue_after" if overdue else "near_after"
    return _Shown(rows=shown, more="/watch" + query.kept(**{field: _cursor(shown[-1])}))


def _cursor(row: Any) -> str:
    text = f"{row['due_at'].isoformat()} {row['case_id']} {row['clock']}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def _place(cursor: str | None) -> tuple[datetime, CaseId, str] | None:
    if cursor is None:
        return None
    try:
        due_at, case_id, clock = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        return datetime.fromisoformat(due_at), CaseId(str(UUID(case_id))), clock
    except (ValueError, binascii.Error) as error:
        raise NotFound from error


async def watch_case(call: Call, *, city: City) -> Page:
    """One case's clocks, and everything that moved them."""
    return await _case_page(call, city)


async def _case_page(call: Call, city: City, problem: str = "", status: int = 200) -> Page:
    return Page(
        template="sla/case.html",
        status=status,
        context={
            "query": call.query,
            "case": await show_case(call),
            "happened": _words(HAPPENED, call.language),
            "states": _words(STATES, call.language),
            "name_of": partial(name_of, city=city, language=call.language),
            "allowance": partial(_allowance, language=call.language),
            "problem": problem,
            "note": call.form.get("note", ""),
            "resend": call.form,
        },
    )


#: What an allowance is counted in, in Chinese.
UNITS = {
    TimeUnit.MINUTES: "分钟",
    TimeUnit.HOURS: "小时",
    TimeUnit.WORKING_MINUTES: "个工作分钟",
    TimeUnit.WORKING_HOURS: "个工作小时",
    TimeUnit.WORKING_DAYS: "个工作日",
    TimeUnit.CALENDAR_DAYS: "个自然日",
}


def _allowance(text: str, language: Language) -> str:
    if language is Language.EN:
        return text
    amount, unit = parse_allowance(text)
    return f"{amount} {UNITS[unit]}"


def _words(table: dict[str, tuple[str, str]], language: Language) -> dict[str, str]:
    return {word: zh if language is Language.ZH else en for word, (zh, en) in table.items()}


async def urge(call: Call, *, city: City, supervised: bool) -> Page | Redirect:
    """Urge or supervise, then back to the list as it was; what was refused is said on the case's page."""
    if call.is_draft:
        return await _case_page(call, city)
    try:
        body = call.read_form(UrgeBody)
        await steps.urge(
            call.unit, call.case_id, by=call.principal.name, note=body.note, supervised=supervised
        )
    except (ActionNotAllowed, BadInput) as refusal:
        return await _case_page(call, city, refusal.message(call.language), refusal.status)
    return Redirect(to="/watch" + call.query.kept(done="supervised" if supervised else "urged"))


async def figures(call: Call, *, city: City, calendar: Calendar) -> Page:
    """Figures of the cases received in a span of days; a span that cannot be is said to be one above the form."""
    query: FigureQuery = call.query
    asked = {"first": query.first, "last": query.last, "by": query.by}
    try:
        found = await show_figures(call, city=city, calendar=calendar)
    except BadInput as refusal:
        reason = refusal.errors[0]
        problem = reason.zh if call.language is Language.ZH else reason.en
        return Page(template="sla/figures.html", context={**asked, "problem": problem}, status=refusal.status)
    days = {"first": found.first, "last": found.last}
    return Page(template="sla/figures.html", context={**asked, **days, "figures": found})


def routes(*, city: City, calendar: Calendar, rules: DeadlineRules) -> tuple[Route, ...]:
    """The supervisors' pages. `rules` are not needed here: every clock keeps the terms it started with."""
    listed = partial(watch, city=city, calendar=calendar)
    counted = partial(figures, city=city, calendar=calendar)
    urged = partial(urge, city=city, supervised=False)
    supervised = partial(urge, city=city, supervised=True)
    return (
        _page("GET", "", listed, "What is overdue or nearly due", query=WatchQuery),
        _page("GET", "/figures", counted, "Figures", query=FigureQuery),
        _page(
            "GET", "/cases/{case_id}", partial(watch_case, city=city), "One case's clocks", query=WatchQuery
        ),
        _page(
            "POST", "/cases/{case_id}/urge", urged, "Urge the department", query=WatchQuery, takes_drafts=True
        ),
        _page(
            "POST",
            "/cases/{case_id}/supervise",
            supervised,
            "Supervise the department",
            query=WatchQuery,
            takes_drafts=True,
        ),
    )


def _page(method: str, path: str, answer: Answer, summary: str, **more: Any) -> Route:
    return Route(
        method=method, path=f"/watch{path}", answer=answer, who=WATCHERS, summary=summary, page=True, **more
    )
