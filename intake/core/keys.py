"""The secrets that this slice works with; they arrive from outside, and change only when the master secret does."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.hmac_sha256 import hmac_of


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeKeys:
    """Independent secrets of 32 bytes, all of one master secret. Losing `code_secret` voids every code handed out."""

    #: Tracking codes, access codes and case ids derive from it.
    code_secret: bytes = field(repr=False)
    #: Contact details and original texts are encrypted with it (AES-256-GCM).
    contact_key: bytes = field(repr=False)
    #: Blind index of telephone numbers.
    index_key: bytes = field(repr=False)
    #: Of every hash of what is personal or easily guessed.
    hash_key: bytes = field(repr=False)
    #: Those of former master secrets, the latest first: what was made under them still opens.
    previous: tuple["IntakeKeys", ...] = field(default=(), repr=False)

    @property
    def all(self) -> "Sequence[IntakeKeys]":
        """These keys, and behind them those of former master secrets."""
        return (self, *self.previous)

    @property
    def code_secrets(self) -> Sequence[bytes]:
        """The secrets of all codes that were ever handed out."""
        return [keys.code_secret for keys in self.all]

    def keyed(self, digest: bytes) -> bytes:
        """The HMAC-SHA-256 of a digest, kept in its place: without the key nobody finds by guessing what it is of."""
        return hmac_of(self.hash_key).digest(digest)
