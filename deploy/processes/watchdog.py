"""Recovers a consumer that makes no progress: first with a new Kafka client, then by a new process."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from faststream.kafka import KafkaBroker

from deploy.database import lost_ranges
from deploy.database.pool import TRANSIENT
from deploy.messaging.client.client_parts import begin, failed_part, part_with
from deploy.messaging.consuming.consumer import GroupConsumer
from deploy.messaging.consuming.groups import group_id, topic_names
from deploy.messaging.topics.probe import KafkaProbe
from deploy.observability import metrics, stacks
from deploy.processes.put_back import PutBack
from deploy.processes.runtime import Process, unwell
from deploy.processes.starting import patiently
from deploy.settings import Settings
from schemas.bilingual import Bilingual, joined, plain

log = structlog.get_logger()

#: How long the brokers may take to say where a partition ends (project choice).
_LOOK_SECONDS = 5.0
#: How long they may take to hand out the newest records of every partition (project choice).
_COMPARE_SECONDS = 20.0
#: Of `STUCK_SECONDS`: how long a consumer may stand still before it gets a new client (project choice: with 120 s, as long
#: as a rebalance takes in which one member is gone and another drains its batch).
_STILL_SHARE = 0.25
#: How often the brokers are asked about a consumer that has nothing to do (project choice: a question costs them and us a
#: millisecond each, and was half of what an idle city asked Kafka); sooner where little time is left before it stands still.
_SELDOM_SECONDS = 5.0
_SELDOM_SHARE = 0.25
#: How long a new client may take to get its partitions, beside the session of a member that died (project choice).
_START_SECONDS = 60.0


class Stuck(Exception):
    """A consumer has lag and makes no progress."""


class LossAccepted(Exception):
    """Somebody has accepted that records were lost: a fresh process reads on behind them."""


@dataclass(slots=True)
class _Watched:
    consumer: GroupConsumer
    #: What FastStream made of it, whose client changes with every start.
    subscriber: Any
    #: When the brokers last told its client how much is left.
    answered_at: float
    put_back: PutBack
    lag: int = 0
    #: When they were last asked.
    asked_at: float = float("-inf")
    #: Topics of its own that its client does not find.
    gone: Sequence[str] = ()
    #: When it got a new client, if it has handled nothing since.
    renewed_at: float | None = None


class Watchdog:
    """Of all consumers of one process."""

    def __init__(self, process: Process, broker: KafkaBroker, consumers: Sequence[GroupConsumer]) -> None:
        self._process = process
        self._settings = process.settings
        subscribers: Sequence[Any] = broker.subscribers  # in no particular order
        by_group = {subscriber.group_id: subscriber for subscriber in subscribers}
        self._watched = [
            _Watched(
                one,
                by_group[group_id(one.subscription, self._settings)],
                time.monotonic(),
                PutBack(one, self._settings, process.pool),
            )
            for one in consumers
        ]
        heard = {name for one in consumers for name in topic_names(one.subscription, self._settings)}
        self._probe = KafkaProbe(process.settings, sorted(heard))

    async def for_ever(self) -> None:
        """Look once a second, until cancelled."""
        try:
            while True:
                await asyncio.sleep(1)
                await self.look()
        finally:
            await self._probe.close()

    async def look(self) -> None:
        """Look at each consumer once, mend what stands still, and say how they are."""
        for one in self._watched:
            await self._look(one)
        self._tell()

    async def _look(self, one: _Watched) -> None:
        self._look_for_topics(one)
        await self._look_at_positions(one)
        await self._look_at_servers(one)
        if self._is_due(one):
            await self._measure(one)
        if not self._process.stopping.is_set() and (why := await self._trouble(one)):
            await self._mend(one, why)

    def _look_for_topics(self, one: _Watched) -> None:
        """Have the brokers asked for topics that are gone: left alone, the client asks again at `METADATA_SECONDS`."""
        client = one.subscriber.consumer
        gone = missing_topics(one.consumer, client, self._settings)
        if gone and one.gone != gone:
            log.error("consumer.topics-missing", group=one.consumer.group, topics=gone, unread=one.lag)
        one.gone = gone
        if gone:
            client._client.force_metadata_update()

    async def _look_at_positions(self, one: _Watched) -> None:
        """Stop it where Kafka deleted what it had not read; let it go on in a fresh process once that was accepted."""
        consumer = one.consumer
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                if not consumer.lost:
                    await consumer.look_at_positions(one.subscriber.consumer)
                elif not await lost_ranges.open_ranges(self._process.pool, consumer.group):
                    await self._process.end(LossAccepted(consumer.group))
        except (IllegalStateError, KafkaError, *TRANSIENT) as error:
            log.warning("consumer.positions-unasked", group=consumer.group, error=type(error).__name__)

    async def _look_at_servers(self, one: _Watched) -> None:
        """Whether Kafka or Postgres was put back from before; whichever is away is asked again at the next look."""
        try:
            async with asyncio.timeout(_COMPARE_SECONDS):
                await one.put_back.look(one.subscriber.consumer)
        except (IllegalStateError, KafkaError, *TRANSIENT) as error:
            log.warning("consumer.servers-unasked", group=one.consumer.group, error=type(error).__name__)

    def _is_due(self, one: _Watched) -> bool:
        """Whether the brokers are asked how much is left: where anything is in hand, left or new, at every look."""
        consumer, asked_at = one.consumer, one.asked_at
        if one.lag or consumer.is_busy or max(consumer.handled_at, one.renewed_at or 0.0) >= asked_at:
            return True
        seldom = min(_SELDOM_SECONDS, self._still_seconds * _SELDOM_SHARE)
        return time.monotonic() - asked_at >= seldom

    async def _measure(self, one: _Watched) -> None:
        one.asked_at = time.monotonic()
        consumer, lag = one.consumer, await lag_of(one.subscriber.consumer)
        one.lag = lag or 0
        metrics.LAG.labels(consumer.group).set(one.lag)
        if lag is not None:
            one.answered_at = time.monotonic()
        if consumer.is_halted or consumer.lost or (not one.lag and not consumer.is_busy):
            consumer.progressed_at = time.monotonic()

    async def _trouble(self, one: _Watched) -> str:
        """Why it cannot go on by itself; empty where it can, or where Kafka is away for everybody."""
        if one.consumer.is_halted or one.consumer.lost:
            return ""
        if part := failed_part(one.subscriber):
            return f"ended: {part}"
        if self._idle(one) > self._still_seconds and not one.consumer.is_busy:
            return "no progress"
        if self._idle(one) > self._settings.stuck_seconds:
            return "a batch without end"
        return await self._silence(one)

    async def _silence(self, one: _Watched) -> str:
        """Whether its client hears nothing of a Kafka that answers others."""
        if time.monotonic() - one.answered_at < self._still_seconds:
            return ""
        if (await self._probe.check())["ok"]:
            return "its client hears nothing"
        one.answered_at = time.monotonic()
        return ""

    async def _mend(self, one: _Watched, why: str) -> None:
        """A new client; if the last one did not help, or it hangs in a batch, the process ends instead."""
        group, idle = one.consumer.group, round(self._idle(one))
        stacks.tell(f"{group}: {why}")
        if self._is_in_vain(one) or idle > self._settings.stuck_seconds:
            log.critical("consumer.stuck", group=group, why=why, lag=one.lag, seconds=idle)
            await self._process.end(Stuck(group))
        log.error("consumer.new-client", group=group, why=why, lag=one.lag, seconds=idle)
        metrics.CLIENTS_RENEWED.labels(group).inc()
        await self._renew(one)

    def _is_in_vain(self, one: _Watched) -> bool:
        """Whether its last new client has read nothing either, heard nothing, or has failed at once."""
        if one.renewed_at is None or one.consumer.handled_at > one.renewed_at:
            return False
        is_silent = one.answered_at == one.renewed_at
        return bool(one.lag) or is_silent or time.monotonic() - one.renewed_at < self._still_seconds

    async def _renew(self, one: _Watched) -> None:
        """A new client, or the end of the process. An outage that comes in between is waited for, as at a start."""
        began = time.monotonic()
        group = one.consumer.group
        self._process.health |= unwell(Bilingual(zh=f"正在更换客户端：{group}", en=f"a new client: {group}"))
        try:
            await one.consumer.let_go()
            await patiently(self._process, lambda: self._start(one.subscriber))
        except (KafkaError, OSError, TimeoutError) as error:
            log.critical("consumer.no-new-client", group=one.consumer.group, error=type(error).__name__)
            await self._process.end(error)
        one.renewed_at = one.answered_at = one.consumer.progressed_at = time.monotonic()
        self._forgive(time.monotonic() - began)

    def _forgive(self, seconds: float) -> None:
        """So long nobody looked at the others: what they did not do meanwhile does not count against them."""
        now = time.monotonic()
        for each in self._watched:
            each.answered_at = min(now, each.answered_at + seconds)
            each.consumer.progressed_at = min(now, each.consumer.progressed_at + seconds)

    async def _start(self, subscriber: Any) -> None:
        """Let its client go, or what a try in vain has left of one, and give it another."""
        await part_with(subscriber)
        async with asyncio.timeout(_START_SECONDS + self._settings.session_timeout_ms / 1000):
            await begin(subscriber.start())

    def _tell(self) -> None:
        """What the beat says. One that halted for outsiders' records leaves the rest of us ready: a metric tells of it."""
        lost = [plain(one.consumer.lost) for one in self._watched if one.consumer.lost]
        slow = [plain(one.consumer.group) for one in self._watched if self._idle(one) > self._still_seconds]
        unfit = [
            why
            for one in self._watched
            for why in unfit_for(one.consumer, one.subscriber.consumer, self._settings)
        ]
        halted = [plain(one.consumer.group) for one in self._watched if one.consumer.is_halted]
        troubles = (
            (Bilingual(zh="没有进展", en="no progress"), slow),
            (Bilingual(zh="已停下", en="halted"), halted),
            (Bilingual(zh="记录已丢失", en="records lost"), lost),
            (Bilingual(zh="无法读取", en="cannot read"), unfit),
        )
        why = joined(_listed(trouble, each) for trouble, each in troubles if each)
        lags = {one.consumer.group: one.lag for one in self._watched}
        self._process.health |= {**unwell(why), "lag": lags, "ok": not (slow or lost or unfit)}

    @property
    def _still_seconds(self) -> float:
        return self._settings.stuck_seconds * _STILL_SHARE

    @staticmethod
    def _idle(one: _Watched) -> float:
        return time.monotonic() - one.consumer.progressed_at


def _listed(trouble: Bilingual, whose: Sequence[Bilingual]) -> Bilingual:
    """Who has it, behind what it is."""
    zh, en = "，".join(each.zh for each in whose), ", ".join(each.en for each in whose)
    return Bilingual(zh=f"{trouble.zh}：{zh}", en=f"{trouble.en}: {en}")


def unfit_for(consumer: GroupConsumer, client: Any, settings: Settings) -> list[Bilingual]:
    """Why it reads nothing although it has no lag: a topic is gone, or nobody keeps its group."""
    if client is None:
        return []
    gone = [
        Bilingual(zh=f"没有主题 {topic}", en=f"{topic} is missing")
        for topic in missing_topics(consumer, client, settings)
    ]
    is_led = client.assignment() or client._coordinator.coordinator_id is not None
    if is_led:
        return gone
    group = consumer.group
    return [*gone, Bilingual(zh=f"没有节点管理消费组 {group}", en=f"no broker keeps the group {group}")]


def missing_topics(consumer: GroupConsumer, client: Any, settings: Settings) -> Sequence[str]:
    """What it hears of, and its client does not find on the brokers; nothing where it has no client."""
    if client is None:
        return ()
    heard = topic_names(consumer.subscription, settings)
    return [topic for topic in heard if not client.partitions_for_topic(topic)]


async def lag_of(client: Any) -> int | None:
    """Records on our partitions that were not handed out yet, as the brokers count them; None if they do not say."""
    if client is None:
        return None
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            ends: Mapping[TopicPartition, int] = await client.end_offsets(client.assignment())
            positions: list[int] = [await client.position(partition) for partition in ends]
            return sum(max(0, end - at) for end, at in zip(ends.values(), positions, strict=True))
    except (IllegalStateError, KafkaError, TimeoutError):
        # Taken from us while we look, or Kafka is away: neither is a consumer that is stuck.
        return None
