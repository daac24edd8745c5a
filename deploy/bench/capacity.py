"""`bench capacity`: what one machine carries, at which latency, and what would have to go for it to carry more.

All in one run on fresh servers, one variant after the other: the chain as it is, the same with one thing taken away, the
same with more processes of a slice, and the chain as it is once more. `capacity_page.py` makes docs/capacity.md of it.
"""

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.bench import ceiling
from deploy.bench.environment import CHAIN, Installation, Servers, open_installation, servers, topic_ends
from deploy.bench.figures import milliseconds, say
from deploy.bench.full_load import WARM_UP, Run, full_load
from deploy.bench.latency import latencies
from deploy.database.pool import connect
from schemas.topics import HANDLERS, INTAKE, ROUTING, SLA, SUBMISSIONS, topic_name

#: Messages a second: from a village's day to what two quick cores no longer keep up with (project choice).
RATES = (1, 10, 50, 100, 200, 300, 400, 600, 800, 1000)
#: Processes of a slice, or of each slice (project choices: doubled each time).
PROCESSES = (1, 2, 4, 8)
_TOPICS = (SUBMISSIONS, INTAKE, ROUTING, HANDLERS, SLA)
_LOOP = "sum(range(10**7)) in this Python, seconds of processor time"
_CEILING = "our code (the ceiling)"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityOptions:
    """What to measure. `cases` in each run at full load, `seconds` at each rate of `RATES`."""

    cases: int = 6000
    seconds: float = 6.0


def measure(options: CapacityOptions) -> dict[str, Any]:
    """What `huiyin bench capacity --json` prints."""
    with servers() as on:
        return asyncio.run(_measure(on, options))


async def _measure(on: Servers, options: CapacityOptions) -> dict[str, Any]:
    plain, records, carried = await _plain(on, options)
    ways = {
        f"{number} of {name}": await _run(on, f"{name}{number}", options.cases, {name: number})
        for name in ("routing", "intake")
        for number in PROCESSES[1:]
    }
    every = {
        f"{number} of each": await _run(on, f"each{number}", options.cases, dict.fromkeys(CHAIN[:-1], number))
        for number in PROCESSES[1:3]
    }
    taken = {
        "Postgres waits for no disk": await _without_commits(on, options.cases),
        _CEILING: await ceiling.measure(on, "taken", options.cases),
    }
    again = await _run(on, "again", options.cases, {})
    runs = (plain.cases_per_second, again.cases_per_second)
    return {
        "cores": os.cpu_count(),
        "loop": _LOOP,
        "loop_s": round(_python_seconds(), 3),
        "cases": options.cases,
        "records_per_case": records,
        "cases_per_second": max(runs),
        "runs": runs,
        "cpu_us_per_case": plain.cpu_us_per_case,
        "busy_cores": _busy(plain),
        "latency_ms": carried,
        "taken_away": {name: _beside(run, max(runs)) for name, run in taken.items()},
        "processes": {name: _beside(run, max(runs)) for name, run in {**ways, **every}.items()},
        "yardstick": "full load without our code: the same records, statements and tables",
        "yardstick_per_second": taken[_CEILING].cases_per_second,
        "ratio": round(max(runs) / taken[_CEILING].cases_per_second, 3),
    }


async def _plain(on: Servers, options: CapacityOptions) -> tuple[Run, float, dict[str, dict[str, float]]]:
    """The chain as it is: its run at full load, records on Kafka for a case, and latencies by rate."""
    async with open_installation(on, "plain") as ours:
        ours.start(*CHAIN)
        run = await full_load(ours, options.cases)
        say(f"{run.cases_per_second:,} cases/s")
        async with topic_ends(ours.settings, *(_name(ours, topic) for topic in _TOPICS)) as ends:
            records = sum([await ends.count(_name(ours, topic)) for topic in _TOPICS])
        carried = await _latencies(ours, options.seconds)
    return run, round(records / (options.cases + WARM_UP), 1), carried


def _name(ours: Installation, topic: str) -> str:
    return topic_name(topic, ours.settings.topic_prefix)


async def _latencies(ours: Installation, seconds: float) -> dict[str, dict[str, float]]:
    """Up to the first rate that is not kept up with: whatever comes after it would wait for what that left."""
    found: dict[str, dict[str, float]] = {}
    for rate in RATES:
        found[str(rate)] = await _latency(ours, rate, seconds)
        if not found[str(rate)]:
            break
    return found


async def _latency(ours: Installation, rate: int, seconds: float) -> dict[str, float]:
    """Milliseconds by share; of a rate that is not kept up with, nothing."""
    try:
        return milliseconds(await latencies(ours, rate, max(seconds, 20 / rate)))
    except TimeoutError:
        return {}


async def _run(on: Servers, name: str, cases: int, processes: Mapping[str, int]) -> Run:
    """At full load, with so many processes of these slices and one of every other."""
    async with open_installation(on, name) as ours:
        ours.start(*CHAIN)
        for slice_name, number in processes.items():
            for which in range(2, number + 1):
                ours.start_python(f"{slice_name} {which}", "-m", "deploy", "work", slice_name)
        run = await full_load(ours, cases)
    say(f"{run.cases_per_second:,} cases/s with {dict(processes)}")
    return run


async def _without_commits(on: Servers, cases: int) -> Run:
    """Postgres says that it has what no disk has yet: what its commits cost is what this gains."""
    async with open_installation(on, "nodisk") as ours:
        async with connect(ours.settings) as db:
            await db.execute("ALTER DATABASE nodisk SET synchronous_commit = off")
        ours.start(*CHAIN)
        return await full_load(ours, cases)


def _busy(run: Run) -> float:
    """Cores that our processes, Postgres, Kafka and the load kept busy."""
    return round(sum(run.cpu_seconds.values()) / run.seconds, 2)


def _beside(run: Run, plain: float) -> dict[str, float]:
    return {
        "cases_per_second": run.cases_per_second,
        "ratio": round(run.cases_per_second / plain, 2),
        "cpu_us_per_case": sum(run.cpu_us_per_case.values()),
        "busy_cores": _busy(run),
    }


def _python_seconds() -> float:
    started = time.process_time()
    sum(range(10**7))
    return time.process_time() - started
