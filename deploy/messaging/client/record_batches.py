"""Kafka's batches, read so that nothing that a sender put into one can stop a consumer group.

aiokafka decodes the names of headers while it reads a batch. One that is not UTF-8, which any client may send, raises
UnicodeDecodeError out of `getmany`: what was already taken from other partitions is lost to the caller, the position
stays before the batch, and the group meets it again for ever. It also inflates a compressed batch whatever its size
becomes. Neither can be mended from outside: the error names no partition, and the bytes are gone by then.

So `read_whatever_comes` puts `Batches` where aiokafka's fetcher looks for its `MemoryRecords`. A good batch takes the
same compiled way as ever. In one with an unreadable name, the record that has it comes with a single header, which
holds the bytes of all its headers, and its neighbours come whole. A batch that cannot be read at all comes as one
record at its last offset, which holds its bytes. Neither is an event: both end as dead letters
(`deploy/messaging/records/envelope.py`).

tests/integration/deploy/messaging/test_record_batches.py fails where a new aiokafka no longer looks here.
"""

import gzip
import io
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import cramjam
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError
from aiokafka.record.default_records import DefaultRecord, DefaultRecordBatch
from aiokafka.record.memory_records import MemoryRecords

#: The only header of a record whose headers have unreadable names: their bytes, as they lay in the record.
UNREADABLE_NAMES = "unreadable-names"
#: The headers of a record that stands for a whole batch: its bytes, as they came, and the name of the error.
UNREADABLE_BATCH, UNREADABLE_FOR = "unreadable-batch", "unreadable-for"
#: What a batch may become, and what is inflated of one fetch before it is asked for again: twelve partitions of
#: it fit into memory. Brokers take 1 MiB, and text shrinks to a fifth (project choice).
MAX_INFLATED_BYTES = 8 * 1024 * 1024

#: base offset, length, leader epoch, magic, CRC, attributes, last offset delta, first and largest timestamp,
#: producer id and epoch, base sequence, number of records.
_HEAD = struct.Struct(">qiibIhiqqqhii")
_LENGTH = struct.Struct(">i")
#: Where the length stands, and where what it counts begins (Kafka's protocol: the record batch).
_LENGTH_AT, _LENGTH_FROM, _MAGIC_AT = 8, 12, 16
_CODEC, _LOG_APPEND_TIME = 0x07, 0x08
_XERIAL = b"\x82SNAPPY\x00"
#: Its header: these eight bytes and two version numbers of four (by arithmetic).
_XERIAL_BYTES = 16
#: What is inflated at a time at the least (project choice: one step for most batches).
_LEAST_ROOM = 64 * 1024
_UNREADABLE = (
    CorruptRecordException, UnsupportedCodecError, cramjam.DecompressionError, zlib.error, struct.error,
    EOFError, OSError, ValueError, IndexError, OverflowError,
)  # fmt: skip


def read_whatever_comes() -> None:
    """Have every consumer of this process read its batches by this module. A second call changes nothing."""
    fetcher.MemoryRecords = Batches


class Batches:
    """The batches of one fetched partition: what aiokafka's fetcher asks of `MemoryRecords`."""

    __slots__ = ("_data", "_position", "_theirs", "inflated_bytes")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._theirs = MemoryRecords(data)
        self._position = 0
        self.inflated_bytes = 0

    def size_in_bytes(self) -> int:
        """How many bytes of this partition were fetched, as aiokafka counts them."""
        return int(self._theirs.size_in_bytes())

    def has_next(self) -> bool:
        """Whether another whole batch is there; the fetcher fetches anew from where this ends."""
        return self.inflated_bytes < MAX_INFLATED_BYTES and bool(self._theirs.has_next())

    def next_batch(self) -> "Batch":
        """The next batch; only after `has_next`."""
        start = self._position
        (length,) = _LENGTH.unpack_from(self._data, start + _LENGTH_AT)
        self._position = start + _LENGTH_FROM + length
        return Batch(self, self._theirs.next_batch(), self._data, start, self._position)


class Batch:
    """One batch: its facts are aiokafka's, its records come whatever they hold."""

    __slots__ = ("_among", "_data", "_end", "_start", "_theirs", "is_control_batch", "next_offset")

    def __init__(self, among: Batches, theirs: Any, data: bytes, start: int, end: int) -> None:
        self._among = among
        self._theirs = theirs
        self._data = data
        self._start = start
        self._end = end
        # Asked of every batch, and much quicker so than by way of `__getattr__`.
        self.is_control_batch: bool = theirs.is_control_batch
        self.next_offset: int = theirs.next_offset

    def validate_crc(self) -> bool:
        """Whether the bytes are those that the broker checked."""
        return bool(self._theirs.validate_crc())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._theirs, name)

    def __next__(self) -> Any:
        return next(self._theirs)

    def __iter__(self) -> Iterator[Any]:
        """Its records. The fetcher passes over those that it has already handed on, so an error may begin anew."""
        batch: Any = self._theirs
        try:
            if self._is_compressed():
                batch = DefaultRecordBatch(self._inflated())
            yield from batch
        except UnicodeDecodeError:
            yield from self._leniently()
        except _UNREADABLE as error:
            yield self._whole(error)

    def _is_compressed(self) -> bool:
        """Whether its records are compressed. Formats before magic 2, which brokers do not send us, count as not."""
        return self._data[self._start + _MAGIC_AT] >= 2 and bool(self._theirs.compression_type)

    def _leniently(self) -> Iterator[Any]:
        try:
            yield from records_in(self._inflated())
        except _UNREADABLE as error:
            yield self._whole(error)

    def _inflated(self) -> bytes:
        """The batch as it would be without compression."""
        raw = self._data[self._start : self._end]
        *before, attributes, delta, first, last, producer, epoch, sequence, count = _HEAD.unpack_from(raw)
        if not attributes & _CODEC:
            return raw
        # Whatever fails has cost as much as could be.
        spent, self._among.inflated_bytes = self._among.inflated_bytes, MAX_INFLATED_BYTES
        plain = inflated(attributes & _CODEC, raw[_HEAD.size :])
        self._among.inflated_bytes = spent + len(plain)
        head = _HEAD.pack(*before, attributes & ~_CODEC, delta, first, last, producer, epoch, sequence, count)
        return head + plain

    def _whole(self, error: Exception) -> Any:
        """One record for all; earlier ones that were handed on before the error are among its bytes again."""
        raw, why = self._data[self._start : self._end], type(error).__name__.encode()
        headers = [(UNREADABLE_BATCH, raw), (UNREADABLE_FOR, why)]
        return DefaultRecord(self.next_offset - 1, -1, 0, None, b"", headers)


def records_in(batch: bytes) -> Iterator[Any]:
    """The records of an uncompressed batch; those with unreadable header names hold `UNREADABLE_NAMES`.

    Raises:
        ValueError, IndexError, OverflowError: this is no batch.
    """
    base, _, _, _, _, attributes, _, first, largest, *_, count = _HEAD.unpack_from(batch)
    position = _HEAD.size
    for _ in range(count):
        length, start = _varint(batch, position)
        position = start + length
        since, at = _varint(batch, start + 1)
        delta, at = _varint(batch, at)
        key, at = _bytes(batch, at)
        value, at = _bytes(batch, at)
        timestamp = largest if attributes & _LOG_APPEND_TIME else first + since
        kind = int(bool(attributes & _LOG_APPEND_TIME))
        yield DefaultRecord(base + delta, timestamp, kind, key, value, _headers(batch[at:position]))


def _headers(raw: bytes) -> list[tuple[str, bytes | None]]:
    number, at = _varint(raw, 0)
    found: list[tuple[str, bytes | None]] = []
    try:
        for _ in range(number):
            name, at = _bytes(raw, at)
            value, at = _bytes(raw, at)
            found.append(((name or b"").decode(), value))
    except UnicodeDecodeError:
        return [(UNREADABLE_NAMES, raw)]
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A zigzag varint and where it ends."""
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), at
        if shift >= 70:
            raise ValueError("a varint without end")


def _bytes(data: bytes, at: int) -> tuple[bytes | None, int]:
    length, at = _varint(data, at)
    if length < 0:
        return None, at
    if at + length > len(data):
        raise IndexError(at)
    return data[at : at + length], at + length


def inflated(codec: int, data: bytes) -> bytes:
    """`data` without its compression.

    Raises:
        UnsupportedCodecError: nobody knows this one.
        ValueError, OSError, cramjam.DecompressionError, …: not compressed so, or it becomes too large.
    """
    if codec not in _INFLATE:
        raise UnsupportedCodecError(f"codec {codec}")
    return _INFLATE[codec](data)


def _gzip(data: bytes) -> bytes:
    plain = gzip.GzipFile(fileobj=io.BytesIO(data)).read(MAX_INFLATED_BYTES + 1)
    if len(plain) > MAX_INFLATED_BYTES:
        raise ValueError("larger than a batch may become")
    return plain


def _with_room(inflate: Callable[[bytes, bytearray], int]) -> Callable[[bytes], bytes]:
    """`inflate`, which fails where the room does not suffice, in more and more of it."""

    def with_room(data: bytes) -> bytes:
        size = _LEAST_ROOM
        while size < MAX_INFLATED_BYTES:
            # It does not say whether the room or the data was to blame: the last try tells.
            with suppress(cramjam.DecompressionError):
                return _filled(inflate, data, size)
            size *= 8
        return _filled(inflate, data, MAX_INFLATED_BYTES)

    return with_room


def _filled(inflate: Callable[[bytes, bytearray], int], data: bytes, size: int) -> bytes:
    room = bytearray(size)
    return bytes(memoryview(room)[: inflate(data, room)])


def _snappy(data: bytes) -> bytes:
    """One block, or, as most clients write it, many blocks, each after its length."""
    if not data.startswith(_XERIAL):
        return _snappy_block(data, MAX_INFLATED_BYTES)
    at, found, left = _XERIAL_BYTES, [], MAX_INFLATED_BYTES
    while at < len(data):
        (length,) = _LENGTH.unpack_from(data, at)
        if length < 0:
            raise ValueError("a block of less than nothing")
        at += _LENGTH.size
        found.append(_snappy_block(data[at : at + length], left))
        at, left = at + length, left - len(found[-1])
    return b"".join(found)


def _snappy_block(data: bytes, most: int) -> bytes:
    """The length that it claims is believed only up to `most`."""
    if cramjam.snappy.decompress_raw_len(data) > most:
        raise ValueError("larger than a batch may become")
    return bytes(cramjam.snappy.decompress_raw(data))


_INFLATE: dict[int, Callable[[bytes], bytes]] = {
    1: _gzip,
    2: _snappy,
    3: _with_room(cramjam.lz4.decompress_into),
    4: _with_room(cramjam.zstd.decompress_into),
}
