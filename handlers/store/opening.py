"""Opening cases, and the withdrawals that came before them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from handlers.core.chain import LogEntry
from schemas.events.intake import CaseWithdrawn
from schemas.events.routing import CaseRouted
from schemas.ids import CaseId
from schemas.ports import Database

_json = msgspec.json.Encoder()

#: What a withdrawal without a case and the opening of cases agree on: see `await_openings`.
_OPENING_LOCK = 0x68616E64_01


async def hold_openings(db: Database) -> None:
    """Until this unit ends, no withdrawal decides that its case is unknown."""
    await db.execute("SELECT pg_advisory_xact_lock_shared($1)", _OPENING_LOCK)


async def await_openings(db: Database) -> None:
    """Wait until every unit that is opening cases has ended, and keep new ones waiting for this one."""
    await db.execute("SELECT pg_advisory_xact_lock($1)", _OPENING_LOCK)


async def withdrawn_early(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, str]:
    """Cases withdrawn before they were opened, with the reason."""
    rows = await db.fetch(
        "SELECT case_id, reason FROM handlers.withdrawal WHERE case_id = ANY($1::uuid[])", case_ids
    )
    return {CaseId(str(row["case_id"])): row["reason"] for row in rows}


async def remember_withdrawals(db: Database, events: Sequence[CaseWithdrawn]) -> None:
    """Keep them until their cases come."""
    await db.execute(
        """INSERT INTO handlers.withdrawal (case_id, at, reason)
        SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) ON CONFLICT DO NOTHING""",
        [e.case_id for e in events], [e.at for e in events], [e.reason for e in events],
    )  # fmt: skip


# A case and the first row of its log, in one statement; cases that exist already are left alone.
_OPEN = """
WITH opened AS (
    INSERT INTO handlers.case (
        case_id, tracking_code, channel, received_at, kind, urgency, category, lead, supporting, region,
        title, text, place, has_contact, confidential, publish, state, version, traceparent, log_hash,
        log_seq, assigned_at, closed_at
    )
    SELECT case_id, tracking_code, channel, received_at, kind, urgency, category, lead,
        string_to_array(supporting, ','), region, title, text, place::jsonb, has_contact, confidential,
        publish, state, version, traceparent, log_hash,
        1, $26, CASE WHEN state = 'withdrawn' THEN $26::timestamptz END
    FROM unnest(
        $1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::bool[], $15::bool[], $16::bool[],
        $17::text[], $18::int[], $19::text[], $20::bytea[]
    ) AS n (
        case_id, tracking_code, channel, received_at, kind, urgency, category, lead, supporting, region,
        title, text, place, has_contact, confidential, publish, state, version, traceparent, log_hash
    )
    ON CONFLICT (case_id) DO NOTHING
    RETURNING case_id
)
INSERT INTO handlers.log (case_id, seq, at, actor, role, action, from_state, to_state, version, detail, hash)
SELECT case_id, 1, $26, actor, role, action, from_state, to_state, version, detail::jsonb, hash
FROM unnest(
    $1::uuid[], $21::text[], $22::text[], $23::text[], $24::text[], $17::text[], $18::int[], $25::text[],
    $20::bytea[]
) AS l (case_id, actor, role, action, from_state, to_state, version, detail, hash)
JOIN opened USING (case_id)
RETURNING case_id
"""


async def open_cases(
    db: Database,
    events: Sequence[CaseRouted],
    entries: Sequence[tuple[LogEntry, bytes]],
    traces: Sequence[str | None],
    now: datetime,
) -> set[CaseId]:
    """Store those that are new, each in the state where its entry leads; says which those are."""
    rows = await db.fetch(
        _OPEN,
        [e.case_id for e in events],
        [e.tracking_code for e in events],
        [e.channel for e in events],
        [e.received_at for e in events],
        [e.kind for e in events],
        [e.urgency for e in events],
        [e.category for e in events],
        [e.lead for e in events],
        [",".join(e.supporting) for e in events],
        [e.region for e in events],
        [e.title for e in events],
        [e.text for e in events],
        [None if e.place is None else _json.encode(e.place).decode() for e in events],
        [e.has_contact for e in events],
        [e.confidential for e in events],
        [e.publish for e in events],
        [entry.to_state for entry, _ in entries],
        [entry.version for entry, _ in entries],
        traces,
        [row_hash for _, row_hash in entries],
        [entry.actor for entry, _ in entries],
        [entry.role for entry, _ in entries],
        [entry.action for entry, _ in entries],
        [entry.from_state for entry, _ in entries],
        [_json.encode(entry.detail).decode() for entry, _ in entries],
        now,
    )
    return {CaseId(str(row["case_id"])) for row in rows}
