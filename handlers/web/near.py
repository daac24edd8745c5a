"""What was answered before and is near a case, beside its reply; an entry's answer may begin the reply."""

from collections.abc import Mapping, Sequence
from functools import partial

from handlers.core.drafts import draft_from
from handlers.core.rules import Action
from handlers.core.views import Full
from handlers.steps.read_cases import read_case
from schemas.http import Call, Limit, Page, Route
from schemas.ids import EntryId
from schemas.near import NearList, near_list
from schemas.ports import LiveEntries, NearAnswers, Unit
from schemas.values import LiveEntry, NearAnswer
from schemas.words import Role


async def show_near(call: Call, *, near: NearAnswers, entries: LiveEntries) -> Page:
    """Public answers and entries alone; words of the case itself are not repeated, so that this is no look at it."""
    found, drafts = await _near(call, near, entries)
    context = {"near": found, "home": f"/desk/{call.case_id}", "drafts": drafts}
    return Page(template="site/near.html", context=context)


async def list_near(call: Call, *, near: NearAnswers, entries: LiveEntries) -> NearList:
    """The same for a department's own system, each entry with the draft that a reply may begin with."""
    return near_list(*await _near(call, near, entries))


async def _near(
    call: Call, near: NearAnswers, entries: LiveEntries
) -> tuple[Sequence[NearAnswer] | None, Mapping[EntryId, str]]:
    case = await read_case(call.unit, call.principal.own_department, call.case_id)
    found = await near.beside(call.unit, case.title, case.text, but=case.tracking_code)
    drafts = await _drafts(call.unit, found or (), entries) if Action.REPLY in case.allowed_actions else {}
    return found, drafts


async def _drafts(unit: Unit, near: Sequence[NearAnswer], entries: LiveEntries) -> Mapping[EntryId, str]:
    named = [each.entry_id for each in near if each.entry_id is not None]
    found = [entry for entry_id in named if (entry := await entries.find(unit, entry_id)) is not None]
    return {entry.entry_id: draft_from(entry.content) for entry in found}


async def drafted(
    call: Call, case: Full, entry_id: str | None, entries: LiveEntries | None
) -> LiveEntry | None:
    """The entry that the reply is to begin with, if it holds and a reply may be written."""
    if entry_id is None or entries is None or Action.REPLY not in case.allowed_actions:
        return None
    return await entries.find(call.unit, entry_id)


def near_pages(near: NearAnswers | None, entries: LiveEntries | None) -> tuple[Route, ...]:
    """The page of one case's, if there is anybody to ask."""
    if near is None or entries is None:
        return ()
    return (
        Route(method="GET", path="/desk/{case_id}/near", answer=partial(show_near, near=near, entries=entries),
              who=frozenset({Role.DEPARTMENT}), summary="Answers near a case", page=True, lookup=True),
    )  # fmt: skip


def routes(near: NearAnswers | None, entries: LiveEntries | None) -> tuple[Route, ...]:
    """The same of the API, if there is anybody to ask."""
    if near is None or entries is None:
        return ()
    return (
        Route(method="GET", path="/api/v1/desk/cases/{case_id}/near",
              answer=partial(list_near, near=near, entries=entries), who=frozenset({Role.DEPARTMENT}),
              summary="Answers near a case: public ones and entries, three at most", returns=NearList, lookup=True,
              limit=Limit.SUGGESTIONS),
    )  # fmt: skip
