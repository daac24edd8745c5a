"""Asks a broker, in Kafka's own protocol, which brokers it knows; needs no client and no event loop."""

import socket
import struct
from typing import Final

from deploy.local.embedded.ports import HOST

_DESCRIBE_CLUSTER: Final = 60
_TIMEOUT_SECONDS = 2.0
#: Header v2 (key, version, correlation id, client id, no tags), then no authorised operations, no tags.
_REQUEST = struct.pack(">hhih", _DESCRIBE_CLUSTER, 0, 1, 5) + b"probe" + b"\0" + b"\0" + b"\0"


def known_brokers(port: int) -> frozenset[int]:
    """The node ids of the brokers in service, as the broker at this port sees them; none if it is silent."""
    try:
        with socket.create_connection((HOST, port), timeout=_TIMEOUT_SECONDS) as connection:
            connection.sendall(struct.pack(">i", len(_REQUEST)) + _REQUEST)
            (length,) = struct.unpack(">i", _received(connection, 4))
            return _brokers_in(_Reader(_received(connection, length)))
    except (OSError, struct.error, IndexError):  # away, or not a Kafka broker
        return frozenset()


def _received(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(length - len(parts))
        if not part:
            raise ConnectionError("the broker closed the connection")
        parts += part
    return bytes(parts)


def _brokers_in(answer: "_Reader") -> frozenset[int]:
    """Reads DescribeClusterResponse v0. Source: the Apache Kafka protocol guide, API key 60."""
    answer.int32()  # correlation id
    answer.tags()
    answer.int32()  # throttle time
    error = answer.int16()
    answer.string()  # error message
    answer.string()  # cluster id
    answer.int32()  # controller
    if error != 0:
        return frozenset()
    return frozenset(_broker_in(answer) for _ in range(answer.varint() - 1))


def _broker_in(answer: "_Reader") -> int:
    node_id = answer.int32()
    answer.string()  # host
    answer.int32()  # port
    answer.string()  # rack
    answer.tags()
    return node_id


class _Reader:
    """Kafka's compact encodings, in order of appearance."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def int16(self) -> int:
        return self._number(">h", 2)

    def int32(self) -> int:
        return self._number(">i", 4)

    def _number(self, form: str, size: int) -> int:
        (number,) = struct.unpack_from(form, self._content, self._at)
        self._at += size
        return int(number)

    def varint(self) -> int:
        number = shift = 0
        while True:
            byte = self._content[self._at]
            self._at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7

    def string(self) -> None:
        length = self.varint() - 1  # one more than the length, or 0 for null
        self._at += max(0, length)

    def tags(self) -> None:
        for _ in range(self.varint()):
            self.varint()
            length = self.varint()
            self._at += length
