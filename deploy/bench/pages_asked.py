"""What `bench pages` asks: every route of the tables that answers GET, so that a new page is measured by itself."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from schemas.http import Route
from schemas.words import Role

#: Who asks where several may: the first of these that may.
ASKERS = (Role.DEPARTMENT, Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
#: Asked besides the routes of the tables: what operators watch.
OPERATORS = ("/metrics", "/readyz")
#: Not asked, and why.
NOT_ASKED: Mapping[str, str] = {
    "/api/v1/sla/stream": "has no end: `bench stream` measures it",
    "/api/v1/attachments/{attachment_id}": "one file by its signed address",
    "/api/v1/published/{tracking_code}/pictures/{attachment_id}": "one file of an answer that has one",
    "/api/v1/sla/reports/{number}": "one row by its number, written once",
    "/watch/reports/{number}": "one row by its number, written once",
    "/api/v1/sla/reports/{number}/cases": "as the cases behind a number of the figures",
    "/watch/reports/{number}/cases": "as the cases behind a number of the figures",
    "/submit/offered/{item}": "leads on to one answer or entry",
    "/open311/v2/services/{service_code}.{format}": "one category, from memory",
    "/unsubscribe/{token}": "a form for one signed word",
    "/unsubscribe/{token}/done": "says what was done",
    "/review/publication": "leads on from a public page to one case's",
    "/follow/{action}": "leads on to where codes are typed",
}
#: Which of the known things a place in a path stands for: the first whose words are in the path.
_PLACES = (
    ("/submissions/{tracking_code}", "followed"),
    ("{tracking_code}", "published"),
    ("/review/{case_id}", "in review"),
    ("/callbacks/{case_id}", "to call back"),
    ("exclusions", "closed"),
    ("{case_id}", "assigned"),
    ("{entry_id}", "entry"),
)
_CELLS = ("due", "received", "overdue_open")
#: Spans that figures are asked for, in days (project choices: a day to nearly a year).
_DAYS = (1, 7, 30, 300)


@dataclass(frozen=True, kw_only=True)
class PageAsked:
    """One address, and who asks for it."""

    path: str
    role: Role | None
    page: bool


def requests(
    routes: Sequence[Route], known: Mapping[str, str], today: date
) -> Iterator[tuple[str, PageAsked]]:
    """What is asked, by name. `known`: what stands at the places of paths.

    Raises:
        ValueError: nothing is known that stands at a place of this route, and no reason why it is not asked.
    """
    for route in routes:
        if route.method != "GET" or route.path in NOT_ASKED:
            continue
        role = next((each for each in ASKERS if each in route.who), None)
        for query in _queries(route.path, today):
            path = f"{_filled(route.path, known)}{'?' if query else ''}{query}"
            name = f"{route.path}{'?' if query else ''}{_said(query, today)}"
            yield name, PageAsked(path=path, role=role, page=route.page)
    for path in OPERATORS:
        yield path, PageAsked(path=path, role=None, page=False)


def _filled(path: str, known: Mapping[str, str]) -> str:
    path = path.replace("{format}", "json")
    if "{" not in path:
        return path
    kind = next((kind for words, kind in _PLACES if words in path), None)
    if kind is None:
        raise ValueError(f"nothing known stands in {path}: name it in _PLACES, or in NOT_ASKED with a reason")
    return re.sub(r"\{\w+\}", known[kind], path)


def _said(query: str, today: date) -> str:
    """The query with days counted from today, so that a name is the same tomorrow."""
    return re.sub(r"\d{4}-\d\d-\d\d", lambda found: f"{(today - date.fromisoformat(found[0])).days}d", query)


def _queries(path: str, today: date) -> Iterator[str]:
    end = path.removeprefix("/api/v1").removesuffix(".csv")
    if not end.endswith("/figures/cases"):
        yield ""
    for asked in _QUERIES.get(end, ()):
        yield urlencode(asked)
    if end in ("/watch/figures", "/sla/figures", "/watch/export"):
        for by in ("department", "category", "region", "channel"):
            for days in _DAYS:
                yield urlencode({"by": by, **_span(today, days)})
    if end in ("/watch/figures/cases", "/sla/figures/cases"):
        for measure in _CELLS:
            yield urlencode({"measure": measure, **_span(today, 300)})
            yield urlencode({"measure": measure, "key": "housing", **_span(today, 30)})


def _span(today: date, days: int) -> Mapping[str, str]:
    return {"from": (today - timedelta(days=days - 1)).isoformat(), "to": today.isoformat()}


_STATES = [{"state": word} for word in ("assigned", "working", "ended", "closed", "withdrawn")]
_SEARCHES = [
    {"q": "路灯"}, {"q": "小区物业不处理漏水应该找哪个部门投诉", "order": "best"}, {"q": "路灯 不亮"},
    {"category": "transport"}, {"department": "housing"}, {"q": "火星移民甲"},
]  # fmt: skip
_WATCHED = [
    {"department": "housing"}, {"owner": "dispatcher"}, {"due": "today"}, {"due": "near"}, {"due": "overdue"},
    {"private": "true"},
]  # fmt: skip
_PROMISED = [{"state": word} for word in ("open", "broken", "kept")] + [{"department": "housing"}]
_DESK = [
    *_STATES, *({"due": due} for due in ("overdue", "today", "week")), {"state": "ended", "due": "overdue"},
]  # fmt: skip
#: What is asked of a list besides all of it, by the end of its path.
_QUERIES: Mapping[str, Sequence[Mapping[str, str]]] = {
    "/desk": _DESK,
    "/desk/cases": _DESK,
    "/published": _SEARCHES,
    "/suggestions": [{"title": "路灯不亮", "text": "小区门口的路灯已经一个星期不亮了，晚上很黑。"}],
    "/knowledge": [{"q": "居住证"}, {"q": "火星移民"}],
    "/promises": _PROMISED,
    "/sla/promises": _PROMISED,
    "/watch/promises": _PROMISED,
    "/watch": _WATCHED,
    "/sla/alerts": [
        {"level": "missed"},
        {"level": "escalated"},
        {"department": "housing"},
        {"owner": "supervisor"},
    ],
    "/callbacks": [{"state": "settled"}],
    "/watch/notices": [{"state": "troubled"}, {"state": "sent"}, {"state": "waiting"}],
    "/watch/export": [{"what": "cases"}],
    "/review": [{"kind": "dispatch"}, {"kind": "reply"}],
    "/review/cases": [{"kind": "dispatch"}, {"kind": "reply"}],
    "/review/knowledge": [{"days": "90"}],
    "/review/entries": [{"state": "proposed"}],
    "/desk/entries": [{"state": "live"}],
}
