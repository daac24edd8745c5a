"""The consume discipline: one batch, one transaction, one commit (design §3).

1. Each record is decoded alone; what is no event of ours goes to the dead letters with its reason.
2. Pure work is done off the event loop, before the transaction.
3. Inbox ids, state and outbox rows are written in one Postgres transaction (`transaction`).
4. Transient errors are retried in place, bounded; then the process ends and starts anew. Data errors are found by
   halving the batch, and the one record that cannot pass becomes a dead letter. Too many of them stop the consumer.
   Where outsiders write, what they alone are to blame for is found before, and stops nothing (`dead_letter_policy`).
5. Only then are explicit offsets committed (`offsets`); if that fails, the inbox absorbs the redelivery.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition

from deploy import clock
from deploy.database.unit_of_work import unit_of_work
from deploy.messaging.cases_under_way import CasesUnderWay
from deploy.messaging.consuming.consumer_context import ConsumerContext
from deploy.messaging.consuming.error_policy import ErrorKind, dead_letter_reason, error_kind
from deploy.messaging.consuming.offsets import Offsets
from deploy.messaging.consuming.positions import REMEDY, Positions, RecordsLost
from deploy.messaging.consuming.transaction import BatchTransaction
from deploy.messaging.dead.dead_letter_policy import DeadLetterPolicy, TooManyDeadLetters
from deploy.messaging.dead.dead_letters import DeadLetter
from deploy.messaging.records.envelope import (
    FORGOTTEN,
    EventHead,
    Received,
    Undecodable,
    answerable,
    as_taken,
    head_of,
    key_fault,
    made_at_ms,
    opened,
    receive,
)
from deploy.observability import metrics
from schemas.ports import Subscription, ValidateSenders

log = structlog.get_logger()
T = TypeVar("T")

#: The longest pause before a first further try, and before any (project choices: a deadlock is over at once, an outage in
#: seconds).
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 5.0
#: Project choice: as many as are handled in a few seconds of full load, for one look at what Postgres still knows.
_REMEMBERED_BATCHES = 100
#: Clocks differ by less (project choice).
_MARGIN = timedelta(hours=1)
#: How long a rebalance waits for the batch in flight (project choice: a third of `rebalance_timeout_ms`).
DRAIN_SECONDS = 20.0
#: The same for a process that is to stop (project choice: a quarter of what it may take, `runtime.STOP_SECONDS`).
LEAVE_SECONDS = 5.0


class GroupConsumer(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Handles the batches of one subscription, one at a time."""

    def __init__(self, subscription: Subscription, context: ConsumerContext) -> None:
        self.subscription = subscription
        self.group = subscription.name
        self._context = context
        #: Whatever was handled so lately is known to the inbox of whoever handled it.
        self._remembered = timedelta(days=context.inbox_days) - _MARGIN
        self._busy = asyncio.Lock()
        self._transaction = BatchTransaction(subscription, context)
        self._offsets = Offsets(self.group)
        self.positions = Positions(self.group, context.pool)
        self._dead_letter_policy = DeadLetterPolicy(
            self.group, context.dead_letters, context.dead_letter_limit
        )
        #: Whether outsiders write here, and too many records of theirs failed through us: only a restart resumes it.
        self.is_halted = False
        #: What Kafka deleted before it was read, in words: nothing is handled until somebody has accepted it.
        self.lost = ""
        if subscription.validate_senders is not None:
            metrics.HALTED.labels(self.group).set(0)
        #: Whether no further batch is begun: we failed, or are leaving.
        self._is_done = False
        #: How often a batch was tried again, ever: `_handle_or_halve` counts a record's attempts with it.
        self._retries = 0
        self._end: asyncio.Task[Any] | None = None
        self._handling: asyncio.Task[Any] | None = None
        self._under_way = CasesUnderWay()
        #: When it last handled a batch.
        self.handled_at = 0.0
        #: The last event of each of the last batches that passed whole, and when, by `time.monotonic`: its inbox knows it.
        self.passed: deque[tuple[float, Received]] = deque(maxlen=_REMEMBERED_BATCHES)
        self.progressed_at = time.monotonic()

    @property
    def is_busy(self) -> bool:
        """Whether a batch is in hand."""
        return self._busy.locked()

    @property
    def handled(self) -> Mapping[TopicPartition, int]:
        """By partition the offset below which all is handled; of those that it has now and has handled something of."""
        return self._offsets.handled

    def patience(self) -> float:
        """For how many seconds its next records may wait for others: not at all where one case alone is under way."""
        return self.subscription.patience_seconds if self._under_way.are_several else 0.0

    async def leave(self) -> None:
        """Begin no further batch, and return when the one in hand is done; one that waits for an outage is given up.

        The broker's own stop is no substitute: where one consumer cannot say goodbye to Kafka, it cuts the others off.
        """
        self._is_done = True
        if not await self._drained(LEAVE_SECONDS):
            self._give_up_batch()
        if self._end is not None:
            # It has told, and waits for the end of a process that may go on for others.
            self._end.cancel()

    async def let_go(self) -> None:
        """Finish with a client of Kafka that is to be replaced; what it has not committed comes again to the inbox."""
        if not await self._drained(LEAVE_SECONDS):
            self._give_up_batch()
        self._offsets.forget()

    async def on_partitions_revoked(self, _revoked: Iterable[Any]) -> None:
        """Let the batch in flight finish and be committed, bounded, before the partitions go to somebody else."""
        await self._drained(DRAIN_SECONDS)

    async def _drained(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds), self._busy:
                await self._offsets.commit_at_last()
                self._offsets.handled.clear()
        except TimeoutError:
            log.warning("consumer.drain-timed-out", group=self.group)
            return False
        return True

    def _give_up_batch(self) -> None:
        """Its transaction rolls back, and its records come again."""
        if self._handling is not None:
            self._handling.cancel()

    async def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """Fresh partitions count as progress, and are looked at before anything of theirs is handled."""
        self.positions.forget(assigned)
        self.progressed_at = time.monotonic()

    async def handle(self, records: Sequence[Any], consumer: Any) -> None:
        """Handle each of `records` once, then note their offsets. Raises nothing: what cannot be mended ends the process."""
        async with self._busy:
            if self._is_done:
                return
            self._handling = asyncio.current_task()
            started = time.perf_counter()
            try:
                self._under_way.note([record.key for record in records])
                await self._retried(self.positions.follow, consumer, records)
                dead: list[DeadLetter] = []
                received = list(self._decode(records, dead))
                await self._handle_or_halve(received, dead)
                if dead:
                    await self._note_dead(received, dead)
                await self._dead_letter_policy.put(dead, len(records))
            except Exception as error:  # noqa: BLE001  the outermost edge of a consumer: nothing may pass it
                self._stop_for(error)
                return
            self._offsets.note(records, consumer)
            self.progressed_at = self.handled_at = time.monotonic()
            if received and not dead:
                self.passed.append((self.handled_at, received[-1]))
            metrics.BATCH_RECORDS.labels(self.group).observe(len(records))
            metrics.BATCH_SECONDS.labels(self.group).observe(time.perf_counter() - started)

    def heard_among(self, records: Iterable[Any]) -> Sequence[Received]:
        """Those of records that were passed whose events this group must have in its inbox, or had put aside."""
        return list(self._decode(records, []))

    @property
    def known_as(self) -> Sequence[str]:
        """The names under which the inbox knows what it handled, and what it put aside."""
        return (self.group, f"{self.group}.dead")

    async def _note_dead(self, received: Sequence[Received], dead: Sequence[DeadLetter]) -> None:
        """Whoever asks later whether Postgres knows what was passed must not miss these."""
        places = {(each.record.topic, each.record.partition, each.record.offset) for each in dead}
        ids = {
            each.event_id
            for each in received
            if (each.record.topic, each.record.partition, each.record.offset) in places
        }
        if ids:
            await self._retried(self._transaction.set_aside, self.known_as[1], sorted(ids))

    async def look_at_positions(self, consumer: Any) -> None:
        """Stop where Kafka deleted what was not read yet, also where nothing comes after it.

        Raises:
            KafkaError, OSError, …: Kafka or Postgres is away.
        """
        try:
            await self.positions.check(consumer, consumer.assignment())
        except RecordsLost as error:
            if not self.lost:
                self._stop_for(error)

    def _stop_for(self, error: Exception) -> None:
        """End the process; or, where a restart would bring that about again and again, this consumer alone."""
        self._is_done = True
        if isinstance(error, RecordsLost):
            self.lost = str(error)
            log.critical("consumer.records-lost", group=self.group, lost=self.lost, remedy=REMEDY.en)
            return
        self.is_halted = self.subscription.validate_senders is not None and isinstance(
            error, TooManyDeadLetters
        )
        log.critical(
            "consumer.halts" if self.is_halted else "consumer.stops",
            group=self.group,
            error=type(error).__name__,
            reason=dead_letter_reason(error),
        )
        if self.is_halted:
            metrics.HALTED.labels(self.group).set(1)
        else:
            # Not awaited: the process stops at once instead of waiting for this batch to finish.
            self._end = asyncio.create_task(self._context.end_process(error), name=f"end for {self.group}")

    def _decode(self, records: Iterable[Any], dead: list[DeadLetter]) -> Iterator[Received]:
        """The events that this group hears, in order; what is no event of ours joins `dead` instead."""
        since_ms = int((clock.now() - self._remembered).timestamp() * 1000)
        for record in records:
            try:
                event_class, _ = at_first = opened(record)
                # What this group does not hear stays unread: another group's business costs it next to nothing.
                if event_class in self.subscription.table:
                    yield self._received(record, head_of(record, at_first), since_ms)
            except Undecodable as error:
                if (asked := self._answerable(record, error.reason)) is not None:
                    yield asked
                    continue
                # What we did not sign is an outsider's, and stops nothing; nor does what somebody had Kafka bring again.
                is_ours = (
                    error.reason != FORGOTTEN
                    and self.subscription.validate_senders is None
                    and self._context.is_genuine(record, dict(record.headers))
                )
                dead.append(DeadLetter(record=record, stage=self.group, reason=error.reason, is_ours=is_ours))
            except Exception as error:
                if error_kind(error) is not ErrorKind.DATA:
                    raise
                dead.append(DeadLetter(record=record, stage=self.group, reason=dead_letter_reason(error)))

    def _received(self, record: Any, head: EventHead, since_ms: int) -> Received:
        """The event in a record; where our slices alone write, signed by one of them and no older than inboxes remember."""
        if self.subscription.validate_senders is not None:
            received = as_taken(receive(record, head))
            if self.subscription.read_faulty is not None and (fault := key_fault(received)):
                raise Undecodable(fault)
            return received
        if not self._context.is_genuine(record, head.said):
            raise Undecodable("signature")
        made_at = made_at_ms(head.event_id)
        if made_at is not None and made_at < since_ms:
            # However it comes back, it may have been handled: nobody could tell any more.
            raise Undecodable(FORGOTTEN)
        return receive(record, head)

    def _answerable(self, record: Any, reason: str) -> Received | None:
        """What is no event of ours, and its sender may be told so; None where that is nobody's business but ours."""
        read_faulty = self.subscription.read_faulty
        return None if read_faulty is None else answerable(record, reason, read_faulty)

    async def _authenticated(
        self,
        batch: Sequence[Received],
        dead: list[DeadLetter],
        attempts: int,
        validate_senders: ValidateSenders,
    ) -> Sequence[Received]:
        """`batch` without what its senders alone are to blame for: that joins `dead`, and counts against no limit."""
        faults = await self._retried(self._ask_of_senders, batch, validate_senders)
        faults = [fault or key_fault(received) for received, fault in zip(batch, faults, strict=True)]
        dead += [
            DeadLetter(
                record=received.record, stage=self.group, reason=fault, attempts=attempts, is_ours=False
            )
            for received, fault in zip(batch, faults, strict=True)
            if fault is not None
        ]
        return [received for received, fault in zip(batch, faults, strict=True) if fault is None]

    async def _ask_of_senders(
        self, batch: Sequence[Received], validate_senders: ValidateSenders
    ) -> Sequence[str | None]:
        async with unit_of_work(self._context.pool, prefix=self._context.prefix) as unit:
            return await validate_senders(unit, [received.event for received in batch])

    async def _handle_or_halve(
        self, batch: Sequence[Received], dead: list[DeadLetter], attempts: int = 1
    ) -> None:
        """Handle `batch`; on a data error halve it until the one record that cannot pass stands alone.

        `attempts`: which attempt at these records this is.
        """
        if not batch:
            return
        retries_before = self._retries
        try:
            # Where only our own slices write, there is no sender to ask.
            if (validate_senders := self.subscription.validate_senders) is not None:
                batch = await self._authenticated(batch, dead, attempts, validate_senders)
            if batch:
                prepared = await self._transaction.prepare(batch)
                await self._retried(self._transaction.handle, batch, prepared)
        except Exception as error:
            if error_kind(error) is not ErrorKind.DATA:
                raise
            attempts += self._retries - retries_before
            if len(batch) == 1:
                dead.append(self._dead_letter(batch[0], error, attempts))
                return
            middle = len(batch) // 2
            await self._handle_or_halve(batch[:middle], dead, attempts + 1)
            await self._handle_or_halve(batch[middle:], dead, attempts + 1)

    def _dead_letter(self, received: Received, error: Exception, attempts: int) -> DeadLetter:
        reason = dead_letter_reason(error)
        log.error("consumer.dead-letter", group=self.group, event_id=received.event_id, reason=reason)
        return DeadLetter(record=received.record, stage=self.group, reason=reason, attempts=attempts)

    async def _retried(self, deed: Callable[..., Awaitable[T]], *given: Any) -> T:
        """What `deed` makes of `given`; where it fails and another try may mend that, it is tried again for a bounded time.

        Raises:
            Exception: what another try mends not, or has not mended in time.
        """
        started = time.monotonic()
        tries = 0
        while True:
            tries += 1
            try:
                return await deed(*given)
            except Exception as error:
                is_late = time.monotonic() - started >= self._context.retry_seconds
                if is_late or error_kind(error) is not ErrorKind.TRANSIENT:
                    raise
                self._note_retry(tries, error)
            await asyncio.sleep(_pause_after(tries))

    def _note_retry(self, tries: int, error: Exception) -> None:
        self._retries += 1
        metrics.BATCH_RETRIES.labels(self.group).inc()
        log.warning("consumer.retries", group=self.group, attempt=tries, error=type(error).__name__)


def _pause_after(tries: int) -> float:
    """Seconds until the next try: longer after each, and never the same for two that failed together."""
    longest = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** (tries - 1))
    return random.uniform(0, longest)  # noqa: S311  no secret
