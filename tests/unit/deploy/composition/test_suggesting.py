"""Suggestions come in time or not at all, and never to whoever must not wait."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import pytest

from deploy.composition import suggesting
from deploy.composition.suggesting import TimelySuggestions
from routing.core.rules import load_rules


class _Pool:
    """A Postgres that is away, or that hangs; counts who asked."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.asked = 0
        self._seconds = seconds

    @asynccontextmanager
    async def acquire(self) -> Any:
        self.asked += 1
        await asyncio.sleep(self._seconds)
        raise ConnectionError
        yield


def _suggestions(pool: _Pool) -> TimelySuggestions:
    return TimelySuggestions(load_rules(), pool, prefix="t")  # type: ignore[arg-type]  # as much of a pool as is asked


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("我要举报某某局的科长收红包", ""),
        ("關於建設局局長受賄的情況反映", "他收了開發商的錢。"),
        ("有人被困在电梯里喘不过气", "快来人救命，已经晕倒了。"),
        ("楼下着火了，请马上派人来", ""),
        ("路灯不亮", ""),
    ],
)
async def test_whoever_must_not_wait_is_asked_nothing(title: str, text: str) -> None:
    """Accusations and emergencies, in whatever characters; a title that is too short; nobody asks Postgres."""
    pool = _Pool()

    assert () == await _suggestions(pool)(title, text)
    assert 0 == pool.asked


@pytest.mark.parametrize("seconds", [0.0, 60.0])
async def test_a_database_that_is_away_or_hangs_offers_nothing(
    seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Soon, and without an error: the form waits for nothing."""
    monkeypatch.setattr(suggesting, "_SECONDS", 0.8)
    suggestions = _suggestions(pool := _Pool(seconds))
    # What is learned is read before the clock runs.
    suggestions._must_not_wait("怎样办理居住证的续签", "")
    begun = asyncio.get_running_loop().time()

    assert () == await suggestions("怎样办理居住证的续签", "")
    assert 1 == pool.asked
    assert asyncio.get_running_loop().time() - begun < 5
