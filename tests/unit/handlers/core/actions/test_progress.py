"""The citizen is told how far it is (进展告知)."""

from typing import Any

import pytest

from handlers.core import desk
from handlers.core.actions import ACTIONS
from handlers.core.case import Case, CaseChange
from handlers.core.rules import Action, Actor
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, BadInput
from schemas.events.handlers import ProgressNoted
from schemas.http import read
from schemas.words import CaseState
from tests.unit.handlers.making import HOUSING, MONDAY, by_lead, case


def tell(held: Case, text: str = "已测量，下周施工。", role: Actor = Actor.LEAD) -> CaseChange:
    """The lead tells how far it is."""
    body = read(ACTIONS[Action.PROGRESS].body, {"version": held.version, "text": text})
    by = by_lead() if role is Actor.LEAD else type(by_lead())(name="zhao", role=role, now=MONDAY)
    return desk.perform(held, Action.PROGRESS, body, by, load_city())


@pytest.mark.parametrize("state", [CaseState.IN_PROGRESS, CaseState.SUSPENDED])
def test_word_is_given_and_nothing_else_moves(state: CaseState) -> None:
    """State and version stay, so that no decision that waits is about an older case; departments hear of it, too."""
    change = tell(case(state=state))
    (event,) = change.events

    assert isinstance(event, ProgressNoted)
    assert (HOUSING, "已测量，下周施工。", 4) == (event.department, event.text, event.version)
    assert (state, 4, "progress.noted", "已测量，下周施工。") == (
        change.after.state, change.after.version, change.what, change.text
    )  # fmt: skip
    assert {"text": "已测量，下周施工。"} == change.entry.detail


def test_it_is_masked_as_what_everybody_may_read() -> None:
    """No number of anybody reaches event, log or page."""
    change = tell(case(), "请联系王师傅 13812345678，身份证 110105194912310021。")
    (event,) = change.events

    assert isinstance(event, ProgressNoted)
    for number in ("13812345678", "110105194912310021"):
        assert number not in event.text + change.text + str(change.entry.detail) + change.after.asks.progress


@pytest.mark.parametrize("text", ["……", "\u200b\u2060\u00ad", " \x00 ", "。！"])
def test_what_says_nothing_is_no_word(text: str) -> None:
    """Invisible characters and dots."""
    with pytest.raises(BadInput):
        tell(case(), text)


def test_the_same_words_are_told_once() -> None:
    """A form that was sent twice; other words are new."""
    told = tell(case()).after
    with pytest.raises(BadInput) as refusal:
        tell(told)

    assert ["text"] == [error.field for error in refusal.value.errors]
    assert "已施工。" == tell(told, "已施工。").after.asks.progress


@pytest.mark.parametrize(
    ("fields", "role"),
    [
        ({}, Actor.SUPPORTING),
        *(({"state": state}, Actor.LEAD) for state in CaseState if state not in ("in_progress", "suspended")),
    ],
    ids=str,
)
def test_who_tells_and_when(fields: dict[str, Any], role: Actor) -> None:
    """The lead, while it works on it; not before it has signed, nor once it has answered."""
    with pytest.raises(ActionNotAllowed):
        tell(case(**fields), role=role)
