"""The topics on the brokers: which there must be, what they hold, and how far each group is behind."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    LeaderNotAvailableError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from deploy.messaging.client.client import MAX_DEAD_LETTER_BYTES, open_admin, open_reader
from deploy.messaging.topics.access import RIGHTS_REMEDY, KafkaAccessDenied
from deploy.messaging.topics.retention import KEPT_FOR_EVER, STAMPED_BY_BROKERS, set_right
from deploy.settings import Settings
from schemas import topics
from schemas.city import City
from schemas.errors import Unusable

#: How long brokers may take to tell one another of a new topic (project choice: a busy machine took more than a second).
_KNOWN_WITHIN_SECONDS = 30
_HOUR_MS = 3600 * 1000
_DAY_MS = 24 * _HOUR_MS
#: Kafka deletes whole segments, by their newest record: what lies in one lives for up to a segment's time longer than
#: `retention.ms` says (project choice: some thirty segments in a week), and until brokers look, every five minutes.
_SEGMENT_MS = 6 * _HOUR_MS
_LOOK_MS = 1 * _HOUR_MS

#: Days that records are kept; submissions hold personal data (interface: 7 days), and so do their dead letters.
_RETENTION_DAYS = {topics.SUBMISSIONS: 7, topics.COMMANDS: 7, topics.DEAD_LETTERS: 7}
#: Of every other topic at most (project choice: longer than anybody leaves a consumer down).
_DEFAULT_RETENTION_DAYS = 30


def wanted_topics(settings: Settings, city: City) -> Mapping[str, NewTopic]:
    """Every topic that the city needs, by name."""
    shorts = [(short, settings.topic_partitions) for short in (*topics.ALL, topics.AUDIT)]
    shorts += [
        (topics.department_topic(department.code), settings.department_partitions)
        for department in city.departments
    ]
    return {
        name.name: name for name in (_new_topic(short, partitions, settings) for short, partitions in shorts)
    }


def _new_topic(short: str, partitions: int, settings: Settings) -> NewTopic:
    days = retention_days(short, settings)
    configs = {
        "retention.ms": str(days * _DAY_MS - _SEGMENT_MS - _LOOK_MS),
        "segment.ms": str(_SEGMENT_MS),
    }
    if short == topics.AUDIT:
        # One order of all anchors, and none is ever gone.
        partitions, configs = 1, dict(KEPT_FOR_EVER)
    if short == topics.COMMANDS:
        configs |= STAMPED_BY_BROKERS
    if short == topics.SUBMISSIONS and settings.replication_factor == 1:
        # One broker acknowledges from the page cache: what a citizen was told is accepted must survive a power cut.
        configs["flush.messages"] = "1"
    if short == topics.DEAD_LETTERS:
        configs["max.message.bytes"] = str(MAX_DEAD_LETTER_BYTES)
        partitions = 3
    if settings.replication_factor >= 3:
        configs["min.insync.replicas"] = "2"
    return NewTopic(
        topics.topic_name(short, settings.topic_prefix),
        partitions,
        settings.replication_factor,
        topic_configs=configs,
    )


def retention_days(short: str, settings: Settings) -> int:
    """Days within which every record of that topic is gone: a day before inboxes forget that they had it."""
    return min(_RETENTION_DAYS.get(short, _DEFAULT_RETENTION_DAYS), settings.inbox_days - 1)


def promised_topics(settings: Settings, city: City) -> Sequence[NewTopic]:
    """Those that may keep no longer than wanted: what people wrote, and what inboxes must remember for as long."""
    names = {topics.topic_name(short, settings.topic_prefix) for short in topics.ALL}
    return [topic for name, topic in wanted_topics(settings, city).items() if name in names]


async def create_topics(
    settings: Settings, city: City, before: Callable[[Sequence[str]], Awaitable[None]] | None = None
) -> Sequence[str]:
    """Create the topics that are missing, and let none keep longer or less than promised; returns the names of the new ones.

    `before`: awaited with their names before they are made.

    Raises:
        KafkaAccessDenied: our user may not.
        KafkaError: the broker refused one.
    """
    async with open_admin(settings) as admin:
        present = set(await admin.list_topics())
        missing = [topic for name, topic in wanted_topics(settings, city).items() if name not in present]
        if missing:
            if before is not None:
                await before([topic.name for topic in missing])
            answer = await admin.create_topics(missing)
            for result in answer.topic_errors:
                if result[1] == TopicAuthorizationFailedError.errno:
                    why = Unusable(zh=f"不允许我们创建 {result[0]}", en=f"does not let us create {result[0]}")
                    raise KafkaAccessDenied("Kafka", why, RIGHTS_REMEDY)
                if result[1] not in (0, TopicAlreadyExistsError.errno):
                    raise for_code(result[1])(f"{result[0]}: {result[2] if len(result) > 2 else ''}")
            await _until_known(admin, [topic.name for topic in missing])
        audit, commands = (
            topics.topic_name(each, settings.topic_prefix) for each in (topics.AUDIT, topics.COMMANDS)
        )
        promised = [topic for topic in promised_topics(settings, city) if topic.name in present]
        await set_right(admin, promised, {audit: KEPT_FOR_EVER, commands: STAMPED_BY_BROKERS})
    return [topic.name for topic in missing]


async def _until_known(admin: AIOKafkaAdminClient, names: Sequence[str]) -> None:
    """Return once each is there: whichever broker is asked may hear of a topic later than the one that made it.

    Raises:
        KafkaError: not within `_KNOWN_WITHIN_SECONDS`.
    """
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type((UnknownTopicOrPartitionError, LeaderNotAvailableError)),
        stop=stop_after_delay(_KNOWN_WITHIN_SECONDS),
        wait=wait_fixed(0.1),
        reraise=True,
    ):
        with attempt:
            await partitions_of(admin, names)


async def partitions_of(
    admin: AIOKafkaAdminClient, names: Sequence[str]
) -> Mapping[str, Sequence[TopicPartition]]:
    """Every partition of these topics, asked of the brokers: a client that subscribes to nothing knows none.

    Raises:
        KafkaError: there is no such topic.
    """
    found: dict[str, Sequence[TopicPartition]] = {}
    for topic in await admin.describe_topics(list(names)):
        if topic["error_code"]:
            raise for_code(topic["error_code"])(topic["topic"])
        numbers = sorted(partition["partition"] for partition in topic["partitions"])
        found[topic["topic"]] = [TopicPartition(topic["topic"], number) for number in numbers]
    return found


async def lag_of(settings: Settings, groups: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Records that each group (name → topics) has yet to handle."""
    async with aclosing(lags(settings, groups)) as told:
        return {group: lag async for group, lag in told}


async def lags(settings: Settings, groups: Mapping[str, Sequence[str]]) -> AsyncGenerator[tuple[str, int]]:
    """The same, one group after the other, each as soon as Kafka has said so."""
    async with open_admin(settings) as admin:
        partitions = await partitions_of(admin, sorted({name for names in groups.values() for name in names}))
        every = [each for found in partitions.values() for each in found]
        async with open_reader(settings, every) as reader:
            for group, names in groups.items():
                heard = [each for name in names for each in partitions[name]]
                yield group, await _lag(reader, admin, group, heard)


async def _lag(
    reader: AIOKafkaConsumer, admin: AIOKafkaAdminClient, group: str, partitions: Sequence[TopicPartition]
) -> int:
    committed = await admin.list_consumer_group_offsets(group)
    ends = await reader.end_offsets(partitions)
    starts = await reader.beginning_offsets(partitions)
    return sum(
        max(
            0,
            ends[partition]
            - (
                committed[partition].offset
                if partition in committed and committed[partition].offset >= 0
                else starts[partition]
            ),
        )
        for partition in partitions
    )
