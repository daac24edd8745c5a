"""Dead letters of submissions are sealed: what citizens wrote lies in no topic for longer, or plainer, than they were told.

AES-256-GCM, under a key that derives from the master secret for this alone, bound to where the record lay.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from deploy.settings import Settings, secret_fault
from schemas.errors import Refused

#: NIST SP 800-38D §8.2: what GCM is made for.
_NONCE_BYTES = 12


class LetterSealed(Refused):
    """What a dead letter holds cannot be read here."""

    en = "a dead letter of {where} is sealed, and not with this HUIYIN_SECRET_KEY, nor one of HUIYIN_PREVIOUS_SECRET_KEYS"
    zh = "{where} 的死信已加密，现有的 HUIYIN_SECRET_KEY 和 HUIYIN_PREVIOUS_SECRET_KEYS 都无法解开"


class Content(NamedTuple):
    """A record's content, as it came."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Content)


class LetterSeal:
    """The key that seals, and those that sealed before."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = [AESGCM(key) for key in keys]

    def seal(self, content: Content, where: str) -> bytes:
        """`content`, readable only with the key and as that of the record which lay at `where`."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, _encoder.encode(content), where.encode())

    def unseal(self, sealed: bytes, where: str) -> Content:
        """What was sealed, under this key or a former one.

        Raises:
            LetterSealed: another key, another record, or the bytes were changed.
        """
        for cipher in self._ciphers:
            with suppress(InvalidTag, ValueError):
                return _decoder.decode(
                    cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], where.encode())
                )
        raise LetterSealed(where=where)


def letter_seal(settings: Settings) -> LetterSeal:
    """The keys of these settings; without a master secret none, and nothing can be sealed or unsealed."""
    if secret_fault(settings.secret_key.get_secret_value()):
        return LetterSeal(())
    return LetterSeal([settings.derived("dead letters"), *settings.previously_derived("dead letters")])
