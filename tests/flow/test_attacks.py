"""Who attacks × what they reach, on the running city: nobody reads a word of a case that is not theirs.

Each line of docs/security.md names its own test beside; this one goes through every door as every attacker at once.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from deploy.docgen.reference import every_route
from deploy.web.site.watermark import watermark
from schemas.city import load_city
from schemas.http import Principal, Route
from schemas.ids import DepartmentCode
from schemas.words import Language, Role
from tests.family import ACCUSED, FAMILY, SUBORDINATE, SUPERIOR
from tests.flow.hidden_cases import HAS_IT, OTHER, Everyday, Hidden, hide
from tests.flow.open_places import in_logs, records_of
from tests.integration.security.bodies import well_formed
from tests.integration.security.callers import Caller, everybody
from tests.stack import Stack, eventually

#: At once: a city answers them side by side.
_AT_ONCE = 12
#: Whoever decides on all cases reads them.
_READERS = frozenset({Role.DISPATCHER, Role.ADMINISTRATOR})
#: Whatever anybody looked for in vain, as they typed it: these attackers, too. What of it is kept: `test_unanswered.py`.
_TYPED = ("/review/unanswered", "/api/v1/review/unanswered")
_LISTS = {
    "/watch/export": ("?what=cases&format=jsonl", "?what=cases&format=csv&from={day}&to={day}", "?what=figures&format=csv"),
    "/published": ("?q={word}", "?q={code}"),
    "/api/v1/published": ("?q={word}&order=best", "?q={word}&order=newest", f"?department={HAS_IT}"),
    "/api/v1/suggestions": ("?title=请看一下那个{word}", "?title={word}&text={word}"),
    "/api/v1/knowledge": ("?q={word}",),
    "/knowledge": ("?q={word}",),
    "/api/v1/sla/figures/cases": ("?measure=received", "?measure=assigned&by=category"),
    "/watch/figures/cases": ("?measure=received",),
    "/api/v1/sla/reports/{number}/cases": ("?figure=received", "?figure=on_time_rate&part=numerator"),
    "/watch/reports/{number}/cases": ("?figure=received",),
    "/api/v1/callbacks": ("?state=settled", "?state=open"),
    "/callbacks": ("?state=settled",),
    "/desk": ("?state=ended", "?state=open", "?due=overdue"),
    "/api/v1/desk/cases": ("?state=ended&limit=100", "?state=open&limit=100", "?due=overdue"),
    "/desk/entries/new": ("?case_id={case}",),
    "/review": ("?done={code}", "?asked={code}"),
    "/watch/notices/preview": ("?occasion=urged",),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Siege:
    """A running city, its hidden cases, and everybody outside."""

    city: Stack
    http: aiohttp.ClientSession
    hidden: Sequence[Hidden]
    callers: Sequence[Caller]

    @property
    def outside(self) -> Sequence[Caller]:
        """Everybody who may read none of the cases."""
        return [each for each in self.callers if not (each.has_the_case or each.role in _READERS)]

    @property
    def units(self) -> Sequence[Caller]:
        """The departments among them: the accused, above it, below it, and another."""
        return [each for each in self.outside if each.role is Role.DEPARTMENT]


@pytest.fixture(scope="module")
async def siege(city: Stack) -> AsyncIterator[Siege]:
    """Built once; the tests change nothing of the cases."""
    connector = aiohttp.TCPConnector(limit=_AT_ONCE)
    async with aiohttp.ClientSession(city.url, connector=connector) as http:
        hidden = await hide(city, http)
        units = {"has it": HAS_IT, "other": OTHER, **{code: code for code in FAMILY}}
        yield Siege(
            city=city,
            http=http,
            hidden=hidden,
            callers=await everybody(city, units, with_the_case={"has it"}),
        )


async def _all(asked: Sequence[Awaitable[Sequence[str]]]) -> Sequence[str]:
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(each: Awaitable[Sequence[str]]) -> Sequence[str]:
        async with turn:
            return await each

    return sorted(found for some in await asyncio.gather(*map(one, asked)) for found in some)


def _addresses(route: Route, hidden: Hidden) -> Iterator[str]:
    """The route's address with whatever of the case it takes, and what else may be asked of it."""
    path = route.path.replace("{case_id}", hidden.case_id).replace("{tracking_code}", hidden.tracking_code)
    path = re.sub(r"{(?:attachment_id|entry_id|item)}", hidden.case_id, path)
    path = path.replace("{number}", "1").replace("{token}", hidden.tracking_code)
    words = {
        "word": hidden.words[0],
        "code": hidden.tracking_code,
        "case": hidden.case_id,
        "day": "2026-11-26",
    }
    for query in ("", *_LISTS.get(route.path, ())):
        yield path + query.format(**words)


def _is_of_one(route: Route) -> bool:
    return "{" in route.path or any("{" in query for query in _LISTS.get(route.path, ()))


async def _told(siege: Siege, caller: Caller, route: Route, address: str) -> Sequence[str]:
    text = (await caller.text(siege.http, route, address)).replace(address, "")
    found = []
    for hidden in siege.hidden:
        # What the caller typed may be shown to them again; that there is such a case may not.
        asked = {word for word in hidden.words if word in address}
        traces = set(hidden.words) - asked
        if caller.role is Role.SUPERVISOR:
            # Who watches over the clocks of all cases knows that they are there, and reads no word.
            traces -= {hidden.case_id, hidden.tracking_code}
        found += [
            f"{caller.name} reads {word} of the one {hidden.name} at {address}"
            for word in traces
            if word in text
        ]
    return found


async def test_no_place_tells_anybody_outside_a_word(siege: Siege) -> None:
    """Pages, API, streams, files, exports, searches, suggestions, near panels, call-backs, notices, the wall."""
    asked = [
        _told(siege, caller, route, address)
        for route in every_route()
        if route.method == "GET" and route.path not in _TYPED
        for hidden in (siege.hidden if _is_of_one(route) else siege.hidden[:1])
        for number, address in enumerate(_addresses(route, hidden))
        for caller in (siege.outside if route.who else siege.outside[:1])
        # Whom the table of routes refuses is refused for every case and query.
        if not route.who or caller.role in route.who or (hidden is siege.hidden[0] and number == 0)
    ]

    assert [] == await _all(asked)
    assert len(asked) > 300


async def test_whoever_has_them_reads_them(siege: Siege) -> None:
    """What the test above looks for is there to be found."""
    [has_it] = [caller for caller in siege.callers if caller.has_the_case]
    [route] = [r for r in every_route() if (r.method, r.path) == ("GET", "/desk/{case_id}")]
    for hidden in siege.hidden:
        text = await has_it.text(siege.http, route, f"/desk/{hidden.case_id}")
        assert {hidden.words[0], hidden.tracking_code} <= {word for word in hidden.words if word in text}


#: What differs between two answers to the same question: secrets of a page, and the minute in its mark, which is quoted.
_OF_THE_MOMENT = re.compile(
    r"""(nonce|csrf|value)[=-]"?[\w-]{16,}[.\w-]*|[0-9]{4}-[0-9]{2}-[0-9]{2}%20[0-9]{2}%3A[0-9]{2}"""
)


def test_a_minute_that_passes_between_two_answers_is_no_difference() -> None:
    """The mark of the viewer says when: of two answers that were asked for side by side, one may be of the next day."""
    who = Principal(role=Role.DEPARTMENT, name=OTHER, department=DepartmentCode(OTHER))
    shown = partial(watermark, who, city=load_city(), zone=load_city().zone, language=Language.ZH)
    midnight = datetime(2026, 11, 26, 16, tzinfo=UTC)
    before, after = shown(clock=lambda: midnight - timedelta(seconds=1)), shown(clock=lambda: midnight)

    assert before != after
    assert _OF_THE_MOMENT.sub("", before) == _OF_THE_MOMENT.sub("", after)


async def _answer(
    siege: Siege, caller: Caller, route: Route, case_id: str
) -> tuple[int, str, tuple[str, ...]]:
    """Status, text without the case's id, and the names of all headers."""
    path = route.path.replace("{case_id}", case_id)
    body = {**well_formed(route), "csrf": caller.form_token}
    content: dict[str, Any] = (
        {"data": body} if route.page else {"json": {k: v for k, v in body.items() if k != "csrf"}}
    )
    async with siege.http.request(
        route.method, path, headers=caller.headers(page=route.page), allow_redirects=False,
        **(content if route.method == "POST" else {}),
    ) as answer:  # fmt: skip
        text = _OF_THE_MOMENT.sub("", (await answer.text()).replace(case_id, ""))
        return answer.status, text, tuple(sorted(answer.headers))


async def _differs(siege: Siege, caller: Caller, route: Route, hidden: Hidden) -> Sequence[str]:
    theirs = await _answer(siege, caller, route, hidden.case_id)
    nobodys = await _answer(siege, caller, route, str(uuid4()))
    if theirs == nobodys and theirs[0] == 404:
        return ()
    return [
        f"{caller.name}: {route.method} {route.path} of the one {hidden.name}: {theirs[0]}, not as {nobodys[0]}"
    ]


async def test_a_hidden_case_is_answered_like_one_that_never_was(siege: Siege) -> None:
    """404, in the same words and with the same headers, whatever is asked for or done."""
    routes = [r for r in every_route() if Role.DEPARTMENT in r.who and "{case_id}" in r.path]
    asked = [
        _differs(siege, caller, route, hidden)
        for route in routes
        for caller in siege.units
        for hidden in siege.hidden
        if caller.name == ACCUSED or hidden.name == "taken"
    ]

    assert [] == await _all(asked)
    assert len(routes) >= 40


async def test_addresses_that_were_handed_out_are_dead(siege: Siege) -> None:
    """The accused kept those of the file; nor are they good for whoever has the case now, or for a citizen's page."""
    taken = next(each for each in siege.hidden if each.name == "taken")
    assert taken.addresses
    for caller in siege.callers:
        if caller.role is Role.DEPARTMENT:
            for page in (True, False):
                headers = caller.headers(page=page)
                async with siege.http.get(
                    taken.addresses[0], headers=headers, allow_redirects=False
                ) as answer:
                    assert 404 == answer.status, caller.name


async def test_topics_of_the_family_end_with_what_they_had(siege: Siege) -> None:
    """The superior's and the subordinate's hold nothing; the accused's what it had read, and nothing that came since."""
    for code in FAMILY:
        text = await records_of(siege.city, f"{siege.city.prefix}.department.{code}.v1")
        told = {word for hidden in siege.hidden for word in hidden.words if word in text}
        allowed = {word for hidden in siege.hidden for word in hidden.read_before}
        assert told == (allowed if code == ACCUSED else set()), code


async def test_no_log_metric_or_notice_holds_a_word(siege: Siege) -> None:
    """What processes say, what is measured, what is to be sent, and what waits in quarantine."""
    async with siege.http.get("/metrics") as answer:
        said = [await answer.text(), *(place.text for place in in_logs(siege.city))]
    for table in ("deploy.notice", "deploy.quarantine", "deploy.case_view", "sla.call_back", "sla.alert"):
        said += [row[0] for row in await siege.city.sql(f"SELECT t::text FROM {table} AS t")]  # noqa: S608  our own names
    words = [word for hidden in siege.hidden for word in hidden.words[:-2]]

    assert [] == [word for word in words for text in said if word in text]


async def test_nothing_is_merged_into_a_hidden_case(siege: Siege) -> None:
    """Whose citizen would then read its answer; not by its id, and not by its code."""
    day = Everyday(siege.city, siege.http)
    lure = await day.submitted(
        "lure", "请看一下那个东西", "请看一下那个东西，谢谢。", (), kind="consultation"
    )
    item = await day.waiting(lure)
    path = f"/api/v1/review/cases/{lure.case_id}/decision"
    for hidden in siege.hidden:
        for target in (hidden.case_id, hidden.tracking_code):
            status, _ = await day.post(path, "dispatcher", version=item["version"], merge_into=target)
            assert 422 == status, hidden.name


async def test_who_is_moved_or_dismissed_reads_nothing_more(siege: Siege) -> None:
    """With the session, and the address of a file, that they had: the very next look."""
    [has_it] = [caller for caller in siege.callers if caller.has_the_case]
    username, hidden = HAS_IT, siege.hidden[0]
    paths = (
        f"/desk/{hidden.case_id}",
        f"/desk/{hidden.case_id}/near",
        f"/desk/entries/new?case_id={hidden.case_id}",
    )
    assert 200 == await _status(siege, has_it, paths[0])
    try:
        for change, refused in ((f"department = '{OTHER}'", 404), ("disabled = true", 303)):
            await siege.city.sql(f"UPDATE deploy.account SET {change} WHERE username = $1", username)  # noqa: S608  above
            assert [refused] * 3 == [await _status(siege, has_it, path) for path in paths]
    finally:
        await siege.city.sql(
            "UPDATE deploy.account SET department = $1, disabled = false WHERE username = $1", username
        )


async def _status(siege: Siege, caller: Caller, path: str) -> int:
    async with siege.http.get(path, headers=caller.headers(page=True), allow_redirects=False) as answer:
        return answer.status


async def test_nobody_acts_for_somebody_of_another_unit(siege: Siege) -> None:
    """A department's token with the name of a person of another one, of the centre, or of nobody."""
    hidden = siege.hidden[0]
    for name in (HAS_IT, "dispatcher", "supervisor", "nobody-at-all"):
        for code in (*FAMILY, OTHER):
            headers = {**siege.city.token(code), "Acting-For": name}
            async with siege.http.get(f"/api/v1/desk/cases/{hidden.case_id}", headers=headers) as answer:
                assert answer.status in (401, 403), (name, code)


async def test_a_supervisors_many_orders_bring_back_no_word(siege: Siege) -> None:
    """Urging hidden cases by the hundred tells their title to nobody, and their note to none of the family."""
    day = Everyday(siege.city, siege.http)
    cases = [hidden.case_id for hidden in siege.hidden]
    _, told = await day.post(
        "/api/v1/sla/many", "supervisor", what="urge", cases=cases, note="请抓紧橘色灯塔"
    )

    words = [word for hidden in siege.hidden for word in hidden.words[:-2]]
    assert [] == [word for word in words if word in str(told)]
    for code in (SUPERIOR, ACCUSED, SUBORDINATE):
        assert "橘色灯塔" not in await records_of(siege.city, f"{siege.city.prefix}.department.{code}.v1")
    assert "橘色灯塔" in await eventually(
        lambda: records_of(siege.city, f"{siege.city.prefix}.department.{HAS_IT}.v1"),
        is_done=lambda text: "橘色灯塔" in text,
    )


async def test_nothing_of_staff_is_kept_or_sent_along(siege: Siege) -> None:
    """By browser, proxy or the next site: no copy of an answer, and no address of it in a referrer."""
    [has_it] = [caller for caller in siege.callers if caller.has_the_case]
    for hidden in siege.hidden:
        for path, page in (
            (f"/desk/{hidden.case_id}", True),
            (f"/api/v1/desk/cases/{hidden.case_id}", False),
        ):
            for caller in (has_it, siege.units[0]):
                async with siege.http.get(path, headers=caller.headers(page=page)) as answer:
                    assert "no-store" in answer.headers["cache-control"]
                    assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer")
