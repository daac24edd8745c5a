"""Knowledge entries (知识点) for everybody: looked for, and read one by one."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec

from intake.core.public.entries import EntrySearch, FoundEntries, PublicEntry
from intake.steps.entries import EntryEnded, look_for_entries, read_entry
from intake.web.dependencies import Dependencies
from schemas.errors import BadInput
from schemas.forms import NO_ERRORS
from schemas.http import ANYONE, Call, Limit, Page, Route

#: How long a browser may show it without asking again; project choice: what is taken back is soon gone.
_KEEP_SECONDS = 60
#: RFC 9110 §15.5.11: it was here, and will not be again; search engines forget it sooner than at 404.
_GONE = 410


class KnowledgeItem(msgspec.Struct, frozen=True, kw_only=True):
    """One checked answer: who answers for it, what it rests on, until when it holds."""

    entry_id: str
    title: str
    questions: list[str]
    answer: str
    basis: str
    document_number: str
    department: str
    department_name: str
    categories: list[str]
    category_names: list[str]
    regions: list[str]
    region_names: list[str]
    checked_on: date
    valid_from: date
    valid_until: date
    published_at: datetime


class KnowledgeList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of entries: those that fit best, or the newest."""

    items: list[KnowledgeItem]
    next_cursor: str | None


class KnowledgeQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed and chosen on the page."""

    q: str = ""
    category: str = ""
    cursor: str | None = None

    @property
    def search(self) -> EntrySearch:
        """What is looked for: of a long text its beginning."""
        return EntrySearch(q=self.q[:200], category=self.category[:64] or None, cursor=self.cursor)


async def list_entries(call: Call, *, dependencies: Dependencies) -> KnowledgeList:
    """One page of the entries that hold now."""
    return _listed(await _looked_for(call, call.query, dependencies), call, dependencies)


async def _looked_for(call: Call, search: EntrySearch, dependencies: Dependencies) -> FoundEntries:
    return await look_for_entries(call.unit, search, dependencies.clock(), dependencies.zone)


def _listed(found: FoundEntries, call: Call, dependencies: Dependencies) -> KnowledgeList:
    return KnowledgeList(
        items=[_item(entry, call, dependencies) for entry in found.entries], next_cursor=found.next_cursor
    )


async def show_entry(call: Call, *, dependencies: Dependencies) -> KnowledgeItem:
    """One entry that holds now."""
    entry = await read_entry(call.unit, call.path["entry_id"], dependencies.clock())
    return _item(entry, call, dependencies)


def _item(entry: PublicEntry, call: Call, dependencies: Dependencies) -> KnowledgeItem:
    content, city = entry.content, dependencies.city

    def names(known: Mapping[Any, Any], *codes: str) -> list[str]:
        return [known[code].name(call.language) if code in known else code for code in codes]

    return KnowledgeItem(
        entry_id=entry.entry_id,
        title=content.title,
        questions=list(content.questions),
        answer=content.answer,
        basis=content.basis,
        document_number=content.document_number,
        department=entry.owner,
        department_name=names(city.department, entry.owner)[0],
        categories=list(content.categories),
        category_names=names(city.category, *content.categories),
        regions=list(content.regions),
        region_names=names(city.region, *content.regions),
        checked_on=content.checked_on,
        valid_from=content.valid_from,
        valid_until=content.valid_until,
        published_at=entry.published_at,
    )


async def show_list(call: Call, *, dependencies: Dependencies) -> Page:
    """The same as a page; a cursor that is not ours shows none."""
    return await _list_page(call, call.query, dependencies)


async def _list_page(
    call: Call, asked: KnowledgeQuery, dependencies: Dependencies, ended: EntryEnded | None = None
) -> Page:
    """`ended`: of the entry that was asked for instead, said above the search."""
    try:
        found = await _looked_for(call, asked.search, dependencies)
        shown, status = _listed(found, call, dependencies), 200
    except BadInput:
        shown, status = KnowledgeList(items=[], next_cursor=None), 422
    kept = {"q": asked.q, "category": asked.category}
    kept = {name: value for name, value in kept.items() if value}
    context = {
        "ended": ended.message(call.language) if ended else None,
        "asked": asked,
        "errors": NO_ERRORS,
        "found": shown,
        "first": "/knowledge" + (f"?{urlencode(kept)}" if kept else "") if asked.cursor else None,
        "next": "/knowledge?" + urlencode({**kept, "cursor": shown.next_cursor})
        if shown.next_cursor
        else None,
    }
    return Page(template="intake/knowledge.html", context=context, status=_GONE if ended else status)


async def show_one(call: Call, *, dependencies: Dependencies) -> Page:
    """The page of one entry; in place of one that holds no more a sentence, and the search."""
    try:
        item = await show_entry(call, dependencies=dependencies)
    except EntryEnded as ended:
        return await _list_page(call, KnowledgeQuery(), dependencies, ended)
    return Page(template="intake/entry.html", context={"item": item})


def routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """The routes of the API for knowledge entries."""
    path, list_summary, one_summary = "/api/v1/knowledge", "Search knowledge entries", "One knowledge entry"
    return (
        _route(path, list_entries, dependencies, list_summary, query=EntrySearch, returns=KnowledgeList),
        _route(f"{path}/{{entry_id}}", show_entry, dependencies, one_summary, returns=KnowledgeItem),
    )


def pages(dependencies: Dependencies) -> tuple[Route, ...]:
    """The pages on which citizens read knowledge entries."""
    kept: Mapping[str, Any] = {"page": True, "keep_seconds": _KEEP_SECONDS}
    return (
        _route("/knowledge", show_list, dependencies, "Knowledge entries", query=KnowledgeQuery, **kept),
        _route("/knowledge/{entry_id}", show_one, dependencies, "One knowledge entry", **kept),
    )


def _route(path: str, answer: Any, dependencies: Dependencies, summary: str, **more: Any) -> Route:
    return Route(
        method="GET", path=path, answer=partial(answer, dependencies=dependencies), who=ANYONE, summary=summary,
        limit=Limit.READING, lookup=True, **more,
    )  # fmt: skip
