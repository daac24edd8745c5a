"""`bench pipeline`: how many cases a second go all the way, what each process spends on one, and how long one takes.

A case has gone all the way when it is with its department, with a reply clock that handlers and the citizen's view
know of, and nothing waits in the outbox.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer

from deploy import clock
from deploy.bench.environment import CHAIN, Installation, open_installation, servers, topic_ends
from deploy.bench.figures import milliseconds, say
from deploy.bench.latency import latencies
from deploy.bench.submissions import submissions
from deploy.composition import intake_keys, routing_rules
from deploy.database.pool import connect
from deploy.messaging.client import gather_confirmed, open_producer
from deploy.messaging.envelope import headers_of
from schemas.event import encode
from schemas.events.intake import SubmissionAccepted
from schemas.topics import SLA, SUBMISSIONS, topic_name

RATES = (50, 300)
WARM_UP = 300
_SECONDS_PER_RUN = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineOptions:
    """What to measure. `cases` in the run at full load, `seconds` at each rate of `RATES`."""

    cases: int = 30_000
    seconds: float = 20.0
    #: Also the ceiling, before and after.
    ceiling: bool = True
    profiled: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run at full load."""

    cases: int
    seconds: float
    cpu_seconds: dict[str, float]
    wal_bytes: int

    @property
    def cases_per_second(self) -> float:
        """From the first send until the last case has gone all the way."""
        return round(self.cases / self.seconds, 1)

    @property
    def cpu_us_per_case(self) -> dict[str, int]:
        """Processor time for one case, in microseconds, by process."""
        return {name: round(used / self.cases * 1_000_000) for name, used in self.cpu_seconds.items()}


def measure(options: PipelineOptions) -> dict[str, Any]:
    """What `bench pipeline` prints."""
    with servers() as on:
        return asyncio.run(_measure(on, options))


async def _measure(on: Any, options: PipelineOptions) -> dict[str, Any]:
    from deploy.bench import ceiling

    ceilings = [await ceiling.measure(on, "before", options.cases)] if options.ceiling else []
    async with open_installation(on, "ours") as ours:
        ours.start(*CHAIN, profiled=options.profiled)
        run = await full_load(ours, options.cases)
        say(f"{run.cases_per_second:,} cases/s")
        found = {
            str(rate): milliseconds(await latencies(ours, rate, options.seconds))
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
        }
    return found | {
        "cpu_us_per_case": run.cpu_us_per_case,
        "cases": run.cases,
        "seconds": round(run.seconds, 2),
        "wal_bytes_per_case": round(run.wal_bytes / run.cases),
    }


async def full_load(on: Installation, cases: int) -> Run:
    """Send everything at once and wait until all of it has gone all the way."""
    settings = on.settings
    keys, rules = intake_keys(settings), routing_rules(settings)
    say(f"making {cases:,} messages")
    events = submissions(cases + WARM_UP, secret=keys.code_secret, now=clock.now(), rules=rules)
    async with open_producer(settings) as producer:
        say("waiting for the chain")
        await _through(on, producer, events[:WARM_UP], WARM_UP)
        say(f"sending {cases:,}")
        return await _timed(on, producer, events[WARM_UP:])


async def _timed(on: Installation, producer: AIOKafkaProducer, events: Sequence[SubmissionAccepted]) -> Run:
    wal, cpu, started = await wal_position(on), on.cpu(), time.perf_counter()
    await _through(on, producer, events, WARM_UP + len(events))
    seconds = time.perf_counter() - started
    used = on.cpu().since(cpu)
    return Run(cases=len(events), seconds=seconds, cpu_seconds=used, wal_bytes=await wal_position(on) - wal)


async def _through(
    on: Installation, producer: AIOKafkaProducer, events: Sequence[SubmissionAccepted], total: int
) -> None:
    """Send `events`; return when there are `total` cases in all that have gone all the way."""
    await send(on, producer, events)
    sla = topic_name(SLA, on.settings.topic_prefix)
    async with topic_ends(on.settings, sla) as ends, connect(on.settings) as db:

        async def deadlines_sent() -> bool:
            return await ends.count(sla) >= total

        async def all_arrived() -> bool:
            return bool(await db.fetchval(_ARRIVED, total))

        # Counting rows costs Postgres something, looking at the last topic's end does not: so the end comes first.
        await on.until("deadlines on Kafka", deadlines_sent, seconds=_SECONDS_PER_RUN)
        await on.until("cases all the way", all_arrived, seconds=_SECONDS_PER_RUN)


_ARRIVED = """
SELECT NOT EXISTS (SELECT FROM deploy.outbox)
   AND (SELECT count(*) FROM handlers.case WHERE due_at IS NOT NULL) >= $1
   AND (SELECT count(*) FROM sla.clock WHERE clock = 'reply' AND state = 'running') >= $1
   AND (SELECT count(*) FROM intake.view WHERE due_at IS NOT NULL AND state = 'assigned') >= $1
"""


async def send(on: Installation, producer: AIOKafkaProducer, events: Sequence[SubmissionAccepted]) -> None:
    """Send as fast as Kafka takes them; return when it has them all."""
    topic = topic_name(SUBMISSIONS, on.settings.topic_prefix)
    futures = [
        await producer.send(
            topic,
            value=encode(event),
            key=event.case_id.encode(),
            headers=headers_of(clock.new_event_id(), event.type, event.at, None),
        )
        for event in events
    ]
    await gather_confirmed(futures)


async def wal_position(on: Installation) -> int:
    """Bytes of write-ahead log that Postgres has ever written."""
    async with connect(on.settings) as db:
        return int(await db.fetchval("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))


async def row_counts(on: Installation) -> dict[str, int]:
    """Rows of every table that holds any."""
    async with connect(on.settings) as db:
        names = await db.fetch(
            "SELECT format('%I.%I', schemaname, relname) AS name FROM pg_stat_user_tables ORDER BY 1"
        )
        counts = {row["name"]: await db.fetchval(f"SELECT count(*) FROM {row['name']}") for row in names}  # noqa: S608  names of our own tables
    return {name: number for name, number in counts.items() if number}
