"""What `huiyin doctor` finds about Kafka: the cluster, its topics and their replicas, and what we may do there."""

from collections.abc import Iterator
from typing import Any

from aiokafka.admin import NewTopic

from deploy import composition
from deploy.commands.findings import Finding
from deploy.database.pool import open_pool
from deploy.messaging.acl import ensure_rights
from deploy.messaging.broker import group_id, topic_names
from deploy.messaging.client import open_admin
from deploy.messaging.probe import trouble_of
from deploy.messaging.retention import kept_too_long, may_lose
from deploy.messaging.topics import promised_topics, wanted_topics
from deploy.settings import Settings
from schemas.topics import AUDIT, topic_name


async def check_kafka(settings: Settings) -> Finding:
    """Whether a broker answers us, and how we speak to it."""
    async with open_admin(settings) as admin:
        cluster = await admin.describe_cluster()
    user = (
        f" as {settings.kafka_sasl_username}" if settings.kafka_security_protocol.startswith("SASL") else ""
    )
    return Finding(
        check="kafka",
        state="ok",
        found=f"{len(cluster['brokers'])} brokers, {settings.kafka_security_protocol}{user}",
    )


_KEEP_ANCHORS = (
    ", and for the anchors retention.ms=-1, retention.bytes=-1, cleanup.policy=delete; "
    "then: huiyin audit verify, which names those that are gone"
)


async def check_topics(settings: Settings) -> Finding:
    """Whether every topic is there, and keeps records for as long as we say."""
    city = composition.city_of(settings)
    wanted = set(wanted_topics(settings, city))
    async with open_admin(settings) as admin:
        missing = wanted - set(await admin.list_topics())
        promised = [topic for topic in promised_topics(settings, city) if topic.name not in missing]
        longer = await kept_too_long(admin, promised)
        losing = await may_lose(admin, anchors := topic_name(AUDIT, settings.topic_prefix))
    found = [f"missing: {', '.join(sorted(missing))}"] if missing else []
    found += [
        f"keeps longer than {configs['retention.ms']} ms and {configs['segment.ms']} ms of a segment: {name}"
        for name, configs in longer.items()
    ]
    if losing:
        said = ", ".join(f"{name}={value}" for name, value in losing.items())
        found += [f"{anchors} must keep every anchor for ever, and would lose some: {said}"]
    if found:
        return Finding(
            check="topics",
            state="fail",
            found="; ".join(found),
            remedy="run: huiyin migrate; where Kafka lets it not, set retention.ms and segment.ms with kafka-configs.sh"
            + (_KEEP_ANCHORS if losing else ""),
        )
    return Finding(check="topics", state="ok", found=f"{len(wanted)} present")


async def check_replicas(settings: Settings) -> Finding:
    """Whether the topics are spread as the settings say, and every partition has its leader and its replicas."""
    wanted = wanted_topics(settings, composition.city_of(settings))
    async with open_admin(settings) as admin:
        there = [name for name in await admin.list_topics() if name in wanted]
        described = await admin.describe_topics(there) if there else []
    headless = [trouble for topic in described if (trouble := trouble_of(topic))]
    if headless:
        remedy = "start the brokers that are away: nothing can be sent there or read"
        return Finding(check="replicas", state="fail", found="; ".join(headless), remedy=remedy)
    differing = [each for topic in described for each in _differing(topic, wanted[topic["topic"]])]
    if differing:
        found = f"{'; '.join(differing[:_SHOWN])}{' and more' if len(differing) > _SHOWN else ''}"
        remedy = (
            "start the brokers that are away; more replicas: kafka-reassign-partitions.sh; partitions stay as they are for "
            "life (their cases' order hangs on it): set TOPIC_PARTITIONS and DEPARTMENT_PARTITIONS to what they are"
        )
        return Finding(check="replicas", state="warn", found=found, remedy=remedy)
    return Finding(check="replicas", state="ok", found=f"{len(described)} topics whole")


#: Project choice: enough to look at, few enough for a line.
_SHOWN = 5


def _differing(topic: Any, wanted: NewTopic) -> Iterator[str]:
    partitions = topic["partitions"]
    if len(partitions) != wanted.num_partitions:
        yield f"{wanted.name} has {len(partitions)} partitions, the settings say {wanted.num_partitions}"
    replicas = min(len(each["replicas"]) for each in partitions)
    if replicas < wanted.replication_factor:
        yield f"{wanted.name} has {replicas} replicas, the settings say {wanted.replication_factor}"
    in_sync = min(len(each["isr"]) for each in partitions)
    if in_sync < replicas:
        yield f"{wanted.name} has {in_sync} of {replicas} replicas in step"


async def check_rights(settings: Settings) -> Finding:
    """Whether our user may read what our groups hear."""
    async with open_pool(settings, size=1) as pool:
        heard = await composition.subscriptions(settings, pool, composition.SLICES, secrets=False)
    groups = {group_id(one, settings): topic_names(one, settings) for one in heard}
    await ensure_rights(settings, groups)
    return Finding(check="rights", state="ok", found=f"{len(groups)} groups may read their topics")
