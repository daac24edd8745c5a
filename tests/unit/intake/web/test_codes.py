"""Right codes are told from guesses before anything is asked of Postgres, and of which case they are."""

from types import SimpleNamespace
from typing import Any

import pytest

from deploy.composition import intake_keys
from deploy.docgen.reference import EXAMPLE, every_route
from intake.core.codes import derive
from schemas.http import Call, Principal, Route
from schemas.tried_secrets import TriedSecret
from schemas.words import Language

_GUESSED = [route for route in every_route() if route.guess]


def _calls(route: Route, tracking_code: str, access_code: str) -> list[Call]:
    """A call for each way to show the codes to this route."""

    def call(**shown: Any) -> Call:
        return Call(
            principal=Principal(),
            language=Language.ZH,
            address="203.0.113.7",
            **{"path": {"tracking_code": tracking_code}, "headers": {}} | shown,
        )

    if route.page:
        return [call(form={"tracking_code": tracking_code, "access_code": access_code})]
    calls = [call(headers={"access-code": access_code})]
    if route.method == "POST":
        calls.append(call(body=SimpleNamespace(access_code=access_code)))
    return calls


@pytest.mark.parametrize("route", _GUESSED, ids=lambda route: f"{route.method} {route.path}")
def test_right_codes_are_told_without_a_database(route: Route) -> None:
    """Each route that codes open: which case is tried, however its code is written, and whether it opens."""
    codes = derive(intake_keys(EXAMPLE).code_secret, b"somebody")
    other = derive(intake_keys(EXAMPLE).code_secret, b"somebody else")
    assert route.guess is not None
    for tracking_code, access_code, meant in (
        (codes.tracking_code, codes.access_code, TriedSecret(of=codes.tracking_code, is_right=True)),
        (
            codes.tracking_code.lower(),
            f" {codes.access_code} ",
            TriedSecret(of=codes.tracking_code, is_right=True),
        ),
        (codes.tracking_code, other.access_code, TriedSecret(of=codes.tracking_code)),
        ("0000-0000-0000-0000", codes.access_code, TriedSecret(of="")),
        ("", codes.access_code, TriedSecret(of="")),
        (codes.tracking_code, " ", None),
    ):
        told = [route.guess(call) for call in _calls(route, tracking_code, access_code)]
        assert [meant] * len(told) == told, (tracking_code, access_code)


def test_every_route_that_takes_an_access_code_counts_guesses() -> None:
    """By its body, its summary, or its page."""
    takes = [
        route
        for route in every_route()
        if "Access-Code" in route.summary
        or (route.body is not None and "access_code" in route.body.__struct_fields__)
        or (route.method == "POST" and route.path.startswith("/follow"))
    ]
    assert {each.path for each in _GUESSED} == {each.path for each in takes}
