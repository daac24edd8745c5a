"""Whether Kafka is usable: the cluster answers, our topics have leaders, and our records are accepted."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

from aiokafka.errors import KafkaError, TopicAuthorizationFailedError, UnknownTopicOrPartitionError

from deploy.access import AccessDenied
from deploy.messaging.client.client import open_admin
from deploy.messaging.topics import refused_time
from deploy.settings import Settings
from schemas.bilingual import Bilingual, joined, plain

#: How long a check may take (project choice: less than a probe waits for its answer).
_CHECK_SECONDS = 3.0
#: What was well a moment ago and is not now may be an election, which takes up to ten seconds after a broker's death: no
#: reason to take a web out, whose submissions wait for it (project choice).
GRACE_SECONDS = 12.0


class KafkaProbe:
    """Asks over one connection that stays open while it answers. `topics`: those without which we cannot work."""

    def __init__(self, settings: Settings, topics: Sequence[str] = ()) -> None:
        self._settings = settings
        self._topics = list(topics)
        self._open = AsyncExitStack()
        self._admin: Any = None
        self._was_well_at = float("-inf")

    async def check(self) -> dict[str, Any]:
        """Whether Kafka serves us, and if not, why not. One at a time."""
        why = await self._trouble()
        if not why.en:
            self._was_well_at = time.monotonic()
            return {"ok": True}
        is_new = time.monotonic() - self._was_well_at < GRACE_SECONDS
        return {"ok": is_new, "reason": why.en, "reason_zh": why.zh}

    async def _trouble(self) -> Bilingual:
        """Empty where all is well. A connection may lead to a broker that is gone: then once more, to another."""
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                try:
                    return await self._ask()
                except (KafkaError, OSError) as error:
                    if isinstance(error, AccessDenied):
                        raise
                    await self.close()
                    return await self._ask()
        except Exception as error:  # noqa: BLE001  a health check reports whatever goes wrong
            await self.close()
            return plain(type(error).__name__)

    async def _ask(self) -> Bilingual:
        if self._admin is None:
            self._admin = await self._open.enter_async_context(open_admin(self._settings))
        if not self._topics:
            await self._admin.describe_cluster()
            return joined(filter(None, [refused_time.reason()]))
        found = await self._admin.describe_topics(self._topics)
        return joined(filter(None, [*map(trouble_of, found), refused_time.reason()]))

    async def close(self) -> None:
        """Leave Kafka; the next check comes back to it."""
        self._admin = None
        await self._open.aclose()


def trouble_of(topic: Any) -> Bilingual | None:
    """What is wrong with a topic, as the brokers describe it; None where nothing is."""
    name, code = topic["topic"], topic["error_code"]
    if code == UnknownTopicOrPartitionError.errno:
        return Bilingual(zh=f"没有主题 {name}", en=f"topic {name} is missing")
    if code == TopicAuthorizationFailedError.errno:
        return Bilingual(zh=f"无权使用主题 {name}", en=f"topic {name} is not ours to use")
    if headless := sorted(part["partition"] for part in topic["partitions"] if part["leader"] < 0):
        named = ", ".join(map(str, headless))
        return Bilingual(zh=f"主题 {name} 的分区 {named} 没有首领", en=f"topic {name}: nobody leads {named}")
    if code and not topic["partitions"]:
        return Bilingual(zh=f"主题 {name}：错误 {code}", en=f"topic {name}: error {code}")
    return None
