"""Where a key lies: on one partition, whichever client of Kafka's places it."""

from uuid import uuid4

import pytest
from aiokafka.partitioner import DefaultPartitioner, murmur2
from hypothesis import given
from hypothesis import strategies as st

from deploy.messaging.client.partitioner import hash_of, place


@given(st.binary(max_size=70))
def test_a_hash_is_that_of_the_library(key: bytes) -> None:
    """Of any length: what is left over behind the last whole word counts, too."""
    assert hash_of(key) == murmur2(key) & 0x7FFFFFFF


@pytest.mark.parametrize(
    ("key", "signed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_a_hash_is_that_of_kafka(key: bytes, signed: int) -> None:
    """The numbers that Kafka's own tests hold, of which a partition follows from the positive part."""
    assert hash_of(key) == signed & 0x7FFFFFFF


def test_a_case_lies_where_aiokafka_would_lay_it() -> None:
    """Also for those who ask aiokafka's own partitioner."""
    keys = [str(uuid4()).encode() for _ in range(50)]
    partitions = list(range(12))

    assert [place(key, partitions, partitions) for key in keys] == [
        DefaultPartitioner()(key, partitions, partitions) for key in keys
    ]


def test_what_has_no_key_lies_where_somebody_answers() -> None:
    """By chance, and never on a partition without a leader."""
    assert {place(None, [0, 1, 2, 3], [2]) for _ in range(20)} == {2}
