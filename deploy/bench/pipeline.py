"""`bench pipeline`: how many cases a second go all the way, what each process spends on one, and how long one takes.

What it means to have gone all the way is said in `full_load`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deploy.bench import ceiling
from deploy.bench.environment import CHAIN, Installation, Servers, open_installation, servers
from deploy.bench.figures import milliseconds, say
from deploy.bench.full_load import Run, full_load
from deploy.bench.latency import latencies
from deploy.database.pool import connect

#: Cases a second at which latencies are measured: a busy city's ordinary day, and its worst hour (project choice).
RATES = (50, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineOptions:
    """What to measure. `cases` in the run at full load, `seconds` at each rate of `RATES`."""

    cases: int = 30_000
    seconds: float = 20.0
    #: Also the ceiling, before and after.
    ceiling: bool = True
    profiled: str | None = None
    chain: Sequence[str] = CHAIN


def measure(options: PipelineOptions) -> dict[str, Any]:
    """What `huiyin bench pipeline --json` prints: cases all the way, their latency, and the ceiling."""
    with servers() as on:
        return asyncio.run(_measure(on, options))


async def _measure(on: Servers, options: PipelineOptions) -> dict[str, Any]:
    ceilings = [await ceiling.measure(on, "before", options.cases)] if options.ceiling else []
    async with open_installation(on, "ours") as ours:
        ours.start(*options.chain, profiled=options.profiled)
        run = await full_load(ours, options.cases)
        say(f"{run.cases_per_second:,} cases/s")
        found = {
            str(rate): milliseconds(await ours.failing_loudly(latencies(ours, rate, options.seconds)))
            for rate in RATES
            if options.seconds
        }
        rows = await row_counts(ours)
    if options.ceiling:
        ceilings.append(await ceiling.measure(on, "after", options.cases))
    return _figures(run, ceilings) | {"latency_ms": found, "rows": rows}


def _figures(run: Run, ceilings: Sequence[Run]) -> dict[str, Any]:
    found: dict[str, Any] = {"cases_per_second": run.cases_per_second}
    if ceilings:
        # The better of the two: what stood in the way of the other was not ours either.
        best = max(ceilings, key=lambda ceiling: ceiling.cases_per_second)
        found |= {
            "ceiling_per_second": best.cases_per_second,
            "share_of_ceiling": round(run.cases_per_second / best.cases_per_second, 3),
            "ceiling_runs": [ceiling.cases_per_second for ceiling in ceilings],
            "ceiling_cpu_us_per_case": best.cpu_us_per_case,
            "ceiling_wal_bytes_per_case": round(best.wal_bytes / best.cases),
            "yardstick": "the same records, statements and tables without our code, the better of before and after",
            "yardstick_per_second": best.cases_per_second,
            "ratio": round(run.cases_per_second / best.cases_per_second, 3),
        }
    return found | {
        "cpu_us_per_case": run.cpu_us_per_case,
        "cases": run.cases,
        "seconds": round(run.seconds, 2),
        "wal_bytes_per_case": round(run.wal_bytes / run.cases),
    }


async def row_counts(on: Installation) -> dict[str, int]:
    """Rows of every table that holds any."""
    async with connect(on.settings) as db:
        names = await db.fetch(
            "SELECT format('%I.%I', schemaname, relname) AS name FROM pg_stat_user_tables ORDER BY 1"
        )
        counts = {row["name"]: await db.fetchval(f"SELECT count(*) FROM {row['name']}") for row in names}  # noqa: S608  names of our own tables
    return {name: number for name, number in counts.items() if number}
