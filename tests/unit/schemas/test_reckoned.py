"""What takes long to count is counted once a minute; what does not is counted each time."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.reckoned import KEPT, QUICKLY, Reckoned

_NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)


class Counted:
    """Counts how often it is counted."""

    def __init__(self, size: int) -> None:
        self.size, self.times = size, 0

    async def __call__(self) -> int:
        self.times += 1
        return self.size


@pytest.mark.parametrize(("size", "times"), [(QUICKLY, 3), (QUICKLY + 1, 1)])
async def test_only_what_takes_long_is_kept(size: int, times: int) -> None:
    """A small city sees each change at once."""
    counted, reckoned = Counted(size), Reckoned[int](lambda found: found)
    for seconds in (0, 1, 59):
        assert size == await reckoned.get(None, _NOW + timedelta(seconds=seconds), counted)

    assert times == counted.times


@pytest.mark.parametrize("moment", [_NOW + KEPT, _NOW - timedelta(seconds=1)])
async def test_it_is_counted_anew_after_a_minute(moment: datetime) -> None:
    """And where the clock went back: nothing is kept for longer than it says."""
    counted, reckoned = Counted(QUICKLY + 1), Reckoned[int](lambda found: found)
    await reckoned.get(None, _NOW, counted)
    counted.size = 7

    assert 7 == await reckoned.get(None, moment, counted)
    assert 7 == await reckoned.get(None, moment, counted)
    assert 3 == counted.times


async def test_other_questions_have_answers_of_their_own() -> None:
    """What was counted of one span is told of no other."""
    long, short = Counted(QUICKLY + 2), Counted(QUICKLY + 1)
    reckoned = Reckoned[int](lambda found: found)

    assert [QUICKLY + 2, QUICKLY + 1] == [
        await reckoned.get(days, _NOW, count) for days, count in ((90, long), (7, short))
    ]


async def test_what_fails_is_kept_by_nobody() -> None:
    """Whoever asks next has it counted."""

    async def fails() -> int:
        raise TimeoutError

    reckoned = Reckoned[int](lambda found: found)
    with pytest.raises(TimeoutError):
        await reckoned.get(None, _NOW, fails)

    assert QUICKLY + 1 == await reckoned.get(None, _NOW, Counted(QUICKLY + 1))
