"""Which clocks follow which moment of a case, and whose time each is."""

import pytest

from schemas.words import Clock
from sla.core.kinds import Clocks, Moment, Owner, owner_of, shipped_kinds

CLOCKS = Clocks(kinds=shipped_kinds())


@pytest.mark.parametrize("owner", Owner)
def test_what_a_department_should_have_and_does_not_is_the_centres(owner: Owner) -> None:
    """Whoever else has it keeps it; rows of before clocks said it were the lead's."""
    is_departments = owner in (Owner.LEAD, Owner.SUPPORTING)

    assert owner is owner_of(owner, "housing")
    assert (Owner.DISPATCHER if is_departments else owner) is owner_of(owner, None)
    assert (Owner.LEAD, Owner.DISPATCHER) == (owner_of(None, "housing"), owner_of(None, None))


@pytest.mark.parametrize(
    ("paused", "resumed"),
    [
        (Moment.SUSPENDED, Moment.RESUMED),
        (Moment.QUESTION_ASKED, Moment.QUESTION_ANSWERED),
        (Moment.QUESTION_ASKED, Moment.QUESTION_LAPSED),
    ],
)
def test_what_stood_still_runs_again(paused: Moment, resumed: Moment) -> None:
    """The reply's clock alone, and no other; it rests for no signature."""
    assert Clock.REPLY in CLOCKS.paused_by(paused)
    assert Clock.SIGN not in CLOCKS.paused_by(paused)
    assert CLOCKS.paused_by(paused) == CLOCKS.resumed_by(resumed)
    assert [] == [*CLOCKS.paused_by(Moment.SIGNED), *CLOCKS.resumed_by(Moment.SIGNED)]


def test_what_goes_on_with_the_next_department() -> None:
    """The citizen's deadline does; the next one signs for itself, and nobody else's time is handed on."""
    assert Clock.REPLY in CLOCKS.handed_on
    assert {Owner.LEAD} == {CLOCKS.kinds[clock].owner for clock in CLOCKS.handed_on}
    assert not [clock for clock in CLOCKS.handed_on if CLOCKS.kinds[clock].ends]
    assert not {Clock.SIGN, Clock.DISPATCH, Clock.PAUSE} & set(CLOCKS.handed_on)


def test_a_clock_is_described_by_its_kind() -> None:
    """As long as the rules have it."""
    assert CLOCKS.kinds[Clock.REPLY] is CLOCKS.kind_of(Clock.REPLY)
    assert Clocks(kinds={}).kind_of(Clock.REPLY) is None
