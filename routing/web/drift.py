"""Where the machine was sure and a person decided otherwise since: for dispatchers and supervisors, page and API."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec

from routing.steps.read_queue import ReckonedDrift, count_unsure
from routing.web.views import OVERSEERS
from schemas.city import City
from schemas.http import Call, Page, Route
from schemas.ids import CategoryCode

#: Project choice: what a department returns comes back within its days to sign, of which two weeks hold enough.
_SPAN = timedelta(days=14)


class DriftOfCategory(msgspec.Struct, frozen=True, kw_only=True):
    """Of one category, as it is now: cases that went out without a person, and those sent elsewhere since."""

    category: CategoryCode
    label: str
    sure: int
    overruled: int


class ShownDrift(msgspec.Struct, frozen=True, kw_only=True):
    """All of them together, and by category; `unsure`: how many wait only for want of certainty now."""

    since: datetime
    sure: int
    overruled: int
    unsure: int
    items: Sequence[DriftOfCategory]


async def show(call: Call, *, city: City, drift: ReckonedDrift | None = None) -> ShownDrift:
    """Of the last two weeks; the most overruled categories first."""
    since = call.unit.now - _SPAN
    found = await (drift or ReckonedDrift()).since(call.unit, since)
    known = city.category
    return ShownDrift(
        since=since,
        sure=sum(each.sure for each in found),
        overruled=sum(each.overruled for each in found),
        unsure=await count_unsure(call.unit),
        items=[
            DriftOfCategory(
                category=each.category,
                label=known[each.category].name(call.language) if each.category in known else each.category,
                sure=each.sure,
                overruled=each.overruled,
            )
            for each in found
        ],
    )


async def show_page(call: Call, *, city: City, drift: ReckonedDrift | None = None) -> Page:
    """How often people changed what the machine was sure of, to read."""
    found = await show(call, city=city, drift=drift)
    return Page(template="routing/drift.html", context={"found": found})


def api_routes(*, city: City) -> tuple[Route, ...]:
    """The API's route for drift, as programs read it."""
    return (
        Route(
            method="GET",
            path="/api/v1/review/drift",
            answer=partial(show, city=city, drift=ReckonedDrift()),
            who=OVERSEERS,
            summary="Where the machine was sure and a person decided otherwise since",
            returns=ShownDrift,
            takes_long=True,
        ),
    )


def page_routes(*, city: City) -> tuple[Route, ...]:
    """The page of drift, as dispatchers read it."""
    return (
        Route(
            method="GET",
            path="/review/drift",
            answer=partial(show_page, city=city, drift=ReckonedDrift()),
            who=OVERSEERS,
            summary="Where the machine was sure and a person decided otherwise since",
            page=True,
            takes_long=True,
        ),
    )
