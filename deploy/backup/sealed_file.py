"""A file that only the master secret opens, written and read as it flows: AES-256-GCM over chunks.

The chunks are bound to their number, to the file's first line, and to whether they are the last one (STREAM; Hoang,
Reyhanitabar, Rogaway and Vizár 2015): none can be changed, moved, repeated or cut off unnoticed.
"""

import os
from collections.abc import Iterator
from io import BufferedRandom, BufferedReader
from typing import IO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.errors import HuiyinError, Unusable

_MAGIC = b"huiyin-backup-1 "
#: Project choice: some hundred bytes of overhead for a megabyte.
_CHUNK_BYTES = 64 * 1024
_PREFIX_BYTES = 8
_TAG_BYTES = 16
_LENGTH_BYTES = 4


class BackupUnreadable(HuiyinError):
    """The file is no backup, was cut off or changed, or another master secret made it."""

    en = "{file} cannot be read: {reason}"
    zh = "无法读取备份 {file}：{reason}"


class SealedWriter:
    """Writes; nothing is valid before `close`."""

    def __init__(self, file: IO[bytes], key: bytes, first_line: bytes) -> None:
        """`first_line`: readable by everybody, without a line break."""
        prefix = os.urandom(_PREFIX_BYTES)
        self._head = _MAGIC + prefix.hex().encode() + b" " + first_line + b"\n"
        self._file, self._cipher, self._prefix = file, AESGCM(key), prefix
        self._number = 0
        self._kept = bytearray()
        file.write(self._head)

    def write(self, data: bytes) -> None:
        """Add `data`: what fills a chunk is sealed and written."""
        self._kept += data
        # The last chunk is marked, so that one is always kept back.
        while len(self._kept) > _CHUNK_BYTES:
            self._seal(bytes(self._kept[:_CHUNK_BYTES]), is_last=False)
            del self._kept[:_CHUNK_BYTES]

    def close(self) -> None:
        """Write what is left, marked as the end."""
        self._seal(bytes(self._kept), is_last=True)

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        sealed = self._cipher.encrypt(
            _nonce(self._prefix, self._number), chunk, _bound(self._head, is_last=is_last)
        )
        self._file.write(len(sealed).to_bytes(_LENGTH_BYTES) + sealed)
        self._number += 1


class SealedReader:
    """Reads what a `SealedWriter` wrote."""

    def __init__(self, file: BufferedReader | BufferedRandom, name: str) -> None:
        self._file, self._name = file, name
        self._head = file.readline()
        if not self._head.startswith(_MAGIC) or not self._head.endswith(b"\n"):
            raise BackupUnreadable(
                file=name, reason=Unusable(zh="不是 Huiyin 回音的备份", en="it is no backup of Huiyin 回音")
            )
        prefix, _, self.first_line = self._head[len(_MAGIC) : -1].partition(b" ")
        self._prefix = bytes.fromhex(prefix.decode())
        self._chunks: Iterator[bytes] = iter(())
        self._kept = b""

    def unlock(self, key: bytes) -> Self:
        """Ready to be read with this key."""
        self._chunks = self._opened(AESGCM(key))
        return self

    def read(self, size: int) -> bytes:
        """Exactly so many bytes.

        Raises:
            BackupUnreadable: the file ends before, or is not what was written.
        """
        parts = [self._kept]
        while sum(map(len, parts)) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                raise BackupUnreadable(
                    file=self._name, reason=Unusable(zh="文件不完整", en="it ends too early")
                )
            parts.append(chunk)
        data = b"".join(parts)
        self._kept = data[size:]
        return data[:size]

    def _opened(self, cipher: AESGCM) -> Iterator[bytes]:
        number, is_last = 0, False
        while not is_last:
            sealed = self._next_sealed()
            is_last = not self._file.peek(1)
            try:
                yield cipher.decrypt(
                    _nonce(self._prefix, number), sealed, _bound(self._head, is_last=is_last)
                )
            except InvalidTag as error:
                reason = Unusable(
                    zh="文件被截断或改动过，或由另一个 HUIYIN_SECRET_KEY 生成",
                    en="it was cut off or changed, or another HUIYIN_SECRET_KEY made it",
                )
                raise BackupUnreadable(file=self._name, reason=reason) from error
            number += 1

    def _next_sealed(self) -> bytes:
        length = int.from_bytes(self._file.read(_LENGTH_BYTES))
        sealed = self._file.read(length) if length <= _CHUNK_BYTES + _TAG_BYTES else b""
        if not length or len(sealed) < length:
            raise BackupUnreadable(
                file=self._name, reason=Unusable(zh="文件被截断或改动过", en="it was cut off or changed")
            )
        return sealed


def _nonce(prefix: bytes, number: int) -> bytes:
    return prefix + number.to_bytes(4)


def _bound(head: bytes, *, is_last: bool) -> bytes:
    return head + (b"last" if is_last else b"more")
