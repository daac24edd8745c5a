"""`huiyin work`: the slices' consumers, watched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from aiokafka.errors import IllegalStateError, KafkaError
from faststream.kafka import KafkaBroker
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_exponential

from deploy import composition
from deploy.access import AccessDenied
from deploy.database import lost_ranges
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import TRANSIENT
from deploy.messaging.acl import ensure_rights
from deploy.messaging.broker import build_broker, group_id, topic_names
from deploy.messaging.client import open_producer
from deploy.messaging.consumer import GroupConsumer
from deploy.messaging.consumer_context import ConsumerContext
from deploy.messaging.dead_letters import DeadLetters
from deploy.messaging.executor import PrepareExecutor
from deploy.messaging.first_signed import first_signed
from deploy.messaging.letter_seal import letter_seal
from deploy.messaging.signature import Genuine, event_keys
from deploy.observability import metrics
from deploy.processes.progress import ProgressReport
from deploy.processes.runtime import Process
from deploy.settings import Settings

if TYPE_CHECKING:
    from routing.core.judgement import Judges

log = structlog.get_logger()

T = TypeVar("T")

#: How long a start waits for Kafka and Postgres before the process gives up (project choice: then its supervisor waits).
START_SECONDS = 60.0
_AWAY = (KafkaError, *TRANSIENT)
#: How soon imported days are noticed (project choice: an import happens once a year).
_CALENDAR_SECONDS = 30.0
#: How soon a promoted model decides (project choice: whoever promoted it waits for that long).
_MODELS_SECONDS = 5.0
#: How long the brokers may take to say where a partition ends (project choice).
_LOOK_SECONDS = 5.0


class Stuck(Exception):
    """A consumer has lag and makes no progress."""


class LossAccepted(Exception):
    """Somebody has accepted that records were lost: a fresh process reads on behind them."""


class CalendarChanged(Exception):
    """Days were imported; this process computes deadlines with the old ones."""


async def work(process: Process, slices: Sequence[str]) -> None:
    """Feed the consumers of `slices` until the process stops; drains what is in flight."""
    try:
        await _work(process, slices)
    except _AWAY:
        if not process.stopping.is_set():  # told to stop while it waited for Kafka or Postgres
            raise


async def _work(process: Process, slices: Sequence[str]) -> None:
    async with AsyncExitStack() as stack:
        settings = process.settings
        context = await _context(process, stack)
        judges = await _judges(process) if "routing" in slices else None
        subscriptions = await composition.subscriptions(settings, process.pool, slices, judges=judges)
        groups = {group_id(one, settings): topic_names(one, settings) for one in subscriptions}
        await _patiently(process, lambda: ensure_rights(settings, groups))
        consumers = [GroupConsumer(subscription, context) for subscription in subscriptions]
        broker = build_broker(settings, consumers)
        await _patiently(process, lambda: _start(broker, settings))
        process.begun.set()
        watches = [process.beside(_watch(process, broker, consumers), "watchdog")]
        if judges is not None:
            watches.append(process.beside(_watch_models(process, judges), "models"))
        if "sla" in slices:
            watches.append(process.beside(_watch_calendar(process), "calendar"))
            watches.append(process.beside(_report(process, broker, consumers), "progress"))
        try:
            await process.stopping.wait()
        finally:
            for watch in watches:
                watch.cancel()
            await asyncio.gather(*(consumer.leave() for consumer in consumers))
            await broker.stop()


async def _judges(process: Process) -> Judges:
    # Here: only who routes messages needs what judges them.
    from routing.core.judgement import Judges

    judges = Judges()
    await _patiently(process, lambda: _refresh_models(process, judges))
    return judges


async def _context(process: Process, stack: AsyncExitStack) -> ConsumerContext:
    settings = process.settings
    keys, marks = (
        event_keys(settings),
        await _patiently(process, lambda: first_signed(settings, process.pool)),
    )
    producer = await _patiently(
        process, lambda: stack.enter_async_context(open_producer(settings, linger_ms=0))
    )
    return ConsumerContext(
        pool=process.pool,
        dead_letters=DeadLetters(producer, settings.topic_prefix, letter_seal(settings)),
        is_genuine=Genuine(keys, marks),
        executor=stack.enter_context(PrepareExecutor()),
        notifier=await stack.enter_async_context(RelayNotifier(process.pool).running()),
        prefix=settings.topic_prefix,
        audit_key=composition.audit_key(settings),
        retry_seconds=settings.retry_seconds,
        dead_letter_limit=settings.dead_letter_limit,
        inbox_days=settings.inbox_days,
        end_process=process.end,
    )


async def _start(broker: KafkaBroker, settings: Settings) -> None:
    """All subscribers or none: one left over from a failed try would keep partitions that nobody reads."""
    try:
        # A start waits for partitions, at worst until the session of a member that died has run out.
        async with asyncio.timeout(2 * START_SECONDS + settings.session_timeout_ms / 1000):
            await broker.start()
    except BaseException:
        await broker.stop()
        raise


async def _patiently(process: Process, start: Callable[[], Awaitable[T]]) -> T:
    """What `start` gives, once Kafka and Postgres are there.

    Raises:
        AccessDenied: at once; waiting does not mend a password.
        KafkaError, OSError, …: the last error, when they stay away for long or the process is to stop.
    """
    in_vain = stop_after_delay(START_SECONDS)
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(
            lambda error: isinstance(error, _AWAY) and not isinstance(error, AccessDenied)
        ),
        stop=lambda state: process.stopping.is_set() or in_vain(state),
        wait=wait_exponential(multiplier=0.2, max=3),
        sleep=process.pause,
        reraise=True,
    ):
        with attempt:
            return await start()
    raise AssertionError("a retry ends with an answer or with its last error")


async def _watch_models(process: Process, judges: Judges) -> None:
    """Let the models judge that are to run now, without a restart."""
    while True:
        await asyncio.sleep(_MODELS_SECONDS)
        try:
            await _refresh_models(process, judges)
        except TRANSIENT as error:
            log.warning("models.unasked", error=type(error).__name__)


async def _refresh_models(process: Process, judges: Judges) -> None:
    """One that cannot be loaded leaves those that run, and at the start the word lists: no message waits for it."""
    try:
        await composition.refresh_judges(process.settings, process.pool, judges)
    except ValueError as error:
        log.error("model.refused", error=str(error))


async def _watch_calendar(process: Process) -> None:
    """End the process when the calendar's days change: it starts anew with the new ones, and loses nothing."""
    known: str | None = None
    while True:
        try:
            stamp = await composition.calendar_stamp(process.settings, process.pool)
            if known not in (None, stamp):
                log.info("calendar.changed")
                await process.end(CalendarChanged())
            known = stamp
        except TRANSIENT as error:
            log.warning("calendar.unasked", error=type(error).__name__)
        await asyncio.sleep(_CALENDAR_SECONDS)


async def _watch(process: Process, broker: KafkaBroker, consumers: Sequence[GroupConsumer]) -> None:
    """Measure each consumer's lag; end the process when one has work and makes no progress."""
    subscribers: Sequence[Any] = broker.subscribers  # in no particular order
    by_group = {group_id(consumer.subscription, process.settings): consumer for consumer in consumers}
    while True:
        await asyncio.sleep(1)
        lags: dict[str, int] = {}
        slow: list[str] = []
        unfit: list[str] = []
        for subscriber in subscribers:
            consumer = by_group[subscriber.group_id]
            await _look_at_positions(process, consumer, subscriber.consumer)
            unfit += _unfit(consumer, subscriber.consumer, process.settings)
            lags[consumer.group] = lag = await _lag(subscriber.consumer)
            metrics.LAG.labels(consumer.group).set(lag)
            if consumer.is_halted or consumer.lost or (lag == 0 and not consumer.is_busy):
                consumer.progressed_at = time.monotonic()
            idle = time.monotonic() - consumer.progressed_at
            if idle > process.settings.stuck_seconds / 4:
                slow.append(consumer.group)
            if _has_lost_its_group(subscriber.consumer) and not process.stopping.is_set():
                log.critical("consumer.lost-its-group", group=consumer.group)
                await process.end(Stuck(consumer.group))
            if idle > process.settings.stuck_seconds:
                log.critical("consumer.stuck", group=consumer.group, lag=lag, seconds=round(idle))
                await process.end(Stuck(consumer.group))
        # One that halted for outsiders' records leaves the rest of us ready: a metric tells of it.
        lost = [found.lost for found in consumers if found.lost]
        troubles = {
            "no progress": slow,
            "halted": [found.group for found in consumers if found.is_halted],
            "records lost": lost,
            "cannot read": unfit,
        }
        reason = "; ".join(
            f"{trouble}: {', '.join(groups)}" for trouble, groups in troubles.items() if groups
        )
        process.health |= {"lag": lags, "ok": not (slow or lost or unfit), "reason": reason}


def _unfit(consumer: GroupConsumer, client: Any, settings: Settings) -> list[str]:
    """Why it reads nothing although it has no lag: a topic is gone, or nobody keeps its group."""
    if client is None:
        return []
    gone = [
        f"{topic} is missing"
        for topic in topic_names(consumer.subscription, settings)
        if not client.partitions_for_topic(topic)
    ]
    is_led = client.assignment() or client._coordinator.coordinator_id is not None
    return gone if is_led else [*gone, f"no broker keeps the group {consumer.group}"]


async def _look_at_positions(process: Process, consumer: GroupConsumer, client: Any) -> None:
    """Stop it where Kafka deleted what it had not read; let it go on in a fresh process once that was accepted."""
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            if not consumer.lost:
                await consumer.look_at_positions(client)
            elif not await lost_ranges.open_ranges(process.pool, consumer.group):
                await process.end(LossAccepted(consumer.group))
    except (IllegalStateError, *_AWAY) as error:
        log.warning("consumer.positions-unasked", group=consumer.group, error=type(error).__name__)


async def _report(process: Process, broker: KafkaBroker, consumers: Sequence[GroupConsumer]) -> None:
    import sla.subscribers

    (consumer,) = (one for one in consumers if one.group == sla.subscribers.GROUP)
    group = group_id(consumer.subscription, process.settings)
    (subscriber,) = (one for one in broker.subscribers if getattr(one, "group_id", None) == group)
    topics = topic_names(consumer.subscription, process.settings)
    await ProgressReport(consumer, subscriber, process.pool, topics).for_ever()


def _has_lost_its_group(consumer: Any) -> bool:
    """Whether the task that keeps it in its group has died: aiokafka then hands out nothing more, and only says so."""
    task = getattr(getattr(consumer, "_coordinator", None), "_coordination_task", None)
    return task is not None and task.done()


async def _lag(consumer: Any) -> int:
    """Records on our partitions that were not handed out yet, as the brokers count them; 0 if they are away."""
    if consumer is None:
        return 0
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            ends = await consumer.end_offsets(consumer.assignment())
            return sum([max(0, end - await consumer.position(partition)) for partition, end in ends.items()])
    except (IllegalStateError, KafkaError, TimeoutError):
        # Taken from us while we look, or Kafka is away: neither is a consumer that is stuck.
        return 0
