"""Record batches made by hand, byte by byte: what no well-behaved client sends, and any other may."""

import gzip
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer, TopicPartition, codec
from aiokafka.errors import NotLeaderForPartitionError, for_code
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.util import calc_crc32c

from tests.stack import eventually

_AFTER_LENGTH = struct.Struct(">ib")
_FROM_ATTRIBUTES = struct.Struct(">hiqqqhii")

#: The codec's number in a batch, and how its bytes are made.
CODECS: Mapping[str, tuple[int, Callable[[bytes], bytes]]] = {
    "none": (0, bytes),
    "gzip": (1, gzip.compress),
    "snappy": (2, lambda plain: bytes(codec.snappy_encode(plain))),
    "snappy in one block": (2, lambda plain: bytes(codec.snappy_encode(plain, xerial_compatible=False))),
    "lz4": (3, lambda plain: bytes(codec.lz4_encode(plain))),
    "zstd": (4, lambda plain: bytes(codec.zstd_encode(plain))),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord:
    """A record whose headers have names of any bytes."""

    value: bytes | None
    headers: Sequence[tuple[bytes, bytes | None]]
    key: bytes | None = b"raw"


def raw_batch(records: Sequence[RawRecord], compression: str = "none") -> bytes:
    """A batch of magic 2 with these records; the broker numbers them."""
    number, compress = CODECS[compression]
    now = int(time.time() * 1000)
    body = compress(b"".join(_record(place, record) for place, record in enumerate(records)))
    checked = _FROM_ATTRIBUTES.pack(number, len(records) - 1, now, now, -1, -1, -1, len(records)) + body
    rest = _AFTER_LENGTH.pack(-1, 2) + struct.pack(">I", calc_crc32c(checked)) + checked
    return struct.pack(">qi", 0, len(rest)) + rest


def header_bytes(headers: Sequence[tuple[bytes, bytes | None]]) -> bytes:
    """Headers as they lie in a record."""
    return _varint(len(headers)) + b"".join(_sized(name) + _sized(value) for name, value in headers)


def _record(place: int, record: RawRecord) -> bytes:
    body = b"\x00" + _varint(0) + _varint(place) + _sized(record.key) + _sized(record.value)
    body += header_bytes(record.headers)
    return _varint(len(body)) + body


def _sized(data: bytes | None) -> bytes:
    return _varint(-1) if data is None else _varint(len(data)) + data


def _varint(number: int) -> bytes:
    left, found = (number << 1) ^ (number >> 63), bytearray()
    while left > 0x7F:
        found.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes([*found, left])


async def send_batch(producer: AIOKafkaProducer, topic: str, partition: int, batch: bytes) -> None:
    """Hand `batch` to the partition's leader as it is.

    Raises:
        KafkaError: the broker will not have it.
    """

    async def send() -> int:
        await producer.client.force_metadata_update()
        leader = producer.client.cluster.leader_for_partition(TopicPartition(topic, partition))
        request = ProduceRequest(None, -1, 10_000, [(topic, [(partition, batch)])])
        answer = await producer.client.send(leader, request)
        return int(answer.topics[0][1][0][1])

    await producer.partitions_for(topic)
    # A topic that was made just now may have no leader yet.
    code = await eventually(send, is_done=lambda code: code != NotLeaderForPartitionError.errno)
    if code:
        raise for_code(code)(topic)
