"""Routes that are found by the words of their paths are those that Starlette finds by comparing with each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from deploy.web.paths import Paths

_WORDS = ["", "desk", "cases", "near", "{case_id}", "{name}"]


async def _answer(_: Request) -> Response:
    raise AssertionError("nobody asks")


def _route(words: tuple[str, ...], method: str) -> Route:
    return Route("/" + "/".join(words), _answer, methods=[method])


def _compared(routes: list[Route], scope: Scope) -> tuple[Match, Scope]:
    """What Starlette's own router decides on, read off its documentation: the first that fits, else the first in part."""
    found = [(*route.matches(scope), route) for route in routes]
    fitting = [(match, {**more, "route": route}) for match, more, route in found if match is not Match.NONE]
    whole = [each for each in fitting if each[0] is Match.FULL]
    return next(iter(whole + fitting), (Match.NONE, {}))


def _is_sound(words: tuple[str, ...]) -> bool:
    names = [word for word in words if word.startswith("{")]
    return len(names) == len(set(names))


_PATHS = st.lists(st.sampled_from(_WORDS), max_size=4).map(tuple).filter(_is_sound)
_METHODS = st.sampled_from(["GET", "POST"])
_ROUTES = st.lists(st.builds(_route, _PATHS, _METHODS), max_size=12)
_ASKED = st.lists(st.sampled_from(["", "desk", "cases", "near", "4711", "{name}"]), max_size=5)


@given(routes=_ROUTES, words=_ASKED, method=st.sampled_from(["GET", "HEAD", "POST"]))
def test_it_is_the_route_that_starlette_finds(routes: list[Route], words: list[str], method: str) -> None:
    """Whatever routes there are, in whatever order, and whatever is asked for."""
    scope = {"type": "http", "method": method, "path": "/" + "/".join(words), "root_path": ""}

    match, found = Paths(routes).matches(scope)

    compared, other = _compared(routes, scope)
    assert (match, found) == (compared, other)
    assert found.get("route") is other.get("route")


def test_a_path_of_any_number_of_words_is_refused() -> None:
    """It would be found nowhere."""
    with pytest.raises(ValueError, match="one word at a time"):
        Paths([Route("/files/{name:path}", _answer)])
