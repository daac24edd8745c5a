"""How long a consumer lets records wait for others, and what it does when it has to leave."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.database.pool import CLOSE_SECONDS
from deploy.messaging import consumer as module
from deploy.messaging.client import FLUSH_SECONDS
from deploy.messaging.client_parts import END_SECONDS, GOODBYE_SECONDS
from deploy.messaging.consumer import GroupConsumer
from deploy.messaging.relay import FINISH_SECONDS
from deploy.processes.runtime import STOP_SECONDS
from schemas.ports import Subscription
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
