"""What citizens looked for and did not find: for whoever writes what is missing."""

from collections.abc import Sequence

import msgspec

from intake.core.search.unanswered import Unanswered
from intake.steps.read_published import list_unanswered
from schemas.http import Call, Page, Route
from schemas.words import Role

#: Those who have knowledge written, and those who watch over it.
_WHO = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})


class UnansweredList(msgspec.Struct, frozen=True, kw_only=True):
    """The hundred that were looked for most often. Nothing personal, and nothing that fewer than three searches had."""

    items: Sequence[Unanswered]


async def show_unanswered(call: Call) -> UnansweredList:
    """What was looked for in vain in the last ninety days."""
    return UnansweredList(items=await list_unanswered(call.unit))


async def unanswered_page(call: Call) -> Page:
    """The page of what was looked for in vain, each with a way to the search."""
    return Page(template="intake/unanswered.html", context={"rows": await list_unanswered(call.unit)})


def routes() -> tuple[Route, ...]:
    """The list of vain searches, for programs."""
    return (
        Route(method="GET", path="/api/v1/review/unanswered", answer=show_unanswered, who=_WHO,
              summary="What citizens looked for and did not find.", returns=UnansweredList),
    )  # fmt: skip


def pages() -> tuple[Route, ...]:
    """The list of vain searches, for people."""
    return (
        Route(method="GET", path="/review/unanswered", answer=unanswered_page, who=_WHO,
              summary="Looked for in vain", page=True),
    )  # fmt: skip
