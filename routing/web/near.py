"""What was answered before and is near a case, beside its item: loaded after the page, which waits for nothing of it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from routing.steps.read_queue import read_case
from routing.web.views import DISPATCHERS
from schemas.http import Call, Limit, Page, Route
from schemas.near import NearList, near_list
from schemas.ports import NearAnswers
from schemas.values import NearAnswer


async def show_near(call: Call, *, near: NearAnswers) -> Page:
    """Public answers and entries alone; words of the case itself are not repeated, so that this is no look at it."""
    found = await _near(call, near)
    context: dict[str, Any] = {"near": found, "home": f"/review/{call.case_id}", "drafts": {}}
    return Page(template="site/near.html", context=context)


async def list_near(call: Call, *, near: NearAnswers) -> NearList:
    """The same for a console of the centre's own."""
    return near_list(await _near(call, near))


async def _near(call: Call, near: NearAnswers) -> Sequence[NearAnswer] | None:
    case = (await read_case(call.unit, call.case_id)).case
    return await near.beside(call.unit, case.title, case.text, but=case.tracking_code)


def near_pages(near: NearAnswers | None) -> tuple[Route, ...]:
    """The page of one case's, if there is anybody to ask."""
    if near is None:
        return ()
    return (
        Route(method="GET", path="/review/{case_id}/near", answer=partial(show_near, near=near),
              who=DISPATCHERS, summary="Answers near a case", page=True, lookup=True),
    )  # fmt: skip


def routes(near: NearAnswers | None) -> tuple[Route, ...]:
    """The same of the API, if there is anybody to ask."""
    if near is None:
        return ()
    return (
        Route(method="GET", path="/api/v1/review/cases/{case_id}/near", answer=partial(list_near, near=near),
              who=DISPATCHERS, summary="Answers near a case: public ones and entries, three at most", returns=NearList,
              lookup=True, limit=Limit.SUGGESTIONS),
    )  # fmt: skip
