"""One connection to a broker of ours, in Kafka's own protocol; needs no client and no event loop.

Source: the Apache Kafka protocol guide; API keys and versions are those of Kafka 4.3.
"""

import socket
import struct
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from deploy.local.embedded.ports import HOST

# A broker on this machine answers in milliseconds (project choice).
_TIMEOUT_SECONDS = 5.0
_CLIENT: Final = b"huiyin"
_SASL_HANDSHAKE: Final = (17, 1)
_SASL_AUTHENTICATE: Final = (36, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user and its password; neither holds a quote."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.user!r})"


class LoginRefused(ConnectionError):
    """The broker knows no such user, or not this password."""


class KafkaConnection:
    """A connection that is let in by SASL PLAIN: only to a port that `is_ours`, for the password is shown to it."""

    def __init__(self, port: int, login: Login) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=_TIMEOUT_SECONDS)
        try:
            self._log_in(login)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def ask(self, key: int, version: int, body: bytes) -> "CompactReader":
        """The answer to a flexible request, past its header.

        Raises:
            OSError: the broker went away.
        """
        answer = self._exchange(key, version, b"\0" + body)
        answer.tags()
        return answer

    def _log_in(self, login: Login) -> None:
        self._ask_to_be_let_in(_SASL_HANDSHAKE, _sized(b"PLAIN", ">h"))
        said = b"\0".join((b"", login.user.encode(), login.password.encode()))
        self._ask_to_be_let_in(_SASL_AUTHENTICATE, _sized(said, ">i"))

    def _ask_to_be_let_in(self, api: tuple[int, int], body: bytes) -> None:
        if self._exchange(*api, body).int16() != 0:
            raise LoginRefused("the broker does not let us in")

    def _exchange(self, key: int, version: int, body: bytes) -> "CompactReader":
        request = struct.pack(">hhi", key, version, 1) + _sized(_CLIENT, ">h") + body
        self._socket.sendall(_sized(request, ">i"))
        (length,) = struct.unpack(">i", self._received(4))
        answer = CompactReader(self._received(length))
        answer.int32()  # correlation id
        return answer

    def _received(self, length: int) -> bytes:
        parts = bytearray()
        while len(parts) < length:
            part = self._socket.recv(length - len(parts))
            if not part:
                raise ConnectionError("the broker closed the connection")
            parts += part
        return bytes(parts)


def _sized(content: bytes, form: str) -> bytes:
    return struct.pack(form, len(content)) + content


def varint(number: int) -> bytes:
    """An unsigned integer of variable length, as Kafka's protocol writes it (base 128, low groups first)."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def compact(content: bytes) -> bytes:
    """A compact string or bytes: one more than the length, then the content."""
    return varint(len(content) + 1) + content


class CompactReader:
    """Kafka's compact encodings, in order of appearance."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def int16(self) -> int:
        """A signed 16-bit integer, big-endian, as Kafka's protocol writes it."""
        return self._number(">h", 2)

    def int32(self) -> int:
        """A signed 32-bit integer, big-endian, as Kafka's protocol writes it."""
        return self._number(">i", 4)

    def _number(self, form: str, size: int) -> int:
        (number,) = struct.unpack_from(form, self._content, self._at)
        self._at += size
        return int(number)

    def varint(self) -> int:
        """An unsigned integer of variable length."""
        number = shift = 0
        while True:
            byte = self._content[self._at]
            self._at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7

    def string(self) -> str:
        """A compact string; empty for null."""
        length = max(0, self.varint() - 1)
        self._at += length
        return self._content[self._at - length : self._at].decode(errors="replace")

    def tags(self) -> None:
        """Pass over the tagged fields that end a flexible message: none of them matters here."""
        for _ in range(self.varint()):
            self.varint()
            length = self.varint()
            self._at += length
