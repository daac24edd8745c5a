"""Calls in which nobody said anything."""

from datetime import datetime

import msgspec

from schemas.ids import CaseId
from schemas.ports import Database


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Such a call. `case_id`: what its case would be called; `sealed`: who called, and what the agent said."""

    case_id: CaseId
    source: str
    call_id: str
    started_at: datetime
    received_at: datetime
    sealed: bytes


async def keep_silence(db: Database, silence: Silence) -> bool:
    """Keep the call; whether it was not kept before."""
    # By the primary key.
    kept = await db.fetchval(
        """
        INSERT INTO intake.silent_call (case_id, source, call_id, started_at, received_at, sealed)
        VALUES ($1::uuid, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING true
        """,
        silence.case_id,
        silence.source,
        silence.call_id,
        silence.started_at,
        silence.received_at,
        silence.sealed,
    )
    return kept is not None
