"""What Kafka's ACLs let our user do: asked before a consumer starts, for one without rights waits for ever in silence.

The questions change nothing: a heartbeat of nobody, and the records of a partition that is not there. Brokers look at
the ACLs first.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import HeartbeatRequest

from deploy.messaging.client.client import open_admin
from deploy.messaging.topics.access import RIGHTS_REMEDY, KafkaAccessDenied
from deploy.settings import Settings
from schemas.errors import Unusable

#: No topic has so many (by definition: the largest number that the protocol has).
_NO_PARTITION = 2**31 - 1


async def ensure_rights(settings: Settings, groups: Mapping[str, Sequence[str]]) -> None:
    """Return if our user may read each group's topics as a member of the group.

    Raises:
        KafkaAccessDenied: names what it may not.
    """
    names = sorted({name for topics in groups.values() for name in topics})
    async with open_admin(settings) as admin:
        missing = [f"group {group}" for group in sorted(groups) if not await _may_join(admin, group)]
        missing += [f"topic {name}" for name in await _unreadable(admin, names)]
    if missing:
        user, every = settings.kafka_sasl_username, ", ".join(missing)
        raise KafkaAccessDenied(
            "Kafka",
            Unusable(
                zh=f"不允许{user or '我们的用户'}读取：{every}",
                en=f"does not let {user or 'our user'} read: {every}",
            ),
            RIGHTS_REMEDY,
        )


async def _may_join(admin: AIOKafkaAdminClient, group: str) -> bool:
    answer: Any = await admin._send_request(HeartbeatRequest(group, 0, "nobody"))
    return bool(answer.error_code != GroupAuthorizationFailedError.errno)


async def _unreadable(admin: AIOKafkaAdminClient, names: Sequence[str]) -> Sequence[str]:
    asked = [(name, [(_NO_PARTITION, 0, 1)]) for name in names]
    answer: Any = await admin._send_request(
        FetchRequest(max_wait_time=0, min_bytes=0, max_bytes=1, isolation_level=0, topics=asked)
    )
    return [
        name
        for name, partitions in answer.topics
        if any(partition[1] == TopicAuthorizationFailedError.errno for partition in partitions)
    ]
