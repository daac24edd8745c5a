"""The desk's list (办件台): a department's cases by state, deadline, words, item and tag, and in which order."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from handlers.core.views import MOST_COUNTED, DeskLine, DeskQuery, Lines
from handlers.steps import entries as entry_steps
from handlers.steps import read_cases
from handlers.web.api import list_cases
from schemas.http import Call, Page
from schemas.ports import CaseClocks
from schemas.words import TagGroup

#: The tabs of the list: the API's word for the states, and how people call them.
TABS: Sequence[tuple[str, str]] = (
    ("open", "全部在办"),
    ("assigned", "待签收"),
    ("working", "办理中"),
    ("under_review", "待审核"),
    ("ended", "已办结"),
)
DUE: Sequence[tuple[str | None, str]] = (
    (None, "全部时限"),
    ("overdue", "已超期"),
    ("today", "今日到期"),
    ("week", "七日内到期"),
)
ORDERS: Sequence[tuple[str, str]] = (
    ("pressing", "最急的在前"),
    ("newest", "新收到的在前"),
    ("oldest", "最早收到的在前"),
)


async def show_list(call: Call, *, zone: ZoneInfo, clocks: CaseClocks | None = None) -> Page:
    """One page of the department's cases, with tabs by state and by deadline, by words, item and tag, and in which order."""
    query: DeskQuery = call.query
    department = call.principal.own_department
    listed = await list_cases(call, zone=zone)
    # Of all cases: beside some of them they would be wrong.
    by_state, late = (None, 0) if query.is_narrowed else await read_cases.count_cases(call.unit, department)
    tabs = [
        {"word": word, "zh": zh, "to": _tab_address(query, word), "count": _count(by_state, word)}
        for word, zh in TABS
    ]
    context = {
        "tabs": tabs,
        "dues": [{"word": due, "zh": zh, "to": _list_address(query, due=due)} for due, zh in DUE],
        "query": query,
        "lines": listed.items,
        "late": late,
        "expiring": (await entry_steps.count_entries(call.unit, call.principal))[1],
        "hours": clocks and clocks.hours_of(department),
        "items": _items_of(query, listed.items),
        "groups": tuple(TagGroup),
        "orders": ORDERS,
        "all": _list_address(query, item="", tag="", words=""),
        "place": _place_of(query),
        "count": await _listed(call, listed, zone),
        "most_counted": MOST_COUNTED,
        "next": _list_address(query, cursor=listed.next_cursor) if listed.next_cursor else None,
        "first": _list_address(query) if query.cursor else None,
    }
    return Page(template="handlers/desk.html", context=context)


async def _listed(call: Call, listed: Lines, zone: ZoneInfo) -> int:
    """How many cases the list has; what is on its only page is not counted again."""
    query: DeskQuery = call.query
    if query.cursor is None and listed.next_cursor is None:
        return len(listed.items)
    return await read_cases.count_listed(call.unit, call.principal.own_department, query, zone)


def _count(by_state: Mapping[str, int] | None, word: str) -> int | None:
    query = DeskQuery(state=word)  # type: ignore[arg-type]  # one of TABS
    if by_state is None or query.is_ended:
        return None
    return sum(by_state.get(state, 0) for state in query.states)


def _items_of(query: DeskQuery, lines: Sequence[DeskLine]) -> Sequence[str]:
    """The items that can be chosen: those on the page, and the one that is chosen."""
    return sorted({*(line.item for line in lines if line.item), *([query.item] if query.item else [])})


def _tab_address(query: DeskQuery, state: str) -> str:
    """The same list of cases in other states; ended ones have an order of their own."""
    ended = DeskQuery(state=state).is_ended  # type: ignore[arg-type]  # one of TABS
    return _list_address(query, state=state, **({"order": None} if ended else {}))


def _list_address(query: DeskQuery, **other: str | None) -> str:
    """The list as it was asked for, but for what is `other`, from its beginning."""
    return "/desk?" + _asked_for(query, **other)


def _place_of(query: DeskQuery) -> str:
    """The list and the page of it that is shown, as its address says them: whoever opens a case comes back there."""
    state = None if query.state == DeskQuery().state else query.state
    return _asked_for(query, state=state, cursor=query.cursor)


def _asked_for(query: DeskQuery, **other: str | None) -> str:
    kept = {name: getattr(query, name) for name in ("state", "due", "item", "tag", "words", "order")}
    chosen = kept | other
    if chosen["order"] == "pressing":
        chosen["order"] = None
    return urlencode({name: value for name, value in chosen.items() if value})
