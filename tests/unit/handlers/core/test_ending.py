"""How a case ended, told once more: the reply that stands, and until when its citizen may object."""

from typing import Any

import pytest

from handlers.core.asks import NOTHING, Asks
from handlers.core.citizens import MAX_REOPENINGS
from handlers.core.retelling import ending
from schemas.events.handlers import CaseClosed, CaseReplied
from schemas.words import CaseState
from tests.unit.handlers.core.test_retelling import UNTIL, head, logged, moment
from tests.unit.handlers.making import HOUSING, case


@pytest.mark.parametrize(
    ("state", "outcome"),
    [(CaseState.DECLINED, "declined"), (CaseState.MERGED, "merged"), (CaseState.WITHDRAWN, "withdrawn")],
)
def test_how_a_case_ended_without_an_answer(state: CaseState, outcome: Any) -> None:
    """Until when a refusal may be objected to, and no reply that never was one."""
    held = case(state=state, closed_at=moment(7), asks=Asks(refusal_until=UNTIL, objection_until=moment(99)))
    assert ending(held, [logged("reply", 3)]) == (
        CaseClosed(**head(held, 7), state=state, outcome=outcome, objection_until=UNTIL),
    )


def test_an_answered_case_ends_with_the_last_reply_and_until_when_its_citizen_may_object() -> None:
    """The words of the reply were told when it was published."""
    held = case(state=CaseState.CLOSED, closed_at=moment(7), asks=Asks(objection_until=UNTIL))
    closed = CaseClosed(**head(held, 7), state=CaseState.CLOSED, outcome="answered", objection_until=UNTIL)
    assert ending(held, [logged("reply", 3), logged("send-back", 4), logged("reply", 5)]) == (
        CaseReplied(**head(held, 5), department=HOUSING, note="", response=""),
        closed,
    )
    assert ending(held, []) == (closed,)


def test_a_case_that_was_reopened_as_often_as_may_be_has_no_more_time_to_object() -> None:
    """Its answer is the last one."""
    asks = Asks(objection_until=UNTIL)
    held = case(state=CaseState.CLOSED, closed_at=moment(7), asks=asks, reopened_count=MAX_REOPENINGS)
    [closed] = ending(held, [])
    assert isinstance(closed, CaseClosed)
    assert closed.objection_until is None


def test_a_case_that_has_not_ended_has_no_end() -> None:
    """Though it was answered once."""
    assert ending(case(asks=NOTHING), [logged("reply", 3)]) == ()
