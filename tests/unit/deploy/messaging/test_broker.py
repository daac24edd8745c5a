"""FastStream over our consumers: when it hears what comes."""

from types import SimpleNamespace
from typing import Any

import pytest
from faststream.kafka.subscriber.usecase import BatchSubscriber

from deploy.messaging.broker import hear_at_once


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
    hear_at_once()
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
