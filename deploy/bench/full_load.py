"""One run at full load: everything is sent at once, and it ends when every case has gone all the way.

A case has gone all the way when it is with its department, with a reply clock that handlers and the citizen's view
know of, and nothing waits in the outbox. Ours and the ceiling are measured with the same run.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from deploy import clock
from deploy.bench import sending
from deploy.bench.environment import Installation, topic_ends
from deploy.bench.figures import say
from deploy.bench.submissions import submissions
from deploy.composition import intake_keys, routing_rules
from deploy.database.pool import connect
from deploy.messaging.client.client import gather_confirmed, open_producer
from deploy.messaging.records.signature import event_keys
from schemas.events.intake import SubmissionAccepted
from schemas.topics import SLA, SUBMISSIONS, topic_name

#: Cases that go ahead of those that are counted: connections and plans are made by then (project choice).
WARM_UP = 300
#: After this long a run has failed (project choice: thirty times what it takes).
_SECONDS_PER_RUN = 180.0


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


async def full_load(on: Installation, cases: int) -> Run:
    """Send everything at once and wait until all of it has gone all the way."""
    settings = on.settings
    keys, rules = intake_keys(settings), routing_rules(settings)
    say(f"making {cases:,} messages")
    events = submissions(cases + WARM_UP, keys=keys, now=clock.now(), rules=rules)
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
    topic, keys = topic_name(SUBMISSIONS, on.settings.topic_prefix), event_keys(on.settings)
    await gather_confirmed([await sending.send(producer, event, topic, keys) for event in events])


async def wal_position(on: Installation) -> int:
    """Bytes of write-ahead log that Postgres has ever written."""
    async with connect(on.settings) as db:
        return int(await db.fetchval("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))
