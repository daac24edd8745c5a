"""The consume discipline on real Kafka and Postgres: nothing lost, nothing twice, whatever comes."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from deploy import clock
from deploy.database.outbox import RelayNotifier
from deploy.messaging.consuming.consumer import GroupConsumer
from deploy.messaging.consuming.executor import PrepareExecutor
from deploy.messaging.dead.dead_letter_policy import TooManyDeadLetters
from deploy.messaging.dead.dead_letters import StoredLetter
from deploy.messaging.records.envelope import MAX_RECORD_BYTES, headers_of
from schemas.event import Event
from schemas.events.intake import CitizenRated
from tests.integration.deploy.rig import DEFECT, NUL, REFUSED, Rig, events, nothing, with_text
from tests.unit.deploy.records import AT, EVENT_ID, Headers, Record, supplemented

GOOD = supplemented(1)
TYPE = b"case.supplemented.v1"


def _headers(event_id: bytes, type_: bytes | None, *more: tuple[str, bytes | None]) -> Headers:
    return [("ce_id", event_id), ("ce_type", type_), *more]


def _id(number: int) -> bytes:
    return EVENT_ID[:-4].encode() + f"{number:04x}".encode()


#: Whatever else may lie on a topic, with the reason that its dead letter gives.
POISON: dict[str, tuple[str, dict[str, Any]]] = {
    "broken JSON": ("decode", {"value": b'{"case_id": '}),
    "no value": ("decode", {"value": None}),
    "neither key nor value": ("decode", {"value": b"", "key": None}),
    "nested without end": ("decode", {"value": b'{"deep":' + b"[" * 100_000}),
    "wrong type": ("schema", {"value": b'{"case_id": 1}'}),
    "unknown type": ("unknown_type", {"headers": _headers(_id(1), b"case.dreamt.v1")}),
    "type that is not UTF-8": ("bad_header", {"headers": _headers(_id(2), b"\xff\xfe")}),
    "type that is null": ("bad_header", {"headers": _headers(_id(3), None)}),
    "id that is none": ("bad_header", {"headers": _headers(b"7", TYPE)}),
    "no headers": ("bad_header", {"headers": []}),
    "odd headers beside": ("decode", {
        "value": b"{", "headers": _headers(_id(4), TYPE, ("x-null", None), ("x-raw", b"\xff\x00\xfe"), ("x-raw", b"2"))
    }),
    "a key that is no text": ("decode", {"value": b"{", "key": b"\xff\x00"}),
    "oversized": ("oversized", {"value": b"x" * (MAX_RECORD_BYTES + 1)}),
}  # fmt: skip


async def test_broken_records_are_kept_whole_and_their_neighbours_pass(rig: Rig) -> None:
    """Key, value and headers byte for byte, with the reason and where it lay; the events between them are handled."""
    sent = {}
    for number, (name, (_, changed)) in enumerate(POISON.items()):
        await rig.send(supplemented(number + 1, version=1), partition=0)
        sent[name] = await rig.send(GOOD, partition=0, **changed)
    await rig.send(supplemented(99, version=1), partition=0)

    async with rig.consuming():
        letters = await rig.has_letters(len(POISON))
        seen = await rig.has_seen(len(POISON) + 1)

    assert sorted([*((number + 1, 1) for number in range(len(POISON))), (99, 1)]) == sorted(seen)
    by_offset = {int(letter.fact("offset")): letter for letter in letters}
    for number, (name, (reason, _)) in enumerate(POISON.items()):
        letter = by_offset[2 * number + 1]
        assert (name, reason) == (name, letter.fact("reason"))
        assert (name, *sent[name]) == (name, *_as_it_came(letter))
        assert [letter.fact(fact) for fact in ("stage", "topic", "partition")] == ["scratch", rig.topic, "0"]
    assert not rig.ended


def _as_it_came(letter: StoredLetter) -> tuple[bytes | None, bytes | None, Headers]:
    return letter.record.key, letter.record.value, letter.original_headers()


@pytest.mark.parametrize(
    ("text", "reason"), [(NUL, "postgres:22021"), (REFUSED, "refused_by_step"), (DEFECT, "defect:KeyError")]
)
async def test_an_event_that_cannot_be_handled_is_found_by_halving(rig: Rig, text: str, reason: str) -> None:
    """One of a hundred in one batch: it alone becomes a dead letter, after few tries."""
    batch = events(100)
    await rig.send_many([*batch[:37], with_text(batch[37], text), *batch[38:]])

    async with rig.consuming():
        seen = await rig.has_seen(99)
        (letter,) = await rig.has_letters(1)

    assert [(number, 1) for number in range(1, 101) if number != 38] == sorted(seen)
    assert (reason, "38") == (
        letter.fact("reason"),
        str(int(letter.record.key.decode().replace("-", ""), 16)),
    )
    assert len(rig.calls) <= 40, rig.calls
    # With the whole batch, with each half that it was in, and alone.
    assert 2 <= int(letter.fact("attempts")) <= 8


async def test_a_dead_letter_tells_how_often_it_was_tried(rig: Rig) -> None:
    """Tries that something transient ended are counted with the last one."""
    failures = iter([ConnectionResetError(), TimeoutError()])

    async def fail_twice(_: Sequence[Event]) -> None:
        for error in failures:
            raise error

    rig.before = fail_twice
    await rig.send(with_text(supplemented(1), REFUSED))
    async with rig.consuming():
        (letter,) = await rig.has_letters(1)

    assert "3" == letter.fact("attempts")


async def test_nothing_of_a_failed_try_remains(rig: Rig) -> None:
    """What a step wrote and said before it failed is rolled back: one row and one outbox row an event."""
    batch = events(20)
    await rig.send_many([*batch[:5], with_text(batch[5], REFUSED), *batch[6:]])

    async with rig.consuming():
        await rig.has_seen(19)
        await rig.has_letters(1)

    assert await rig.pool.fetchval("SELECT count(*) FROM deploy.outbox") == 19
    assert await rig.pool.fetchval("SELECT count(*) FROM deploy.inbox WHERE consumer = 'scratch'") == 19
    assert len(await rig.seen()) == 19


async def test_one_event_sent_twice_is_handled_once(rig: Rig) -> None:
    """The same event id, next to each other and again later; and again with capitals in it."""
    event_id = "0192abcd-0000-4000-8000-00000000abcd"
    await rig.send(supplemented(1, version=1), event_id=event_id)
    await rig.send(supplemented(1, version=1), event_id=event_id)
    async with rig.consuming():
        await rig.has_seen(1)
        await rig.send(supplemented(1, version=1), event_id=event_id.upper())
        await rig.send(supplemented(1, version=2))
        await rig.has_seen(2)
        await rig.has_committed(4)

    assert [(1, 1), (1, 2)] == await rig.seen()


def _made(days_ago: float) -> str:
    """The id of an event that one of our slices said so long ago."""
    since_ms = int((clock.now() - timedelta(days=days_ago)).timestamp() * 1000)
    digits = f"{since_ms:012x}"
    return f"{digits[:8]}-{digits[8:]}-{clock.new_event_id()[14:]}"


async def test_what_comes_back_after_the_inbox_forgot_it_changes_nothing(rig: Rig) -> None:
    """Brought by whoever keeps Kafka for longer, in any number: it is refused and told, and stops nothing."""
    rig.dead_letter_limit = 3
    days = rig.settings.inbox_days
    async with rig.consuming():
        for number in range(1, 8):
            await rig.send(supplemented(number), event_id=_made(days + number))
        await rig.send(supplemented(8), event_id=_made(days - 1))
        await rig.send(supplemented(9))

        assert {8, 9} == {number for number, _ in await rig.has_seen(2)}
        letters = await rig.has_letters(7)
        assert {"forgotten"} == {letter.fact("reason") for letter in letters}
        assert [] == rig.ended


async def test_what_was_not_committed_comes_again_and_is_absorbed(rig: Rig) -> None:
    """A crash between the transaction and the commit of its offsets costs nothing."""
    await rig.send_many(events(50))
    async with rig.consuming():
        await rig.has_seen(50)
    await rig.forget_offsets()
    await rig.send(supplemented(51, version=1))

    async with rig.consuming():
        await rig.has_seen(51)
        await rig.has_committed(51)

    assert [(number, 1) for number in range(1, 52)] == sorted(await rig.seen())


async def test_only_partitions_that_are_still_ours_are_committed(rig: Rig) -> None:
    """Explicit offsets, of what was handled, without what was taken from us."""
    committed: list[dict[object, int]] = []

    class Half:
        def assignment(self) -> set[object]:
            return {(rig.topic, 1)}

        async def commit(self, offsets: dict[object, int]) -> None:
            committed.append(offsets)

        async def committed(self, partition: object) -> int:
            return 5

        async def beginning_offsets(self, partitions: Sequence[object]) -> dict[object, int]:
            return dict.fromkeys(partitions, 0)

    def record(partition: int, offset: int) -> Record:
        headers = headers_of(_id(partition * 10 + offset).decode(), "case.supplemented.v1", AT, None)
        value = b'{"case_id": "%s", "version": 1, "at": "2026-11-23T02:00:00Z", "text": ""}'
        body = value % GOOD.case_id.encode()
        return Record(
            value=body,
            headers=rig.keys.signed(rig.topic, b"key", body, headers),
            topic=rig.topic,
            partition=partition,
            offset=offset,
        )

    async with RelayNotifier(rig.pool).running() as notifier:
        with PrepareExecutor() as executor:
            consumer = GroupConsumer(rig.subscription, rig.context(notifier, executor))
            await consumer.handle([record(0, 5), record(1, 6), record(1, 7)], Half())
            await consumer.leave()

    assert committed == [{(rig.topic, 1): 8}]
    assert len(await rig.seen()) == 3


async def test_offsets_follow_the_transaction(rig: Rig) -> None:
    """While a batch is in hand its offsets are not committed; when it is written, they are."""
    in_hand, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_: Sequence[Event]) -> None:
        in_hand.set()
        await go_on.wait()

    rig.before = wait
    await rig.send_many(events(10))
    async with rig.consuming():
        await in_hand.wait()
        before = await rig.committed()
        go_on.set()
        await rig.has_committed(10)

    assert sum(before.values()) == 0
    assert len(await rig.seen()) == 10


async def test_leaving_drains_the_batch_in_hand(rig: Rig) -> None:
    """What SIGTERM does: the batch is finished and committed, and no other is begun."""
    in_hand, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_: Sequence[Event]) -> None:
        in_hand.set()
        await go_on.wait()

    rig.before = wait
    await rig.send_many(events(10))
    async with rig.consuming():
        await in_hand.wait()
        asyncio.get_running_loop().call_later(0.5, go_on.set)

    seen = len(await rig.seen())
    assert seen > 0
    assert seen == sum((await rig.committed()).values())


async def test_whoever_leaves_begins_nothing_more(rig: Rig) -> None:
    """Records that are handed over after that are neither handled nor committed: they are the next consumer's."""
    await rig.send_many(events(5))
    async with rig.consuming() as consumer:
        await rig.has_committed(5)
        await consumer.leave()
        await rig.send_many(events(5, 2)[5:])
        await rig.has_committed(5)
    between = await rig.seen()
    async with rig.consuming():
        await rig.has_seen(10)

    assert len(between) == 5
    assert len(await rig.seen()) == 10


async def test_a_passing_error_is_retried_in_place(rig: Rig) -> None:
    """Postgres was away for a moment: the same batch again, no dead letter, nothing ended."""
    failures = iter([ConnectionResetError(), TimeoutError(), ConnectionRefusedError()])

    async def fail_a_few_times(_: Sequence[Event]) -> None:
        for error in failures:
            raise error

    rig.before = fail_a_few_times
    await rig.send_many(events(20))
    async with rig.consuming():
        await rig.has_seen(20)

    assert [rig.calls[0]] * 4 == rig.calls[:4]
    assert [(number, 1) for number in range(1, 21)] == sorted(await rig.seen())
    assert (await rig.letters(), rig.ended) == ([], [])


async def test_an_error_that_stays_ends_the_process_and_nothing_is_passed(rig: Rig) -> None:
    """Bounded retries, then the end: no dead letter, no commit, no further batch; the next process handles it all."""

    async def fail(_: Sequence[Event]) -> None:
        raise ConnectionRefusedError("away")

    rig.before, rig.retry_seconds = fail, 0.5
    await rig.send_many(events(20))
    async with rig.consuming():
        error = await rig.has_ended()
        await rig.send_many(events(20, 2)[20:])
        began = time.monotonic()
    stopped_after = time.monotonic() - began

    assert isinstance(error, ConnectionRefusedError)
    assert stopped_after < 5
    assert sum((await rig.committed()).values()) == 0
    assert (await rig.letters(), await rig.seen()) == ([], [])

    rig.before = nothing
    async with rig.consuming():
        await rig.has_seen(40)
    assert sorted(await rig.seen()) == sorted(
        (number + 1, version) for number in range(20) for version in (1, 2)
    )


@pytest.mark.parametrize("good_between", [0, 1])
async def test_too_many_dead_letters_stop_the_consumer(rig: Rig, good_between: int) -> None:
    """A bad release must not move a whole topic to the dead letters, nor half of it: it stops, and commits nothing."""
    rig.dead_letter_limit = 10
    batch = events(40)
    bad = [
        with_text(event, DEFECT) if number % (good_between + 1) == 0 else event
        for number, event in enumerate(batch)
    ]
    await rig.send_many(bad)

    async with rig.consuming():
        error = await rig.has_ended()

    assert isinstance(error, TooManyDeadLetters)
    assert await rig.letters() == []
    assert sum((await rig.committed()).values()) < 40

    rig.fixed.add(DEFECT)
    async with rig.consuming():
        await rig.has_seen(40)
    assert [(number, 1) for number in range(1, 41)] == sorted(await rig.seen())


async def test_several_events_of_a_case_in_one_batch_keep_their_order(rig: Rig) -> None:
    """Thirty versions of five cases at once: a step sees a case once a call, and never backwards."""
    await rig.send_many(events(5, 30))
    async with rig.consuming():
        seen = await rig.has_seen(150)

    assert _versions(seen) == {number: list(range(1, 31)) for number in range(1, 6)}
    assert max(rig.calls) <= 5


async def test_events_that_nobody_hears_are_passed_over(rig: Rig) -> None:
    """Another slice's event on the same topic is committed like any other."""
    rated = CitizenRated(case_id=GOOD.case_id, version=1, at=AT, score=5)
    await rig.send(rated, headers=headers_of(EVENT_ID, rated.type, AT, None))
    async with rig.consuming():
        await rig.has_committed(1)

    assert (await rig.seen(), await rig.letters()) == ([], [])


def _shout(batch: Sequence[Event]) -> Sequence[str]:
    return [f"{event.version}!" for event in batch]


async def test_prepared_values_belong_to_their_events(rig: Rig) -> None:
    """Each step gets, for each event, what was prepared for that one, also where a case comes several times."""
    rig.prepare = _shout
    await rig.send_many(events(7, 6))
    async with rig.consuming():
        await rig.has_seen(42)

    rows = await rig.pool.fetch("SELECT version, text FROM scratch.seen")
    assert {(row["version"], row["text"]) for row in rows} == {
        (version, f"{version}!") for version in range(1, 7)
    }


def _versions(seen: Sequence[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for number, version in seen:
        found[number].append(version)
    return dict(found)
