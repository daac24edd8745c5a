"""Messages that Kafka has and intake does not: accepted with a 202, consumed, and gone with a database."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any, NamedTuple

from aiokafka import TopicPartition

import intake.store.reconciling as register
from deploy.database.pool import Pool
from deploy.messaging.client.client import open_admin, open_producer
from deploy.messaging.dead.dead_letters import stored_letters
from deploy.messaging.records.envelope import Undecodable, head_of, receive
from deploy.messaging.records.signature import Genuine
from deploy.messaging.topics.topic_pages import topic_pages
from deploy.settings import Settings
from schemas.events.intake import SubmissionAccepted
from schemas.ids import CaseId
from schemas.topics import SUBMISSIONS, topic_name
from schemas.values import Attachment


class Missing(NamedTuple):
    """A message as Kafka has it, of which there is no case."""

    case_id: CaseId
    record: Any
    #: When it was accepted, and the files that it names.
    at: datetime
    files: tuple[Attachment, ...]


async def find_missing(
    settings: Settings,
    pool: Pool,
    group: str,
    is_genuine: Genuine,
    tell: Callable[[int], None] = lambda _: None,
) -> Sequence[Missing]:
    """Messages behind what `group` has committed that are no case; dead letters are known elsewhere, and left out.

    Raises:
        KafkaError, OSError, …: Kafka or Postgres is away.
    """
    found: list[Missing] = []
    count = 0
    topic, handled = topic_name(SUBMISSIONS, settings.topic_prefix), await _handled(settings, group)
    async with aclosing(topic_pages(settings, topic, handled)) as pages:
        async for page in pages:
            messages = _messages(page, is_genuine)
            known = await register.known_ids(pool, [each.case_id for each in messages])
            found += [each for each in messages if each.case_id not in known]
            count += len(page)
            tell(count)
    dead = await _dead(settings) if found else set()
    return [each for each in found if (each.record.partition, each.record.offset) not in dead]


async def send_again(settings: Settings, records: Sequence[Any]) -> None:
    """The same records once more, under their own ids and signatures: each who hears them handles what it has not handled.

    Raises:
        KafkaError: not all of them were confirmed.
    """
    async with open_producer(settings, linger_ms=5) as producer:
        for record in records:
            await producer.send_and_wait(
                record.topic, key=record.key, value=record.value, headers=list(record.headers)
            )


def _messages(page: Sequence[Any], is_genuine: Genuine) -> Sequence[Missing]:
    return [message for record in page if (message := _message(record, is_genuine)) is not None]


def _message(record: Any, is_genuine: Genuine) -> Missing | None:
    """None for what intake could not read, or would not believe: a dead letter tells of it."""
    try:
        head = head_of(record)
        if head.event_class is not SubmissionAccepted or not is_genuine(record):
            return None
        event = receive(record, head).event
    except Undecodable:
        return None
    files = event.attachments if isinstance(event, SubmissionAccepted) else ()
    return Missing(case_id=event.case_id, record=record, at=event.at, files=files)


async def _dead(settings: Settings) -> set[tuple[int, int]]:
    topic = topic_name(SUBMISSIONS, settings.topic_prefix)
    return {
        (int(letter.fact("partition")), int(letter.fact("offset")))
        async for letter in stored_letters(settings)
        if letter.fact("topic") == topic
    }


async def _handled(settings: Settings, group: str) -> Mapping[TopicPartition, int]:
    """How far the group has come."""
    async with open_admin(settings) as admin:
        committed = await admin.list_consumer_group_offsets(group)
    return {partition: found.offset for partition, found in committed.items()}
