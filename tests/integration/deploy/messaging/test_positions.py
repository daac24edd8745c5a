"""What Kafka deleted before it was read stops its consumer, aloud, until somebody accepts the loss."""

from collections.abc import Sequence

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import RecordsToDelete

from deploy.database import lost_ranges
from deploy.database.lost_ranges import LostRange
from deploy.messaging.client.client import client_options, open_admin
from deploy.messaging.consuming.consumer import GroupConsumer
from deploy.messaging.consuming.positions import Positions, RecordsLost
from tests.integration.deploy.rig import Rig
from tests.stack import eventually
from tests.unit.deploy.records import supplemented


async def _send(rig: Rig, versions: Sequence[int]) -> None:
    for version in versions:
        await rig.send(supplemented(1, version=version), partition=0)


async def _delete_before(rig: Rig, offset: int) -> None:
    async with open_admin(rig.settings) as admin:
        await admin.delete_records({TopicPartition(rig.topic, 0): RecordsToDelete(before_offset=offset)})


async def _read_first(rig: Rig, count: int) -> None:
    """A consumer was here once, and has committed what it read."""
    async with rig.consuming():
        await _send(rig, range(1, count + 1))
        await rig.has_seen(count)
        await rig.has_committed(count)


async def _has_stopped(consumer: GroupConsumer) -> str:
    async def look() -> str:
        return consumer.lost

    return await eventually(look, is_done=bool, seconds=20)


def _lost(rig: Rig, begin: int, end: int) -> LostRange:
    return LostRange("scratch", rig.topic, 0, begin, end)


async def test_a_consumer_behind_the_log_s_start_stops_and_names_what_is_missing(rig: Rig) -> None:
    """It was away while Kafka deleted five records: it handles nothing after them, and commits nothing."""
    await _read_first(rig, 3)
    await _send(rig, range(4, 11))
    await _delete_before(rig, 8)

    async with rig.consuming() as consumer:
        said = await _has_stopped(consumer)

    assert said == f"scratch: {rig.topic}[0] 3–7"
    assert await _open(rig) == [_lost(rig, 3, 8)]
    assert len(await rig.seen()) == 3
    assert await rig.committed() == {0: 3}
    assert not rig.ended


async def test_it_stops_also_where_nothing_comes_after_the_gap(rig: Rig) -> None:
    """All that was left is gone: no record comes, the lag is 0, and still something was lost."""
    await _read_first(rig, 2)
    await _send(rig, range(3, 6))
    await _delete_before(rig, 5)

    async with rig.consuming() as consumer:
        said = await _has_stopped(consumer)

    assert said == f"scratch: {rig.topic}[0] 2–4"


async def test_once_accepted_it_reads_on_behind_the_gap(rig: Rig) -> None:
    """A fresh consumer handles what is left; the range stays written down, with who accepted it."""
    await _read_first(rig, 3)
    await _send(rig, range(4, 11))
    await _delete_before(rig, 8)
    async with rig.consuming() as consumer:
        await _has_stopped(consumer)

    accepted = await lost_ranges.accept(rig.pool, "scratch", "ann")
    async with rig.consuming():
        seen = await rig.has_seen(5)

    assert _lost(rig, 3, 8) in accepted
    assert [version for _, version in seen] == [1, 2, 3, 9, 10]
    assert await _open(rig) == []


async def _open(rig: Rig) -> Sequence[LostRange]:
    """Of this test's topic: the database is other tests', too."""
    return [each for each in await lost_ranges.open_ranges(rig.pool) if each.topic == rig.topic]


async def _check_without_commits(rig: Rig, group: str = "scratch") -> None:
    """As this group would, had Kafka forgotten what it committed, or had it never been here."""
    consumer = AIOKafkaConsumer(
        **client_options(rig.settings),
        group_id=f"{rig.settings.topic_prefix}.fresh",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        await Positions(group, rig.pool).check(consumer, [TopicPartition(rig.topic, 0)])
    finally:
        await consumer.stop()


async def test_a_group_whose_commit_kafka_forgot_stops_if_the_log_begins_after_what_it_handled(
    rig: Rig,
) -> None:
    """Commits of a group that was away for long are deleted, too: then the inbox says how far it came."""
    await _read_first(rig, 3)
    await _send(rig, range(4, 7))
    await _delete_before(rig, 4)

    with pytest.raises(RecordsLost):
        await _check_without_commits(rig)

    assert await _open(rig) == [_lost(rig, 0, 4)]


async def test_a_group_whose_commit_kafka_forgot_goes_on_if_the_log_reaches_back(rig: Rig) -> None:
    """The log still holds something that was there when the group last handled an event: it missed nothing."""
    await _read_first(rig, 3)
    await _send(rig, range(4, 7))
    await _delete_before(rig, 2)

    await _check_without_commits(rig)

    assert await _open(rig) == []


async def test_a_new_group_begins_where_the_log_does(rig: Rig) -> None:
    """It was never here, so it has lost nothing."""
    await _send(rig, range(1, 6))
    await _delete_before(rig, 3)

    await _check_without_commits(rig, "never-here")

    assert await _open(rig) == []
