"""Handles a batch in one transaction: inbox, the slice's state and outbox are committed together, or not at all."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from deploy.database.inbox import HandledBefore, note_handled, note_new
from deploy.database.unit_of_work import PostgresUnit, unit_of_work
from deploy.messaging.consuming.consumer_context import ConsumerContext
from deploy.messaging.consuming.waves import by_type, waves
from deploy.messaging.records.envelope import Received
from deploy.observability import metrics, tracing
from schemas.ids import CaseId, EventId
from schemas.ports import Database, Handler, Subscription

#: What the pure work made of each event.
Prepared = Mapping[EventId, Any]
#: Writes events into the inbox, and returns those that are to be handled.
Note = Callable[[Database, Sequence[Received]], Awaitable[Sequence[Received]]]


class BatchTransaction:
    """Passes the events of one subscription to the steps of its slice."""

    def __init__(self, subscription: Subscription, context: ConsumerContext) -> None:
        self._group = subscription.name
        self._table = subscription.table
        self._context = context

    async def prepare(self, batch: Sequence[Received]) -> Prepared:
        """Do the pure work on these events in a thread: it needs no database, and is not repeated by a retry."""
        prepared: dict[EventId, Any] = {}
        for line, share in by_type(batch, self._table):
            if line.prepare is not None:
                values = await self._context.executor.run(
                    line.prepare, [received.event for received in share]
                )
                prepared.update(zip((received.event_id for received in share), values, strict=True))
        return prepared

    async def handle(self, batch: Sequence[Received], prepared: Prepared) -> None:
        """Run the step of every event of `batch` that was not handled before, and commit.

        Raises:
            Exception: everything was rolled back; `error_policy` says what follows.
        """
        origins = {each.event.case_id: each.traceparent for each in batch if each.traceparent is not None}
        with tracing.spans(self._group, batch) as continued:
            traces = {**origins, **continued}
            # Kafka may deliver an event twice in one batch.
            is_new = len({received.event_id for received in batch}) == len(batch)
            note = self._note_new if is_new else self._note_handled
            try:
                await self._handle(batch, prepared, traces, note)
            except HandledBefore:
                # Rare (after a crash or a rebalance), so the transaction simply begins again, within the same spans.
                await self._handle(batch, prepared, traces, self._note_handled)

    async def set_aside(self, name: str, event_ids: Sequence[EventId]) -> None:
        """What cannot be handled stands in the inbox under that `name`: whoever asks whether it was read past finds it."""
        await note_handled(self._context.pool, name, event_ids)

    async def _handle(
        self, batch: Sequence[Received], prepared: Prepared, traces: Mapping[CaseId, str], note: Note
    ) -> None:
        async with unit_of_work(
            self._context.pool,
            prefix=self._context.prefix,
            traces=traces,
            audit_key=self._context.audit_key,
            notifier=self._context.notifier,
        ) as unit:
            fresh = await note(unit.db, batch)
            for wave in waves(fresh):
                for line, share in by_type(wave, self._table):
                    await self._step(unit, line, share, prepared)

    async def _note_new(self, db: Database, batch: Sequence[Received]) -> Sequence[Received]:
        """Write the batch's events, which all differ, into the inbox; raises HandledBefore if one is there already."""
        await note_new(db, self._group, [received.event_id for received in batch])
        return batch

    async def _note_handled(self, db: Database, batch: Sequence[Received]) -> Sequence[Received]:
        """Write the batch's events into the inbox; returns those that this consumer has not handled before."""
        by_id = {received.event_id: received for received in batch}
        fresh = await note_handled(db, self._group, list(by_id))
        if len(fresh) == len(batch):
            return batch
        metrics.EVENTS_REPEATED.labels(self._group).inc(len(batch) - len(fresh))
        return [received for event_id, received in by_id.items() if event_id in fresh]

    async def _step(
        self, unit: PostgresUnit, line: Handler, share: Sequence[Received], prepared: Prepared
    ) -> None:
        events = [received.event for received in share]
        started = time.perf_counter()
        if line.prepare is None:
            await line.step(unit, events)
        else:
            await line.step(unit, events, [prepared[received.event_id] for received in share])
        metrics.STEP_SECONDS.labels(self._group, line.event.type).observe(time.perf_counter() - started)
        metrics.EVENTS_HANDLED.labels(self._group, line.event.type).inc(len(events))
