"""What a desk did just before a copy was made, and some slice had not heard by then: once the copy is restored, Kafka brings
it to that slice no more, which had read on behind it.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from aiokafka import TopicPartition

import handlers.store.reconciling as desks
from deploy import clock, composition
from deploy.database.inbox import known_events
from deploy.database.pool import Pool
from deploy.messaging.records.envelope import Undecodable, head_of, receive
from deploy.messaging.records.signature import Genuine
from deploy.messaging.topics.topic_pages import topic_pages
from deploy.reconcile.deeds import Committed, Hearers, committed_by, dead_places, hearers_of, place_of
from deploy.settings import Settings
from schemas import topics
from schemas.event import Event
from schemas.ids import EventId
from schemas.topics import topic_name

#: How far behind a slice may have been when the copy was made (project choice: nobody leaves one standing still for longer).
_BEHIND = timedelta(days=1)
#: What is in a copy may be of a moment after the one that it names (project choice: its clock is read before its snapshot is
#: taken, and other machines' may be ahead). Whatever was said after the snapshot stands in no log.
_AHEAD = timedelta(hours=1)


class HalfHeard(NamedTuple):
    """One event, as Kafka has it."""

    event_id: EventId
    event: Event
    record: Any


async def find_half_heard(
    settings: Settings,
    pool: Pool,
    copied_at: Sequence[datetime],
    is_genuine: Genuine,
    tell: Callable[[int], None] = lambda _: None,
) -> Sequence[HalfHeard]:
    """What stands in a desk's log, and a slice that hears it is behind it without having handled it.

    `copied_at`: the moments of copies that were restored; without any nothing is half heard.

    Raises:
        KafkaError, OSError, …: Kafka or Postgres is away.
    """
    since = clock.now() - timedelta(days=settings.inbox_days)
    copies = [each for each in copied_at if each > since]
    if not copies:
        return ()
    subscriptions = await composition.subscriptions(settings, pool, composition.SLICES)
    hearers, committed = hearers_of(subscriptions), await committed_by(settings, subscriptions)
    found: dict[EventId, HalfHeard] = {}
    count, topic = 0, topic_name(topics.HANDLERS, settings.topic_prefix)
    async with aclosing(topic_pages(settings, topic, written_since=min(copies) - _BEHIND)) as pages:
        async for page in pages:
            said = [each for record in page if (each := _said(record, is_genuine, copies)) is not None]
            found |= {each.event_id: each for each in await _passed_over(pool, said, hearers, committed)}
            count += len(page)
            tell(count)
    dead = await dead_places(settings) if found else set()
    return await _in_their_logs(pool, [each for each in found.values() if place_of(each.record) not in dead])


def _said(record: Any, is_genuine: Genuine, copies: Sequence[datetime]) -> HalfHeard | None:
    """None for what was not said shortly before a copy, and for what no consumer would have believed."""
    try:
        received = receive(record, head_of(record))
    except Undecodable:
        return None
    is_near = any(copied_at - _BEHIND <= received.event.at <= copied_at + _AHEAD for copied_at in copies)
    if not is_near or not is_genuine(record):
        return None
    return HalfHeard(received.event_id, received.event, record)


async def _passed_over(
    pool: Pool, said: Sequence[HalfHeard], hearers: Hearers, committed: Committed
) -> Sequence[HalfHeard]:
    """Those that one of the groups has read past, and never handled."""
    found: list[HalfHeard] = []
    for name, places in committed.items():
        passed = [
            each
            for each in said
            if name in hearers.get(type(each.event), ()) and _is_behind(each.record, places)
        ]
        if passed:
            async with pool.acquire() as db:
                known = await known_events(db, [name], [each.event_id for each in passed])
            found += [each for each in passed if each.event_id not in known]
    return found


def _is_behind(record: Any, places: Mapping[TopicPartition, int]) -> bool:
    return bool(record.offset < places.get(TopicPartition(record.topic, record.partition), 0))


async def _in_their_logs(pool: Pool, found: Sequence[HalfHeard]) -> Sequence[HalfHeard]:
    """What the log does not have came after the copy, whatever its clock said."""
    if not found:
        return ()
    async with pool.acquire() as db:
        logs = await desks.logs(db, sorted({each.event.case_id for each in found}))
    return [each for each in found if each.event.at in {row.at for row in logs[each.event.case_id]}]
