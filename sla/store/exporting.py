"""Cases as tables outside hold them: no text of theirs, in the order in which they were received."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from schemas.ids import CaseId
from schemas.keysets import rises_above
from schemas.ports import Database


class ExportPosition(NamedTuple):
    """Where a list goes on."""

    received_at: datetime
    case_id: CaseId


async def received(
    db: Database,
    *,
    since: datetime,
    until: datetime,
    department: str | None,
    after: ExportPosition | None,
    limit: int,
) -> Sequence[Any]:
    """Cases received in a span, each with its reply's clock; merged ones are the other case's."""
    return await db.fetch(
        f"""
        SELECT k.case_id, k.tracking_code, k.channel, k.kind, k.urgency, k.category,
               CASE WHEN NOT k.private THEN k.item END AS item,
               CASE WHEN NOT k.private THEN array_to_string(k.tags, ' ') END AS tags,
               k.lead AS department, k.region, k.received_at,
               k.assigned_at, r.due_at AS reply_due_at, k.replied_at, k.closed_at,
               k.outcome,
               COALESCE(r.missed_at IS NOT NULL, false) AS was_late, cardinality(k.leads) AS departments, k.urged,
               k.supervised
        FROM sla."case" AS k LEFT JOIN LATERAL (
            SELECT c.due_at, c.missed_at FROM sla.clock AS c
            WHERE c.case_id = k.case_id AND c.clock = 'reply' OFFSET 0) AS r ON true
        WHERE k.received_at >= $1 AND k.received_at < $2 AND k.outcome IS DISTINCT FROM 'merged'
          AND ($3::text IS NULL OR k.lead = $3)
          AND {rises_above(4, timestamptz="k.received_at", uuid="k.case_id")}
        ORDER BY k.received_at, k.case_id LIMIT $6
        """,  # noqa: S608  made of constants
        since,
        until,
        department,
        after.received_at if after else None,
        after.case_id if after else None,
        limit,
    )
