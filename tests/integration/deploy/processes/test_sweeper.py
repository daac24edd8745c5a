"""A sweeper goes by the database's clock, and no further than the deadlines' consumer has heard."""

from datetime import timedelta
from typing import Any

import pytest

from deploy import clock
from deploy.commands.checks.time import check_clocks, check_deadlines
from deploy.composition.acceptance import FileSweeper
from deploy.database import lost_ranges
from deploy.database.lost_ranges import KAFKA, LostRange
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import Pool
from deploy.database.progress import store_progress
from deploy.processes.runtime import Process
from deploy.processes.sweeper import LIMIT, Sweeper
from deploy.settings import Settings
from schemas.ports import Unit

TOPIC = "t.handlers"
#: As it is, where a test looks at it.
_TALLY = Sweeper._tally
_SWEEP_FILES = Sweeper._sweep_files


@pytest.fixture
def swept(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Up to when each sweep looked."""
    looks: list[object] = []

    async def sweep(_: Unit, *, until: object, **__: object) -> int:
        looks.append(until)
        return 0

    async def nothing(*_: object) -> None:
        return

    monkeypatch.setattr("sla.steps.sweep.sweep", sweep)
    monkeypatch.setattr(Sweeper, "_look_at_calendar", nothing)
    for name in ("prune", "remask", "leave_private_cases", "expire_entries"):
        monkeypatch.setattr(f"deploy.composition.housekeeping.{name}", nothing)
    monkeypatch.setattr("deploy.processes.sweeper.tally_promises", nothing)

    async def known(*_: object) -> tuple[None, None]:
        return None, None

    monkeypatch.setattr(Sweeper, "_rules_and_calendar", known)
    for name in ("_count_clocks", "_tally"):
        monkeypatch.setattr(Sweeper, name, nothing)
    monkeypatch.setattr(Sweeper, "_sweep_files", nothing)
    return looks


@pytest.fixture
def process(settings: Settings, pool: Pool) -> Process:
    """A sweeper's process that never pauses."""
    process = Process(name="sweep", settings=settings, pool=pool)
    process.stopping.set()
    return process


async def _turn(process: Process) -> None:
    await Sweeper(process, RelayNotifier(process.pool)).turn()


async def test_it_waits_for_the_consumer_and_says_so(
    process: Process, pool: Pool, settings: Settings, swept: list[object]
) -> None:
    """Nothing before the consumer has spoken; then up to where it has come; far behind, that is a trouble."""
    await _turn(process)
    assert ([], False) == (swept, process.health["ok"])
    assert "sla consumer" in process.health["reason"]
    assert "warn" == (await check_deadlines(settings)).state

    behind = clock.now() - timedelta(minutes=10)
    async with pool.acquire() as db:
        await store_progress(db, "sla", {(TOPIC, 0): clock.now(), (TOPIC, 1): behind}, {TOPIC: 2})
    await _turn(process)
    assert ([behind], False) == (swept, process.health["ok"])
    assert "600 s behind" in process.health["reason"]
    assert "fail" == (await check_deadlines(settings)).state

    async with pool.acquire() as db:
        await store_progress(db, "sla", {(TOPIC, 1): clock.now()}, {TOPIC: 2})
    await _turn(process)
    assert {"ok": True, "reason": ""} == {name: process.health[name] for name in ("ok", "reason")}
    assert "ok" == (await check_deadlines(settings)).state


async def test_it_says_that_a_server_was_put_back_until_somebody_has_seen_to_it(
    process: Process, pool: Pool, swept: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`/readyz/city` and `huiyin status` have it from its health."""
    async with pool.acquire() as db:
        await store_progress(db, "sla", {(TOPIC, 0): clock.now()}, {TOPIC: 1})
    await lost_ranges.note(pool, [LostRange(KAFKA, TOPIC, 0, 10, 20)])
    sweeper = Sweeper(process, RelayNotifier(pool))
    await sweeper.turn()
    told = process.health["ok"], process.health["reason"]
    await lost_ranges.accept(pool, KAFKA, "ann")
    monkeypatch.setattr(sweeper, "_seldom_at", float("-inf"))
    await sweeper.turn()

    assert told == (False, f"Kafka is older than this city, and has these records no more: {TOPIC}[0] 10–19")
    assert process.health["ok"]


async def test_it_says_that_files_are_neither_taken_nor_found(
    process: Process, pool: Pool, settings: Settings, swept: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data directory is another one than at its start: status, `/readyz/city` and the doctor have it from its health."""

    async def none(*_: object) -> tuple[()]:
        return ()

    monkeypatch.setattr(Sweeper, "_sweep_files", _SWEEP_FILES)
    monkeypatch.setattr("deploy.processes.sweeper.restores", none)
    monkeypatch.setattr(FileSweeper, "sweep", none)
    async with pool.acquire() as db:
        await store_progress(db, "sla", {(TOPIC, 0): clock.now()}, {TOPIC: 1})
    sweeper = Sweeper(process, RelayNotifier(pool))
    await sweeper.turn()
    assert (True, None) == (process.health["ok"], process.health["files"])
    settings.data.rename(settings.data.with_name(f"{settings.data.name}-elsewhere"))
    settings.data.mkdir()
    monkeypatch.setattr(sweeper, "_seldom_at", float("-inf"))
    await sweeper.turn()

    assert not process.health["ok"]
    assert "is not the folder of files any more" in process.health["reason"]
    assert process.health["reason"] == process.health["files"]["en"]


async def test_reports_wait_for_the_last_breach(
    process: Process, pool: Pool, swept: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made of what the deadlines' consumer has heard; never in a look that left breaches for the next one. So are draws."""
    told: list[object] = []
    drawn: list[object] = []

    async def tally(_: Unit, **__: object) -> int:
        return 0

    async def make_reports(_: Unit, *, reached: object, **__: object) -> int:
        told.append(reached)
        return 0

    async def draw_call_backs(_: Unit, *, reached: object, **__: object) -> int:
        drawn.append(reached)
        return 0

    async def many(_: Unit, **__: object) -> int:
        return LIMIT

    monkeypatch.setattr(Sweeper, "_tally", _TALLY)
    monkeypatch.setattr("sla.steps.tally.tally", tally)
    monkeypatch.setattr("sla.steps.report.make_reports", make_reports)
    monkeypatch.setattr("sla.steps.call_backs.draw_call_backs", draw_call_backs)
    monkeypatch.setattr("sla.steps.call_backs.end_silent", tally)
    monkeypatch.setattr("sla.steps.exclusions.tell_overdue", tally)
    await _turn(process)
    reached = clock.now() - timedelta(minutes=10)
    async with pool.acquire() as db:
        await store_progress(db, "sla", {(TOPIC, 0): reached}, {TOPIC: 1})
    await _turn(process)
    monkeypatch.setattr("sla.steps.sweep.sweep", many)
    await _turn(process)

    assert [None, reached, None] == told == drawn
    assert [reached] == swept


async def test_what_is_no_partition_any_more_holds_nothing_up(pool: Pool) -> None:
    """A topic that was made anew with fewer partitions: nobody would ever say how far the others are."""
    async with pool.acquire() as db:
        await store_progress(db, "sla", {(TOPIC, 0): clock.now(), (TOPIC, 5): clock.now()}, {TOPIC: 6})
        await store_progress(db, "sla", {(TOPIC, 0): clock.now()}, {TOPIC: 2})

    assert [0] == [row[0] for row in await pool.fetch("SELECT partition FROM deploy.progress")]


async def test_a_process_with_a_wrong_clock_does_not_sweep(
    process: Process, pool: Pool, settings: Settings, swept: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three days ahead, or seven seconds behind: it says so, doctor names it, and its time stays the database's."""
    async with pool.acquire() as db:
        await store_progress(db, "sla", {(TOPIC, 0): clock.now()}, {TOPIC: 1})
        true_now = clock.own_now
        for wrong in (timedelta(days=3), timedelta(seconds=-7)):
            monkeypatch.setattr(clock, "own_now", lambda wrong=wrong: true_now() + wrong)
            await _turn(process)
            assert ([], False) == (swept, process.health["ok"])
            assert "clock" in process.health["reason"]
            assert abs(clock.now() - await db.fetchval("SELECT clock_timestamp()")) < timedelta(seconds=1)
            finding = await check_clocks(settings)
            assert ("fail", True) == (finding.state, "this machine" in finding.found.en)
        monkeypatch.undo()

    assert "ok" == (await check_clocks(settings)).state


async def test_after_its_start_it_mends_what_earlier_releases_left(
    process: Process, monkeypatch: pytest.MonkeyPatch, swept: list[object]
) -> None:
    """Piece by piece, until nothing is left; then it masks no more, and looks for merged cases but seldom."""
    left: dict[str, list[Any]] = {"published": ["a", "b", None], "withheld": [None], "merged": [1, 0]}
    asked: list[tuple[str, str | None]] = []

    async def remask(_: Settings, __: Pool, table: str, after: str | None) -> str | None:
        asked.append((table, after))
        found: str | None = left[table].pop(0)
        return found

    async def leave(_: Settings, __: Pool) -> object:
        return left["merged"].pop(0)

    monkeypatch.setattr("deploy.composition.housekeeping.remask", remask)
    monkeypatch.setattr("deploy.composition.housekeeping.leave_private_cases", leave)
    sweeper = Sweeper(process, RelayNotifier(process.pool))
    for _ in range(6):
        await sweeper.turn()

    assert {"published": [], "withheld": [], "merged": []} == left
    left["merged"] = [1, 0]
    monkeypatch.setattr(sweeper, "_seldom_at", 0.0)
    for _ in range(4):
        await sweeper.turn()
    assert [] == left["merged"]
    assert [("published", None), ("published", "a"), ("published", "b"), ("withheld", None)] == asked


async def test_what_a_worker_of_the_release_before_publishes_beside_it_is_masked_too(
    process: Process, monkeypatch: pytest.MonkeyPatch, swept: list[object]
) -> None:
    """An hour after its start it looks once more, and then no more."""
    asked: list[str] = []

    async def remask(_: Settings, __: Pool, table: str, after: str | None) -> None:
        asked.append(table)

    monkeypatch.setattr("deploy.composition.housekeeping.remask", remask)
    sweeper = Sweeper(process, RelayNotifier(process.pool))
    for _ in range(3):
        await sweeper.turn()
    monkeypatch.setattr(sweeper, "_remask_again_at", 0.0)
    for _ in range(3):
        await sweeper.turn()

    assert ["published", "withheld"] * 2 == asked
