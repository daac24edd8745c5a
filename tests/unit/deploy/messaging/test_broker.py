"""FastStream over our consumers: when it hears what comes."""

from types import SimpleNamespace
from typing import Any

import pytest
from faststream._internal.endpoint.subscriber.utils import MultiLock
from faststream.kafka.subscriber.usecase import BatchSubscriber

from deploy.messaging.consuming.broker import receive_at_once


class Client:
    """What a consumer speaks to Kafka by."""


class Consumer:
    """A consumer whose looks at Kafka give these answers."""

    def __init__(self, *answers: dict[str, list[str]]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, int]] = []

    async def getmany(self, **asked: int) -> dict[str, list[str]]:
        """The next answer."""
        self.asked.append(asked)
        return self.answers.pop(0)


@pytest.fixture
def hear(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What FastStream's loop asks for the next batch; it fails where it sleeps."""

    async def asleep(_seconds: float) -> None:
        raise AssertionError("asleep, and deaf")

    monkeypatch.setattr("faststream.kafka.subscriber.usecase.anyio.sleep", asleep)
    receive_at_once()
    subscriber: Any = SimpleNamespace(batch_timeout_ms=500, max_records=7)
    return lambda consumer: BatchSubscriber.get_msg(subscriber, consumer)


async def test_who_heard_nothing_listens_again_at_once(hear: Any) -> None:
    """After an empty look nobody sleeps: a record that comes then is heard when it comes."""
    consumer = Consumer({}, {"p0": ["a", "b"], "p1": ["c"]})

    assert () == await hear(consumer)
    assert ("a", "b", "c") == await hear(consumer)


async def test_one_look_waits_and_takes_as_much_as_the_settings_say(hear: Any) -> None:
    """`BATCH_WAIT_MS` and `BATCH_SIZE` reach the consumer."""
    consumer = Consumer({})
    await hear(consumer)

    assert [{"timeout_ms": 500, "max_records": 7}] == consumer.asked


class Group:
    """Handles what it is handed over."""

    patience = staticmethod(lambda: 0.1)

    def __init__(self) -> None:
        self.handled: list[tuple[Any, Any]] = []

    async def handle(self, records: Any, consumer: Any) -> None:
        """Remembers it."""
        self.handled.append((records, consumer))


@pytest.mark.parametrize("running", [True, False])
async def test_a_batch_comes_as_it_was_read_while_its_subscriber_runs(*, running: bool) -> None:
    """With the client that it came by, and with whoever stops the subscriber waiting for it."""
    receive_at_once()
    group, client = Group(), SimpleNamespace(_client=Client())
    subscriber: Any = SimpleNamespace(running=running, _listener=group, consumer=client, lock=MultiLock())
    records: Any = ("a", "b")

    await BatchSubscriber.consume_one(subscriber, records)

    assert ([(records, client)] if running else []) == group.handled
    assert subscriber.lock.empty
