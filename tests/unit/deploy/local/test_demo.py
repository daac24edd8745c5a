"""The demo's people leave a visitor's cases alone."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from deploy.local.demo import DemoPeople
from deploy.local.demo.long_matters import REASON, LongMatters

_ANSWER = {"note": "已到现场", "response": "路灯已修好。"}
_OURS, _VISITORS = "OURS-0000-0000-0000", "VISI-0000-0000-0000"
_TOKENS = {
    "departments": {f"d{number}": f"t{number}" for number in range(6)},
    "dispatcher": "t",
    "supervisor": "t",
}


class City:
    """Answers as the web does, and remembers what was done to which case."""

    def __init__(self) -> None:
        self.desk: list[dict[str, Any]] = []
        self.review: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        #: What one case says that a list does not.
        self.whole: dict[str, Any] = {"allowed_actions": ["reply"], "promise_pending": None, "parts": []}
        #: What a citizen reads of their case.
        self.citizens: dict[str, Any] = {"allowed_actions": [], "rating": None, "pending": []}
        self.done: set[str] = set()
        self.said: list[dict[str, Any]] = []

    async def answer(self, request: web.Request) -> web.Response:
        """Any request."""
        if request.path == "/api/v1/submissions":
            return web.json_response({"tracking_code": _OURS}, status=202)
        if request.method == "GET" and request.path.startswith("/api/v1/submissions/"):
            return web.json_response(self.citizens)
        if request.method == "GET" and request.path.startswith("/api/v1/desk/cases/"):
            (case,) = [each for each in self.desk if request.path.endswith(f"/{each['case_id']}")]
            lead = request.headers["Authorization"].replace("Bearer t", "d")
            return web.json_response({**case, "lead": lead, **self.whole})
        if request.method == "GET":
            if request.query.get("kind", "reply") != "reply":
                return web.json_response({"items": self.asked})
            return web.json_response({"items": self.desk if "desk" in request.path else self.review})
        self.done.add(request.path.removeprefix("/api/v1/"))
        self.said.append(await request.json())
        return web.json_response({})


def _case(case_id: str, tracking_code: str, state: str = "", response: str = "") -> dict[str, Any]:
    return {
        "case_id": case_id,
        "tracking_code": tracking_code,
        "state": state,
        "version": 1,
        "detail": {"response": response},
    }


@pytest.fixture
async def city() -> AsyncIterator[tuple[City, DemoPeople]]:
    """A city where the demo has sent one message."""
    city, app = City(), web.Application()
    app.router.add_route("*", "/{path:.*}", city.answer)
    async with TestServer(app) as server, aiohttp.ClientSession(server.make_url("/")) as session:
        people = DemoPeople(session, {"tokens": _TOKENS}, [{"title": "路灯", "text": "坏了"}], [_ANSWER])
        await people.write()
        yield city, people


async def test_clerks_act_on_the_demos_own_cases_only(city: tuple[City, DemoPeople]) -> None:
    """Also where more of a visitor's cases stand before them than a clerk takes on at a time."""
    web_, people = city
    web_.desk = [_case(f"visitor{n}", _VISITORS, ("assigned", "in_progress")[n % 2]) for n in range(8)]
    web_.desk += [_case("new", _OURS, "assigned"), _case("signed", _OURS, "in_progress")]

    for _ in range(10):
        await people.work()

    assert {"desk/cases/new/actions/sign", "desk/cases/signed/actions/reply"} == web_.done


async def test_the_dispatcher_approves_only_what_the_demo_wrote(city: tuple[City, DemoPeople]) -> None:
    """Neither a visitor's case, nor a visitor's reply to a case of the demo."""
    web_, people = city
    web_.review = [
        _case("visitors", _VISITORS, response=_ANSWER["response"]),
        _case("answered-by-visitor", _OURS, response="我来答复。"),
        _case("ours", _OURS, response=_ANSWER["response"]),
    ]

    for _ in range(10):
        await people.work()

    assert {"review/replies/ours"} == web_.done


async def test_some_matters_take_long(city: tuple[City, DemoPeople]) -> None:
    """A date is asked for, for a day that the reply's deadline allows; while it is not decided, nothing else is done."""
    web_, people = city
    web_.desk = [_case("long", _OURS, "in_progress")]
    web_.whole |= {"allowed_actions": ["promise", "reply"], "due_at": "2026-11-30T17:30:00+08:00"}
    for _ in range(3):
        await people.work()
        web_.whole |= {"allowed_actions": ["progress", "reply"], "promise_pending": {"date": "2026-12-20"}}

    assert {"desk/cases/long/actions/promise"} == web_.done
    assert "2026-12-20" == web_.said[-1]["date"]

    web_.whole |= {"promise_pending": None}
    await people.work()
    assert {"desk/cases/long/actions/promise", "desk/cases/long/actions/progress"} == {
        each for each in web_.done if not each.endswith("reply")
    }


async def test_who_supports_a_case_hands_its_part_in(city: tuple[City, DemoPeople]) -> None:
    """And never answers for its lead."""
    web_, people = city
    web_.desk = [_case("others", _OURS, "in_progress")]
    web_.whole |= {"lead": "elsewhere", "allowed_actions": ["note", "part"]}

    for _ in range(10):
        await people.work()

    assert {"desk/cases/others/actions/part"} == web_.done


async def test_the_dispatcher_grants_what_the_demo_asked_for_alone(city: tuple[City, DemoPeople]) -> None:
    """A date that a visitor asked for, with reasons of their own, waits for the visitor."""
    web_, people = city
    ours, visitors = _case("ours", _OURS), _case("visitors", _OURS)
    ours["detail"], visitors["detail"] = {"reason": REASON}, {"reason": "我的理由"}
    web_.asked = [ours, visitors]

    await people.work()

    assert {"review/cases/ours/decision"} == web_.done


def test_every_story_comes_to_its_end() -> None:
    """Each of them, one after the other, on cases that allow all: what is asked for is decided or handed in between."""
    matters = LongMatters(["housing", "water"])
    done = []
    for number in range(7):
        case = {
            "case_id": str(number), "lead": "water", "supporting": ["housing"], "promise_pending": None, "parts": [],
            "assigned_at": "2026-11-23T10:00:00+08:00", "due_at": "2026-11-30T17:30:00+08:00",
            "allowed_actions": ["promise", "progress", "reply", "co-handle", "ask-part", "suspend"],
        }  # fmt: skip
        while matters.begin(case) and (deed := matters.next_deed(case)):
            done.append(deed.action)
            matters.was_done(str(number))

    assert {"promise": 4, "progress": 3, "reply": 2, "co-handle": 2, "ask-part": 2, "suspend": 1} == Counter(
        done
    )
    assert not matters.begin(case | {"case_id": "more"})


async def test_orders_and_a_report_on_one(city: tuple[City, DemoPeople]) -> None:
    """Two cases are supervised and left alone but for one report: the visitor finds one that waits for either."""
    web_, people = city
    web_.desk = [_case(f"c{n}", _OURS, "in_progress") for n in range(2)]
    web_.whole |= {"allowed_actions": ["extend", "reply", "report-back"]}
    for _ in range(20):
        await people.work()

    supervised = {f"sla/cases/c{n}/supervise" for n in range(2)}
    assert supervised == {each for each in web_.done if each.startswith("sla/")}
    assert 1 == len([each for each in web_.done if each.endswith("report-back")])
    assert not [each for each in web_.done if each.endswith("reply")]


async def test_one_citizen_is_content_and_one_objects(city: tuple[City, DemoPeople]) -> None:
    """Once they may: each says it once, and the second says what is not settled."""
    web_, people = city
    await people.work()
    assert [] == web_.said
    web_.citizens["allowed_actions"] = ["rating", "objection"]
    for _ in range(5):
        await people.work()

    assert [5, 1] == [said["score"] for said in web_.said if "score" in said]
    assert 1 == len([said for said in web_.said if "reason" in said])
