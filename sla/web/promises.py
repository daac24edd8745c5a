"""Promised dates (承诺办理) for supervisors: whose, until when, kept or broken, and when the next word is due."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, get_args
from urllib.parse import urlencode

import msgspec

from schemas.city import City
from schemas.http import Call, Page, Route
from schemas.words import CaseField, Role
from sla.core.readings import Promised, PromiseStanding
from sla.steps import watch
from sla.web.words import name_of

_WATCHERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
#: Project choice: a page that fits the screen.
_SHOWN = 20
#: What became of one, as catalogues know it.
STANDING_NAMES: Mapping[str, str] = {
    "open": "未到期",
    "broken": "未兑现",
    "kept": "已兑现",
    "ended": "已终止",
}


class PromisedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which are asked for, and where the list goes on."""

    state: PromiseStanding | None = None
    department: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = _SHOWN


class PromisedPageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen on the page."""

    state: str = ""
    department: str = ""
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None

    def address(self, **changed: str | None) -> str:
        """The page with what is changed in the choice."""
        asked = {**msgspec.structs.asdict(self), **changed}
        known = urlencode({name: value for name, value in asked.items() if value})
        return "/watch/promises" + (f"?{known}" if known else "")


class PromisedList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of promised dates, the last due first."""

    items: Sequence[Promised]
    next_cursor: str | None


async def list_promised(call: Call) -> PromisedList:
    """One page of the dates that citizens were promised."""
    return await _listed(call, call.query)


async def _listed(call: Call, query: PromisedQuery) -> PromisedList:
    items, next_cursor = await watch.list_promised(
        call.unit,
        standing=query.state,
        department=query.department,
        cursor=query.cursor,
        limit=query.limit,
    )
    for item in items:
        call.shows(item.case_id, CaseField.CLOCKS)
    return PromisedList(items=items, next_cursor=next_cursor)


async def show_promised(call: Call, *, city: City) -> Page:
    """The page of cases that were promised by a date."""
    asked: PromisedPageQuery = call.query
    state = next((each for each in get_args(PromiseStanding) if each == asked.state), None)
    found = await _listed(
        call, PromisedQuery(state=state, department=asked.department or None, cursor=asked.cursor)
    )
    context = {
        "asked": asked,
        "found": found,
        "standing_names": STANDING_NAMES,
        "name_of": partial(name_of, city=city, language=call.language),
        "now": call.unit.now,
    }
    return Page(template="sla/promises.html", context=context)


def api_routes() -> tuple[Route, ...]:
    """The API's route for promises, as supervisors ask it."""
    return (
        Route(
            method="GET",
            path="/api/v1/sla/promises",
            answer=list_promised,
            who=_WATCHERS,
            summary="Dates that citizens were promised, of private cases, too",
            query=PromisedQuery,
            returns=PromisedList,
        ),
    )


def page_routes(*, city: City) -> tuple[Route, ...]:
    """The page of promises, as supervisors read it."""
    return (
        Route(
            method="GET",
            path="/watch/promises",
            answer=partial(show_promised, city=city),
            who=_WATCHERS,
            summary="Promised dates",
            query=PromisedPageQuery,
            page=True,
        ),
    )
