"""Restored copies: each begins a new epoch of the audit, since later anchors describe what is gone."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from deploy import clock, composition
from deploy.database.pool import connect
from deploy.settings import Settings


class Restore(msgspec.Struct, frozen=True, kw_only=True):
    """A copy of `copied_at` took the database's place at `at`."""

    epoch: str
    at: datetime
    copied_at: datetime
    #: HMAC-SHA-256 of all that under the audit's key.
    seal: str = ""

    def sealed(self, key: bytes) -> "Restore":
        """The restore with its seal."""
        return msgspec.structs.replace(self, seal=self._seal(key))

    def is_sealed_by(self, keys: Sequence[bytes]) -> bool:
        """Whether one of the keys sealed exactly this."""
        return any(hmac.compare_digest(self._seal(key), self.seal) for key in keys)

    def _seal(self, key: bytes) -> str:
        text = msgspec.json.encode([self.epoch, self.at.timestamp(), self.copied_at.timestamp()])
        return hmac.digest(key, b"restore\0" + text, "sha256").hex()


async def remember_restore(settings: Settings, copied_at: datetime) -> str:
    """Begin an epoch in the restored database, which these settings name as its owner; the epoch's name."""
    restore = Restore(epoch=secrets.token_hex(8), at=clock.now(), copied_at=copied_at)
    sealed = restore.sealed(composition.audit_key(settings))
    async with connect(settings) as db:
        await db.execute(
            "INSERT INTO deploy.restore (epoch, at, copied_at, seal) VALUES ($1, $2, $3, $4)",
            sealed.epoch, sealed.at, sealed.copied_at, sealed.seal,
        )  # fmt: skip
    return sealed.epoch


async def restores(db: Any) -> Sequence[Restore]:
    """All of them, the first one first; whether their seals hold is for the caller to say."""
    rows = await db.fetch("SELECT epoch, at, copied_at, seal FROM deploy.restore ORDER BY at, epoch")
    return [Restore(**dict(row)) for row in rows]
