"""Several consumers of one group: they come and go, and every event is handled once, in order."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from structlog.testing import capture_logs

from deploy import clock
from deploy.messaging.consuming.consumer import GroupConsumer
from tests.integration.deploy.rig import Rig
from tests.stack import eventually
from tests.unit.deploy.records import supplemented


async def test_consumers_that_join_and_leave_handle_everything_once_and_in_order(rig: Rig) -> None:
    """Two more consumers come and go while events flow: every event once, no case backwards."""
    cases, enough = 60, asyncio.Event()

    async def stream() -> int:
        """A new version of each case, for as long as it takes."""
        version = 0
        while not enough.is_set():
            version += 1
            await rig.send_many([supplemented(number + 1, version=version) for number in range(cases)])
            await _until_seen(rig, (version - 8) * cases)  # never far behind, never idle
        return version

    with capture_logs() as said:
        versions, seen = await _with_others_joining(rig, stream, enough, cases)

    assert _versions(seen) == {number: list(range(1, versions + 1)) for number in range(1, cases + 1)}
    assert (rig.ended, await rig.letters()) == ([], [])
    # Nobody holds a rebalance up.
    assert not [line for line in said if line["event"] == "consumer.drain-timed-out"]


async def _with_others_joining(
    rig: Rig, stream: Callable[[], Coroutine[Any, Any, int]], enough: asyncio.Event, cases: int
) -> tuple[int, Sequence[tuple[int, int]]]:
    async with rig.consuming():
        streaming = asyncio.create_task(stream())
        for _ in range(2):
            async with rig.consuming() as second:
                await _until_it_works(second)
                async with rig.consuming() as third:
                    await _until_it_works(third)
        enough.set()
        versions = await streaming
        seen = await rig.has_seen(cases * versions)
        await rig.has_committed(cases * versions)
    return versions, seen


async def _until_seen(rig: Rig, count: int) -> None:
    async def look() -> bool:
        return int(await rig.pool.fetchval("SELECT count(*) FROM scratch.seen")) >= count

    await eventually(look, every=0.02)


async def _until_it_works(consumer: GroupConsumer) -> None:
    """It has partitions, and has handled a batch of its own."""
    progress: set[float] = set()

    async def look() -> int:
        progress.add(consumer.progressed_at)
        return len(progress)

    await eventually(look, is_done=lambda seen: seen >= 3, every=0.005)


def _versions(seen: Sequence[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for number, version in seen:
        found[number].append(version)
    return dict(found)


async def test_what_comes_again_among_what_is_new_is_absorbed(rig: Rig) -> None:
    """As after a rebalance: in one batch some were handled before, and the others lose nothing by that."""
    known = [clock.new_event_id() for _ in range(3)]
    for number, event_id in enumerate(known, start=1):
        await rig.send(supplemented(number, version=1), event_id=event_id)
    async with rig.consuming():
        await rig.has_seen(3)
        await rig.has_committed(3)
    again = [known[0], clock.new_event_id(), known[2], clock.new_event_id()]
    for number, event_id in enumerate(again, start=1):
        await rig.send(supplemented(number, version=2), event_id=event_id)
    async with rig.consuming():
        await rig.has_seen(5)
        await rig.has_committed(7)

    assert [(1, 1), (2, 1), (2, 2), (3, 1), (4, 2)] == sorted(await rig.seen())
    assert 5 == await rig.pool.fetchval("SELECT count(*) FROM deploy.inbox")
    assert 5 == await rig.pool.fetchval("SELECT count(*) FROM deploy.outbox")
    assert [] == await rig.letters()
    assert not rig.ended
