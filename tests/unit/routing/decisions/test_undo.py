"""Whether a dispatcher may take a decision back, and what the case and its question are then."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from routing.core.decisions.before_move import BeforeMove
from routing.core.decisions.chosen_tags import TAGS_BEFORE
from routing.core.decisions.review import Item, RoutingCase
from routing.core.decisions.undo import (
    ASKED_BACK,
    DONE_AT,
    DONE_BY,
    HAD_DEPARTMENT,
    UNDO_WITHIN,
    UNDONE_BY,
    Chance,
    as_before,
    asked_again,
    chance_of,
    check_undo,
    is_undone,
    is_verdict,
    last_decision,
    last_move,
    waits_again,
    was_decided,
)
from routing.core.doubts import Doubt
from schemas.errors import BadInput, StaleVersion
from schemas.ids import CategoryCode, DepartmentCode, ItemCode, TagCode
from schemas.values import Candidate
from schemas.words import ReviewKind
from tests.unit.routing.decisions.test_review import AT, CASE, ITEM

ME, OTHER = "li", "wang"
SOON = AT + timedelta(minutes=1)
WATER, HOUSING = DepartmentCode("water"), DepartmentCode("housing")
NIGHT, ELDERLY = TagCode("night"), TagCode("elderly")
#: Asked as of version 2, decided by us, and sent with version 3.
DECIDED = replace(ITEM, state="decided", decided_by=ME, decided_at=AT)
SENT = replace(CASE, state="routed", decided_by=ME, version=3, lead=WATER)
#: A department keeps its case: the verdict changed no version.
VERDICT = replace(DECIDED, kind=ReviewKind.EXTENSION, version=3, accepted=True)
MOVE = BeforeMove(
    at=AT, version=4, category=CategoryCode("transport"), lead=HOUSING, supporting=(), probability=0.4, decided_by=OTHER
)  # fmt: skip
MOVED = replace(SENT, version=4, before_move=MOVE)


def _chance(case: RoutingCase, *items: Item, by: str = ME, now: datetime = SOON) -> Chance:
    return chance_of(case, items, by, now)


def _why_not(case: RoutingCase, *items: Item, by: str = ME, now: datetime = SOON) -> str:
    chance = _chance(case, *items, by=by, now=now)
    assert chance.until is None
    return chance.why_not[1]


@pytest.mark.parametrize(
    ("case", "items", "version"),
    [
        (SENT, [DECIDED], 3),
        (replace(SENT, state="declined"), [DECIDED], 3),
        (replace(SENT, state="answered", response="答复"), [DECIDED], 3),
        # Out of the other one, whatever that one was answered meanwhile.
        (replace(SENT, state="merged", version=9, response="答复"), [DECIDED], 9),
        (SENT, [VERDICT], 3),
        (SENT, [replace(VERDICT, kind=ReviewKind.REPLY, accepted=False)], 3),
        (SENT, [replace(VERDICT, kind=ReviewKind.PROMISE, accepted=False)], 3),
        (SENT, [replace(VERDICT, kind=ReviewKind.RETURN, accepted=False)], 3),
        (MOVED, [DECIDED], 4),
    ],
)
def test_there_are_ten_minutes(case: RoutingCase, items: list[Item], version: int) -> None:
    """For whoever decided, of what they have seen; at the end of them it is too late."""
    end = AT + UNDO_WITHIN
    chance = _chance(case, *items, now=end - timedelta(seconds=1))

    assert (end, version, ("", "")) == (chance.until, chance.version, chance.why_not)
    assert "more than ten minutes ago" in _why_not(case, *items, now=end)
    assert "Another dispatcher" in _why_not(case, *items, by=OTHER)


@pytest.mark.parametrize(
    ("case", "items", "why"),
    [
        (SENT, [], "There is no decision"),
        (SENT, [ITEM], "There is no decision"),
        (SENT, [DECIDED, replace(ITEM, version=5)], "There is no decision"),
        # Somebody else decided last about the case.
        (replace(SENT, decided_by=OTHER), [DECIDED], "Another dispatcher"),
        (replace(SENT, version=4), [DECIDED], "Something else"),
        (replace(SENT, state="open"), [DECIDED], "Something else"),
        (replace(SENT, state="withdrawn"), [DECIDED], "Something else"),
        (replace(SENT, response="答复"), [DECIDED], "Something else"),
        (replace(SENT, merged_into=CASE.case_id), [DECIDED], "Something else"),
        (replace(SENT, version=4), [replace(DECIDED, detail={ASKED_BACK: 4})], "asked back already"),
        (SENT, [replace(VERDICT, detail={ASKED_BACK: 3})], "asked back already"),
        (replace(SENT, version=4), [VERDICT], "Something else"),
        (replace(SENT, response="答复"), [VERDICT], "Something else"),
        (replace(SENT, state="withdrawn"), [VERDICT], "Something else"),
        (SENT, [replace(VERDICT, kind=ReviewKind.REPLY)], "The citizen has the answer"),
        (SENT, [replace(VERDICT, kind=ReviewKind.PROMISE)], "The citizen was promised"),
        (replace(MOVED, before_move=replace(MOVE, asked=4)), [DECIDED], "asked back already"),
    ],
)
def test_what_others_did_or_read_since_stays(case: RoutingCase, items: list[Item], why: str) -> None:
    """Each with its own reason."""
    assert why in _why_not(case, *items)


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        (ReviewKind.DISPATCH, "Move the case"),
        (ReviewKind.EXTENSION, "ask once more"),
        (ReviewKind.REPLY, "submit the same reply"),
    ],
)
def test_too_late_there_is_another_way(kind: ReviewKind, advice: str) -> None:
    """Which one depends on what was decided."""
    item = replace(VERDICT, kind=kind, accepted=False) if kind is not ReviewKind.DISPATCH else DECIDED

    assert advice in _why_not(SENT, item, now=AT + UNDO_WITHIN)


def test_a_reply_that_was_written_again_is_reviewed_instead() -> None:
    """Only where the one before it was sent back."""
    back = replace(VERDICT, kind=ReviewKind.REPLY, accepted=False)
    again = replace(ITEM, kind=ReviewKind.REPLY, version=5)
    waiting = replace(SENT, version=5)

    assert "has written again" in _why_not(waiting, again, back)
    assert "There is no decision" in _why_not(waiting, again)
    assert "There is no decision" in _why_not(waiting, again, replace(back, accepted=True))
    assert "There is no decision" in _why_not(waiting, again, back, replace(ITEM, version=4, kind=again.kind))


def test_whoever_saw_something_else_takes_nothing_back() -> None:
    """An older tab, or a newer one; and what cannot be taken back says why."""
    check_undo(SENT, [DECIDED], 3, ME, SOON)
    for version in (2, 4):
        with pytest.raises(StaleVersion):
            check_undo(SENT, [DECIDED], version, ME, SOON)
    with pytest.raises(BadInput) as refused:
        check_undo(SENT, [DECIDED], 3, OTHER, SOON)

    assert ["undo"] == [error.field for error in refused.value.errors]


def test_the_last_decision_is_the_newest_item() -> None:
    """In whatever order they are read; none where something waits that was asked as late."""
    older, newer = replace(DECIDED, version=1), replace(DECIDED, version=3)

    assert newer == last_decision([older, newer]) == last_decision([newer, older])
    assert last_decision([newer, replace(ITEM, version=3)]) is None
    assert last_decision([newer, replace(ITEM, version=4, state="superseded")]) is None
    assert last_decision([]) is None


def test_a_move_is_undone_while_nothing_was_asked_since() -> None:
    """Nor decided; of the case as it was moved, or as it was asked back."""
    asked = replace(MOVE, asked=6)

    assert last_move(MOVED, [replace(DECIDED, version=4)]) == MOVE
    assert last_move(replace(MOVED, version=6, before_move=asked), []) == asked
    assert last_move(MOVED, [replace(DECIDED, version=5)]) is None
    assert last_move(replace(MOVED, version=5), []) is None
    assert last_move(replace(MOVED, state="merged"), []) is None
    assert last_move(SENT, []) is None


def test_a_return_is_a_verdict_only_where_it_was_refused() -> None:
    """Accepted, the case went elsewhere."""
    returned = replace(VERDICT, kind=ReviewKind.RETURN)

    assert is_verdict(replace(returned, accepted=False))
    assert not is_verdict(returned)
    assert not is_verdict(replace(returned, accepted=None))
    assert is_verdict(VERDICT)
    assert not is_verdict(DECIDED)


def test_what_waits_since_an_undo_is_known_again() -> None:
    """By who took it back, while it waits."""
    waiting = replace(ITEM, detail={UNDONE_BY: ME})

    assert is_undone([DECIDED, waiting], ME)
    assert not is_undone([waiting], OTHER)
    assert not is_undone([replace(waiting, state="decided")], ME)


SUGGESTED = Candidate(category="water", probability=0.7, lead="water")


def _before(case: RoutingCase = SENT, **item: Any) -> RoutingCase:
    return as_before(case, replace(DECIDED, **item), 9)


def test_the_case_is_open_as_it_was_suggested() -> None:
    """Nothing of what the undone decision named is left."""
    decided = replace(
        SENT, merged_into=CASE.case_id, item=ItemCode("their-choice"), supporting=(HOUSING,), tags=(ELDERLY,)
    )
    before = _before(
        decided, candidates=(SUGGESTED,), detail={"item": "road-1", TAGS_BEFORE: ["night"], "department": "housing"}
    )  # fmt: skip

    assert ("open", None, None, 9, ()) == (
        before.state, before.decided_by, before.merged_into, before.version, before.parts
    )  # fmt: skip
    assert ("water", "road-1", "water", (), 0.7, (NIGHT,)) == (
        before.category, before.item, before.lead, before.supporting, before.probability, before.tags
    )  # fmt: skip


def test_where_nothing_led_anywhere_the_case_keeps_what_it_has() -> None:
    """As do its tags, which the decision left alone."""
    tagged = replace(SENT, tags=(NIGHT,))
    nowhere = replace(SUGGESTED, lead=None)

    assert (NIGHT,) == _before(tagged).tags
    for candidates in ((), (nowhere,)):
        assert (SENT.category, WATER, 0.4) == (
            (before := _before(candidates=candidates)).category, before.lead, before.probability
        )  # fmt: skip


def test_a_return_is_asked_of_the_department_that_asked() -> None:
    """No suggestion stands in for it."""
    before = _before(kind=ReviewKind.RETURN, detail={"department": "housing"}, candidates=(SUGGESTED,))

    assert (HOUSING, SENT.category) == (before.lead, SENT.category)


def test_a_protected_case_gets_neither_item_nor_tags_back() -> None:
    """Whatever the question remembers."""
    before = _before(
        replace(SENT, protected=True), candidates=(SUGGESTED,), detail={"item": "road-1", TAGS_BEFORE: ["night"]}
    )  # fmt: skip

    assert (None, ()) == (before.item, before.tags)


def test_what_a_department_asked_waits_again() -> None:
    """As it was, in its old place, and that its answer was taken back; said once, and that it was asked back no more."""
    item = replace(VERDICT, detail={ASKED_BACK: 3, "days": 5, "doubts": ["unsure", Doubt.UNDONE]})
    again = waits_again(item, 9, ME)

    assert {"days": 5, "doubts": [Doubt.UNDONE, "unsure"], UNDONE_BY: ME} == again.detail
    assert ("open", 9, AT, ReviewKind.EXTENSION, None, None) == (
        again.state, again.version, again.opened_at, again.kind, again.accepted, again.decided_by
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (ReviewKind.DISPATCH, ReviewKind.DISPATCH),
        (ReviewKind.RETURN, ReviewKind.DISPATCH),
        (ReviewKind.OBJECTION, ReviewKind.OBJECTION),
    ],
)
@pytest.mark.parametrize("had_department", [False, True])
def test_a_dispatcher_is_asked_again(kind: ReviewKind, asked: ReviewKind, had_department: bool) -> None:
    """In its old place; a return is none any more; that a department had the case is said where one had."""
    item = replace(DECIDED, kind=kind, candidates=(SUGGESTED,), detail={"doubts": [Doubt.UNDONE, "unsure"]})
    again = asked_again(item, 9, ME, had_department=had_department)

    assert (asked, 9, AT, "open", (SUGGESTED,)) == (
        again.kind, again.version, again.opened_at, again.state, again.candidates
    )  # fmt: skip
    assert {"doubts": [Doubt.UNDONE, "unsure"], UNDONE_BY: ME} | (
        {HAD_DEPARTMENT: True} if had_department else {}
    ) == again.detail


def _done(**fields: Any) -> Item:
    """Something that we did with the case and that decides no item."""
    return replace(ITEM, detail={DONE_BY: ME, DONE_AT: SOON.isoformat()} | fields)


@pytest.mark.parametrize(
    ("case", "items", "is_ours"),
    [
        (SENT, [DECIDED], True),
        (SENT, [ITEM], False),
        (SENT, [replace(DECIDED, decided_by=OTHER)], False),
        # Handlers was asked for the case, and has not answered.
        (SENT, [replace(DECIDED, detail={ASKED_BACK: 4})], False),
        # Taken back, and decided about once more.
        (SENT, [DECIDED, replace(ITEM, version=5, detail={UNDONE_BY: ME})], False),
        (SENT, [DECIDED, replace(DECIDED, version=5, detail={UNDONE_BY: ME})], True),
        (SENT, [DECIDED, replace(ITEM, version=5, detail={UNDONE_BY: OTHER})], True),
        # Merged while a department had it, however long ago: no item says so.
        (replace(SENT, merged_into=CASE.case_id), [], True),
        (replace(SENT, merged_into=CASE.case_id, decided_by=OTHER), [], False),
        (CASE, [_done()], True),
        (CASE, [_done(**{DONE_BY: OTHER})], False),
        (MOVED, [], True),
        (replace(MOVED, decided_by=OTHER), [], False),
        (replace(MOVED, before_move=replace(MOVE, asked=4)), [], False),
    ],
)
def test_what_somebody_has_just_decided_is_theirs_to_look_at(
    case: RoutingCase, items: list[Item], is_ours: bool
) -> None:
    """As long as it can be taken back, and was not."""
    assert is_ours is was_decided(case, items, ME, SOON)


@pytest.mark.parametrize(("case", "items"), [(SENT, [DECIDED]), (MOVED, []), (CASE, [_done()])])
def test_what_was_decided_before_is_theirs_no_more(case: RoutingCase, items: list[Item]) -> None:
    """Ten minutes later."""
    assert was_decided(case, items, ME, SOON)
    assert not was_decided(case, items, ME, SOON + UNDO_WITHIN)
