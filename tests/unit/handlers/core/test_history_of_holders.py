"""Who is told that a case was taken from them: all who had it, whyever, so that no answer tells whom it accuses."""

from collections.abc import Mapping
from typing import Any

import pytest

from handlers.core.history import Happening, is_taken
from handlers.core.rules import Action, Actor
from schemas.ids import DepartmentCode
from tests.unit.handlers.making import MONDAY

WATER = DepartmentCode("water")
_TO_WATER = (Action.ROUTE, {"lead": "water", "supporting": []})
_BESIDE = (Action.ROUTE, {"lead": "tax", "supporting": ["water"]})
_ELSEWHERE = (Action.ROUTE, {"lead": "tax", "supporting": ["market"]})
_JOINS = (Action.CO_HANDLE, {"departments": ["water"], "reason": "管线"})
_WITHHELD: tuple[Action, Mapping[str, Any]] = (Action.PROTECT, {})
_UNMERGED = (Action.UNMERGE, {"reason": "decided"})
_RECALLED: tuple[Action, Mapping[str, Any]] = (Action.UNDO, {})
_NO_PAUSE = (Action.UNDO, {"review": "suspension"})
_MOVED_BACK = (Action.UNDO_MOVE, {"lead": "tax", "supporting": []})


@pytest.mark.parametrize(
    ("rows", "is_told"),
    [
        ([_TO_WATER, _ELSEWHERE], True),
        ([_BESIDE, _ELSEWHERE], True),
        ([_ELSEWHERE, _JOINS, _ELSEWHERE], True),
        ([_TO_WATER, _RECALLED], True),
        ([_TO_WATER, _RECALLED, _ELSEWHERE], True),
        ([_ELSEWHERE, _TO_WATER, _MOVED_BACK], True),
        # It accuses somebody, or another case's answer is for its citizen alone: any other answer would tell that.
        ([_TO_WATER, _ELSEWHERE, _WITHHELD, _ELSEWHERE], True),
        ([_TO_WATER, _WITHHELD], True),
        ([_TO_WATER, _WITHHELD, _ELSEWHERE], True),
        ([_TO_WATER, _UNMERGED, _ELSEWHERE], True),
        ([_TO_WATER, _ELSEWHERE, _TO_WATER, _WITHHELD], True),
        # Nothing was undone that took it from them; who has it is told nothing either.
        ([_TO_WATER, _NO_PAUSE], False),
        ([_TO_WATER, _ELSEWHERE, _BESIDE], False),
        ([_TO_WATER, _ELSEWHERE, _JOINS], False),
        ([_ELSEWHERE, _RECALLED, _ELSEWHERE], False),
        ([], False),
    ],
)
def test_who_is_told(rows: list[tuple[Action, Mapping[str, Any]]], *, is_told: bool) -> None:
    """As the rows of the log stand, the oldest first."""
    history = [
        Happening(
            at=MONDAY, event=action, text="", actor="li", role=Actor.DISPATCHER, state="assigned", version=3,
            detail=dict(detail),
        )
        for action, detail in rows
    ]  # fmt: skip

    assert is_told == is_taken(history, WATER)
