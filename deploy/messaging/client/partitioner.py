"""The partition of a key (murmur2, as every Kafka client computes it), at half the cost of aiokafka's own.

aiokafka hashes byte by byte in Python, some 15 µs for a case's id; four bytes at a time are enough. Two processes that
disagreed would lay one case's events on two partitions, and lose their order.
"""

from collections.abc import Sequence
from struct import unpack_from
from typing import Final

from aiokafka.partitioner import DefaultPartitioner

# All numbers are those of Kafka's own hash (https://github.com/apache/kafka, `Utils.murmur2`).
#: Its seed, and what each word of four bytes is multiplied with.
_SEED: Final = 0x9747B28C
_TIMES: Final = 0x5BD1E995
_WORD_BYTES: Final = 4
#: It counts in 32 bits; a key is placed by the positive part (https://github.com/apache/kafka, `Utils.toPositive`).
_BITS: Final = 0xFFFFFFFF
_POSITIVE: Final = 0x7FFFFFFF
_keyless = DefaultPartitioner()


def hash_of(key: bytes) -> int:
    """What the partition follows from: never negative."""
    whole, rest = divmod(len(key), _WORD_BYTES)
    found = _SEED ^ len(key)
    for word in unpack_from(f"<{whole}I", key):
        mixed = (word * _TIMES) & _BITS
        found = (found * _TIMES) ^ ((mixed ^ (mixed >> 24)) * _TIMES)
        found &= _BITS
    if rest:
        found = ((found ^ int.from_bytes(key[-rest:], "little")) * _TIMES) & _BITS
    found = ((found ^ (found >> 13)) * _TIMES) & _BITS
    return (found ^ (found >> 15)) & _POSITIVE


def place(key: bytes | None, partitions: Sequence[int], available: Sequence[int]) -> int:
    """The partition for a key; for none one by chance, of those that can be reached."""
    if key is None:
        return int(_keyless(key, partitions, available))
    return partitions[hash_of(key) % len(partitions)]
