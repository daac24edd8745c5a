"""What becomes of topics that grow, as it is told to whoever listens."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from schemas.ids import CaseId, TrackingCode
from schemas.ports import Database
from schemas.values import GrowingTopic, TopicSample
from sla.web.topic_watch import TopicWatch, changes

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
SAMPLE = TopicSample(
    case_id=CaseId("6a1f0000-0000-4000-8000-000000000001"), title="停水", received_at=AT,
    tracking_code=TrackingCode("X"),
)  # fmt: skip
TOPIC = GrowingTopic(
    topic=7, people=3, cases=4, unnamed=0, heat=2.71828, expected=0.1, is_burst=False, first_at=AT, last_at=AT,
    category=None, region=None, place="人民路 5 号", samples=(SAMPLE,),
)  # fmt: skip
BURSTING = replace(TOPIC, is_burst=True)
ANOTHER = replace(TOPIC, topic=8)


def _told(*topics: GrowingTopic) -> dict[int, GrowingTopic]:
    return {topic.topic: topic for topic in topics}


def test_a_topic_becomes_hot_bursts_and_cools() -> None:
    """Each once; what goes on as it was is not told."""
    assert [(7, "hot")] == [(each.topic, each.change) for each in changes({}, _told(TOPIC))]
    assert [(7, "burst")] == [(each.topic, each.change) for each in changes(_told(TOPIC), _told(BURSTING))]
    assert [(7, "cooled")] == [(each.topic, each.change) for each in changes(_told(TOPIC), {})]
    assert [] == changes(_told(BURSTING), _told(TOPIC))
    assert [] == changes(_told(TOPIC, ANOTHER), _told(TOPIC, ANOTHER))


async def test_only_what_changes_is_told_and_no_word_of_a_case() -> None:
    """Neither a title, nor an address, nor which cases; whoever begins to listen hears what is hot."""
    looks: list[Sequence[GrowingTopic]] = [[TOPIC], [TOPIC], [BURSTING, ANOTHER], []]

    async def look(db: Database) -> Sequence[GrowingTopic]:
        return looks.pop(0)

    watch, db = TopicWatch(look), _NoDatabase()
    assert b"" == watch.state()
    assert [b"", b""] == [await watch.look(db), await watch.look(db)]
    state = watch.state()
    told = await watch.look(db)
    cooled = await watch.look(db)

    assert [("hot", 7)] == _news(state)
    assert [("burst", 7), ("hot", 8)] == _news(told)
    assert [("cooled", 7), ("cooled", 8)] == _news(cooled)
    assert not any(word.encode() in state + told + cooled for word in ("停水", "人民路", "6a1f0000"))
    assert b"" == watch.state()


def _news(events: bytes) -> list[tuple[str, int]]:
    said = [
        json.loads(line.removeprefix("data: "))
        for line in events.decode().splitlines()
        if line[:5] == "data:"
    ]
    return [(each["change"], each["topic"]) for each in said]


class _NoDatabase:
    async def execute(self, query: str, *args: object) -> str:
        raise NotImplementedError

    async def fetch(self, query: str, *args: object) -> list[Any]:
        raise NotImplementedError

    async def fetchrow(self, query: str, *args: object) -> Any:
        raise NotImplementedError

    async def fetchval(self, query: str, *args: object) -> Any:
        raise NotImplementedError
