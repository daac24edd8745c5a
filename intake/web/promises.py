"""Promised dates for everybody: the list with what became of each, and the figures of each department."""

from datetime import date, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec

from intake.core.public.promises import KeptPromise, PromiseCounts, PromiseSearch, PromiseState, public_title
from intake.steps.me_too import people_of
from intake.steps.promises import count_promises, list_promises
from intake.web.dependencies import Dependencies
from schemas.days import day_of
from schemas.errors import BadInput
from schemas.http import ANYONE, Call, Limit, Page, Route
from schemas.ids import TrackingCode

#: How long a browser may show it without asking again; project choice: what its citizen takes back is soon gone.
_KEEP_SECONDS = 60

#: What became of a promise, as catalogues know it.
STATE_NAMES = {
    PromiseState.OPEN: "未到期",
    PromiseState.KEPT: "已兑现",
    PromiseState.BROKEN: "未兑现",
    PromiseState.CHANGED: "已改期",
    PromiseState.ENDED: "已终止",
}


class PromiseItem(msgspec.Struct, frozen=True, kw_only=True):
    """One promise: what it was about, who promised which day, and what became of it."""

    title: str
    department: str
    department_name: str
    promised_on: date
    promised_at: datetime
    replied_at: datetime | None
    state: PromiseState
    #: Where everybody may read the answer.
    tracking_code: TrackingCode | None
    #: What a message names (`same_as`) whose citizen says that it is theirs, too; null once it is over.
    same_as: TrackingCode | None = None
    #: How many other people say so.
    me_too: int = 0


class PromiseFigure(msgspec.Struct, frozen=True, kw_only=True):
    """One department: `rate` is kept ÷ (kept + broken); None where neither is."""

    department: str
    department_name: str
    open: int
    kept: int
    broken: int
    rate: float | None


class PromiseList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of promises, the latest day first, and the figures of all departments."""

    items: list[PromiseItem]
    next_cursor: str | None
    figures: list[PromiseFigure]


class PromisePageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen on the page."""

    state: str = ""
    department: str = ""
    cursor: str | None = None

    def address(self, *, cursor: str | None) -> str:
        """The address of this list from `cursor` on; None: from its beginning."""
        asked = {"state": self.state, "department": self.department, "cursor": cursor}
        known = urlencode({name: value for name, value in asked.items() if value})
        return "/promises" + (f"?{known}" if known else "")

    @property
    def search(self) -> PromiseSearch:
        """What is looked for: of a state that there is not, everything."""
        state = PromiseState(self.state) if self.state in list(PromiseState) else None
        return PromiseSearch(state=state, department=self.department[:64] or None, cursor=self.cursor)


async def list_all(call: Call, *, dependencies: Dependencies) -> PromiseList:
    """One page of the promises that the search finds."""
    return await _listed(call, call.query, dependencies)


async def _listed(call: Call, search: PromiseSearch, dependencies: Dependencies) -> PromiseList:
    now = dependencies.clock()
    found = await list_promises(call.unit, search, now)
    counted = await count_promises(call.unit, now)
    people = await people_of(call.unit, [each.case_id for each in found.promises if each.open_code])
    return PromiseList(
        items=[
            _item(promise, call, dependencies, people.get(promise.case_id, 0)) for promise in found.promises
        ],
        next_cursor=found.next_cursor,
        figures=[_figure(counts, call, dependencies) for counts in counted],
    )


def _item(promise: KeptPromise, call: Call, dependencies: Dependencies, people: int) -> PromiseItem:
    return PromiseItem(
        title=public_title(dependencies.keys, promise),
        department=promise.department,
        department_name=_name(promise.department, call, dependencies),
        promised_on=day_of(promise.until, dependencies.zone),
        promised_at=promise.granted_at,
        replied_at=promise.replied_at,
        state=promise.state,
        tracking_code=promise.published_code,
        same_as=promise.open_code,
        me_too=people if promise.open_code else 0,
    )


def _figure(counts: PromiseCounts, call: Call, dependencies: Dependencies) -> PromiseFigure:
    settled = counts.kept + counts.broken
    return PromiseFigure(
        **msgspec.structs.asdict(counts),
        department_name=_name(counts.department, call, dependencies),
        rate=round(counts.kept / settled, 4) if settled else None,
    )


def _name(code: str, call: Call, dependencies: Dependencies) -> str:
    department = dependencies.city.department.get(code)
    return code if department is None else department.name(call.language)


async def show_all(call: Call, *, dependencies: Dependencies) -> Page:
    """The same as a page; a cursor that is not ours shows the first."""
    asked: PromisePageQuery = call.query
    try:
        found, status = await _listed(call, asked.search, dependencies), 200
    except BadInput:
        found, status = PromiseList(items=[], next_cursor=None, figures=[]), 422
    context = {"asked": asked, "found": found, "state_names": STATE_NAMES}
    return Page(template="intake/promises.html", context=context, status=status)


def routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """The API's route for what was promised."""
    return (
        _route(
            "/api/v1/promises", list_all, dependencies, lookup=True, query=PromiseSearch, returns=PromiseList
        ),
    )


def pages(dependencies: Dependencies) -> tuple[Route, ...]:
    """The page of what was promised, for everybody."""
    return (
        _route(
            "/promises", show_all, dependencies, page=True, query=PromisePageQuery, keep_seconds=_KEEP_SECONDS
        ),
    )


def _route(path: str, answer: Any, dependencies: Dependencies, **more: Any) -> Route:
    return Route(
        method="GET",
        path=path,
        answer=partial(answer, dependencies=dependencies),
        who=ANYONE,
        summary="Dates that citizens were promised, kept and broken",
        limit=Limit.READING,
        **more,
    )
