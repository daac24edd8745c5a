"""What other slices take for granted about the lifecycle, checked against handlers' table."""

from datetime import UTC, datetime

import pytest

from handlers.core.citizens import citizen_may
from handlers.core.lifecycle import TABLE
from handlers.core.rules import Action, Actor, Facts
from intake.core.following.view import BEFORE_DISPATCH, UNDISPATCHED
from routing.steps import merging
from schemas.words import CaseState

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FACTS = Facts(now=NOW, return_until=NOW)


@pytest.mark.parametrize("state", sorted(UNDISPATCHED - {CaseState.RECEIVED}))
def test_intakes_rule_before_the_dispatch_is_the_lifecycles(state: CaseState) -> None:
    """intake decides by itself only while no department can have said anything."""
    assert BEFORE_DISPATCH == citizen_may(state, FACTS)


@pytest.mark.parametrize("state", sorted(UNDISPATCHED - {CaseState.RECEIVED}))
def test_a_withdrawal_that_intake_shows_at_once_is_one(state: CaseState) -> None:
    """No department has to be asked, and nothing more can be done."""
    assert TABLE[state, Action.WITHDRAW, Actor.CITIZEN] is CaseState.WITHDRAWN
    assert citizen_may(CaseState.WITHDRAWN, FACTS) == ()


def test_routing_gives_a_merged_case_the_rights_that_the_lifecycle_gives() -> None:
    """routing says so itself: handlers has never heard of most merged cases."""
    assert merging.BEFORE_DISPATCH == citizen_may(CaseState.IN_REVIEW, FACTS)
    assert merging.ANSWERED == citizen_may(CaseState.CLOSED, FACTS)


@pytest.mark.parametrize(
    ("action", "end"), [(Action.DECLINE, CaseState.DECLINED), (Action.MERGE, CaseState.MERGED)]
)
def test_what_routing_ends_stays_ended_for_the_citizen(action: Action, end: CaseState) -> None:
    """routing says so itself: where no department had the case, handlers never hears of it."""
    ends = {
        target for (_, done, actor), target in TABLE.items() if (done, actor) == (action, Actor.DISPATCHER)
    }

    assert {end} == ends
    assert citizen_may(end, FACTS) == ()
