"""A request that comes again is known, by its sender's key or by its form, and no other one is taken for it."""

import pytest

from handlers.core.actions import ACTIONS
from handlers.core.repeats import Known, by_form, by_key
from handlers.core.rules import Action
from schemas.http import Principal, read
from schemas.ids import CaseId
from schemas.words import Role
from tests.unit.handlers.making import HOUSING, TRANSPORT, fresh_case

WANG = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)
CASE = fresh_case()


def _keyed(
    who: Principal = WANG, key: str = "k1", case_id: CaseId = CASE, text: str = "已查", version: int = 4
) -> Known:
    body = read(ACTIONS[Action.NOTE].body, {"version": version, "text": text})
    return by_key(who, key, case_id, Action.NOTE, body)


def _typed(who: Principal = WANG, page: str = "p1", text: str = "已查") -> Known:
    body = read(ACTIONS[Action.NOTE].body, {"version": 4, "text": text})
    known = by_form(who, page, CASE, Action.NOTE, body)
    assert known is not None
    return known


def test_the_same_key_is_the_same_request_of_that_account_alone() -> None:
    """What it asks for is compared beside it."""
    assert _keyed() == _keyed()
    assert (_keyed().department, _keyed().key) == (HOUSING, "key\nwang\nk1")
    assert _keyed(Principal(role=Role.DEPARTMENT, name="li", department=HOUSING)).key != _keyed().key
    assert _keyed(Principal(role=Role.DEPARTMENT, name="wang", department=TRANSPORT)).department == TRANSPORT


@pytest.mark.parametrize("other", [{"text": "没查"}, {"case_id": fresh_case()}, {"version": 5}])
def test_another_wish_under_that_key_is_told_apart(other: dict[str, object]) -> None:
    """The key is the same, what it stands for is not."""
    changed = _keyed(**other)  # type: ignore[arg-type]  # each has its own type
    assert changed.key == _keyed().key
    assert changed.digest != _keyed().digest


def test_another_action_is_another_wish() -> None:
    """With the very same words."""
    body = read(ACTIONS[Action.NOTE].body, {"version": 4, "text": "已查"})
    one, other = (by_key(WANG, "k1", CASE, action, body) for action in (Action.NOTE, Action.PROGRESS))
    assert one.digest != other.digest


def test_a_form_is_known_by_its_page_and_its_words() -> None:
    """Pressed twice it is one; other words from the same page, and the same from another page or person, are not."""
    assert _typed() == _typed()
    assert _typed().digest == _keyed().digest
    assert _typed().department == HOUSING
    assert _typed().key.startswith("form\nwang\n")
    other = Principal(role=Role.DEPARTMENT, name="li", department=HOUSING)
    assert len({each.key for each in (_typed(), _typed(text="没查"), _typed(page="p2"), _typed(other))}) == 4
    body = read(ACTIONS[Action.NOTE].body, {"version": 4, "text": "已查"})
    assert by_form(WANG, "", CASE, Action.NOTE, body) is None
