"""What a consumer does where others than our slices write: their faults are theirs, and stop nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from deploy import clock
from deploy.messaging.consuming import consumer as module
from deploy.messaging.records.envelope import MAX_RECORD_BYTES, Received
from deploy.observability import metrics
from schemas.errors import DataRefused
from schemas.event import Event
from schemas.ports import RefusedRecord
from tests.unit.deploy.messaging.one_consumer import Bench, broken, event_id_of, record
from tests.unit.deploy.records import supplemented


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


@pytest.mark.usefixtures("_units")
async def test_what_can_be_answered_is_no_dead_letter() -> None:
    """Its sender is asked for like any other's, it is known by what it holds, and under whatever key it came."""
    refused: list[RefusedRecord] = []
    seen: list[Received] = []

    def read(one: RefusedRecord) -> Event | None:
        refused.append(one)
        return supplemented(9, text=one.reason) if one.value != b"{" else None

    async def blame(_: object, events: Sequence[Any]) -> Sequence[str | None]:
        return ["forged" if event.text == "bad_header" else None for event in events]

    async def handle(batch: Sequence[Received], prepared: object) -> None:
        seen.extend(batch)

    bench = Bench(limit=0, senders=blame, is_genuine=False, read_faulty=read)
    bench.transactions.handle = handle  # type: ignore[method-assign]  # looks at what is handled
    nobodys, forged = replace(record(4), value=b"{"), replace(record(5), headers=[])
    large = replace(record(6), value=b" " * (MAX_RECORD_BYTES + 1))
    others = replace(record(2), key=b"other")
    await bench.handle(record(1), broken(2), others, nobodys, forged, large, broken(2))

    assert ["1", "schema", "key", "schema"] == [getattr(each.event, "text", "") for each in seen]
    assert [False, True, True, True] == [each.is_faulty for each in seen]
    assert (seen[1].event_id, 3) == (seen[3].event_id, len({each.event_id for each in seen}))
    assert [(4, "decode"), (5, "forged"), (6, "oversized")] == sorted(said[:2] for said in bench.letters.said)
    assert (["schema", "key", "decode", "bad_header", "schema"], []) == (
        [one.reason for one in refused],
        bench.ended,
    )


@pytest.mark.usefixtures("_units")
async def test_what_outsiders_sent_came_when_the_broker_took_it() -> None:
    """Not when they say; where their clients set the time, it comes now."""
    bench = Bench(senders=_nobody_is_to_blame)
    seen: list[datetime] = []

    async def handle(batch: Sequence[Received], prepared: object) -> None:
        seen.extend(received.event.at for received in batch)

    bench.transactions.handle = handle  # type: ignore[method-assign]  # looks at times
    stamped = replace(record(1), timestamp=1_700_000_000_123, timestamp_type=1)
    await bench.handle(stamped, replace(record(2), timestamp=1_700_000_000_123, timestamp_type=0))

    brokers, now = seen
    assert datetime(2023, 11, 14, 22, 13, 20, 123_000, UTC) == brokers
    assert abs(clock.now() - now) < timedelta(minutes=1)
