"""Batches on real Kafka that aiokafka alone would never get past."""

import pytest

from deploy.clock import new_event_id
from deploy.messaging.client.record_batches import MAX_INFLATED_BYTES, UNREADABLE_BATCH, UNREADABLE_NAMES
from deploy.messaging.records.envelope import headers_of
from schemas.event import Event, encode
from tests.integration.deploy.rig import Rig
from tests.raw import CODECS, RawRecord, header_bytes, raw_batch, send_batch
from tests.unit.deploy.records import supplemented

BAD_NAME = (b"x-\xff\xfe", b"1")


def _raw(rig: Rig, event: Event, *more: tuple[bytes, bytes | None]) -> RawRecord:
    headers = headers_of(new_event_id(), event.type, event.at, None)
    key, value = event.case_id.encode(), encode(event)
    signed = rig.keys.signed(rig.topic, key, value, headers)
    return RawRecord(key=key, value=value, headers=[*((name.encode(), text) for name, text in signed), *more])


@pytest.mark.parametrize("compression", CODECS)
async def test_bad_header_names_cost_nobody_but_their_records(rig: Rig, compression: str) -> None:
    """Several in a batch, with neighbours in it, before it, behind it and in other partitions: all of those arrive."""
    bad = [_raw(rig, supplemented(number), BAD_NAME, (b"\x80", None)) for number in (12, 14, 15)]
    good = [_raw(rig, supplemented(number)) for number in (11, 13, 16)]
    batch = [good[0], bad[0], good[1], bad[1], bad[2], good[2]]
    await rig.send(supplemented(1), partition=0)
    await send_batch(rig.producer, rig.topic, 0, raw_batch(batch, compression))
    await send_batch(rig.producer, rig.topic, 0, raw_batch([bad[0]], compression))
    for partition in range(rig.partitions):
        await rig.send(supplemented(2 + partition), partition=partition)

    async with rig.consuming():
        seen = await rig.has_seen(4 + rig.partitions)
        letters = await rig.has_letters(4)
        await rig.has_committed(8 + rig.partitions)

    assert sorted(seen) == sorted((n, 2) for n in (1, 11, 13, 16, *range(2, 2 + rig.partitions)))
    by_offset = {int(letter.fact("offset")): letter for letter in letters}
    assert sorted(by_offset) == [2, 4, 5, 7]
    for offset, sent in zip((2, 4, 5, 7), (*bad, bad[0]), strict=True):
        letter = by_offset[offset]
        assert ("bad_header_name", rig.topic) == (letter.fact("reason"), letter.fact("topic"))
        assert (sent.key, sent.value) == (letter.record.key, letter.record.value)
        assert [(UNREADABLE_NAMES, header_bytes(sent.headers))] == letter.original_headers()
    assert not rig.ended


async def test_a_batch_larger_than_what_is_read_at_once(rig: Rig) -> None:
    """Read in small pieces, with a restart between: every good record once, in order, every bad one as a dead letter."""
    rig.settings = rig.settings.model_copy(update={"batch_size": 7})
    records = [
        _raw(rig, supplemented(1, version=number), *([BAD_NAME] if number % 10 == 0 else []))
        for number in range(1, 101)
    ]
    await send_batch(rig.producer, rig.topic, 2, raw_batch(records, "lz4"))

    async with rig.consuming():
        await rig.has_seen(20)
    async with rig.consuming():
        seen = await rig.has_seen(90)
        await rig.has_committed(100)

    assert [(1, number) for number in range(1, 101) if number % 10] == seen
    assert {str(number - 1) for number in range(10, 101, 10)} == await _offsets(rig)


async def _offsets(rig: Rig) -> set[str]:
    return {letter.fact("offset") for letter in await rig.letters()}


async def test_what_would_fill_the_memory_becomes_a_dead_letter_as_it_came(rig: Rig) -> None:
    """A few kilobytes that inflate to more than a batch may become: one letter, and the next batch is handled."""
    bomb = raw_batch([RawRecord(value=bytes(MAX_INFLATED_BYTES), headers=[])], "zstd")
    await send_batch(rig.producer, rig.topic, 1, bomb)
    await rig.send(supplemented(1), partition=1)

    async with rig.consuming():
        (letter,) = await rig.has_letters(1)
        await rig.has_seen(1)

    (name, kept), (_, why) = letter.original_headers()
    assert b"DecompressionError" == why
    # The broker has written its own epoch into the batch's head.
    assert ("unreadable_batch", UNREADABLE_BATCH, bomb[16:]) == (
        letter.fact("reason"),
        name,
        (kept or b"")[16:],
    )


async def test_dead_letters_themselves_may_hold_anything(rig: Rig) -> None:
    """Whoever may write there must not blind `dead-letters list`."""
    dead_letters = rig.topic.replace("intake", "dead-letters")
    await send_batch(
        rig.producer, dead_letters, 0, raw_batch([RawRecord(value=b"1", headers=[BAD_NAME]), _plain()])
    )

    assert [b"1", b"2"] == [letter.record.value for letter in await rig.letters()]


def _plain() -> RawRecord:
    return RawRecord(value=b"2", headers=[])
