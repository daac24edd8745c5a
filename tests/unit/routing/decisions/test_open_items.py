"""Which question to a dispatcher is meant."""

import msgspec
import pytest

from routing.core.decisions.open_items import find_item
from schemas.errors import ActionNotAllowed, BadInput, NotFound, StaleVersion
from schemas.words import ReviewKind
from tests.unit.routing.decisions.test_review import CASE, ITEM, RETURN
from tests.unit.sentences import check_sentences


def test_the_open_item_of_that_version_is_decided() -> None:
    """Found by version alone where only one waits."""
    assert ITEM == find_item(CASE, [ITEM], 2, None)
    assert ITEM == find_item(CASE, [ITEM], 2, ReviewKind.DISPATCH)


def test_two_open_items_need_the_kind() -> None:
    """A guess could decide the wrong one."""
    with pytest.raises(BadInput) as refused:
        find_item(CASE, [ITEM, RETURN], 2, None)

    (error,) = refused.value.errors
    check_sentences(error)
    assert "kind" == error.field
    assert RETURN == find_item(CASE, [ITEM, RETURN], 2, ReviewKind.RETURN)


def test_what_was_decided_is_not_decided_again() -> None:
    """Not allowed, rather than stale: reloading does not help."""
    decided = msgspec.structs.replace(ITEM, state="decided")

    with pytest.raises(ActionNotAllowed) as refused:
        find_item(CASE, [decided], 2, None)
    assert {"state": "open"} == refused.value.facts


def test_another_version_is_stale_and_says_which_is_current() -> None:
    """Too old, superseded, or never seen."""
    superseded = msgspec.structs.replace(ITEM, state="superseded")
    newer = msgspec.structs.replace(RETURN, version=7)

    for version, items in ((1, [ITEM]), (2, [superseded, newer]), (9, [newer])):
        with pytest.raises(StaleVersion) as refused:
            find_item(CASE, items, version, None)
        assert max(item.version for item in items) == refused.value.facts["current"]


def test_nothing_is_decided_about_a_withdrawn_case() -> None:
    """The citizen took it back."""
    withdrawn = msgspec.structs.replace(CASE, state="withdrawn")

    with pytest.raises(ActionNotAllowed) as refused:
        find_item(withdrawn, [ITEM], 2, None)
    assert {"state": "withdrawn"} == refused.value.facts


def test_what_nobody_asked_is_not_found() -> None:
    """A case without items, or without one of that kind."""
    for items, kind in (([], None), ([ITEM], ReviewKind.REPLY)):
        with pytest.raises(NotFound):
            find_item(CASE, items, 2, kind)
