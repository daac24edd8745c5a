"""Asks a broker which brokers it knows."""

import struct
from typing import Final

from deploy.local.embedded.kafka_connection import CompactReader, KafkaConnection, Login
from deploy.local.embedded.ports import is_ours

#: Number and version of the request (Kafka's protocol guide).
_DESCRIBE_CLUSTER: Final = (60, 0)
#: No authorised operations, no tags.
_QUESTION: Final = b"\0\0"


def known_brokers(port: int, login: Login) -> frozenset[int]:
    """The node ids of the brokers in service, as the broker at this port sees them; none if it is silent."""
    if not is_ours(port):
        return frozenset()
    try:
        with KafkaConnection(port, login) as connection:
            return _brokers_in(connection.ask(*_DESCRIBE_CLUSTER, _QUESTION))
    except (OSError, struct.error, IndexError):  # away, or not a Kafka broker
        return frozenset()


def _brokers_in(answer: CompactReader) -> frozenset[int]:
    """Reads DescribeClusterResponse v0. Source: the Apache Kafka protocol guide, API key 60."""
    answer.int32()  # throttle time
    error = answer.int16()
    answer.string()  # error message
    answer.string()  # cluster id
    answer.int32()  # controller
    if error != 0:
        return frozenset()
    return frozenset(_broker_in(answer) for _ in range(answer.varint() - 1))


def _broker_in(answer: CompactReader) -> int:
    node_id = answer.int32()
    answer.string()  # host
    answer.int32()  # port
    answer.string()  # rack
    answer.tags()
    return node_id
