"""What a consumer does where others than our slices write: their faults are theirs, and stop nothing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from deploy.messaging import consumer as module
from deploy.messaging.envelope import Received
from deploy.observability import metrics
from schemas.errors import DataRefused
from tests.unit.deploy.messaging.one_consumer import Bench, event_id_of, record


async def _nobody_is_to_blame(_: object, events: Sequence[Any]) -> Sequence[str | None]:
    return [None] * len(events)


class _Unit:
    async def __aenter__(self) -> "_Unit":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


@pytest.fixture
def _units(monkeypatch: pytest.MonkeyPatch) -> None:
    """Senders are asked in a transaction; here it is none."""
    monkeypatch.setattr(module, "unit_of_work", lambda *_, **__: _Unit())


def _halted() -> float | None:
    return metrics.REGISTRY.get_sample_value("huiyin_consumer_halted", {"group": "discipline"})


@pytest.mark.usefixtures("_units")
async def test_too_many_where_outsiders_write_halt_this_consumer_alone() -> None:
    """A restart would bring the same again: the process goes on for others, and a metric says so."""
    bench = Bench(limit=1, senders=_nobody_is_to_blame)
    before, was_halted = _halted(), bench.consumer.is_halted
    bench.transactions.refuse = lambda _: DataRefused("odd")
    with capture_logs() as lines:
        await bench.handle(record(1), record(2))

    assert (True, []) == (bench.consumer.is_halted, bench.ended)
    after = _halted()
    assert (0.0, 1.0, False) == (before, after, was_halted)
    assert ("consumer.halts", "critical") == (lines[-1]["event"], lines[-1]["log_level"])


@pytest.mark.usefixtures("_units")
async def test_what_its_sender_is_to_blame_for_is_put_aside_and_stops_nothing() -> None:
    """The rest is handled; a key that is not its case's is the sender's fault, too."""

    async def blame(_: object, events: Sequence[Any]) -> Sequence[str | None]:
        return ["forged" if event.text == "1" else None for event in events]

    bench = Bench(limit=0, senders=blame)
    await bench.handle(record(1), replace(record(2), key=b"other"), record(3))

    assert [(1, "forged", 1, False), (2, "key", 1, False)] == bench.letters.said
    assert ([[3]], [], [4]) == (bench.transactions.tried, bench.ended, await bench.committed())


@pytest.mark.usefixtures("_units")
async def test_where_all_senders_are_to_blame_nothing_is_written() -> None:
    """No transaction is opened for an empty batch."""

    async def blame(_: object, events: Sequence[Any]) -> Sequence[str | None]:
        return ["forged"] * len(events)

    bench = Bench(senders=blame)
    await bench.handle(record(1), record(2))

    assert ([], 2) == (bench.transactions.tried, len(bench.letters.kept))


@pytest.mark.usefixtures("_units")
async def test_an_outsiders_record_goes_by_an_id_of_our_own() -> None:
    """Theirs may be another's. What no key of ours signed is taken all the same: its sender answers for it."""
    bench = Bench(senders=_nobody_is_to_blame, is_genuine=False)
    seen: list[str] = []

    async def handle(batch: Sequence[Received], prepared: object) -> None:
        seen.extend(received.event_id for received in batch)

    bench.transactions.handle = handle  # type: ignore[method-assign]  # looks at ids
    # The third says what the first one said; the second is something else under the same id.
    await bench.handle(record(1), record(2, event_id=event_id_of(1)), record(1))

    first, other, again = seen
    assert (first, []) == (again, bench.letters.kept)
    assert 3 == len({event_id_of(1), first, other})
