"""Pauses between wrong tries, as Postgres counts them."""

from datetime import timedelta
from itertools import pairwise

import pytest

from deploy.accounts.tries import forget_old_tries, forget_tries, note_try, whose_tries
from schemas.errors import TooMany
from tests.conftest import RecordingUnit

WANG = whose_tries(b"s" * 32, "name:wang")
LI = whose_tries(b"s" * 32, "name:li")


async def _pause(unit: RecordingUnit, seconds: float) -> int:
    """What is said so many seconds after the start; 0 where the try may be made."""
    try:
        await note_try(unit.db, WANG, unit.now + timedelta(seconds=seconds))
    except TooMany as error:
        return int(str(error.facts["retry_after_seconds"]))
    return 0


async def test_pauses_grow_to_a_minute(unit: RecordingUnit) -> None:
    """Five tries are free; then one, two, four … seconds pass between two, and a minute at most."""
    at, made = 0.0, []
    for _ in range(13):
        while await _pause(unit, at) > 0:
            at += 0.5
        made.append(at)

    assert [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60] == [b - a for a, b in pairwise(made)]
    await note_try(unit.db, LI, unit.now)


async def test_a_try_that_is_refused_costs_nothing(unit: RecordingUnit) -> None:
    """Whoever keeps asking makes nobody wait longer."""
    for _ in range(6):
        await _pause(unit, 0)
    refused = [await _pause(unit, 0) for _ in range(50)]

    assert all(pause > 0 for pause in refused)
    assert await _pause(unit, 2) == 0


@pytest.mark.parametrize("how", ["right", "a day"])
async def test_the_count_starts_anew(unit: RecordingUnit, how: str) -> None:
    """After the right password, and after a day without tries."""
    for _ in range(6):
        await _pause(unit, 0)
    if how == "right":
        await forget_tries(unit.db, WANG)
    else:
        await forget_old_tries(unit.db, unit.now + timedelta(hours=25))

    assert [0] * 5 == [await _pause(unit, 0) for _ in range(5)]


async def test_a_try_of_the_future_holds_nobody_up(unit: RecordingUnit) -> None:
    """The clock was four days ahead and was set back: whoever signs in does not wait until it is there again."""
    for _ in range(8):
        await _pause(unit, 4 * 86_400)
    assert await _pause(unit, 4 * 86_400 - 30) > 0

    assert 0 == await _pause(unit, 0)
