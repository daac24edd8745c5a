"""What people did that Kafka still has and no consumer of this Postgres ever handled: an older copy of it was restored."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import msgspec
from aiokafka import TopicPartition

import handlers.store.reconciling as desks
import sla.store.reconciling as clocks
from deploy import composition
from deploy.database.inbox import known_events
from deploy.database.pool import Pool
from deploy.database.unit_of_work import unit_of_work
from deploy.messaging.client.client import open_admin
from deploy.messaging.consuming.groups import group_id
from deploy.messaging.dead.dead_letters import stored_letters
from deploy.messaging.records.envelope import Undecodable, head_of, receive, with_own_id
from deploy.messaging.records.signature import Genuine
from deploy.messaging.topics.topic_pages import topic_pages
from deploy.reconcile.fates import FATES, UNHEARD, EventFate, fate_of
from deploy.settings import Settings
from schemas import topics
from schemas.event import Event
from schemas.events.commands import Command
from schemas.events.knowledge import EntryProposed
from schemas.ids import EventId
from schemas.ports import Database, Subscription
from schemas.topics import topic_name

#: Whoever brings a deed back notes it in the inbox under this name, so that it is done once.
RECONCILER = "reconcile"
#: And here what could not be brought back: it is tried again, and nobody waits for it.
TRIED = "reconcile.tried"
#: Submissions are looked for by their case.
_TOPICS = (
    topics.INTAKE,
    topics.ROUTING,
    topics.HANDLERS,
    topics.SLA,
    topics.KNOWLEDGE,
    topics.COMMANDS,
)


class LostDeed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody did, as Kafka has it."""

    event_id: EventId
    event: Event
    record: Any
    fate: EventFate
    #: It could not be brought back before.
    is_tried: bool = False
    #: False where others than our slices sent it, and whoever hears it would not believe them today.
    is_believed: bool = True


#: Which groups hear an event, by its type.
Hearers = Mapping[type[Event], Sequence[str]]
Committed = Mapping[str, Mapping[TopicPartition, int]]


async def find_lost_deeds(
    settings: Settings, pool: Pool, is_genuine: Genuine, tell: Callable[[int], None] = lambda _: None
) -> Sequence[LostDeed]:
    """Deeds behind what every group that hears them has committed, which none of them handled; the oldest first.

    What became a dead letter is known elsewhere, and left out.

    Raises:
        KafkaError, OSError, …: Kafka or Postgres is away.
    """
    subscriptions = await composition.subscriptions(settings, pool, composition.SLICES)
    hearers, committed = hearers_of(subscriptions), await committed_by(settings, subscriptions)
    found: list[LostDeed] = []
    count = 0
    for short in _TOPICS:
        async with aclosing(topic_pages(settings, topic_name(short, settings.topic_prefix))) as pages:
            async for page in pages:
                deeds = [each for record in page if (each := _deed(record, is_genuine)) is not None]
                passed = [each for each in deeds if _is_passed(each, hearers, committed)]
                found += await _unhandled(pool, passed, hearers)
                count += len(page)
                tell(count)
    dead = await dead_places(settings) if found else set()
    alive = [each for each in _once(found) if place_of(each.record) not in dead]
    told = await with_senders(settings, pool, subscriptions, alive)
    return sorted(told, key=lambda each: (each.event.at, each.event.version))


async def with_senders(
    settings: Settings, pool: Pool, subscriptions: Sequence[Subscription], deeds: Sequence[LostDeed]
) -> Sequence[LostDeed]:
    """The deeds, each with whether its sender is believed: not all that nobody believed is kept as a dead letter."""
    doubted: set[EventId] = set()
    for each in subscriptions:
        heard = {handler.event for handler in each.handlers}
        sent = [deed for deed in deeds if type(deed.event) in heard]
        if each.validate_senders is None or not sent:
            continue
        async with unit_of_work(pool, prefix=settings.topic_prefix) as unit:
            faults = await each.validate_senders(unit, [deed.event for deed in sent])
        doubted |= {deed.event_id for deed, fault in zip(sent, faults, strict=True) if fault is not None}
    return [msgspec.structs.replace(deed, is_believed=deed.event_id not in doubted) for deed in deeds]


def _once(deeds: Iterable[LostDeed]) -> Sequence[LostDeed]:
    """Each event once: the relay sends some of them twice, and what was brought back cannot be once more."""
    found: dict[EventId, LostDeed] = {}
    for deed in deeds:
        found.setdefault(deed.event_id, deed)
    return list(found.values())


def hearers_of(subscriptions: Sequence[Subscription]) -> Hearers:
    """The subscriptions that handle each type of event."""
    found: dict[type[Event], list[str]] = {}
    for subscription in subscriptions:
        for handler in subscription.handlers:
            found.setdefault(handler.event, []).append(subscription.name)
    return found


async def committed_by(settings: Settings, subscriptions: Sequence[Subscription]) -> Committed:
    """How far the group of each subscription has come."""
    async with open_admin(settings) as admin:
        return {
            each.name: {
                partition: at.offset
                for partition, at in (
                    await admin.list_consumer_group_offsets(group_id(each, settings))
                ).items()
            }
            for each in subscriptions
        }


def _deed(record: Any, is_genuine: Genuine) -> LostDeed | None:
    """None for what is nobody's deed, or comes again by itself; and for what no consumer would have believed."""
    try:
        head = head_of(record)
        if FATES[head.event_class] is EventFate.FOLLOWS:
            return None
        received = receive(record, head)
    except Undecodable:
        return None
    if isinstance(received.event, Command):
        received = with_own_id(received)
    elif not is_genuine(record):
        return None
    fate = fate_of(received.event)
    if fate is EventFate.FOLLOWS:
        return None
    return LostDeed(event_id=received.event_id, event=received.event, record=record, fate=fate)


def _is_passed(deed: LostDeed, hearers: Hearers, committed: Committed) -> bool:
    """Whether it comes to nobody any more: all who hear it are behind it."""
    place = TopicPartition(deed.record.topic, deed.record.partition)
    return all(
        deed.record.offset < committed[name].get(place, 0) for name in hearers.get(type(deed.event), ())
    )


async def _unhandled(pool: Pool, deeds: Sequence[LostDeed], hearers: Hearers) -> list[LostDeed]:
    if not deeds:
        return []
    names = {name for deed in deeds for name in hearers.get(type(deed.event), ())} | {RECONCILER}
    async with pool.acquire() as db:
        ids = [each.event_id for each in deeds]
        known, tried = await known_events(db, sorted(names), ids), await known_events(db, [TRIED], ids)
        unheard = await _unknown_to_their_own(db, [each for each in deeds if isinstance(each.event, UNHEARD)])
    heard = [each for each in deeds if not isinstance(each.event, UNHEARD)]
    return [
        msgspec.structs.replace(each, is_tried=each.event_id in tried)
        for each in (*heard, *unheard)
        if each.event_id not in known
    ]


async def _unknown_to_their_own(db: Database, deeds: Sequence[LostDeed]) -> list[LostDeed]:
    """Of what nobody hears: the slice that said it knows nothing of it."""
    if not deeds:
        return []
    ids = [each.event.case_id for each in deeds]
    versions, followed = await desks.entry_versions(db, ids), await clocks.followed_up(db, ids)
    return [
        each
        for each in deeds
        if (
            versions.get(each.event.case_id, 0) < each.event.version
            if isinstance(each.event, EntryProposed)
            else (each.event.case_id, each.event.at) not in followed
        )
    ]


def place_of(record: Any) -> tuple[str, int, int]:
    """Where the record lies on Kafka."""
    return record.topic, record.partition, record.offset


async def dead_places(settings: Settings) -> set[tuple[str, int, int]]:
    """Where the records lie that became dead letters."""
    return {
        (letter.fact("topic"), int(letter.fact("partition")), int(letter.fact("offset")))
        async for letter in stored_letters(settings)
    }
