"""The demo's people leave a visitor's cases alone."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from deploy.local.demo import People

_ANSWER = {"note": "已到现场", "response": "路灯已修好。"}
_OURS, _VISITORS = "OURS-0000-0000-0000", "VISI-0000-0000-0000"
_TOKENS = {"departments": {f"d{number}": f"t{number}" for number in range(6)}, "dispatcher": "t"}


class City:
    """Answers as the web does, and remembers what was done to which case."""

    def __init__(self) -> None:
        self.desk: list[dict[str, Any]] = []
        self.review: list[dict[str, Any]] = []
        self.done: set[str] = set()

    async def answer(self, request: web.Request) -> web.Response:
        """Any request."""
        if request.path == "/api/v1/submissions":
            return web.json_response({"tracking_code": _OURS}, status=202)
        if request.method == "GET":
            return web.json_response({"items": self.desk if "desk" in request.path else self.review})
        self.done.add(request.path.removeprefix("/api/v1/"))
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
async def city() -> AsyncIterator[tuple[City, People]]:
    """A city where the demo has sent one message."""
    city, app = City(), web.Application()
    app.router.add_route("*", "/{path:.*}", city.answer)
    async with TestServer(app) as server, aiohttp.ClientSession(server.make_url("/")) as session:
        people = People(session, {"tokens": _TOKENS}, [{"title": "路灯", "text": "坏了"}], [_ANSWER])
        await people.write()
        yield city, people


async def test_clerks_act_on_the_demos_own_cases_only(city: tuple[City, People]) -> None:
    """Also where more of a visitor's cases stand before them than a clerk takes on at a time."""
    web_, people = city
    web_.desk = [_case(f"visitor{n}", _VISITORS, ("assigned", "in_progress")[n % 2]) for n in range(8)]
    web_.desk += [_case("new", _OURS, "assigned"), _case("signed", _OURS, "in_progress")]

    for _ in range(10):
        await people.work()

    assert {"desk/cases/new/actions/sign", "desk/cases/signed/actions/reply"} == web_.done


async def test_the_dispatcher_approves_only_what_the_demo_wrote(city: tuple[City, People]) -> None:
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
