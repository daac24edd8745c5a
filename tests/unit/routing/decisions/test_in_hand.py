"""What a dispatcher may decide about a case that nobody asked about."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from routing.core.decisions.in_hand import check_is_unanswered, is_meant, move_of
from routing.core.decisions.review import Decision, Item
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, BadInput
from schemas.ids import DepartmentCode
from schemas.words import ReviewKind
from tests.unit.routing.decisions.test_review import CASE

CITY = load_city()
ROUTED = replace(CASE, state="routed", version=3)
AT = datetime(2026, 11, 23, tzinfo=UTC)


def item(kind: ReviewKind, version: int, state: Any = "open") -> Item:
    """Something that a department asked."""
    return Item(case_id=CASE.case_id, kind=kind, version=version, state=state, opened_at=AT)


def decision(**fields: Any) -> Decision:
    """To another department, about version 5."""
    return Decision(**{"version": 5, "lead": "water", "remarks": "职责调整", **fields})


@pytest.mark.parametrize(
    ("items", "fields"),
    [
        ([], {}),
        ([], {"lead": None, "merge_into": "ABCD"}),
        ([item(ReviewKind.EXTENSION, 4)], {}),
        ([item(ReviewKind.DISPATCH, 2, "decided")], {}),
        ([], {"version": 3}),
    ],
)
def test_a_case_in_hand_is_moved_or_merged(items: list[Item], fields: dict[str, Any]) -> None:
    """Also while its department asks for time, and with the version that the desk shows."""
    assert is_meant(ROUTED, items, decision(**fields))


def test_an_answered_case_is_in_nobodys_hands() -> None:
    """Accepted and then dropped, it would be a promise that nothing keeps; before the answer nothing is in the way."""
    check_is_unanswered(ROUTED)
    with pytest.raises(ActionNotAllowed):
        check_is_unanswered(replace(ROUTED, response="已修好"))


@pytest.mark.parametrize(
    ("changes", "items", "fields"),
    [
        ({"state": "open"}, [], {}),
        ({"state": "merged"}, [], {}),
        ({}, [item(ReviewKind.RETURN, 4)], {}),
        ({}, [item(ReviewKind.DISPATCH, 4)], {}),
        ({}, [item(ReviewKind.REPLY, 4)], {}),
        ({}, [item(ReviewKind.EXTENSION, 5)], {}),
        ({}, [item(ReviewKind.EXTENSION, 5, "decided")], {}),
        ({}, [], {"version": 2}),
        ({}, [], {"version": 2**31 - 1}),
        ({}, [], {"lead": None}),
        ({}, [], {"decline": True}),
        ({}, [], {"accept": True}),
        ({}, [], {"kind": ReviewKind.REPLY}),
    ],
)
def test_what_is_about_something_else(
    changes: dict[str, Any], items: list[Item], fields: dict[str, Any]
) -> None:
    """An item that waits or was decided, a version that never was, or nothing that moves a case."""
    assert not is_meant(replace(ROUTED, **changes), items, decision(**fields))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"remarks": ""}, "remarks"),
        ({"remarks": "……"}, "remarks"),
        ({"lead": CASE.lead}, "lead"),
        ({"lead": "nobody"}, "lead"),
    ],
)
def test_a_move_has_a_reason_and_goes_elsewhere(fields: dict[str, Any], wrong: str) -> None:
    """Never to whoever has it, nor to nobody."""
    with pytest.raises(BadInput) as refusal:
        move_of(CITY, ROUTED, decision(**fields))

    assert [wrong] == [error.field for error in refusal.value.errors]


def test_a_move_names_the_new_department() -> None:
    """The category stays where none is named."""
    outcome = move_of(CITY, ROUTED, decision(supporting=("environment",)))

    assert ("water", ("environment",), CASE.category) == (outcome.lead, outcome.supporting, outcome.category)
    assert DepartmentCode("water") != CASE.lead
