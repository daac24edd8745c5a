"""Batches of bytes that no client of ours would send, read without an error ever leaving."""

import struct
from collections.abc import Sequence
from typing import Any

import hypothesis.strategies as st
import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given, settings

from deploy.messaging.client.record_batches import (
    MAX_INFLATED_BYTES,
    UNREADABLE_BATCH,
    UNREADABLE_NAMES,
    Batches,
    read_whatever_comes,
    records_in,
)
from tests.raw import CODECS, RawRecord, header_bytes, raw_batch

PARTITION = TopicPartition("huiyin.commands.v1", 3)
COMPRESSIONS = tuple(CODECS)

_bytes_or_none = st.none() | st.binary(max_size=300)
_text_headers = st.lists(st.tuples(st.text(max_size=20).map(str.encode), _bytes_or_none), max_size=4)
_any_headers = st.lists(st.tuples(st.binary(max_size=6), _bytes_or_none), max_size=4)


def _records(headers: Any) -> Any:
    one = st.builds(RawRecord, key=_bytes_or_none, value=_bytes_or_none, headers=headers)
    return st.lists(one, min_size=1, max_size=5)


def _read(data: bytes, *, from_offset: int = 0, batches: Any = Batches) -> list[Any]:
    """What aiokafka's fetcher makes of one answer of a broker."""
    found = fetcher.PartitionRecords(PARTITION, batches(data), [], from_offset, None, None, True, 0)
    return list(found)


def _as_read(records: Sequence[RawRecord]) -> list[tuple[int, bytes | None, bytes | None, Any]]:
    return [
        (offset, record.key, record.value, _headers(record.headers)) for offset, record in enumerate(records)
    ]


def _headers(headers: Sequence[tuple[bytes, bytes | None]]) -> Any:
    try:
        return tuple((name.decode(), value) for name, value in headers)
    except UnicodeDecodeError:
        return ((UNREADABLE_NAMES, header_bytes(headers)),)


def _fields(records: Sequence[Any]) -> list[tuple[int, bytes | None, bytes | None, Any]]:
    return [(record.offset, record.key, record.value, tuple(record.headers)) for record in records]


@given(records=_records(_text_headers), compression=st.sampled_from(COMPRESSIONS))
def test_a_good_batch_reads_as_ever(records: list[RawRecord], compression: str) -> None:
    """However it is compressed, each record is what aiokafka alone makes of it."""
    data = raw_batch(records, compression)

    assert _read(data, batches=MemoryRecords) == _read(data)
    assert _as_read(records) == _fields(_read(data))


@given(records=_records(_text_headers))
def test_our_reader_agrees_with_aiokafkas(records: list[RawRecord]) -> None:
    """On what both can read: offsets, times, keys, values, headers."""
    data = raw_batch(records)

    assert _with_times(MemoryRecords(data).next_batch()) == _with_times(records_in(data))


def _with_times(records: Any) -> list[Any]:
    return [(found.timestamp, found.timestamp_type, *_fields([found])) for found in records]


@given(records=_records(_any_headers), compression=st.sampled_from(COMPRESSIONS))
def test_names_of_any_bytes(records: list[RawRecord], compression: str) -> None:
    """Records with such a name bring the bytes of all their headers, the others come whole, each once, in order."""
    assert _as_read(records) == _fields(_read(raw_batch(records, compression)))


@settings(max_examples=300)
@given(st.binary(max_size=200), st.integers(-3, 20), st.integers(0, 7))
def test_whatever_lies_in_a_batch_nothing_is_raised(body: bytes, count: int, codec: int) -> None:
    """Bytes that are no records come as one record that holds the whole batch, at its last offset."""
    data = bytearray(raw_batch([RawRecord(value=None, headers=[])])[:61] + body)
    struct.pack_into(">i", data, 8, len(data) - 12)
    struct.pack_into(">h", data, 21, codec)
    struct.pack_into(">i", data, 23, 6)
    struct.pack_into(">i", data, 57, count)
    found = list(Batches(bytes(data)).next_batch())

    if found and found[-1].headers and found[-1].headers[0][0] == UNREADABLE_BATCH:
        last = found[-1]
        assert (6, None, b"", (UNREADABLE_BATCH, bytes(data))) == (
            last.offset,
            last.key,
            last.value,
            last.headers[0],
        )
    else:
        assert max(count, 0) == len(found)


@pytest.mark.parametrize("compression", [name for name in COMPRESSIONS if name != "none"])
def test_a_batch_that_would_fill_the_memory_comes_unread(compression: str) -> None:
    """A few kilobytes that become more than a batch may: one record, and the batches behind it come with the next fetch."""
    bomb = raw_batch([RawRecord(value=bytes(MAX_INFLATED_BYTES), headers=[])], compression)
    neighbour = bytearray(raw_batch([RawRecord(value=b"good", headers=[])]))
    struct.pack_into(">q", neighbour, 0, 1)
    first = _read(bomb + bytes(neighbour))

    assert [(0, (UNREADABLE_BATCH, bomb))] == [(found.offset, found.headers[0]) for found in first]
    assert [(1, b"good")] == [(found.offset, found.value) for found in _read(bytes(neighbour), from_offset=1)]


def test_a_fetch_is_bounded_as_a_whole() -> None:
    """Many batches that are allowed each: what is inflated of one fetch ends, the rest is fetched again."""
    batch = raw_batch([RawRecord(value=bytes(MAX_INFLATED_BYTES // 2 - 100), headers=[])], "zstd")
    batches, given_out = Batches(batch * 50), 0
    while batches.has_next():
        given_out += len(list(batches.next_batch()))

    assert given_out == 3


def test_a_read_begun_in_the_middle_of_a_batch() -> None:
    """What was handled before a restart is passed over, also where a bad name lies before or behind."""
    bad = [(b"\xff", b"1")]
    records = [RawRecord(value=str(n).encode(), headers=bad if n in (1, 4) else []) for n in range(6)]

    assert _as_read(records)[3:] == _fields(_read(raw_batch(records), from_offset=3))


def test_formats_of_old_are_aiokafkas_business() -> None:
    """Magic 1 has no headers, and no broker of today takes it."""
    builder = LegacyRecordBatchBuilder(magic=1, compression_type=1, batch_size=10_000)
    for offset in range(3):
        builder.append(offset, timestamp=1, key=b"k", value=b"x" * 100)

    assert [0, 1, 2] == [record.offset for record in _read(bytes(builder.build()))]


def test_the_fetcher_looks_for_its_batches_where_we_put_ours() -> None:
    """What `read_whatever_comes` relies on: a new aiokafka that reads another way must not go unnoticed."""
    read_whatever_comes()
    code = fetcher.Fetcher._proc_fetch_request.__code__

    assert fetcher.MemoryRecords is Batches
    assert {"MemoryRecords", "PartitionRecords"} <= set(code.co_names)
