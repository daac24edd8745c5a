"""A case's life told once more: what a dispatcher took back, or decided on before, is told to nobody."""

from typing import Any

from schemas.events.handlers import CaseReturned, CaseSuspended, ExtensionDecided, ReturnRefused
from schemas.words import CaseState
from tests.unit.handlers.core.test_retelling import UNTIL, head, logged, moment, told_of
from tests.unit.handlers.making import HOUSING, case


def test_a_refused_return_that_was_undone_is_told_only_where_it_was_refused_again() -> None:
    """It waits once more; another decision that was undone, of something else, takes nothing from it."""
    held = case(state=CaseState.ASSIGNED)
    undone = [logged("return", 1), logged("refuse-return", 2), logged("undo", 3, review="return")]
    assert told_of(held, *undone) == []

    told = told_of(held, *undone, logged("refuse-return", 4), logged("undo", 5, review="extension"))
    words: dict[str, Any] = {"reason": "", "basis": ""}
    assert told == [
        CaseReturned(**head(held, 1), department=held.lead, **words, return_count=1),
        ReturnRefused(
            **head(held, 4), department=held.lead, state=CaseState.ASSIGNED, remarks="", return_count=1
        ),
    ]


def test_an_extension_that_was_undone_is_told_only_where_it_was_granted_again() -> None:
    """It waits once more; a refusal that was undone takes none of before away."""
    held = case()
    undone = [
        logged("extend", 1),
        logged("grant-extension", 2, working_days=3),
        logged("undo", 3, review="extension"),
    ]
    assert told_of(held, *undone) == []

    again = [
        *undone,
        logged("grant-extension", 4, working_days=3),
        logged("extend", 5),
        logged("refuse-extension", 6),
    ]
    assert told_of(held, *again, logged("undo", 7, review="extension")) == [
        ExtensionDecided(
            **head(held, 4), granted=True, working_days=3, decided_by="", extension_count=1, requested_at=moment(1)
        )
    ]  # fmt: skip


def test_a_pause_that_was_undone_is_none() -> None:
    """Neither does it go on, nor does it count as one of two."""
    held = case(state=CaseState.SUSPENDED)
    asked, until = logged("suspend", 1, reason="等省里批复"), UNTIL.isoformat()
    log = [
        asked, logged("grant-suspension", 2, until=until), logged("undo", 3, review="suspension"),
        logged("grant-suspension", 4, until=until),
    ]  # fmt: skip
    assert told_of(held, *log[:3]) == []
    assert told_of(held, *log) == [
        CaseSuspended(**head(held, 4), reason="等省里批复", until=UNTIL, suspension_count=1)
    ]


def test_a_return_that_was_decided_on_waits_no_more_where_a_dispatcher_has_the_case_again() -> None:
    """Another department had it since, and lost it."""
    held = case(state=CaseState.IN_REVIEW, withheld=True, accused=(HOUSING,))
    log = [
        logged("return", 1, reason="不是我们的", basis="三定"),
        logged("route", 2, lead="housing"),
        logged("protect", 3),
    ]
    assert [event.name for event in told_of(held, *log)] == ["case.protected"]


def test_a_move_that_was_undone_and_is_not_in_the_log_hides_nothing_else() -> None:
    """Whatever else happened to the case is told all the same: its page of `reconcile` goes on."""
    held = case()
    log = [
        logged("extend", 1),
        logged("grant-extension", 2, working_days=3),
        logged("undo-move", 3, lead="housing"),
    ]

    assert [event.name for event in told_of(held, *log)] == ["extension.decided"]
