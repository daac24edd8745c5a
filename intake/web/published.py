"""Published answers for everybody: found by words or whole questions, read one by one, over the API and as pages."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from intake.core.public.published import QUESTION_LIMIT, PublishedCase, Search, SortOrder
from intake.core.search.matches import excerpt, marked, matching_words
from intake.core.search.question import Counts, question_of
from intake.steps.me_too import people_of
from intake.steps.read_published import pictures_of, read_published, search_published
from intake.web import me_too, publication
from intake.web.bodies import PublishedQuery
from intake.web.dependencies import Dependencies
from intake.web.forms import errors_of
from intake.web.views import PublishedItem, PublishedList, published_view
from schemas.errors import BadInput
from schemas.forms import NO_ERRORS
from schemas.http import ANYONE, Call, Limit, Page, Route

_Answer = Callable[..., Awaitable[Any]]

#: How long a browser may show published answers without asking again; project choice: what is withdrawn is soon gone.
KEEP_SECONDS = 60
#: Answers on a page; project choice.
_PAGE_SIZE = 20
#: How a template shows what of a text was looked for.
MARKING = {"marked": marked, "excerpt": excerpt}


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed into the search form; dates are checked by the step, which names the wrong one."""

    q: str = ""
    category: str | None = None
    department: str | None = None
    region: str | None = None
    from_day: str | None = msgspec.field(name="from", default=None)
    to_day: str | None = msgspec.field(name="to", default=None)
    cursor: str | None = None
    order: str | None = None

    @property
    def fields(self) -> Mapping[str, str]:
        """The search as its address carries it, without the page of it that is shown."""
        names = {"q": self.q, "category": self.category, "department": self.department, "region": self.region}
        more = {"from": self.from_day, "to": self.to_day, "order": self.order}
        return {name: value for name, value in (names | more).items() if value}

    @property
    def place(self) -> Mapping[str, str]:
        """The fields of the search, and which page of it is shown: whoever reads an answer comes back to where it stood."""
        return {**self.fields, "cursor": self.cursor} if self.cursor else self.fields


async def list_published(call: Call, *, dependencies: Dependencies) -> PublishedList:
    """One page of the published answers that the search finds."""
    asked: PublishedQuery = call.query
    search = Search(
        words=asked.q or "",
        category=asked.category,
        department=asked.department,
        region=asked.region,
        from_day=asked.from_day,
        to_day=asked.to_day,
        cursor=asked.cursor,
        limit=asked.limit,
        order=asked.order,
    )
    found = await search_published(call.unit, search, dependencies.zone)
    return PublishedList(
        items=await published_views(call, found.cases, dependencies, search.words),
        next_cursor=found.next_cursor,
        total=found.total,
        total_exact=found.is_total_exact,
        order=found.order,
    )


async def show_published(call: Call, *, dependencies: Dependencies) -> PublishedItem:
    """The published answer with this tracking code."""
    found = await read_published(call.unit, dependencies.keys, call.path["tracking_code"])
    (item,) = await published_views(call, [found], dependencies)
    return item


async def published_views(
    call: Call, cases: Sequence[PublishedCase], dependencies: Dependencies, asked: str = ""
) -> list[PublishedItem]:
    """Published cases as everybody reads them, with the pictures beside them, and what of `asked` stands in each."""
    pictures = await pictures_of(call.unit, cases)
    people = await people_of(call.unit, [case.case_id for case in cases])
    question = question_of(asked, Counts())
    return [
        published_view(
            case,
            call.language,
            city=dependencies.city,
            pictures=pictures.get(case.case_id, ()),
            people=people.get(case.case_id, 0),
            words=matching_words(question, case.title, case.text, case.response) if asked else (),
        )
        for case in cases
    ]


async def show_list(call: Call, *, dependencies: Dependencies) -> Page:
    """The published answers that the search finds; what is wrong with it is said beside the fields."""
    asked: SearchQuery = call.query
    search = Search(
        words=asked.q[:QUESTION_LIMIT],
        category=asked.category,
        department=asked.department,
        region=asked.region,
        from_day=asked.from_day,
        to_day=asked.to_day,
        cursor=asked.cursor,
        limit=_PAGE_SIZE,
        order=next((order for order in SortOrder if order == asked.order), None),
    )
    errors = NO_ERRORS
    found = None
    try:
        found = await search_published(call.unit, search, dependencies.zone)
    except BadInput as error:
        errors = errors_of(error, call.language, otherwise="q")
    items = await published_views(call, found.cases, dependencies, search.words) if found else []
    context = {"asked": asked, "found": found, "items": items, "errors": errors, **MARKING}
    return Page(template="intake/published.html", context=context, status=422 if errors else 200)


async def show_answer(call: Call, *, dependencies: Dependencies) -> Page:
    """The page of one published answer."""
    found = await read_published(call.unit, dependencies.keys, call.path["tracking_code"])
    (item,) = await published_views(call, [found], dependencies)
    asked: SearchQuery = call.query
    return Page(template="intake/answer.html", context={"item": item, "asked": asked})


def routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """The API of published answers, one line each."""

    def lookup(path: str, answer: _Answer, summary: str, **more: Any) -> Route:
        return Route(
            method="GET",
            path=f"/api/v1/published{path}",
            answer=partial(answer, dependencies=dependencies),
            who=ANYONE,
            summary=summary,
            lookup=True,
            limit=Limit.READING,
            **more,
        )

    return (
        lookup("", list_published, "Search published answers.", query=PublishedQuery, returns=PublishedList),
        lookup("/{tracking_code}", show_published, "One published answer.", returns=PublishedItem),
        *me_too.routes(),
        *publication.routes(dependencies),
    )


def pages(dependencies: Dependencies) -> tuple[Route, ...]:
    """The pages of published answers, one line each."""

    def page(path: str, answer: _Answer, summary: str) -> Route:
        return Route(
            method="GET",
            path=f"/published{path}",
            answer=partial(answer, dependencies=dependencies),
            who=ANYONE,
            summary=summary,
            page=True,
            limit=Limit.READING,
            keep_seconds=KEEP_SECONDS,
            query=SearchQuery,
        )

    return (
        page("", show_list, "Published answers"),
        page("/{tracking_code}", show_answer, "Published answer"),
        *me_too.pages(dependencies),
        *publication.pages(dependencies),
    )
