"""Every staff route, asked by everybody: each gets what its table says, and never somebody else's case."""

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from deploy.docgen.reference import every_route
from deploy.web.site import csrf
from deploy.web.site.cookies import DONE, SESSION
from schemas.http import Route
from schemas.words import Role
from tests.faults.traffic import settings_of
from tests.flow.steps import followed
from tests.integration.security.bodies import BODIES, well_formed
from tests.integration.security.callers import Caller, everybody
from tests.stack import Stack, eventually

#: What each department is to the case; the first two have few others. Superiors and subordinates:
#: `tests/integration/test_protection_matrix.py`.
DEPARTMENTS = {
    "lead": "tax",
    "supporting": "justice",
    "accused": "letters",
    "other": "transport",
}
REPORT = {
    "title": "举报信访局工作人员收受红包",
    "text": "信访局的工作人员在办理我的材料时收受红包，还泄露了我的来信。另外东湖区望江路的青色路灯坏了。",
    "kind": "report",
    "contact": {"phone": "13911112222"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Knocking:
    """A running city with one case, and everybody who asks for it."""

    http: aiohttp.ClientSession
    case_id: str
    tracking_code: str
    #: A knowledge entry of the lead's.
    entry_id: str
    callers: Sequence[Caller]


@pytest.fixture(scope="module")
async def knocking(city: Stack) -> AsyncIterator[Knocking]:
    """A report about one department, dispatched to two others; and what was done just now, by the very ones who ask."""
    async with aiohttp.ClientSession(city.url) as http:
        callers = await everybody(city, DEPARTMENTS, with_the_case={"lead", "supporting"})
        case_id, tracking_code = await _dispatched(city, http, _called(callers, "dispatcher"))
        lead = _called(callers, "lead")
        async with http.get(f"/api/v1/desk/cases/{case_id}", headers=lead.headers(page=False)) as answer:
            version = (await answer.json())["version"]
        await _did(http, lead, f"/desk/{case_id}/note", {**BODIES["note"], "version": version})
        entry = await _did(http, lead, "/desk/entries/new", BODIES["new"])
        entry_id = entry.removeprefix("/desk/entries/").partition("?")[0]
        yield Knocking(
            http=http, case_id=case_id, tracking_code=tracking_code, entry_id=entry_id, callers=callers
        )


def _called(callers: Sequence[Caller], name: str) -> Caller:
    return next(caller for caller in callers if caller.name == name)


async def _did(http: aiohttp.ClientSession, caller: Caller, path: str, form: Mapping[str, object]) -> str:
    """Where a page's form leads that was carried out."""
    data = {**form, csrf.FIELD: caller.form_token}
    async with http.post(path, data=data, headers=caller.headers(page=True), allow_redirects=False) as answer:
        assert 303 == answer.status, await answer.text()
        return answer.headers["location"]


async def _dispatched(city: Stack, http: aiohttp.ClientSession, by: Caller) -> tuple[str, str]:
    async with http.post("/api/v1/submissions", json=REPORT) as answer:
        accepted = await answer.json()
    await followed(http, accepted, lambda seen: seen["state"] == "in_review")
    headers = city.token("dispatcher")

    async def waiting() -> Any:
        async with http.get("/api/v1/review/cases?limit=100", headers=headers) as answer:
            items = (await answer.json())["items"]
            return next((item for item in items if item["title"] == REPORT["title"]), None)

    item = await eventually(waiting)
    decision = {
        "version": item["version"],
        "action": "dispatch",
        "lead": DEPARTMENTS["lead"],
        "supporting": DEPARTMENTS["supporting"],
    }
    await _did(http, by, f"/review/{item['case_id']}", decision)
    await followed(http, accepted, lambda seen: seen["state"] == "assigned")
    return str(item["case_id"]), str(accepted["tracking_code"])


#: Addresses that a form leads to once it is carried out, and how their pages say so.
SAYING = {
    "/review?asked={code}": ("dispatcher", "已请求撤回"),
    "/review?done={code}": ("dispatcher", "data-taken"),
    "/review/{case}?done={code}": ("dispatcher", "data-taken"),
    "/desk/{case}?done=note": ("lead", "data-taken"),
    "/desk/entries/{entry}?done=save": ("lead", "data-taken"),
    "/review?left=3": ("dispatcher", "只剩您放到稍后的 3 件"),
    "/review/rulings?done=true": ("dispatcher", "data-taken"),
    "/review/readings?done={code}": ("dispatcher", "data-taken"),
    "/review/precision?done=true": ("administrator", "data-taken"),
    "/watch?done=urged": ("supervisor", "data-taken"),
    "/watch/cases/{case}?done=accepted": ("supervisor", "data-taken"),
    "/watch/notices?done=retry": ("supervisor", "data-taken"),
    "/callbacks?done=redo": ("supervisor", "data-taken"),
    "/exclusions?done=granted": ("supervisor", "data-taken"),
    "/password?done=true": ("supervisor", "data-taken"),
}


@pytest.mark.parametrize("address", SAYING)
async def test_no_address_alone_says_that_something_was_done(
    city: Stack, knocking: Knocking, address: str
) -> None:
    """Whoever follows a link reads nothing of what nobody did; where we sent them, and nowhere else, the page says it.

    Also of what they did indeed, a moment ago.
    """
    name, words = SAYING[address]
    path = address.format(code=knocking.tracking_code, case=knocking.case_id, entry=knocking.entry_id)
    caller = _called(knocking.callers, name)

    async def says(mark: str) -> bool:
        headers = {"Cookie": f"{SESSION}={caller.session}; {DONE}={mark}"}
        async with knocking.http.get(path, headers=headers) as answer:
            assert 200 == answer.status
            return words in await answer.text()

    secret = settings_of(city).derived("forms")
    assert await says(csrf.mark_of(secret, caller.session, path))
    assert not await says("")
    assert not await says(csrf.mark_of(secret, caller.session, "/review?asked=ANOTHER"))
    assert not await says(csrf.mark_of(secret, "another session", path))


ROUTES = [route for route in every_route() if route.who]


def _is_right(route: Route, caller: Caller) -> Callable[[int], bool]:
    """Which statuses are right for this caller of this route."""
    if caller.role is Role.CITIZEN or (route.page and not caller.session):
        # A page asks its reader to sign in; a form that no page of ours made is refused.
        right = {303} if route.page and route.method == "GET" else {401, 403} if route.page else {401}
        return lambda status: status in right
    if caller.role not in route.who:
        return lambda status: status == 403
    if caller.role is not Role.DEPARTMENT:
        # 404: nothing waits for a decision.
        return lambda status: status < 500 and status not in (401, 403)
    if "{entry_id}" in route.path or ("{case_id}" in route.path and not caller.has_the_case):
        return lambda status: status == 404
    if route.path.endswith("/contact"):
        # Whoever reported is shown to no department.
        return lambda status: status == 403
    return lambda status: status < 500 and status not in (401, 403, 404)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_each_gets_what_the_table_says(knocking: Knocking, route: Route) -> None:
    """401, 403 or 404 for whoever it is not for; never an error of ours; and it is reached by whoever it is for."""
    path = route.path.replace("{case_id}", knocking.case_id)
    body = well_formed(route)
    seen = {caller.name: await caller.status(knocking.http, route, path, body) for caller in knocking.callers}

    assert {} == {
        caller.name: seen[caller.name]
        for caller in knocking.callers
        if not _is_right(route, caller)(seen[caller.name])
    }


#: Whoever must decide on reports reads them.
_READERS = frozenset({Role.DISPATCHER, Role.ADMINISTRATOR})
#: What else may be asked of a route than what it answers without a query.
_QUERIES: Mapping[str, Sequence[str]] = {
    "/watch/export": ("?what=cases&format=csv", "?what=cases&format=jsonl", "?what=figures&format=csv"),
    "/published": ("?q=举报信访局工作人员",),
    "/api/v1/published": ("?q=举报信访局工作人员", "?q=收受红包&order=best", "?department=tax"),
    "/open311/v2/requests.{format}": ("?status=open,closed", "?updated_after=2020-01-01"),
    "/api/v1/suggestions": ("?title=举报信访局工作人员收受红包",),
    "/api/v1/knowledge": ("?q=收受红包",),
    "/watch/figures/cases": ("?measure=received",),
    "/api/v1/sla/figures/cases": ("?measure=received",),
    "/api/v1/sla/reports/{number}/cases": ("?figure=received",),
    "/watch/reports/{number}/cases": ("?figure=received",),
    "/api/v1/sla/figures": ("?by=department", "?by=category", "?by=region"),
    "/api/v1/sla/stream": ("?only=alerts", "?only=changes", "?only=topics"),
    "/desk": ("?state=ended", "?state=open"),
    "/api/v1/desk/cases": ("?state=ended&limit=100", "?due=overdue"),
}
ASKED = [(route, query) for route in every_route() if route.method == "GET"
         for query in ("", *_QUERIES.get(route.path, ()))]  # fmt: skip


@pytest.mark.parametrize(("route", "query"), ASKED, ids=lambda value: getattr(value, "path", value))
async def test_no_word_is_read_by_whom_it_is_not_for(knocking: Knocking, route: Route, query: str) -> None:
    """Every route that there is, by everybody: of a report neither title nor text, and no trace for other departments."""
    path = route.path.replace("{case_id}", knocking.case_id).replace(
        "{tracking_code}", knocking.tracking_code
    )
    path = path.replace("{format}", "json")
    path = re.sub(r"{\w+}", "0198b2c4-0000-7000-8000-0000000000aa", path) + query
    # No other test of this city says so, which has published answers of theirs.
    words = (REPORT["title"], "还泄露了我的来信", "望江路的青色路灯坏了")
    for caller in knocking.callers:
        if caller.has_the_case or caller.role in _READERS:
            continue
        traces = () if caller.role is Role.SUPERVISOR else (knocking.case_id,)
        text = (await caller.text(knocking.http, route, path)).replace(path, "")

        assert [] == [found for found in (*words, *traces) if found in text], caller.name


async def test_words_are_read_by_whom_they_are_for(knocking: Knocking) -> None:
    """What the test above looks for is there to be found."""
    [route] = [r for r in every_route() if (r.method, r.path) == ("GET", "/desk/{case_id}")]
    [lead] = [caller for caller in knocking.callers if caller.name == "lead"]

    assert "还泄露了我的来信" in await lead.text(knocking.http, route, f"/desk/{knocking.case_id}")


@pytest.mark.parametrize("path", ["/desk", "/api/v1/desk/cases"])
async def test_no_list_of_others_holds_the_case(knocking: Knocking, path: str) -> None:
    """Whatever state is asked for; who has it finds it there."""
    for caller in knocking.callers:
        if caller.role is Role.DEPARTMENT:
            assert caller.has_the_case is await _lists(knocking, caller, path), caller.name


async def _lists(knocking: Knocking, caller: Caller, path: str) -> bool:
    headers = caller.headers(page=path == "/desk")
    found = False
    for state in ("open", "assigned", "working", "under_review", "ended"):
        async with knocking.http.get(f"{path}?state={state}&limit=100", headers=headers) as answer:
            assert 200 == answer.status
            found |= knocking.case_id in await answer.text()
    return found


async def test_a_token_opens_no_page_and_a_session_no_api(knocking: Knocking) -> None:
    """Each kind of secret is good for its own door alone."""
    lead = next(caller for caller in knocking.callers if caller.name == "lead")
    for path, page in (("/desk", False), ("/api/v1/desk/cases", True)):
        async with knocking.http.get(path, headers=lead.headers(page=page), allow_redirects=False) as answer:
            assert answer.status in (303, 401), path


async def test_anothers_codes_open_nothing(city: Stack) -> None:
    """Each route that takes codes: the tracking code of one case with the access code of another finds nothing."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(city.url, cookie_jar=jar) as http:
        codes = [await _codes(http, number) for number in range(2)]
    mixed = {"tracking_code": codes[0]["tracking_code"], "access_code": codes[1]["access_code"]}
    for place, route in enumerate(each for each in every_route() if each.guess):
        # Each from an address of its own: wrong codes are counted.
        connector = aiohttp.TCPConnector(local_addr=(f"127.0.0.{77 + place}", 0))
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(city.url, connector=connector, cookie_jar=jar) as http:
            assert 404 == await _try_codes(http, route, mixed), route.path


async def _codes(http: aiohttp.ClientSession, number: int) -> Any:
    body = {"title": f"别人的路灯 {number}", "text": "望江路的路灯不亮。"}
    async with http.post("/api/v1/submissions", json=body) as answer:
        return await answer.json()


async def _try_codes(http: aiohttp.ClientSession, route: Route, codes: Mapping[str, str]) -> int:
    path = route.path.format(tracking_code=codes["tracking_code"], action="supplement", format="json")
    words = {
        "score": 5, "reason": "不满意", "text": "补充", "publish": True, "pictures": [], "contacted": True, "solved": "no",
        "satisfied": False,
    }  # fmt: skip
    content: dict[str, Any] = {"headers": {"Access-Code": codes["access_code"]}, "json": words}
    if route.page:
        async with http.get("/follow") as page:
            token = (await page.text()).partition('name="csrf" value="')[2].partition('"')[0]
        content = {"data": {**codes, "supplement": "补充", "csrf": token}}
    async with http.request(
        route.method, path, **(content if route.method == "POST" else {"headers": content["headers"]})
    ) as answer:
        return answer.status
