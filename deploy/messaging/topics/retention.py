"""How long topics keep records: citizens' words no longer than promised, anchors for ever; also set on existing topics."""

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAuthorizationFailedError, UnknownTopicOrPartitionError, for_code

#: Together they say how long a record lives.
_LIMITS = ("retention.ms", "segment.ms")
#: A topic of which nothing is ever gone. Compaction would keep one record of each key: an anchor's pieces have its key.
KEPT_FOR_EVER = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}
#: A topic that outsiders write to: what they stamp their records with counts for nothing. Stamps hours apart would begin a
#: segment with each record, three files of the broker's, until it may open no more and dies.
STAMPED_BY_BROKERS = {"message.timestamp.type": "LogAppendTime"}
#: Set on the topic itself. Source: DescribeConfigsResponse.ConfigSource (KIP-226).
_OF_THE_TOPIC = 1

#: Not ours to look at; or not there, or just made and not known everywhere: it keeps nothing too long.
_NOTHING_TO_SAY = (TopicAuthorizationFailedError.errno, UnknownTopicOrPartitionError.errno)

Configs = Mapping[str, tuple[str | None, int]]


async def kept_too_long(
    admin: AIOKafkaAdminClient, wanted: Iterable[NewTopic]
) -> Mapping[str, Mapping[str, str]]:
    """Topics that keep longer than wanted, with the limits of each; none that our user may not look at.

    Raises:
        KafkaError: the broker refused otherwise.
    """
    limits = _limits_of(wanted)
    found = await _configs(admin, limits)
    return {name: limits[name] for name, configs in found.items() if _longer(configs, limits[name])}


async def otherwise_set(
    admin: AIOKafkaAdminClient, name: str, must: Mapping[str, str]
) -> Mapping[str, str | None]:
    """What Kafka has been told of that topic otherwise than it must be; none if we may not look.

    Raises:
        KafkaError: the broker refused otherwise.
    """
    configs = (await _configs(admin, [name])).get(name, {})
    return {each: configs[each][0] for each in _other(configs, must)}


async def set_right(
    admin: AIOKafkaAdminClient, wanted: Iterable[NewTopic], must: Mapping[str, Mapping[str, str]]
) -> None:
    """Have topics keep as long as wanted, where they keep longer, and be as they must, by name, where our user may say so;
    `huiyin doctor` names the rest.

    All of a topic at once: a broker that has not heard of a first change would have the second one take it back.

    Raises:
        KafkaError: the broker refused otherwise.
    """
    limits = _limits_of(wanted)
    found = await _configs(admin, {*limits, *must})
    changes = {
        name: {**_longer(configs, limits.get(name, {})), **_other(configs, must.get(name, {}))}
        for name, configs in found.items()
    }
    if asked := {name: {**_set_on(found[name]), **change} for name, change in changes.items() if change}:
        await _alter(admin, asked)


async def _alter(admin: AIOKafkaAdminClient, changes: Mapping[str, Mapping[str, str]]) -> None:
    asked = [
        ConfigResource(ConfigResourceType.TOPIC, name, dict(configs)) for name, configs in changes.items()
    ]
    for answer in await admin.alter_configs(asked):
        for code, message, _, name in answer.resources:
            if code not in (0, TopicAuthorizationFailedError.errno):
                raise for_code(code)(f"{name}: {message}")


async def _configs(admin: AIOKafkaAdminClient, names: Iterable[str]) -> Mapping[str, Configs]:
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, Configs] = {}
    for answer in await admin.describe_configs(asked) if asked else ():
        for code, message, _, name, entries in answer.resources:
            if code in _NOTHING_TO_SAY:
                continue
            if code:
                raise for_code(code)(f"{name}: {message}")
            found[name] = {entry[0]: (entry[1], entry[3]) for entry in entries}
    return found


def _limits_of(wanted: Iterable[NewTopic]) -> Mapping[str, Mapping[str, str]]:
    return {topic.name: {name: topic.topic_configs[name] for name in _LIMITS} for topic in wanted}


def _other(configs: Configs, must: Mapping[str, str]) -> Mapping[str, str]:
    """Those settings that are otherwise than they must be."""
    return {name: kept for name, kept in must.items() if name in configs and configs[name][0] != kept}


def _set_on(configs: Configs) -> dict[str, Any]:
    """What was set on the topic itself: to change one of them is to say them all again."""
    return {name: value for name, (value, source) in configs.items() if source == _OF_THE_TOPIC}


def _longer(configs: Configs, limits: Mapping[str, str]) -> Mapping[str, str]:
    """Those settings that would keep a record longer than the limits."""
    return {
        name: limit for name, limit in limits.items() if _is_longer(configs.get(name, (None, 0))[0], limit)
    }


def _is_longer(present: str | None, limit: str) -> bool:
    return present is not None and (int(present) < 0 or int(present) > int(limit))
