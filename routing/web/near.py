"""What was answered before and is near a case, beside its item: loaded after the page, which waits for nothing of it."""

from functools import partial
from typing import Any

from routing.steps.read_queue import read_case
from schemas.http import Call, Page, Route
from schemas.ports import NearAnswers
from schemas.words import Role


async def show_near(call: Call, *, near: NearAnswers) -> Page:
    """Public answers and entries alone; words of the case itself are not repeated, so that this is no look at it."""
    case = (await read_case(call.unit, call.case_id)).case
    found = await near.beside(call.unit, case.title, case.text, but=case.tracking_code)
    context: dict[str, Any] = {"near": found, "home": f"/review/{call.case_id}", "drafts": {}}
    return Page(template="site/near.html", context=context)


def pages(near: NearAnswers | None) -> tuple[Route, ...]:
    """The page of one case's, if there is anybody to ask."""
    if near is None:
        return ()
    return (
        Route(method="GET", path="/review/{case_id}/near", answer=partial(show_near, near=near),
              who=frozenset({Role.DISPATCHER}), summary="Answers near a case", page=True, lookup=True),
    )  # fmt: skip
