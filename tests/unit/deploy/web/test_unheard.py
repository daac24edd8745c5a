"""Whoever's words are refused unread, at whatever door, reads whom to call about danger."""

import msgspec
import pytest

from deploy.docgen.reference import every_route
from deploy.web.problems import TooSlow, encode
from deploy.web.unheard import with_whom_to_call
from intake.web.open311_views import refused
from schemas.bilingual import plain
from schemas.errors import (
    BadInput,
    CodingRefused,
    FormRefused,
    HuiyinError,
    Malformed,
    NotFound,
    TooLarge,
    TooMany,
    TypeRefused,
    Unavailable,
)
from schemas.http import ANYONE, Route
from schemas.words import Language

_NUMBERS = ("110", "119", "120")
#: Anybody's words, by whatever door: a message, a file with one, something said about a case.
_WORDS = (
    "/submit/done",
    "/api/v1/submissions",
    "/api/v1/mini-app/submissions",
    "/open311",
    "/follow",
    "/api/v1/attach",
    "/published",
)
_DOORS = [
    each
    for each in every_route()
    if each.method == "POST" and each.who == ANYONE and each.path.startswith(_WORDS)
]


def _unread() -> list[HuiyinError]:
    return [
        TooMany(retry_after_seconds=7),
        TooLarge(limit=9),
        CodingRefused(),
        FormRefused(),
        TooSlow(),
        Malformed(reason=plain("?")),
        Unavailable("kafka"),
        HuiyinError(),
    ]


@pytest.mark.parametrize("route", _DOORS, ids=lambda route: route.path)
@pytest.mark.parametrize("language", list(Language))
def test_what_nobody_read_may_tell_of_danger(route: Route, language: Language) -> None:
    """In the words of the refusal, which every program shows: in the caller's language, and once."""
    for error in _unread():
        alone = error.message(language)
        said = with_whom_to_call(with_whom_to_call(error, route), route).message(language)
        assert said.startswith(alone)
        assert [1, 1, 1] == [said.count(number) for number in _NUMBERS]
        assert said == msgspec.json.decode(encode(error, language))["detail"]
        if route.refusing is refused:
            body = refused(error, language, {"format": "json"}).body
            assert said in msgspec.json.decode(body)[0]["description"]


def test_nobody_else_is_told() -> None:
    """What was read says it itself, and looking or signing in tells nothing; all doors of words are asked above."""
    submit = next(each for each in _DOORS if each.path == "/api/v1/submissions")
    heard = TooMany(retry_after_seconds=7, call_now=[{"number": "119"}])
    for error in (BadInput([]), NotFound(), TypeRefused(kinds="JPG"), heard):
        assert error.message(Language.ZH) == with_whom_to_call(error, submit).message(Language.ZH)
    for route in every_route():
        if route.method == "GET" or route.limit is None or "sign" in route.path:
            assert "119" not in with_whom_to_call(TooMany(retry_after_seconds=7), route).message(Language.ZH)

    assert 16 == len(_DOORS)
