"""What is left of a dispatcher's decision that they take back within minutes."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from handlers.core import undoing, verdicts
from handlers.core.asks import Asks, Part
from handlers.core.case import Case
from handlers.core.notices import news
from schemas.city import load_city
from schemas.events.handlers import RequestDropped
from schemas.events.routing import DecisionUndone, RecallRequested, ReviewDecided
from schemas.events.tags import TagsChanged, TagsCorrected
from schemas.events.undone import CaseRecalled, MoveUndone, UndoRequested, VerdictUndone
from schemas.ids import DepartmentCode, ItemCode, TagCode
from schemas.words import CaseState, ReviewKind
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, case, routed

LATER = MONDAY + timedelta(minutes=5)
#: The dispatcher's route was version 3, and its assignment version 4.
ROUTED = 3

NIGHT, ELDERLY = TagCode("night"), TagCode("elderly")


def test_a_case_that_nobody_signed_for_is_taken_back() -> None:
    """Its departments hear so, see it no more, and a dispatcher has it."""
    held = case(state=CaseState.ASSIGNED, routed_version=ROUTED)
    asked = RecallRequested(case_id=held.case_id, version=ROUTED + 1, at=LATER, decided_by="li")

    change = undoing.recall(held, asked, LATER)

    (told,) = change.events
    assert isinstance(told, CaseRecalled)
    assert (CaseState.IN_REVIEW, True, ()) == (
        change.after.state,
        change.after.withheld,
        change.after.readers,
    )
    assert ("case.recalled", (HOUSING,), 5) == (change.what, change.left, told.version)
    assert ("li", "undo", "assigned") == (change.entry.actor, change.entry.action, change.entry.from_state)


def test_what_was_split_off_with_it_is_asked_of_nobody() -> None:
    """A matter may wait from the first moment on, before anybody signs."""
    part = Part(department=DepartmentCode("water"), text="停水", until=None, asked_at=MONDAY, is_matter=True)
    held = case(state=CaseState.ASSIGNED, routed_version=ROUTED, asks=Asks(parts=(part,)))
    asked = RecallRequested(case_id=held.case_id, version=ROUTED + 1, at=LATER, decided_by="li")

    assert () == undoing.recall(held, asked, LATER).after.asks.parts


@pytest.mark.parametrize(
    ("state", "version"),
    [
        (CaseState.IN_PROGRESS, ROUTED + 1),
        (CaseState.IN_REVIEW, ROUTED + 1),
        (CaseState.WITHDRAWN, ROUTED + 1),
        (CaseState.ASSIGNED, ROUTED),
        (CaseState.ASSIGNED, ROUTED + 2),
    ],
)
def test_what_has_moved_on_stays(state: CaseState, version: int) -> None:
    """Signed, returned, withdrawn, or routed once more since: whoever asked is told where it stands."""
    held = case(state=state, routed_version=ROUTED)
    asked = RecallRequested(case_id=held.case_id, version=version, at=LATER, decided_by="li")

    change = undoing.recall(held, asked, LATER)

    (told,) = change.events
    assert isinstance(told, RequestDropped)
    assert ("recall.requested", "li", state) == (told.asked, told.by, told.state)
    assert (state, held.withheld) == (change.after.state, change.after.withheld)


def test_a_refusal_that_was_taken_back_waits_for_a_dispatcher() -> None:
    """Nobody else sees it until then, and nothing of the refusal can be objected to."""
    held = case(state=CaseState.DECLINED, closed_at=MONDAY)
    undone = DecisionUndone(case_id=held.case_id, version=6, at=LATER, decided_by="li")

    change = undoing.undo(held, undone, LATER)

    after = change.after
    assert (CaseState.IN_REVIEW, True, None, 6) == (
        after.state,
        after.withheld,
        after.closed_at,
        after.version,
    )
    assert (None, ()) == (after.asks.refusal_until, change.events)


@pytest.mark.parametrize(("state", "version"), [(CaseState.DECLINED, 4), (CaseState.CLOSED, 6)])
def test_one_that_does_not_fit_is_only_remembered(state: CaseState, version: int) -> None:
    """Of an earlier version, or of a case that a department answered."""
    held = case(state=state)
    undone = DecisionUndone(case_id=held.case_id, version=version, at=LATER, decided_by="li")

    change = undoing.undo(held, undone, LATER)

    assert (state, 4, ()) == (change.after.state, change.after.version, change.events)


def _moved(tags_now: tuple[TagCode, ...] = (), **fields: Any) -> Case:
    """It was in progress with housing, and is transport's since a minute ago."""
    held = case(**fields)
    made = verdicts.reroute(
        held,
        routed(
            case_id=held.case_id, version=5, lead=TRANSPORT, moved_because="不属本单位", decided_by="li", tags=tags_now
        ),
        MONDAY,
    )  # fmt: skip
    assert made is not None
    return made.after


def _asked(held: Case, **fields: Any) -> UndoRequested:
    usual = UndoRequested(case_id=held.case_id, version=held.routed_version + 1, at=LATER, decided_by="li")
    return replace(usual, **fields)


def test_whoever_had_a_moved_case_has_it_again() -> None:
    """As they had it, with what they had asked for; the other one is told that it has it no more."""
    held = _moved(extension_days=3, note="已勘察", item=ItemCode("street-light"))

    change = undoing.undo_decided(held, _asked(held), LATER)

    (told,) = change.events
    assert isinstance(told, MoveUndone)
    assert (HOUSING, TRANSPORT, MONDAY, CaseState.IN_PROGRESS) == (
        told.lead, told.moved_to, told.moved_at, told.state,
    )  # fmt: skip
    after = change.after
    assert (None, "street-light") == (held.item, after.item)
    assert (HOUSING, 3, "已勘察", None, 7) == (
        after.lead, after.extension_days, after.note, after.asks.before, after.version,
    )  # fmt: skip
    assert ((HOUSING,), (TRANSPORT,)) == (change.joined, change.left)
    assert [] == list(news(change, LATER))


def test_a_case_that_is_protected_since_gets_no_item_back() -> None:
    """Neither at the desk nor in what is told of it."""
    held = replace(_moved(item=ItemCode("street-light")), protected=True)

    change = undoing.undo_decided(held, _asked(held), LATER)

    (told,) = change.events
    assert isinstance(told, MoveUndone)
    assert (HOUSING, None, None) == (change.after.lead, change.after.item, told.item)


@pytest.mark.parametrize(
    ("of_move", "kept", "protected", "tags"),
    [
        ((ELDERLY,), (NIGHT,), False, (NIGHT,)),
        ((), (NIGHT,), False, (NIGHT,)),
        # What stayed is not kept twice: the seal of the release before knows no such field.
        ((NIGHT,), None, False, (NIGHT,)),
        ((ELDERLY,), (NIGHT,), True, ()),
    ],
)
def test_tags_that_a_move_corrected_are_those_of_before_again(
    of_move: tuple[TagCode, ...],
    kept: tuple[TagCode, ...] | None,
    protected: bool,
    tags: tuple[TagCode, ...],
) -> None:
    """At the desk and in what is told of it; none of a case that is protected since."""
    held = _moved(of_move, tags=(NIGHT,))
    assert held.asks.before is not None
    assert held.asks.before.held is not None
    assert (of_move, kept) == (held.tags, held.asks.before.held.tags)
    held = replace(held, protected=protected, tags=() if protected else held.tags)

    change = undoing.undo_decided(held, _asked(held), LATER)

    (told,) = change.events
    assert isinstance(told, MoveUndone)
    assert (tags, tags) == (change.after.tags, told.tags)


def test_tags_corrected_since_stay_when_the_move_is_undone() -> None:
    """A correction makes no version: the move can be undone, and leaves them."""
    held = _moved((ELDERLY,), tags=(NIGHT,))
    winter = (TagCode("winter"),)
    corrected = verdicts.correct_tags(
        held, TagsCorrected(case_id=held.case_id, version=5, at=LATER, tags=winter, decided_by="sun"), LATER
    )
    assert corrected is not None

    change = undoing.undo_decided(corrected.after, _asked(held), LATER)

    assert (held.version, winter) == (corrected.after.version, change.after.tags)
    assert [MoveUndone] == [type(told) for told in change.events]


@pytest.mark.parametrize("of_move", [(), (NIGHT,), (ELDERLY,)])
@pytest.mark.parametrize("protected", [False, True])
def test_an_undone_move_leaves_the_tags_that_routing_knows(
    of_move: tuple[TagCode, ...], protected: bool
) -> None:
    """They were corrected before the move, which was not heard here: whoever counts by them is told those, too."""
    held = replace(_moved(of_move, tags=(NIGHT,)), protected=protected)

    change = undoing.undo_decided(held, _asked(held, tags=(TagCode("winter"),)), LATER)

    (told,) = change.events
    assert isinstance(told, MoveUndone)
    tags = () if protected else ("winter",)
    assert (tags, tags) == (change.after.tags, told.tags)


@pytest.mark.parametrize(
    ("version", "minute", "tags"),
    [
        (ROUTED - 1, 2, (NIGHT,)),
        (ROUTED, 0, (NIGHT,)),
        (ROUTED, 2, (ELDERLY,)),
        (ROUTED + 1, 2, (ELDERLY,)),
    ],
)
@pytest.mark.parametrize("is_same", [False, True])
def test_tags_that_are_heard_late_change_nothing(
    version: int, minute: int, tags: tuple[TagCode, ...], is_same: bool
) -> None:
    """As after a dead letter was replayed: a newer route, or a correction made later, stands, even one to the same tags."""
    held = case(routed_version=ROUTED, tags=(NIGHT,) if is_same else ())
    first = TagsCorrected(
        case_id=held.case_id, version=ROUTED, at=LATER + timedelta(minutes=1), tags=(NIGHT,), decided_by="sun"
    )
    corrected = verdicts.correct_tags(held, first, LATER)
    assert corrected is not None
    assert verdicts.correct_tags(corrected.after, first, LATER) is None
    late = replace(first, version=version, at=LATER + timedelta(minutes=minute), tags=(ELDERLY,))

    change = verdicts.correct_tags(corrected.after, late, LATER)

    assert change is not None
    assert (tags, tags == (NIGHT,)) == (change.after.tags, "ignored" in change.entry.detail)
    assert ([] if tags == (NIGHT,) else [tags]) == [
        told.tags for told in change.events if isinstance(told, TagsChanged)
    ]


def test_an_undone_move_shows_nothing_to_whom_it_accuses() -> None:
    """Whom the case accuses since gets nothing back."""
    held = replace(_moved(), accused=(HOUSING,))

    change = undoing.undo_decided(held, _asked(held), LATER)

    assert (TRANSPORT, [RequestDropped]) == (change.after.lead, [type(event) for event in change.events])


@pytest.mark.parametrize(
    "asked",
    [
        {"decided_by": "sun"},
        {"review": ReviewKind.EXTENSION, "accepted": True},
        {"version": 5},
        {"version": 9},
    ],
    ids=str,
)
def test_nobody_undoes_anything_else(asked: dict[str, Any]) -> None:
    """Not another's decision, nor another one than was meant."""
    held = _moved()

    change = undoing.undo_decided(held, _asked(held, **asked), LATER)

    assert (TRANSPORT, held.version) == (change.after.lead, change.after.version)
    assert [RequestDropped] == [type(event) for event in change.events]


def test_what_was_told_beside_a_verdict_stays() -> None:
    """The citizen has read how far it is, and the supervisor has a report."""
    held = case(extension_days=3)
    decision = ReviewDecided(
        case_id=held.case_id, version=4, at=MONDAY, kind=ReviewKind.EXTENSION, accepted=True, decided_by="li"
    )
    made = verdicts.decide_review(held, decision, MONDAY, city=load_city())
    assert made is not None
    granted = replace(made.after, asks=replace(made.after.asks, progress="已勘察"))

    asked = _asked(granted, review=ReviewKind.EXTENSION, accepted=True, version=4)
    change = undoing.undo_decided(granted, asked, LATER)

    (told,) = change.events
    assert isinstance(told, VerdictUndone)
    assert (ReviewKind.EXTENSION, True, MONDAY) == (told.review, told.accepted, told.decided_at)
    assert (3, 0, "已勘察") == (
        change.after.extension_days,
        change.after.extension_count,
        change.after.asks.progress,
    )
