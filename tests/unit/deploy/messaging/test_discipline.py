"""What a consumer does with a batch: once, in order, tried again, halved, put aside or stopped for."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from structlog.testing import capture_logs

from deploy.messaging.consuming import consumer as module
from deploy.messaging.dead.dead_letter_policy import TooManyDeadLetters
from deploy.messaging.records import envelope
from deploy.observability import metrics
from schemas.errors import DataRefused
from tests.unit.deploy.messaging.one_consumer import (
    PASSING,
    PLACE,
    Bench,
    broken,
    event_id_of,
    record,
    unheard,
)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """After which tries there was one; none lasts here."""
    after: list[int] = []

    def pause_after(tries: int) -> float:
        after.append(tries)
        return 0.0

    monkeypatch.setattr(module, "_pause_after", pause_after)
    return after


def _times(number: int, error: Exception) -> Callable[[Sequence[int]], Exception | None]:
    """Fails so many times, then never."""
    left = [error] * number
    return lambda _: left.pop() if left else None


def _of(*bad: int, error: Exception) -> Callable[[Sequence[int]], Exception | None]:
    """Fails for whatever holds one of these."""
    return lambda numbers: error if {*bad} & {*numbers} else None


async def test_what_was_handled_is_committed_and_nothing_else() -> None:
    """In order, as one transaction; the offset is the one that comes next."""
    bench = Bench()
    await bench.handle(record(1), record(2), record(3))

    assert [[1, 2, 3]] == bench.transactions.tried
    assert [4] == await bench.committed()
    assert {PLACE: 4} == bench.consumer.handled
    assert [] == bench.letters.kept


async def test_a_passing_error_is_tried_again_as_often_as_it_takes(pauses: list[int]) -> None:
    """The same batch, whole, after a pause each time; nothing is put aside and nothing ends."""
    bench = Bench()
    bench.transactions.refuse = _times(3, PASSING)
    await bench.handle(record(1), record(2))

    assert ([[1, 2]] * 4, [1, 2, 3]) == (bench.transactions.tried, pauses)
    assert ([1, 2], [], []) == (bench.transactions.done, bench.letters.kept, bench.ended)
    assert [3] == await bench.committed()


async def test_an_error_that_stays_ends_the_process_and_commits_nothing() -> None:
    """The records come again; until the process has ended nothing more is begun."""
    bench = Bench(retry_seconds=0.0)
    bench.transactions.refuse = _times(1, PASSING)
    await bench.handle(record(1))
    await bench.handle(record(2))

    assert ([[1]], [PASSING]) == (bench.transactions.tried, bench.ended)
    assert ([], {}) == (await bench.committed(), bench.consumer.handled)
    assert (False, "") == (bench.consumer.is_halted, bench.consumer.lost)


async def test_what_is_no_records_fault_makes_no_dead_letter() -> None:
    """A schema that is not this release's would bury a whole topic: it is neither tried again nor halved."""
    bench = Bench()
    wrong = asyncpg.UndefinedTableError("no such table")
    bench.transactions.refuse = _times(1, wrong)
    await bench.handle(record(1), record(2))

    assert ([[1, 2]], [wrong], []) == (bench.transactions.tried, bench.ended, bench.letters.kept)


async def test_the_one_that_cannot_pass_is_found_by_halving() -> None:
    """Its neighbours pass in their order; its letter tells the reason, and with how many batches it was tried."""
    bench = Bench()
    bench.transactions.refuse = _of(4, error=DataRefused("too-odd"))
    await bench.handle(*map(record, range(1, 6)))

    assert [[1, 2, 3, 4, 5], [1, 2], [3, 4, 5], [3], [4, 5], [4], [5]] == bench.transactions.tried
    assert [1, 2, 3, 5] == bench.transactions.done
    assert [(4, "too-odd", 4, True)] == bench.letters.said
    assert [6] == await bench.committed()


async def test_two_that_cannot_pass_are_two_letters() -> None:
    """Each with its own reason, and nothing of the batch is left out."""
    bench = Bench()
    bench.transactions.refuse = _of(1, 4, error=KeyError("x"))
    await bench.handle(*map(record, range(1, 5)))

    assert [(1, "defect:KeyError", 3, True), (4, "defect:KeyError", 3, True)] == bench.letters.said
    assert [2, 3] == bench.transactions.done


async def test_a_letter_counts_what_was_in_the_way_before() -> None:
    """Tried with what passed by itself, then found to be wrong: three attempts."""
    bench = Bench()
    errors: list[Exception] = [DataRefused("odd"), PASSING, PASSING]
    bench.transactions.refuse = lambda _: errors.pop()
    await bench.handle(record(1))

    assert [(1, "odd", 3, True)] == bench.letters.said


async def test_what_was_tried_again_for_others_is_not_counted() -> None:
    """Attempts are of the record's own batch."""
    bench = Bench()
    bench.transactions.refuse = _times(2, PASSING)
    await bench.handle(record(1))
    bench.transactions.refuse = _of(2, error=DataRefused("odd"))
    await bench.handle(record(2))

    assert [(2, "odd", 1, True)] == bench.letters.said


@pytest.mark.parametrize("is_genuine", [True, False])
async def test_what_is_no_event_is_put_aside(is_genuine: bool) -> None:
    """Its neighbours pass. It counts against us where we signed it; whatever anybody else wrote stops nothing."""
    bench = Bench(is_genuine=is_genuine)
    await bench.handle(broken(1), unheard(2))

    expected = [(1, "schema" if is_genuine else "signature", 1, is_genuine)]
    assert (expected, []) == (bench.letters.said, bench.transactions.tried)
    assert [3] == await bench.committed()


async def test_what_nobody_signed_changes_nothing() -> None:
    """However well-formed it is."""
    bench = Bench(is_genuine=False)
    await bench.handle(record(1))

    assert ([(1, "signature", 1, False)], []) == (bench.letters.said, bench.transactions.tried)


def _made(ago: timedelta) -> str:
    """An id as our slices make them (UUIDv7), of so long ago."""
    made_at = int((datetime.now(UTC) - ago).timestamp() * 1000)
    return str(UUID(int=made_at << 80 | 7 << 76 | 2 << 62 | 1))


@pytest.mark.parametrize(
    ("ago", "is_handled"),
    [(timedelta(days=9, hours=22, minutes=30), True), (timedelta(days=9, hours=23, minutes=30), False)],
)
async def test_what_no_inbox_may_remember_is_not_handled(ago: timedelta, is_handled: bool) -> None:
    """An hour before inboxes forget (ten days here) it counts as forgotten: clocks differ by less. It stops nothing."""
    bench = Bench()
    await bench.handle(record(1, event_id=_made(ago)))

    assert ([1] if is_handled else []) == bench.transactions.done
    assert ([] if is_handled else [(1, "forgotten", 1, False)]) == bench.letters.said


async def test_too_many_dead_letters_of_ours_end_the_process() -> None:
    """A bad release buries no topic: no letter is kept, nothing is committed."""
    bench = Bench(limit=1)
    bench.transactions.refuse = lambda _: DataRefused("odd")
    await bench.handle(record(1), record(2))

    assert [TooManyDeadLetters] == [type(error) for error in bench.ended]
    assert ([], []) == (bench.letters.kept, await bench.committed())
    assert not bench.consumer.is_halted


async def test_a_pause_between_two_tries_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others go on meanwhile; the batch in hand stays in hand."""
    monkeypatch.setattr(module, "_pause_after", lambda _: 3600.0)
    bench = Bench()
    bench.transactions.refuse = _times(1, PASSING)
    handling = asyncio.create_task(bench.handle(record(1)))
    for _ in range(5):
        await asyncio.sleep(0)

    assert ([[1]], True) == (bench.transactions.tried, bench.consumer.is_busy)
    handling.cancel()


async def test_what_cannot_even_be_looked_at_is_a_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of ours in reading one record keeps no other from being read."""
    bench = Bench()
    true_head = envelope.head_of

    def head_of(found: Any, at_first: Any) -> Any:
        if found.offset == 1:
            raise KeyError("ours")
        return true_head(found, at_first)

    monkeypatch.setattr(module, "head_of", head_of)
    await bench.handle(record(1), record(2))

    assert ([(1, "defect:KeyError", 1, True)], [2]) == (bench.letters.said, bench.transactions.done)


async def test_without_memory_nothing_is_put_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says nothing of the record: the process ends, and all of it comes again."""
    bench = Bench()

    def head_of(*_: object) -> Any:
        raise MemoryError

    monkeypatch.setattr(module, "head_of", head_of)
    await bench.handle(record(1))

    assert ([], [MemoryError]) == (bench.letters.kept, [type(error) for error in bench.ended])


async def test_operators_hear_of_tries_letters_and_ends() -> None:
    """By names and short reasons; never by what a citizen wrote."""
    bench = Bench(limit=0)
    errors: list[Exception] = [DataRefused("odd"), PASSING]
    bench.transactions.refuse = lambda _: errors.pop()
    with capture_logs() as lines:
        await bench.handle(record(1))

    assert [
        {"event": "consumer.retries", "log_level": "warning", "group": "discipline", "attempt": 1,
         "error": "DeadlockDetectedError"},
        {"event": "consumer.dead-letter", "log_level": "error", "group": "discipline", "event_id": event_id_of(1),
         "reason": "odd"},
        {"event": "consumer.stops", "log_level": "critical", "group": "discipline", "error": "TooManyDeadLetters",
         "reason": "defect:TooManyDeadLetters"},
    ] == lines  # fmt: skip


def _measured(name: str) -> float:
    return metrics.REGISTRY.get_sample_value(f"huiyin_{name}", {"group": "discipline"}) or 0.0


async def test_batches_are_measured() -> None:
    """How many records, how long it took, and how often it was tried again; one that failed is no batch."""
    names = ("batch_records_count", "batch_records_sum", "batch_seconds_count", "batch_retries_total")
    before, seconds = [_measured(name) for name in names], _measured("batch_seconds_sum")
    bench = Bench()
    bench.transactions.refuse = _times(2, PASSING)
    await bench.handle(record(1), record(2), record(3))

    assert [1, 3, 1, 2] == [_measured(name) - known for name, known in zip(names, before, strict=True)]
    assert 0 < _measured("batch_seconds_sum") - seconds < 60
