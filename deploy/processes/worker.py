"""`huiyin work`: runs and watches the slices' consumers; where slices share a process, each restarts alone (`parts`)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import structlog
from faststream.kafka import KafkaBroker

from deploy import composition
from deploy.database.outbox import NearRelay, RelayNotifier
from deploy.database.pool import TRANSIENT, open_pool
from deploy.messaging.client.client import open_producer
from deploy.messaging.client.client_parts import begin, part_with
from deploy.messaging.consuming.broker import build_broker
from deploy.messaging.consuming.consumer import GroupConsumer
from deploy.messaging.consuming.consumer_context import ConsumerContext
from deploy.messaging.consuming.executor import PrepareExecutor
from deploy.messaging.consuming.groups import group_id, topic_names
from deploy.messaging.dead.dead_letter_seal import letter_seal
from deploy.messaging.dead.dead_letters import DeadLetters
from deploy.messaging.records.first_signed import first_signed
from deploy.messaging.records.signature import Genuine, event_keys
from deploy.messaging.topics.acl import ensure_rights
from deploy.processes.calendar_watch import calendar_watched
from deploy.processes.parts import PartMain, keep_parts
from deploy.processes.progress import LOOK_SECONDS, ProgressReport
from deploy.processes.relay import relay
from deploy.processes.runtime import Process
from deploy.processes.starting import START_SECONDS, patiently
from deploy.processes.watchdog import Stuck, Watchdog
from deploy.settings import Settings

if TYPE_CHECKING:
    from routing.core.judgement import Judges

log = structlog.get_logger()

#: What may share a process with the slices' consumers.
COMPANIONS = ("relay", "sweep")
#: Between two words of how far registration is (project choice: files that nobody names wait a day).
_REGISTERED_SECONDS = 30.0
#: How soon a promoted model decides (project choice: whoever promoted it waits for that long).
_MODELS_SECONDS = 5.0


async def work(process: Process, slices: Sequence[str]) -> None:
    """Feed the consumers of `slices` until the process stops; drains what is in flight. Among them may be `COMPANIONS`."""
    near = NearRelay()
    async with RelayNotifier(process.pool, near).running() as notifier:
        if len(slices) == 1 and slices[0] not in COMPANIONS:
            await _work_for(process, slices[0], notifier)
            return
        beside: dict[str, PartMain] = {"relay": lambda part: relay(part, near), "sweep": _sweep}

        async def main(part: Process) -> None:
            if part.name in beside:
                await beside[part.name](part)
            else:
                await _work_for(part, part.name, notifier)

        # A batch without end may hold a thread, which nothing but the end of the process frees.
        await keep_parts(process, slices, main, fatal=(Stuck,), last=("relay",))


async def _sweep(part: Process) -> None:
    from deploy.processes.notify import sweep_and_notify  # here: only who keeps deadlines needs it

    # Its plans differ from the consumers'.
    async with open_pool(part.settings) as pool:
        part.pool = pool
        await sweep_and_notify(part)


async def _work_for(process: Process, slice_: str, notifier: RelayNotifier) -> None:
    async with AsyncExitStack() as stack:
        settings = process.settings
        context = await _context(process, stack, notifier)
        judges = await _judges(process) if slice_ == "routing" else None
        if slice_ == "sla":
            await stack.enter_async_context(calendar_watched(process))
        subscriptions = await composition.subscriptions(settings, process.pool, (slice_,), judges=judges)
        groups = {group_id(one, settings): topic_names(one, settings) for one in subscriptions}
        await patiently(process, lambda: ensure_rights(settings, groups))
        consumers = [GroupConsumer(subscription, context) for subscription in subscriptions]
        broker = build_broker(settings, consumers)
        await patiently(process, lambda: _start(broker, settings))
        process.begun.set()
        watches = [process.beside(Watchdog(process, broker, consumers).for_ever(), "watchdog")]
        if judges is not None:
            watches.append(process.beside(_watch_models(process, judges), "models"))
        if slice_ == "sla":
            report = _report(process, broker, consumers, "sla", LOOK_SECONDS)
            watches.append(process.beside(report, "progress"))
        if slice_ == "intake":
            report = _report(process, broker, consumers, "intake", _REGISTERED_SECONDS)
            watches.append(process.beside(report, "registered"))
        try:
            await process.stopping.wait()
        finally:
            for watch in watches:
                watch.cancel()
            await asyncio.gather(*watches, return_exceptions=True)
            await asyncio.gather(*(consumer.leave() for consumer in consumers))
            await _leave(broker)


async def _judges(process: Process) -> Judges:
    # Here: only who routes messages needs what judges them.
    from routing.core.judgement import Judges

    judges = Judges()
    await patiently(process, lambda: _refresh_models(process, judges))
    return judges


async def _context(process: Process, stack: AsyncExitStack, notifier: RelayNotifier) -> ConsumerContext:
    settings = process.settings
    keys, marks = (
        event_keys(settings),
        await patiently(process, lambda: first_signed(settings, process.pool)),
    )
    producer = await patiently(
        process, lambda: stack.enter_async_context(open_producer(settings, linger_ms=0))
    )
    return ConsumerContext(
        pool=process.pool,
        dead_letters=DeadLetters(producer, settings.topic_prefix, letter_seal(settings)),
        is_genuine=Genuine(keys, marks),
        executor=stack.enter_context(PrepareExecutor()),
        notifier=notifier,
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
            await begin(broker.start())
    except BaseException:
        await _leave(broker)
        raise


async def _leave(broker: KafkaBroker) -> None:
    """Bounded also where Kafka takes our calls and says nothing, and all at once: a process may take so long to stop."""
    await asyncio.gather(*map(part_with, broker.subscribers))
    await broker.stop()


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


async def _report(
    process: Process, broker: KafkaBroker, consumers: Sequence[GroupConsumer], name: str, every_seconds: float
) -> None:
    (consumer,) = (one for one in consumers if one.group == name)
    group = group_id(consumer.subscription, process.settings)
    (subscriber,) = (one for one in broker.subscribers if getattr(one, "group_id", None) == group)
    topics = topic_names(consumer.subscription, process.settings)
    await ProgressReport(consumer, subscriber, process.pool, topics).for_ever(every_seconds)
