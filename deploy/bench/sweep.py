"""`bench sweep`: a thousand alerts raised among a million open clocks, and how late an alert is heard on Kafka."""

import asyncio
import statistics
import time
from typing import Any

from aiokafka import AIOKafkaConsumer

import sla.steps.sweep
from deploy import clock
from deploy.bench.environment import Installation, MeasurementFailed, Servers, open_installation, servers
from deploy.bench.figures import percentile, say
from deploy.bench.preload import LOADING_SECONDS, without_indexes
from deploy.database.pool import connect, open_pool
from deploy.database.progress import reached_by
from deploy.database.unit_of_work import unit_of_work
from deploy.messaging.client.client import client_options
from deploy.messaging.records.envelope import receive
from schemas.events.sla import DeadlineMissed
from schemas.topics import SLA, topic_name
from sla.core.calendar import china_calendar
from sla.core.rules import load_rules
from sla.subscribers import GROUP

#: Alerts raised in one look at the clocks, how often that is measured, and how many a second fall due afterwards
#: (project choices; 1,000 is what the interface promises a figure for).
ALERTS = 1000
#: The size that the full one is compared with: the interface promises the ratio to it (project choice).
FEW = 100_000
#: How often the two sizes are measured in turn (project choice: the median of an odd number), and deadlines that fall due in
#: a second (project choice: more than a city of twenty million has).
_ROUNDS = 7
_DUE_PER_SECOND = 300
#: Before the first one falls due, once everything has started (project choice).
_LEAD_SECONDS = 2.0
#: What counts as the present (project choice: some looks at the consumer's progress).
_PRESENT_SECONDS = 2.0
#: How often that is looked at (project choice: as often as the consumer says it, or more).
_LOOK_SECONDS = 0.2
#: After this long the measurement has failed (project choice).
_PATIENCE_SECONDS = 90.0


def measure(open_clocks: int, seconds: float) -> dict[str, Any]:
    """What `bench sweep` prints. `seconds`: how long alerts fall due while the sweeper runs."""
    with servers() as on:
        return asyncio.run(_measure(on, open_clocks, seconds))


async def _measure(on: Servers, open_clocks: int, seconds: float) -> dict[str, Any]:
    async with (
        open_installation(on, "few") as few,
        open_installation(on, "sweep") as installation,
    ):
        await _preload(few, min(FEW, open_clocks))
        await _preload(installation, open_clocks)
        sweeps, yardsticks = await _sweeps_in_turn(installation, few)
        took, yardstick = statistics.median(sweeps), statistics.median(yardsticks)
        say(f"{ALERTS:,} alerts in {took * 1000:,.0f} ms, {yardstick * 1000:,.0f} ms among {FEW:,} clocks")
        delays = await _delays(installation, int(seconds * _DUE_PER_SECOND))
    return {
        "open_clocks": open_clocks,
        "sweep_1000_ms": round(took * 1000, 1),
        "alert_delay_p99_s": round(percentile(delays, 0.99), 3),
        "ratio": round(took / yardstick, 3),
        "yardstick": f"the same sweep of {ALERTS:,} among {min(FEW, open_clocks):,} open clocks, in turn with it",
        "yardstick_ms": round(yardstick * 1000, 1),
        "sweeps_ms": [round(each * 1000, 1) for each in sweeps],
        "alert_delay_p50_s": round(percentile(delays, 0.5), 3),
        "alerts_heard": len(delays),
    }


async def _preload(installation: Installation, open_clocks: int) -> None:
    """As many cases, of each of which the reply's clock runs with a warning weeks away, and nothing else."""
    say(f"loading {open_clocks:,} open clocks")
    async with connect(installation.settings) as db:
        async with db.transaction():
            await db.execute("SET LOCAL maintenance_work_mem = '512MB'")
            await db.execute('TRUNCATE sla.clock, sla."case"')
            tables = ('sla."case"', "sla.clock")
            async with without_indexes(db, tables):
                for load in _LOADS:
                    await db.execute(load, open_clocks, timeout=LOADING_SECONDS)
        for table in tables:
            await db.execute(f"VACUUM (FREEZE, ANALYZE) {table}", timeout=LOADING_SECONDS)


async def _sweeps_in_turn(many: Installation, few: Installation) -> tuple[list[float], list[float]]:
    """Seconds of each sweep among many clocks, and of each among few: in turn, so that a slow moment hits both."""
    pairs = [(await _sweep_a_thousand(many), await _sweep_a_thousand(few)) for _ in range(_ROUNDS)]
    return [first for first, _ in pairs], [second for _, second in pairs]


#: In the order of their ids, as those of real cases grow: an index that is filled at its end is filled fast.
_LOADS = (
    """INSERT INTO sla."case" (case_id, tracking_code, channel, kind, urgency, lead, received_at, assigned_at, version)
       SELECT lpad(to_hex(n), 32, '0')::uuid, 'BENC-HMAR-K000-0000', 'web', 'help', 'normal', 'housing', now(), now(), 3
       FROM generate_series(1, $1::int) AS n""",
    """INSERT INTO sla.clock (case_id, clock, state, department, owner, started_at, due_at, near_at, escalate_at,
                              next_alert_at, next_level, rule, allow, near, escalate_after)
       SELECT lpad(to_hex(n), 32, '0')::uuid, 'reply', 'running', 'housing', 'lead', now(), now() + interval '40 days',
              soon, now() + interval '41 days', soon, 'near', 'general@2026-2', '5 working days', '1 working day',
              '1 working day'
       FROM generate_series(1, $1::int) AS n,
            LATERAL (SELECT now() + interval '20 days' + (n * 2654435761 % 864000) * interval '1 second' AS soon) AS s""",
)


async def _sweep_a_thousand(installation: Installation) -> float:
    """Seconds for the alerts of `ALERTS` clocks that are late, from the look to the commit."""
    await _make_due(installation, ALERTS, "now() - interval '1 minute'")
    rules, calendar = load_rules(), china_calendar()
    async with open_pool(installation.settings, size=1) as pool:
        await pool.fetchval("SELECT 1")
        started = time.perf_counter()
        async with unit_of_work(pool, prefix=installation.settings.topic_prefix) as unit:
            raised = await sla.steps.sweep.sweep(unit, rules=rules, calendar=calendar, limit=ALERTS)
        took = time.perf_counter() - started
    if raised != ALERTS:
        raise MeasurementFailed(problem=f"{raised} clocks were due, not {ALERTS}", logs="")
    return took


async def _make_due(installation: Installation, number: int, due: str) -> None:
    """Let `number` clocks be missed at `due`, an expression that may use their row number `r`."""
    async with connect(installation.settings) as db:
        await db.execute(
            f"""
            UPDATE sla.clock AS c SET due_at = {due}, next_alert_at = {due}, next_level = 'missed', escalate_at = NULL
            FROM (SELECT case_id, row_number() OVER () AS r FROM (
                SELECT case_id FROM sla.clock WHERE clock = 'reply' AND next_level = 'near' LIMIT $1) AS few) AS picked
            WHERE c.case_id = picked.case_id AND c.clock = 'reply'
            """,  # noqa: S608  expressions of this module
            number,
        )


async def _delays(installation: Installation, number: int) -> list[float]:
    """Seconds from each deadline until its alert was heard on Kafka, with the sweeper and the relay at work."""
    say(f"{_DUE_PER_SECOND} deadlines a second")
    await _drop_outbox(installation)
    settings = installation.settings
    consumer = AIOKafkaConsumer(
        topic_name(SLA, settings.topic_prefix), **client_options(settings), fetch_max_wait_ms=50
    )
    await consumer.start()
    try:
        await consumer.seek_to_end()
        installation.start("sla", "sweep", "relay")
        await _judged_to_the_present(installation)
        first = f"now() + interval '{_LEAD_SECONDS} seconds'"
        await _make_due(installation, number, f"{first} + r * interval '1 second' / {_DUE_PER_SECOND}")
        async with asyncio.timeout(_LEAD_SECONDS + number / _DUE_PER_SECOND + _PATIENCE_SECONDS):
            return await _heard(consumer, number)
    finally:
        await consumer.stop()


async def _judged_to_the_present(installation: Installation) -> None:
    """Once the deadlines' consumer has its partitions: what starting costs is another measurement."""
    async with connect(installation.settings) as db:

        async def is_present() -> bool:
            reached = await reached_by(db, GROUP)
            return reached is not None and (clock.now() - reached).total_seconds() < _PRESENT_SECONDS

        await installation.until(
            "the deadlines' consumer", is_present, seconds=_PATIENCE_SECONDS, every=_LOOK_SECONDS
        )


async def _heard(consumer: AIOKafkaConsumer, number: int) -> list[float]:
    delays: list[float] = []
    async for record in consumer:
        event = receive(record).event
        if isinstance(event, DeadlineMissed):
            delays.append((clock.now() - event.due_at).total_seconds())
        if len(delays) == number:
            break
    return delays


async def _drop_outbox(installation: Installation) -> None:
    async with connect(installation.settings) as db:
        await db.execute("TRUNCATE deploy.outbox")
