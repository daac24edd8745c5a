"""What is stored of a token: a hash that recognises it and cannot be used in its place.

A department signs its commands on Kafka with the SHA-256 of its token (decision 7). We keep neither that nor the token: a
token is found by a keyed hash, and the key of a department's commands lies sealed (AES-256-GCM, bound to its row). Both
keys derive from the master secret, so that a copy of the database opens nothing and signs nothing.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from deploy.settings import Settings, secret_fault
from schemas.errors import HuiyinError

#: NIST SP 800-38D §8.2: what GCM is made for.
_NONCE_BYTES = 12


class NoTokensWithoutSecret(HuiyinError):
    """Tokens are kept under the master secret."""

    en = "a token is kept under HUIYIN_SECRET_KEY, which {fault}: set the one that all processes have"
    zh = "令牌须以 HUIYIN_SECRET_KEY 加密保存；请设置与各进程相同的密钥"


class TokenSecrets:
    """The keys that tokens are kept under, and those of former master secrets: of each the finder's and the sealer's."""

    def __init__(self, keys: Sequence[tuple[bytes, bytes]]) -> None:
        self._finders = [finder for finder, _ in keys]
        self._sealers = [AESGCM(sealer) for _, sealer in keys]

    def kept(self, digest: bytes) -> bytes:
        """What a token is found by, of its SHA-256."""
        return hmac.digest(self._finders[0], digest, "sha256")

    def findable(self, token: str) -> list[bytes]:
        """What a token may have been kept as."""
        digest = sha256_of(token)
        return [hmac.digest(finder, digest, "sha256") for finder in self._finders]

    def sealed(self, digest: bytes) -> bytes:
        """A token's SHA-256, readable only with the key and in its own row."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._sealers[0].encrypt(nonce, digest, self.kept(digest))

    def unsealed(self, sealed: bytes, kept: bytes) -> bytes | None:
        """That SHA-256; None where another key sealed it, or it was moved or changed."""
        for sealer in self._sealers:
            with suppress(InvalidTag, ValueError):
                return sealer.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], kept)
        return None


def sha256_of(token: str) -> bytes:
    """What a department signs its commands with."""
    return hashlib.sha256(token.encode()).digest()


def token_secrets(settings: Settings) -> TokenSecrets:
    """The keys of these settings.

    Raises:
        NoTokensWithoutSecret: there is no master secret, or one that will not do.
    """
    if fault := secret_fault(settings.secret_key.get_secret_value()):
        raise NoTokensWithoutSecret(fault=fault)
    formers = zip(
        settings.previously_derived("tokens"), settings.previously_derived("command keys"), strict=True
    )
    return TokenSecrets([(settings.derived("tokens"), settings.derived("command keys")), *formers])
