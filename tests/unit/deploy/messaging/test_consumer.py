"""How long a consumer lets records wait for others, and what it does when it has to leave."""

import asyncio
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from deploy.database.pool import CLOSE_SECONDS
from deploy.messaging.client.client import FLUSH_SECONDS
from deploy.messaging.client.client_parts import END_SECONDS, GOODBYE_SECONDS
from deploy.messaging.consuming import consumer as module
from deploy.messaging.consuming.consumer import GroupConsumer
from deploy.messaging.consuming.positions import REMEDY, RecordsLost
from deploy.messaging.records.envelope import Received
from deploy.messaging.relay import FINISH_SECONDS
from deploy.processes.runtime import STOP_SECONDS
from schemas.ports import Subscription
from tests.stack import eventually
from tests.unit.deploy.messaging.one_consumer import PLACE, Bench, record
from tests.unit.deploy.records import Record


def _consumer(*, patience_seconds: float = 0.0) -> tuple[GroupConsumer, list[BaseException]]:
    ended: list[BaseException] = []

    async def end(error: BaseException) -> None:
        ended.append(error)

    context: Any = SimpleNamespace(
        pool=None,
        executor=None,
        dead_letters=None,
        dead_letter_limit=1,
        retry_seconds=0.0,
        end_process=end,
        inbox_days=10,
    )
    subscription = Subscription(
        name="scratch", topics=["intake"], handlers=[], patience_seconds=patience_seconds
    )
    return GroupConsumer(subscription, context), ended


class _Positions:
    """Asks nobody; waits for Kafka where `is_away`."""

    def __init__(self, *, is_away: bool = False) -> None:
        self._is_away = is_away
        self.asked = asyncio.Event()

    async def follow(self, _consumer: Any, _records: Sequence[Any]) -> None:
        """As the real one, which asks the brokers of fresh partitions."""
        self.asked.set()
        if self._is_away:
            await asyncio.Event().wait()


class _Nobody:
    """Has no partitions, so that nothing is committed."""

    def assignment(self) -> set[Any]:
        """None."""
        return set()


@pytest.mark.parametrize(("cases", "patience"), [((1, 1, 1, 1), 0.0), ((1, 2, 3), 0.25)])
async def test_records_wait_for_others_where_several_cases_are_under_way(
    cases: Sequence[int], patience: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For as long as its subscription allows; a case that is alone is never made to wait."""
    consumer, _ = _consumer(patience_seconds=0.25)
    monkeypatch.setattr(consumer, "positions", _Positions())
    monkeypatch.setattr(consumer, "_decode", lambda *_: iter(()))
    assert consumer.patience() == 0.0
    for case in cases:
        await consumer.handle([Record(value=b"{}", headers=(), key=b"%d" % case)], _Nobody())

    assert consumer.patience() == patience
    await consumer.leave()


async def test_leaving_waits_for_no_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that waits for a Kafka that is away is given up, and comes again: a stop takes less than it may."""
    monkeypatch.setattr(module, "LEAVE_SECONDS", 0.05)
    consumer, ended = _consumer()
    positions = _Positions(is_away=True)
    monkeypatch.setattr(consumer, "positions", positions)
    handling = asyncio.create_task(consumer.handle([], None))
    await positions.asked.wait()
    async with asyncio.timeout(10):
        await consumer.leave()
        await asyncio.gather(handling, return_exceptions=True)

    assert (True, False, []) == (handling.cancelled(), consumer.is_busy, ended)


def test_leaving_fits_into_a_stop() -> None:
    """Everything that has a bound, one after another: a batch in hand, a goodbye to Kafka and what a producer has not sent;
    in one process for all of them then what the relay has in hand, its own producer, and the pool.
    """
    consumers = module.LEAVE_SECONDS + GOODBYE_SECONDS + 4 * END_SECONDS
    producer = FLUSH_SECONDS + 5 * END_SECONDS
    assert consumers + producer + FINISH_SECONDS + producer + CLOSE_SECONDS < STOP_SECONDS


async def _lose(*_: object) -> None:
    raise RecordsLost("intake 0-7")


async def test_lost_records_stop_the_consumer_and_not_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A restart would find them lost again: it says which, and handles nothing until somebody accepts the loss."""
    bench = Bench()
    monkeypatch.setattr(bench.consumer.positions, "follow", _lose)
    with capture_logs() as lines:
        await bench.handle(record(1))
    assert [{"event": "consumer.records-lost", "log_level": "critical", "group": "discipline", "lost": "intake 0-7",
             "remedy": REMEDY.en}] == lines  # fmt: skip
    await bench.handle(record(2))

    assert ("intake 0-7", []) == (bench.consumer.lost, bench.ended)
    assert ([], []) == (bench.transactions.tried, await bench.committed())


async def test_a_look_finds_what_is_lost_where_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so once."""
    bench = Bench()
    monkeypatch.setattr(bench.consumer.positions, "check", _lose)
    with capture_logs() as lines:
        for _ in range(2):
            await bench.consumer.look_at_positions(bench.kafka)
    monkeypatch.undo()
    await bench.handle(record(1))

    assert ("intake 0-7", 1, []) == (bench.consumer.lost, len(lines), bench.transactions.tried)


async def test_whoever_leaves_commits_and_begins_nothing_more() -> None:
    """What was handled is committed by then, whatever was soon to be; afterwards it knows of no partition."""
    bench = Bench()
    await bench.handle(record(1))
    # The first is committed at once, by itself; the second would be a second later.
    await eventually(bench.committed_by_itself, every=0)
    await bench.handle(record(2))
    await bench.consumer.leave()
    await bench.handle(record(3))

    assert ([[1], [2]], [2, 3], {}) == (bench.transactions.tried, bench.kafka.commits, bench.consumer.handled)


async def test_whoever_has_told_of_the_end_waits_for_it_no_longer() -> None:
    """A process that goes on for others is not kept by one that ended."""
    bench = Bench(retry_seconds=0.0)
    bench.transactions.refuse = lambda _: MemoryError()
    await bench.handle(record(1))
    ending = bench.consumer._end
    assert ending is not None
    assert not ending.done()
    await bench.consumer.leave()
    await asyncio.gather(ending, return_exceptions=True)

    assert ending.cancelled()


async def test_fresh_partitions_are_looked_at_anew() -> None:
    """What was known of them is of before: somebody else may have read on, and Kafka deleted more."""
    bench = Bench()
    await bench.handle(record(1, offset=0))
    bench.kafka.oldest = 5
    await bench.consumer.on_partitions_assigned([PLACE])
    await bench.handle(record(7, offset=5))

    assert ([[1], [7]], 2) == (bench.transactions.tried, bench.kafka.asked)


async def test_a_client_is_let_go_though_a_batch_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch is given up, and comes again by the next client."""
    monkeypatch.setattr(module, "LEAVE_SECONDS", 0.05)
    bench = Bench()
    positions = _Positions(is_away=True)
    monkeypatch.setattr(bench.consumer, "positions", positions)
    handling = asyncio.create_task(bench.handle(record(1)))
    await positions.asked.wait()
    with capture_logs() as lines:
        async with asyncio.timeout(10):
            await bench.consumer.let_go()
            await asyncio.gather(handling, return_exceptions=True)

    assert (True, ["consumer.drain-timed-out"]) == (handling.cancelled(), [line["event"] for line in lines])


async def test_partitions_that_go_are_committed_first() -> None:
    """The batch in hand, too: whoever gets them begins behind it."""
    bench = Bench()
    gate = asyncio.Event()

    async def handle(batch: Sequence[Received], prepared: object) -> None:
        await gate.wait()

    bench.transactions.handle = handle  # type: ignore[method-assign]  # takes its time
    handling = asyncio.create_task(bench.handle(record(7)))
    await asyncio.sleep(0)
    going = asyncio.create_task(bench.consumer.on_partitions_revoked([PLACE]))
    await asyncio.sleep(0)
    assert (True, False) == (bench.consumer.is_busy, going.done())
    gate.set()
    await going
    await handling

    assert [8] == bench.kafka.commits
    assert not bench.consumer.is_busy


async def test_a_client_that_is_replaced_commits_nothing_of_the_old_one() -> None:
    """What it could not commit comes again to the inbox."""
    bench = Bench()

    async def refuse(_: object) -> None:
        raise TimeoutError

    bench.kafka.commit = refuse  # type: ignore[method-assign,assignment]  # it is away
    await bench.handle(record(1))
    await bench.consumer.let_go()

    assert ({}, {}) == (bench.consumer.handled, bench.consumer._offsets._noted)


async def test_who_handles_makes_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watchdog asks for it: a batch, or fresh partitions; one that failed is none."""
    moments = iter(range(100, 200))
    bench = Bench()
    # The consumer's clock alone: the event loop goes by the true one.
    own = SimpleNamespace(monotonic=lambda: float(next(moments)), perf_counter=time.perf_counter)
    monkeypatch.setattr(module, "time", own)
    begun = bench.consumer.progressed_at
    await bench.consumer.on_partitions_assigned([PLACE])
    assigned = bench.consumer.progressed_at
    await bench.consumer.handle([record(1)], bench.kafka)

    assert begun != assigned
    assert assigned < bench.consumer.progressed_at == bench.consumer.handled_at


@pytest.mark.parametrize(("tries", "longest"), [(1, 0.1), (2, 0.2), (3, 0.4), (6, 3.2), (7, 5.0), (30, 5.0)])
def test_pauses_double_up_to_five_seconds(
    tries: int, longest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And are drawn from all that is shorter, so that two that failed together do not meet again."""
    monkeypatch.undo()
    drawn: list[tuple[float, float]] = []

    def uniform(least: float, most: float) -> float:
        drawn.append((least, most))
        return most

    monkeypatch.setattr("random.uniform", uniform)

    assert longest == pytest.approx(module._pause_after(tries))
    assert [0] == [least for least, _ in drawn]
