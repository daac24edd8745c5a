"""What keeps a worker from its work, and what does not."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from deploy import composition
from deploy.processes.runtime import Process
from deploy.processes.starting import patiently
from deploy.processes.watchdog import unfit_for
from deploy.processes.worker import _refresh_models
from deploy.settings import Settings
from routing.core.judgement import Judges
from schemas.ports import Subscription

_POOL: Any = None


async def _refuse(*_: object) -> None:
    raise ValueError("the model's labels are no categories of this city: pond")


async def _fail(*_: object) -> None:
    raise ConnectionError


async def test_a_model_that_cannot_be_loaded_keeps_no_message_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Promoted for another city, or damaged: the consumers start, and the word lists decide."""
    monkeypatch.setattr(composition, "refresh_judges", _refuse)
    judges = Judges()

    await _refresh_models(Process(name="routing", settings=Settings(), pool=_POOL), judges)

    assert judges.active is None


class Client:
    """A consumer's client that knows these topics, has these partitions, and this group coordinator."""

    def __init__(self, topics: set[str], assigned: set[int], coordinator: int | None) -> None:
        self._topics, self._assigned = topics, assigned
        self._coordinator = SimpleNamespace(coordinator_id=coordinator)

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        """None where there is no such topic."""
        return {0} if topic in self._topics else None

    def assignment(self) -> set[int]:
        """What it reads."""
        return self._assigned


@pytest.mark.parametrize(
    ("client", "found"),
    [
        (None, []),
        (Client({"huiyin.intake.v1"}, {1}, 1), []),
        (Client({"huiyin.intake.v1"}, set(), 1), []),
        (Client(set(), {1}, 1), ["huiyin.intake.v1 is missing"]),
        (Client({"huiyin.intake.v1"}, set(), None), ["no broker keeps the group scratch"]),
    ],
    ids=["not started", "reads", "more of them than partitions", "no topic", "no group"],
)
def test_a_consumer_without_topic_or_group_is_unfit(client: Any, found: list[str]) -> None:
    """It has no lag, for it has nothing: that is no health."""
    subscription = Subscription(name="scratch", topics=["intake"], handlers=[])
    consumer: Any = SimpleNamespace(group="scratch", subscription=subscription)

    assert found == [each.en for each in unfit_for(consumer, client, Settings())]


async def test_a_database_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows then which model is to decide: the start tries again."""
    monkeypatch.setattr(composition, "refresh_judges", _fail)

    with pytest.raises(ConnectionError):
        await _refresh_models(Process(name="routing", settings=Settings(), pool=_POOL), Judges())


async def test_a_worker_that_waits_for_its_group_can_be_told_to_stop() -> None:
    """A group takes in a member as late as the session of one that died: longer than a stop may take."""
    process = Process(name="sla", settings=Settings(), pool=_POOL)
    cleaned = asyncio.Event()

    async def join() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    asyncio.get_running_loop().call_later(0.05, process.stopping.set)
    async with asyncio.timeout(10):
        with pytest.raises(TimeoutError):
            await patiently(process, join)

    assert cleaned.is_set()
