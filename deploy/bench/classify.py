"""`bench classify`: how fast messages are classified, and how late the event loop is while they are consumed."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

import uvloop

from deploy import clock
from deploy.bench.environment import Installation, open_installation, servers
from deploy.bench.figures import percentile, say
from deploy.bench.messages import Message, messages
from deploy.database.pool import connect, open_pool
from deploy.messaging.client import gather_confirmed, open_producer
from deploy.messaging.envelope import headers_of
from deploy.messaging.signature import event_keys
from deploy.processes.runtime import Process
from deploy.processes.worker import work
from intake.core.codes import derive
from routing.core.classify import classify
from routing.core.rules import load_rules
from schemas.event import encode
from schemas.events.intake import CaseRegistered
from schemas.topics import INTAKE, topic_name
from schemas.words import Channel

#: Between two looks at how late the loop is (project choice: finer than any lag that matters).
_LOOK_SECONDS = 0.002
#: After this long the measurement has failed (project choice).
_PATIENCE_SECONDS = 120.0


def measure(cases: int, seconds: float) -> dict[str, Any]:
    """What `huiyin bench classify --json` prints: texts classified a second, and how long the loop waits meanwhile."""
    per_second = _classified_per_second(seconds)
    say(f"{per_second:,.0f} messages/s")
    with servers() as on:
        lags = uvloop.run(_lags_while_consuming(on, cases))
    return {
        "messages_per_second": round(per_second),
        "loop_lag_p99_ms": round(percentile(lags, 0.99) * 1000, 1),
        "loop_lag_max_ms": round(max(lags) * 1000, 1),
        "consumed": cases,
    }


def _classified_per_second(seconds: float) -> float:
    """Messages that one core classifies, by its own processor time: whoever shares the machine does not count."""
    rules, texts = load_rules(), list(islice(messages(3), 2000))
    done, started = 0, time.process_time()
    while time.process_time() - started < seconds:
        for message in texts[:200]:
            classify(rules, message.title, message.text, place=_address(message))
        texts = texts[200:] + texts[:200]
        done += 200
    return done / (time.process_time() - started)


def _address(message: Message) -> str:
    return message.place.address or "" if message.place else ""


async def _lags_while_consuming(on: Any, cases: int) -> Sequence[float]:
    """Seconds that the loop was late, look by look, while the routing consumer of this very process works."""
    async with open_installation(on, "classify") as installation:
        say(f"{cases:,} cases to route")
        await _send(installation, cases)
        async with _routing(installation):
            return await _watch_until_routed(installation, cases)


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
        futures = []
        for message in islice(messages(4), cases):
            event = _registered(message)
            key, value = event.case_id.encode(), encode(event)
            headers = headers_of(clock.new_event_id(), event.type, event.at, None)
            signed = keys.signed(topic, key, value, headers)
            futures.append(await producer.send(topic, value=value, key=key, headers=signed))
        await gather_confirmed(futures)


def _registered(message: Message) -> CaseRegistered:
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
