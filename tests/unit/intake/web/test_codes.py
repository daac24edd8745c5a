"""Right codes are told from guesses before anything is asked of Postgres: who has them waits for no guesser."""

from types import SimpleNamespace
from typing import Any

import pytest

from deploy.composition import intake_keys
from deploy.docgen.reference import EXAMPLE, every_route
from intake.core.codes import Codes, derive
from schemas.http import Call, Principal, Route
from schemas.words import Language

_GUESSABLE = [route for route in every_route() if route.guessable]


def _calls(route: Route, codes: Codes, access_code: str, told: list[str]) -> list[Call]:
    """A call for each way to show the codes to this route."""

    def call(**shown: Any) -> Call:
        return Call(
            principal=Principal(),
            language=Language.ZH,
            address="203.0.113.7",
            no_guess=lambda: told.append(access_code),
            **{"path": {"tracking_code": codes.tracking_code}, "headers": {}} | shown,
        )

    if route.page:
        return [call(form={"tracking_code": codes.tracking_code, "access_code": access_code})]
    calls = [call(headers={"access-code": access_code})]
    if route.method == "POST":
        calls.append(call(body=SimpleNamespace(access_code=access_code)))
    return calls


@pytest.mark.parametrize("route", _GUESSABLE, ids=lambda route: f"{route.method} {route.path}")
async def test_right_codes_are_told_before_a_transaction_is_open(route: Route) -> None:
    """Each route that codes open; wrong ones are told by nobody, and stay guesses."""
    codes = derive(intake_keys(EXAMPLE).code_secret, b"somebody")
    told: list[str] = []
    for access_code in ("wrong", "", codes.access_code):
        for call in _calls(route, codes, access_code, told):
            assert route.before is not None
            await route.before(call)

    assert told
    assert {codes.access_code} == set(told)
    assert len(_calls(route, codes, "", [])) == len(told)
