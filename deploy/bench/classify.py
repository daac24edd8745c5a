"""`bench classify`: how fast messages are classified, and how late the event loop is while they are consumed."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

import msgspec
import uvloop

from deploy import clock
from deploy.bench import sending
from deploy.bench.environment import Installation, Servers, open_installation, servers
from deploy.bench.figures import percentile, say
from deploy.bench.judging import AT_ONCE, measure_judging
from deploy.bench.messages import BenchMessage, messages
from deploy.database.pool import connect, open_pool
from deploy.messaging.client.client import gather_confirmed, open_producer
from deploy.messaging.records.signature import event_keys
from deploy.processes.runtime import Process
from deploy.processes.worker import work
from intake.core.codes import derive
from routing.core.learning.model import Model
from routing.core.learning.stored import to_bytes
from routing.store import models
from schemas.events.intake import CaseRegistered
from schemas.topics import INTAKE, topic_name
from schemas.words import Channel

#: Between two looks at how late the loop is (project choice: finer than any lag that matters).
_LOOK_SECONDS = 0.002
#: After this long the measurement has failed (project choice).
_PATIENCE_SECONDS = 120.0


def measure(cases: int, seconds: float) -> dict[str, Any]:
    """What `huiyin bench classify --json` prints: texts judged a second, and how long the loop waits meanwhile."""
    judging = measure_judging(seconds)
    say(f"{judging.judged:,.0f} messages/s, {judging.judged / judging.yardstick:.1f} times the yardstick")
    with servers() as on:
        lags = uvloop.run(_lags_while_consuming(on, cases, judging.model))
    return {
        "messages_per_second": round(judging.judged),
        "yardstick": "scikit-learn's TfidfVectorizer of characters 1-3 and LinearSVC on the same texts, "
        f"{AT_ONCE} at once",
        "yardstick_per_second": round(judging.yardstick),
        "ratio": round(judging.judged / judging.yardstick, 2),
        "with_rules_per_second": round(judging.classified),
        "yardstick_one_by_one_per_second": round(judging.yardstick_one_by_one),
        "learning_seconds": round(judging.learned_seconds, 1),
        "learned_rows": judging.model.learned.rows,
        "loop_lag_p99_ms": round(percentile(lags, 0.99) * 1000, 1),
        "loop_lag_max_ms": round(max(lags) * 1000, 1),
        "consumed": cases,
    }


async def _lags_while_consuming(on: Servers, cases: int, model: Model) -> Sequence[float]:
    """Seconds that the loop was late, look by look, while the routing consumer of this very process works with `model`."""
    async with open_installation(on, "classify") as installation:
        await _promote(installation, model)
        say(f"{cases:,} cases to route")
        await _send(installation, cases)
        async with _routing(installation):
            return await _watch_until_routed(installation, cases)


async def _promote(installation: Installation, model: Model) -> None:
    known = msgspec.json.encode(model.learned).decode()
    async with connect(installation.settings) as db, db.transaction():
        version = await models.add_shadow(db, known, to_bytes(model), "bench", clock.now())
        await models.promote(db, version, clock.now())


@asynccontextmanager
async def _routing(installation: Installation) -> AsyncIterator[None]:
    async with open_pool(installation.settings) as pool:
        process = Process(name="routing", settings=installation.settings, pool=pool)
        consuming = asyncio.create_task(work(process, ("routing",)))
        try:
            yield
        finally:
            process.stopping.set()
            await consuming


async def _watch_until_routed(installation: Installation, cases: int) -> list[float]:
    lags: list[float] = []
    done = asyncio.Event()
    watching = asyncio.create_task(_watch(lags, done))

    async def routed() -> bool:
        async with connect(installation.settings) as db:
            return int(await db.fetchval("SELECT count(*) FROM routing.case")) >= cases

    await installation.until("cases routed", routed, seconds=_PATIENCE_SECONDS, every=0.5)
    done.set()
    await watching
    return lags


async def _watch(lags: list[float], done: asyncio.Event) -> None:
    while not done.is_set():
        started = time.perf_counter()
        await asyncio.sleep(_LOOK_SECONDS)
        lags.append(max(0.0, time.perf_counter() - started - _LOOK_SECONDS))


async def _send(installation: Installation, cases: int) -> None:
    topic = topic_name(INTAKE, installation.settings.topic_prefix)
    keys = event_keys(installation.settings)
    async with open_producer(installation.settings) as producer:
        events = map(_registered, islice(messages(4), cases))
        await gather_confirmed([await sending.send(producer, event, topic, keys) for event in events])


def _registered(message: BenchMessage) -> CaseRegistered:
    codes, now = derive(b"bench", os.urandom(16)), clock.now()
    return CaseRegistered(
        case_id=codes.case_id,
        version=1,
        at=now,
        tracking_code=codes.tracking_code,
        channel=Channel.WEB,
        received_at=now,
        title=message.title,
        text=message.text,
        place=message.place,
    )
