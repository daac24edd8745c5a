"""The outbox: every event that goes with a database write is a row of the same transaction; one relay sends them.

Order per case holds because writers lock the case's row before they add an event, and because a relay sends rows in id
order. Ids are not commit-ordered, so the relay selects what is there instead of remembering how far it got. One relay
alone leads (`deploy/database/leases.py`). A crash between sending and deleting sends twice, as does one that freezes in
between and wakes when another leads: consumers' inboxes absorb that, and of what comes twice the first still comes in
order, for nobody sends a row before those of its case that come before it are on Kafka (decision 23).
"""

import asyncio
import math
import time
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, Protocol

import structlog
from aiokafka.errors import MessageSizeTooLargeError

from deploy import clock
from deploy.database.leases import RENEW_SECONDS, Lease
from deploy.database.outbox import CHANNEL, NOTIFY_SECONDS, POLL_SECONDS, NearRelay
from deploy.messaging.cases_under_way import CasesUnderWay
from deploy.messaging.client.client import observed
from deploy.messaging.client.partitioner import hash_of
from deploy.messaging.records.envelope import headers_of
from deploy.messaging.records.signature import EventKeys
from deploy.observability import metrics

log = structlog.get_logger()

# All of these are project choices.
#: Between two looks of a relay that has just sent something: as long as sending took, within these, so that rows gather.
_LEAST_REST_SECONDS = 0.005
_MOST_REST_SECONDS = 0.05
#: Where several cases are under way, and as late as looks that find nothing make the next one (project choices: with longer
#: rests cases last so long that fewer share what a moment costs).
_USUAL_REST_SECONDS = 0.012
_LATER = 1.5
#: Between two looks of a relay that does not lead: how long nothing is sent when the leader died (project choice).
FOLLOW_SECONDS = 1.0
#: A Kafka that has not answered for this long is away: start over, and say so (project choice: longer than any election of a
#: leader).
CONFIRM_SECONDS = 60.0
#: The same of Postgres, whose statements here take milliseconds (project choice).
STATEMENT_SECONDS = 30.0
#: How long a relay that stops may take over the rows in hand (project choice).
FINISH_SECONDS = 3.0


class Producer(Protocol):
    """The part of an aiokafka producer that the relay uses. It is idempotent, and whoever opened it closes it.

    For each lot of rows the relay asks once for every new topic's partitions, fills batches, hands them over in order, and
    only then waits for all answers. A producer that was refused once may refuse everything from then on: the relay ends.
    """

    def create_batch(self) -> Any:
        """An empty batch with aiokafka's `append` (None where a record has no room) and `close`."""

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> "asyncio.Future[Any]":
        """Queue a closed batch; batches of one partition are sent in the order of these calls.

        The future has a result once all in-sync replicas have the batch, or the KafkaError that kept it out.

        Raises:
            KafkaError: not even queued; nothing of the batch is sent.
        """

    async def partitions_for(self, topic: str) -> Collection[int]:
        """The numbers of a topic's partitions, from 0 on.

        Raises:
            KafkaError: no broker answers, or there is no such topic.
        """


class PartitionBatch:
    """Rows that go to one partition as one batch. An empty one takes any row, however large."""

    def __init__(self, topic: str, partition: int, records: Any, keys: EventKeys) -> None:
        self.topic, self.partition, self.records = topic, partition, records
        self._keys = keys
        self._at_ms = clock.now_ms()
        self.rows: list[Any] = []

    def takes(self, row: Any, key: bytes) -> bool:
        """Add the row to the batch; false where it has no room left."""
        headers = headers_of(str(row["event_id"]), row["type"], row["at"], row["traceparent"], key)
        signed = self._keys.signed(self.topic, key, row["body"], headers)
        added = self.records.append(timestamp=self._at_ms, key=key, value=row["body"], headers=signed)
        if added is None:
            return False
        self.rows.append(row)
        return True


#: A case has a handful of events close together, and what is remembered takes a thirtieth of what hashing its id does.
_hash_of = lru_cache(maxsize=65_536)(hash_of)


class Relay:
    """Sends the outbox to Kafka while it leads; waits for that otherwise."""

    def __init__(
        self,
        connection: Any,
        producer: Producer,
        *,
        keys: EventKeys,
        batch: int,
        near: NearRelay | None = None,
    ) -> None:
        self._connection = connection
        self._producer = producer
        self._keys = keys
        self._batch = batch
        self._lease = Lease(connection)
        self._near = near or NearRelay()
        self._woken = asyncio.Event()
        #: Topic → number of its partitions, which never changes.
        self._partitions: dict[str, int] = {}
        self._under_way = CasesUnderWay()
        #: When rows were last sent, and how long to rest before the next look.
        self._sent_at = -math.inf
        self._rest_seconds = _LEAST_REST_SECONDS
        self.is_leader = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Send outbox rows until `stopping`. Raises any failure of Kafka or Postgres: a restart loses nothing."""
        work = asyncio.create_task(self._work(stopping), name="relay")
        stopped = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({work}, timeout=FINISH_SECONDS)
            if work.done():
                work.result()
        finally:
            self._near.wake = None
            # If this is between sending and deleting, the next leader sends those rows once more.
            work.cancel()
            stopped.cancel()
            await asyncio.gather(work, stopped, return_exceptions=True)

    async def _work(self, stopping: asyncio.Event) -> None:
        await self._connection.add_listener(CHANNEL, self._wake)
        while not stopping.is_set() and not await self._lead():
            await clock.wait_for(stopping, FOLLOW_SECONDS)
        self._near.wake = self._wake
        while not stopping.is_set():
            await self._lease.keep()
            started = time.monotonic()
            sent = await self.send_once()
            if sent:
                self._sent_at = time.monotonic()
                self._rest_seconds = max(_LEAST_REST_SECONDS, self._sent_at - started)
            if sent < self._batch:
                await self._rest()

    async def _lead(self) -> bool:
        self.is_leader = await self._lease.take()
        return self.is_leader

    def _wake(self, *_: object) -> None:
        self._woken.set()

    async def _rest(self) -> None:
        """Wait until there may be rows to send; right after sending, only for a moment.

        A round trip to Kafka costs nearly the same for many rows. So while several cases are in progress their rows
        gather; the event of a single case waits about as long as sending the last one took.
        """
        if time.monotonic() - self._sent_at < NOTIFY_SECONDS:
            await asyncio.sleep(self.rest_seconds)
            self._rest_seconds = max(
                self._rest_seconds, min(self._rest_seconds * _LATER, _USUAL_REST_SECONDS)
            )
        else:
            await clock.wait_for(self._woken, POLL_SECONDS)
        self._woken.clear()

    @property
    def rest_seconds(self) -> float:
        """How long a relay that has just sent rows rests before it looks for more."""
        return (
            _USUAL_REST_SECONDS
            if self._under_way.are_several
            else min(self._rest_seconds, _MOST_REST_SECONDS)
        )

    async def send_once(self) -> int:
        """Send the oldest rows and delete them; returns how many there were.

        Raises:
            KafkaError: Kafka refused a row; none is deleted, and all are sent again.
            LeaseLost: this process stood still for so long that another relay may lead.
        """
        # The oldest visible rows; rows that commit late are found by a later call.
        rows = await self._connection.fetch(
            """
            SELECT id, topic, case_id, event_id, type, at, traceparent, body
            FROM deploy.outbox ORDER BY id LIMIT $1
            """,
            self._batch,
            timeout=STATEMENT_SECONDS,
        )
        if not rows:
            return 0
        self._under_way.note([row["case_id"] for row in rows])
        async with asyncio.timeout(CONFIRM_SECONDS):
            batches = await self._packed(rows)
            self._lease.check()
            answers = await self._answers(batches)
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        for batch, answer in zip(batches, answers, strict=True):
            if isinstance(answer, MessageSizeTooLargeError) and len(batch.rows) == 1:
                failures.remove(answer)
                await self._quarantine(batch.rows[0], str(answer))
        if failures:
            raise failures[0]
        # Every one of them is on Kafka, or in quarantine.
        await self._connection.execute(
            "DELETE FROM deploy.outbox WHERE id = ANY($1::bigint[])",
            [row["id"] for row in rows],
            timeout=STATEMENT_SECONDS,
        )
        metrics.EVENTS_PUBLISHED.inc(len(rows))
        return len(rows)

    async def _packed(self, rows: Sequence[Any]) -> Sequence[PartitionBatch]:
        """The rows in order, as one batch for each partition, or more where one is full."""
        batches: list[PartitionBatch] = []
        filling: dict[tuple[str, int], PartitionBatch] = {}
        for row in rows:
            key = str(row["case_id"]).encode()
            place = row["topic"], await self._partition(row["topic"], key)
            batch = filling.get(place)
            if batch is None or not batch.takes(row, key):
                batch = filling[place] = PartitionBatch(*place, self._producer.create_batch(), self._keys)
                batch.takes(row, key)
                batches.append(batch)
        return batches

    async def _answers(self, batches: Sequence[PartitionBatch]) -> Sequence[Any]:
        """Send the batches; Kafka's answer to each, a confirmation or an error."""
        futures: list[asyncio.Future[Any]] = []
        try:
            for batch in batches:
                # Closed, so that aiokafka neither adds records nor waits for more.
                batch.records.close()
                futures.append(
                    await self._producer.send_batch(batch.records, batch.topic, partition=batch.partition)
                )
            await self._confirmed(futures)
            return await asyncio.gather(*futures, return_exceptions=True)
        finally:
            for future in futures:
                # Of one that is left behind the error must count as retrieved.
                future.add_done_callback(observed)

    async def _confirmed(self, futures: Sequence["asyncio.Future[Any]"]) -> None:
        """Wait for all answers, and renew the lease meanwhile: Kafka may take longer than it lasts."""
        waiting = set(futures)
        while waiting:
            _, waiting = await asyncio.wait(waiting, timeout=RENEW_SECONDS)
            if waiting:
                await self._lease.keep()

    async def _partition(self, topic: str, key: bytes) -> int:
        """Where Kafka's default partitioner puts this key."""
        count = self._partitions.get(topic)
        if count is None:
            count = self._partitions[topic] = len(await self._producer.partitions_for(topic))
        return _hash_of(key) % count

    async def _quarantine(self, row: Any, reason: str) -> None:
        """Move the row away at once: the producer fails from now on, and a new one must not meet it again."""
        log.error("outbox.quarantined", event_id=str(row["event_id"]), type=row["type"], reason=reason)
        metrics.OUTBOX_QUARANTINED.inc()
        await self._connection.execute(
            """
            WITH refused AS (DELETE FROM deploy.outbox WHERE id = $1 RETURNING *)
            INSERT INTO deploy.quarantine (id, topic, case_id, event_id, type, at, traceparent, body, reason)
            SELECT id, topic, case_id, event_id, type, at, traceparent, body, $2 FROM refused
            """,
            row["id"],
            reason,
            timeout=STATEMENT_SECONDS,
        )
