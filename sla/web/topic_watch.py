"""What becomes of topics that grow (苗头), as it is told to whoever listens: hot, bursting, cooled. No word of any case."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

import msgspec

from schemas.ids import CategoryCode, RegionCode
from schemas.ports import Database
from schemas.values import GrowingTopic

#: Gives the topics that are early warnings at the moment; protected and confidential cases are in none.
TopicLook = Callable[[Database], Awaitable[Sequence[GrowingTopic]]]


class TopicNews(msgspec.Struct, frozen=True, kw_only=True):
    """One topic, and what has become of it since it was told last."""

    topic: int
    #: `hot`: an early warning from now on, and to whoever has just begun to listen; `burst`: more than chance above its past
    #: from now on; `cooled`: none any more.
    change: Literal["hot", "burst", "cooled"]
    people: int
    cases: int
    heat: float
    is_burst: bool
    category: CategoryCode | None
    region: RegionCode | None


class TopicWatch:
    """The topics as they were told last."""

    def __init__(self, look: TopicLook) -> None:
        self._look = look
        self._told: Mapping[int, GrowingTopic] | None = None

    async def look(self, db: Database) -> bytes:
        """What has changed since the last look, as events; nothing at the first, which is what there is."""
        before, now = self._told, {topic.topic: topic for topic in await self._look(db)}
        self._told = now
        return b"" if before is None else b"".join(map(_event, changes(before, now)))

    def state(self) -> bytes:
        """What is hot, for whoever has just begun to listen."""
        return b"".join(_event(_news(topic, "hot")) for topic in (self._told or {}).values())


def changes(before: Mapping[int, GrowingTopic], now: Mapping[int, GrowingTopic]) -> list[TopicNews]:
    """What has become of each topic in between; those that go on as they were are left out."""
    found: list[TopicNews] = []
    for number, topic in now.items():
        earlier = before.get(number)
        if earlier is None:
            found.append(_news(topic, "hot"))
        elif topic.is_burst and not earlier.is_burst:
            found.append(_news(topic, "burst"))
    gone = [topic for number, topic in before.items() if number not in now]
    return [*found, *(_news(topic, "cooled") for topic in gone)]


def _news(topic: GrowingTopic, change: Literal["hot", "burst", "cooled"]) -> TopicNews:
    return TopicNews(
        topic=topic.topic, change=change, people=topic.people, cases=topic.cases, heat=round(topic.heat, 2),
        is_burst=topic.is_burst, category=topic.category, region=topic.region,
    )  # fmt: skip


def _event(news: TopicNews) -> bytes:
    return b"event: topic\ndata: %s\n\n" % msgspec.json.encode(news)
