"""Suggestions come in time or not at all, and never to whoever must not wait."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.composition import suggesting
from deploy.composition.suggesting import StaffSuggestions, TimelySuggestions
from intake.steps.suggest import Suggestion
from routing.core.rules import load_rules

AT = datetime(2026, 11, 1, tzinfo=UTC)


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
    return TimelySuggestions(load_rules(), pool, prefix="t", zone=UTC)  # type: ignore[arg-type]  # as much of a pool as is asked


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("我要举报某某局的科长收红包", ""),
        ("關於建設局局長受賄的情況反映", "他收了開發商的錢。"),
        ("有人被困在电梯里喘不过气", "快来人救命，已经晕倒了。"),
        ("楼下着火了，请马上派人来", ""),
        # By the weights, and by them only to be looked at first.
        ("粉碎机那里喊了一声就没动静", "粉碎机那里喊了一声就没动静了，进去看只剩只鞋"),
        ("豆腐坊的锅炉嗡嗡地抖", "豆腐坊的锅炉嗡嗡抖，墙都跟着跳，老板拿砖头压着阀"),
        ("路灯不亮", ""),
    ],
)
async def test_whoever_must_not_wait_is_asked_nothing(title: str, text: str) -> None:
    """Accusations, emergencies and what may be one, in whatever characters; too short a title; nobody asks Postgres."""
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


async def test_what_is_offered_is_counted_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one statement for all that was offered meanwhile; a database that does not take it costs the figure, no more."""
    counted = asyncio.Queue[int]()
    one = Suggestion(title="t", response="r", department="d", replied_at=AT)
    asked, at_once = [], asyncio.Barrier(2)

    async def found(*_: Any) -> Any:
        asked.append(one)
        # However long the thread of either took.
        if len(asked) <= at_once.parties:
            await at_once.wait()
        return [one]

    async def note(_: Any, offers: Any, __: Any) -> None:
        counted.put_nowait(len(offers))
        if len(offers) > 1:
            raise ConnectionError

    @asynccontextmanager
    async def statements(*_: Any, **__: Any) -> Any:
        yield None

    monkeypatch.setattr(suggesting, "suggest", found)
    monkeypatch.setattr(suggesting, "note_shown", note)
    monkeypatch.setattr(suggesting, "single_statements", statements)
    monkeypatch.setattr(suggesting, "_COUNTED_SECONDS", 0.0)
    suggestions = _suggestions(_Pool())
    monkeypatch.setattr(suggestions, "_must_not_wait", lambda *_: False)
    both = [suggestions("怎样办理居住证的续签", "") for _ in range(2)]
    assert [[one], [one]] == await asyncio.gather(*both)
    assert 2 == await counted.get()
    assert [one] == await suggestions("怎样办理居住证的续签", "")

    assert 1 == await counted.get()


async def test_staff_are_shown_what_everybody_may_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is read, with what matched marked; asked about reports, too, and not of the case itself."""
    asked = []

    async def found(unit: Any, title: str, text: str, but: str | None = None) -> Any:
        asked.append((title, text, but))
        return [
            Suggestion(
                entry_id="e" if number else None, tracking_code=None if number else "T", title="居住证怎么办",
                response="到社区办居住证。", department="police", replied_at=AT, words=("居住证",),
            )
            for number in range(2)
        ]  # fmt: skip

    monkeypatch.setattr(suggesting, "suggest_beside", found)
    near = await StaffSuggestions().beside(None, "举报科长", "他收红包", but="ABCD")  # type: ignore[arg-type]  # no database

    assert [("举报科长", "他收红包", "ABCD")] == asked
    assert near is not None
    assert ["/published/T", "/knowledge/e"] == [each.url for each in near]
    assert (("居住证", True), ("怎么办", False)) == near[0].title
    assert [None, "e"] == [each.entry_id for each in near]


async def test_staff_wait_for_nothing_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is away or hangs is said to be so."""

    async def hang(*_: Any) -> Any:
        await asyncio.sleep(60)

    async def away(*_: Any) -> Any:
        raise ConnectionError

    monkeypatch.setattr(suggesting, "_SECONDS", 0.05)
    for broken in (hang, away):
        monkeypatch.setattr(suggesting, "suggest_beside", broken)
        assert await StaffSuggestions().beside(None, "居住证", "", but="") is None  # type: ignore[arg-type]  # no database
