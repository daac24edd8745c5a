"""What Kafka refuses: nothing is deleted that it has not confirmed, and one row alone may be moved away."""

import asyncio
import gc
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError

from deploy.database.leases import LeaseLost
from deploy.messaging.relay import STATEMENT_SECONDS
from deploy.observability import metrics
from tests.unit.deploy.messaging.one_relay import Batch, Kafka, Outbox, relay_of, row

LOST = KafkaConnectionError("lost")
TOO_LARGE = MessageSizeTooLargeError("too large")


def _of_one_case(most: int) -> Outbox:
    return Outbox([row(number, of=7) for number in range(1, most + 1)])


def _left(outbox: Outbox) -> Sequence[int]:
    return [row["id"] for row in outbox.rows]


def _counted(name: str) -> float:
    return metrics.REGISTRY.get_sample_value(f"huiyin_{name}_total") or 0.0


@pytest.mark.parametrize("refused", [b"1", b"3", b"5"])
async def test_of_what_was_sent_together_nothing_is_deleted_unless_all_is_confirmed(refused: bytes) -> None:
    """Whichever batch failed: all of it is sent again, in order, by whoever starts anew."""
    outbox, before = _of_one_case(5), _counted("events_published")
    with pytest.raises(KafkaConnectionError):
        await relay_of(outbox, Kafka(room=2, refuses={refused: LOST})).send_once()

    assert ([1, 2, 3, 4, 5], []) == (_left(outbox), outbox.quarantine)
    assert [STATEMENT_SECONDS] == outbox.waited
    assert before == _counted("events_published")


async def test_a_row_that_is_too_large_by_itself_is_moved_away_and_the_others_are_sent() -> None:
    """It alone, with the reason, within a time; what was sent and what was moved are counted apart."""
    outbox = _of_one_case(3)
    before = [_counted(name) for name in ("events_published", "outbox_quarantined")]

    assert 3 == await relay_of(outbox, Kafka(room=1, refuses={b"2": TOO_LARGE})).send_once()
    assert ([], [(2, str(TOO_LARGE))]) == (_left(outbox), outbox.quarantine)
    assert [STATEMENT_SECONDS] * 3 == outbox.waited
    after = [_counted(name) for name in ("events_published", "outbox_quarantined")]
    assert [before[0] + 3, before[1] + 1] == after


async def test_of_several_rows_that_are_too_large_together_none_is_moved_away() -> None:
    """Which of them it is nobody knows."""
    outbox = _of_one_case(3)
    with pytest.raises(MessageSizeTooLargeError):
        await relay_of(outbox, Kafka(refuses={b"2": TOO_LARGE})).send_once()

    assert ([1, 2, 3], []) == (_left(outbox), outbox.quarantine)


async def test_a_single_row_that_fails_otherwise_stays() -> None:
    """Kafka may take it the next time."""
    outbox = _of_one_case(1)
    with pytest.raises(KafkaConnectionError):
        await relay_of(outbox, Kafka(refuses={b"1": LOST})).send_once()

    assert ([1], []) == (_left(outbox), outbox.quarantine)


async def test_beside_one_that_is_moved_away_a_failure_is_still_one() -> None:
    """The row that was refused is gone; what else was sent stays until Kafka has it."""
    outbox = _of_one_case(3)
    with pytest.raises(KafkaConnectionError):
        await relay_of(outbox, Kafka(room=1, refuses={b"1": TOO_LARGE, b"3": LOST})).send_once()

    assert ([2, 3], [(1, str(TOO_LARGE))]) == (_left(outbox), outbox.quarantine)


async def test_the_oldest_rows_go_first_and_only_they_are_deleted() -> None:
    """Those behind them wait for the next look."""
    kafka, outbox = Kafka(), _of_one_case(3)
    relay = relay_of(outbox, kafka, batch=2)

    assert (2, [3]) == (await relay.send_once(), _left(outbox))
    assert (1, []) == (await relay.send_once(), _left(outbox))
    assert [[b"1", b"2"], [b"3"]] == kafka.bodies


async def test_cases_share_the_batch_of_their_partition() -> None:
    """And topics share none."""
    rows = [row(1, of=7), row(2, of=7, topic="huiyin.sla.v1"), row(3, of=7)]
    kafka = Kafka()
    await relay_of(Outbox(rows), kafka).send_once()

    assert [[b"1", b"3"], [b"2"]] == kafka.bodies
    assert ["huiyin.intake.v1", "huiyin.sla.v1"] == [topic for topic, _, _ in kafka.sent]


class SilentKafka(Kafka):
    """Answers when it is told to, and takes so many batches."""

    def __init__(self, room: int = 100, takes: int = 100) -> None:
        super().__init__(room)
        self.answers: list[asyncio.Future[Any]] = []
        self.has_all = asyncio.Event()
        self._takes = takes

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> "asyncio.Future[Any]":
        """Later."""
        if len(self.answers) == self._takes:
            # A new one: `LOST` would keep alive what it has passed.
            raise KafkaConnectionError
        self.answers.append(asyncio.get_running_loop().create_future())
        if len(self.answers) == self._takes:
            self.has_all.set()
        return self.answers[-1]


async def test_what_was_queued_before_a_failure_is_nobodys_error_any_more() -> None:
    """The relay ends at once with the failure; asyncio has nothing to report of the answers that come later."""
    said: list[Mapping[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
    kafka, outbox = SilentKafka(room=1, takes=2), _of_one_case(3)
    with pytest.raises(KafkaConnectionError):
        await relay_of(outbox, kafka).send_once()
    for answer in kafka.answers:
        answer.set_exception(TOO_LARGE)
    await asyncio.sleep(0)
    kafka.answers.clear()
    del answer
    gc.collect()

    assert [] == said
    assert [1, 2, 3] == _left(outbox)


async def test_a_kafka_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows stay."""
    monkeypatch.setattr("deploy.messaging.relay.CONFIRM_SECONDS", 0.05)
    outbox = _of_one_case(2)
    with pytest.raises(TimeoutError):
        await relay_of(outbox, SilentKafka()).send_once()

    assert [1, 2] == _left(outbox)


async def test_nothing_is_deleted_while_one_answer_is_missing() -> None:
    """One batch is confirmed, the other not yet."""
    kafka, outbox = SilentKafka(room=1, takes=2), _of_one_case(2)
    sending = asyncio.create_task(relay_of(outbox, kafka).send_once())
    await kafka.has_all.wait()
    kafka.answers[0].set_result(None)
    await asyncio.wait({kafka.answers[0]})
    await asyncio.sleep(0)
    meanwhile = _left(outbox)
    kafka.answers[1].set_result(None)

    assert ([1, 2], 2, []) == (meanwhile, await sending, _left(outbox))


async def test_whoever_lost_the_lease_while_kafka_was_silent_deletes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another leads, and sends it once more."""
    monkeypatch.setattr("deploy.messaging.relay.RENEW_SECONDS", 0.01)
    outbox = _of_one_case(1)
    relay = relay_of(outbox, SilentKafka())

    async def keep() -> None:
        raise LeaseLost

    monkeypatch.setattr(relay._lease, "keep", keep)
    with pytest.raises(LeaseLost):
        await relay.send_once()

    assert [1] == _left(outbox)
