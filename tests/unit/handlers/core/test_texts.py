"""What departments write in forms of several fields."""

from typing import Any

import pytest

from handlers.core import desk
from handlers.core.actions import ACTIONS
from handlers.core.actions.reply import Reply, reply
from handlers.core.actions.return_ import Return, return_case
from handlers.core.rules import Action
from handlers.core.texts import clean_each
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.http import read
from schemas.words import CaseState
from tests.unit.handlers.making import by_lead, case

AT_HOME = "已到望江路8号3栋2单元501室查看。"


@pytest.mark.parametrize(
    ("action", "public", "inside"),
    [
        (Action.ASK, {"text": AT_HOME}, {"until": "2026-11-25"}),
        (Action.PROGRESS, {"text": AT_HOME}, {}),
        (Action.PROMISE, {"plan": AT_HOME}, {"date": "2027-02-01", "reason": AT_HOME, "basis": "年度计划"}),
        (Action.REPLY, {"response": AT_HOME}, {"note": AT_HOME}),
    ],
)
def test_what_the_citizen_is_told_names_no_home(
    action: Action, public: dict[str, str], inside: dict[str, str]
) -> None:
    """Everybody may come to read it: it is masked as what is published, and only what stays inside may say at which door."""
    held = case()
    body = read(ACTIONS[action].body, {"version": held.version, **public, **inside})
    (event,) = desk.perform(held, action, body, by_lead(), load_city()).events
    said: Any = event

    assert [True] * len(public) == ["望江路***" in getattr(said, field) for field in public]
    kept = [field for field, text in inside.items() if text == AT_HOME]
    assert [True] * len(kept) == ["501室" in getattr(said, field) for field in kept]


def test_every_silent_field_is_named() -> None:
    """Whoever mends one learns of the other at once; what says something is cleaned in its order."""
    with pytest.raises(BadInput) as refused:
        clean_each(("  ", "note"), ("已办", "reason"), ("……", "response"))

    assert ["note", "response"] == [error.field for error in refused.value.errors]
    assert ["a b", "打 139****5678"] == clean_each((" a b ", "x"), ("打 13912345678", "y"), public="y")


def test_replies_and_returns_name_all() -> None:
    """Over the API as at the desk."""
    city, by = load_city(), by_lead()
    with pytest.raises(BadInput) as reply_refused:
        reply(case(), Reply(version=4, note=" ", response="。"), by, CaseState.REPLIED, city)
    with pytest.raises(BadInput) as return_refused:
        return_case(case(), Return(version=4, reason="-", basis=" "), by, CaseState.IN_REVIEW, city)

    assert ["note", "response"] == [error.field for error in reply_refused.value.errors]
    assert ["reason", "basis"] == [error.field for error in return_refused.value.errors]
