"""What Kafka deleted before one group had read it; the same is asked on Kafka and Postgres in the integration tests."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from deploy.database import lost_ranges
from deploy.database.lost_ranges import LostRange
from deploy.messaging.consuming.positions import Positions, RecordsLost

PLACE = TopicPartition("huiyin.intake.v1", 0)
#: When the group handled something last, by its inbox.
HANDLED = datetime(2026, 11, 23, 2, 0, 0, 500_000, tzinfo=UTC)


class Log:
    """A partition that begins at `oldest`; `committed`: by the group; `since`: the first offset of after `HANDLED`."""

    def __init__(self, oldest: int, committed: int | None, since: int | None = None) -> None:
        self.oldest, self._committed, self._since = oldest, committed, since

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The same for each."""
        return dict.fromkeys(partitions, self.oldest)

    async def committed(self, partition: TopicPartition) -> int | None:
        """None where Kafka has none, or forgot it."""
        return self._committed

    async def offsets_for_times(self, times: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, Any]:
        """Asked for one moment alone, in milliseconds."""
        assert {PLACE: int(HANDLED.timestamp() * 1000)} == times
        return {PLACE: None if self._since is None else SimpleNamespace(offset=self._since)}


@pytest.fixture(name="noted")
def _noted(monkeypatch: pytest.MonkeyPatch) -> list[LostRange]:
    """What is written down as lost; nobody has accepted it."""
    noted: list[LostRange] = []

    async def note(_: object, lost: Sequence[LostRange]) -> Sequence[LostRange]:
        noted.extend(lost)
        return lost

    monkeypatch.setattr(lost_ranges, "note", note)
    return noted


def _last_handled(monkeypatch: pytest.MonkeyPatch, at: datetime | None) -> None:
    async def last_handled(*_: object) -> datetime | None:
        return at

    monkeypatch.setattr(lost_ranges, "last_handled", last_handled)


def _range(start: int, end: int) -> LostRange:
    return LostRange("g", PLACE.topic, PLACE.partition, start, end)


def _positions() -> Positions:
    pool: Any = None
    return Positions("g", pool)


def _record(offset: int) -> Any:
    return SimpleNamespace(topic=PLACE.topic, partition=PLACE.partition, offset=offset)


@pytest.mark.parametrize(
    "log", [Log(0, None), Log(5, 5), Log(5, 7), Log(0, 0)], ids=lambda log: str(vars(log))
)
async def test_nothing_is_lost_where_the_log_reaches_back_to_the_commit(
    log: Log, noted: list[LostRange]
) -> None:
    """Nor for a new group, where the log is whole."""
    await _positions().check(log, [PLACE])

    assert [] == noted


async def test_what_lies_before_the_log_is_lost(noted: list[LostRange]) -> None:
    """From what the group reads next to where the log begins."""
    with pytest.raises(RecordsLost, match="3–4"):
        await _positions().check(Log(5, 3), [PLACE])

    assert [_range(3, 5)] == noted


@pytest.mark.parametrize(
    ("handled", "since", "is_lost"),
    [
        (None, None, False),
        (HANDLED, None, False),
        (HANDLED, 6, False),
        (HANDLED, 5, True),
    ],
    ids=["a new group", "nothing came since", "the log holds what it handled last", "older things are gone"],
)
async def test_a_group_whose_commits_kafka_forgot_goes_by_what_it_handled(
    handled: datetime | None,
    since: int | None,
    is_lost: bool,
    noted: list[LostRange],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever came since is still there where the log holds something that is older than it."""
    _last_handled(monkeypatch, handled)
    positions = _positions()

    if is_lost:
        with pytest.raises(RecordsLost):
            await positions.check(Log(5, None, since), [PLACE])
    else:
        await positions.check(Log(5, None, since), [PLACE])
    assert ([_range(0, 5)] if is_lost else []) == noted


async def test_a_hole_is_lost_where_the_log_does_not_reach_back(noted: list[LostRange]) -> None:
    """Transactions' marks leave holes, too; what was handled is behind us, and is looked for no more."""
    log, positions = Log(0, 0), _positions()
    await positions.follow(log, [_record(0), _record(1)])
    await positions.follow(log, [_record(3)])
    log.oldest = 4
    await positions.follow(log, [_record(4)])
    assert [] == noted

    log.oldest = 9
    with pytest.raises(RecordsLost):
        await positions.follow(log, [_record(9)])
    assert [_range(5, 9)] == noted


async def test_what_somebody_else_had_meanwhile_is_looked_at_anew(noted: list[LostRange]) -> None:
    """The group's commit says how far it is by then."""
    log, positions = Log(0, 2), _positions()
    await positions.check(log, [PLACE])
    log.oldest = 5
    await positions.check(log, [PLACE])
    assert [] == noted

    positions.forget([PLACE])
    with pytest.raises(RecordsLost):
        await positions.check(log, [PLACE])
    assert [_range(2, 5)] == noted
