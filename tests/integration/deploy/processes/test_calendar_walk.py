"""An import of days stops no alert: deadlines are computed anew between two rounds, those that are due soon before all."""

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from deploy import clock
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import Pool
from deploy.database.progress import store_progress
from deploy.processes import calendar_walk
from deploy.processes.runtime import Process
from deploy.processes.sweeper import Sweeper
from deploy.settings import Settings
from schemas.ids import CaseId
from schemas.ports import Unit
from sla.store.calendar_days import CalendarChange

DAY = date(2026, 11, 26)
CHANGES = [CalendarChange(1, DAY, DAY, "台风"), CalendarChange(2, DAY, DAY, "通知")]


@pytest.fixture
def happened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a sweeper does, in order; each change has three pieces, the last of which is empty."""
    done: list[str] = []
    pieces: dict[str, int] = {}

    async def sweep(_: Unit, **__: object) -> int:
        done.append("alerts")
        return 0

    async def recompute(
        _: Unit, *, reason: str, after: CaseId | None, said_before: datetime | None, **__: object
    ) -> CaseId | None:
        if said_before is not None:
            done.append(f"soon {reason}")
            return None
        if after is None:
            pieces[reason] = 0
        pieces[reason] += 1
        done.append(f"{reason} {pieces[reason]}")
        return None if pieces[reason] == 3 else CaseId(str(pieces[reason]))

    async def settle(_: object, numbers: object, *, older_than_seconds: float) -> None:
        done.append(f"settled {numbers}")

    async def changes(_: object) -> list[CalendarChange]:
        return CHANGES

    async def rules(*_: object) -> Any:
        return SimpleNamespace(rules=None, trouble="")

    async def nothing(*_: object) -> Any:
        return object()

    async def known(*_: object) -> tuple[None, None]:
        return None, None

    async def none(*_: object) -> None:
        return

    monkeypatch.setattr("sla.steps.sweep.sweep", sweep)
    monkeypatch.setattr("sla.steps.move.recompute_for_calendar", recompute)
    monkeypatch.setattr("sla.store.calendar_days.unsettled_changes", changes)
    monkeypatch.setattr("sla.store.calendar_days.settle_changes", settle)
    monkeypatch.setattr("deploy.composition.rules_in_use", rules)
    monkeypatch.setattr("deploy.composition.calendar_of", nothing)
    monkeypatch.setattr(Sweeper, "_rules_and_calendar", known)
    for name in ("_count_clocks", "_sweep_files", "_mend", "_expire_entries", "_tally"):
        monkeypatch.setattr(Sweeper, name, none)
    monkeypatch.setattr("deploy.composition.housekeeping.prune", none)
    monkeypatch.setattr("deploy.processes.sweeper.tally_promises", none)
    return done


async def test_alerts_go_on_while_deadlines_are_computed_anew(
    settings: Settings, pool: Pool, happened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One piece after each round; what was imported counts as settled at the end of a walk that began late enough."""
    process = Process(name="sweep", settings=settings, pool=pool)
    process.stopping.set()
    async with pool.acquire() as db:
        await store_progress(db, "sla", {("t", 0): clock.now()}, {"t": 1})
    sweeper = Sweeper(process, RelayNotifier(pool))
    for _ in range(7):
        await sweeper.turn()

    assert ["alerts", "soon 台风", "soon 通知", "台风 1"] == happened[:4]
    walked = [each for each in happened[3:] if each != "alerts"]
    assert ["台风 1", "台风 2", "台风 3", "通知 1", "通知 2", "通知 3", "settled [1, 2]"] == walked
    assert 7 == happened.count("alerts")


async def test_a_walk_settles_nothing_that_was_young_when_it_began(
    settings: Settings, pool: Pool, happened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who computed with the old days after it had passed by would stay so for ever."""
    asked: list[float] = []

    async def settle(_: object, __: object, *, older_than_seconds: float) -> None:
        asked.append(older_than_seconds)

    monkeypatch.setattr("sla.store.calendar_days.settle_changes", settle)
    now = [1000.0]
    monkeypatch.setattr(calendar_walk, "time", SimpleNamespace(monotonic=lambda: now[0]))
    walk = calendar_walk.CalendarWalk(settings, pool, RelayNotifier(pool))
    await walk.begin(None)  # type: ignore[arg-type]  # the rules are only handed on
    now[0] += 500
    while walk.is_under_way:
        await walk.go_on()

    assert [590.0] == asked
