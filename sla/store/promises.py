"""Promised dates as supervisors read them: from their clocks, whoever's case it is."""

from datetime import datetime
from typing import Any

from schemas.ids import CaseId
from schemas.keysets import falls_below
from schemas.ports import Database
from sla.core.readings import Promised, PromiseStanding

#: The clock keeps the moment that was promised; under other rules since, an allowance in words.
_UNTIL = "CASE WHEN c.allow ~ '^[0-9]{4}-' THEN c.allow::timestamptz ELSE c.due_at END"
#: A breach is a fact. What stopped without one was kept where an answer ended the case; a refusal that is none ended it.
_STANDING = """CASE WHEN c.missed_at IS NOT NULL OR (c.state = 'running' AND c.due_at < $1) THEN 'broken'
    WHEN c.state <> 'stopped' THEN 'open' WHEN EXISTS (
        SELECT FROM sla.deed AS d
        WHERE d.case_id = c.case_id AND d.what = 'closed' AND d.at = c.stopped_at AND d.value = 1) THEN 'ended'
    WHEN k.outcome = 'answered' OR k.closed_at IS NULL THEN 'kept'
    ELSE 'ended' END"""


async def promised(
    db: Database,
    now: datetime,
    *,
    standing: PromiseStanding | None,
    department: str | None,
    after: tuple[datetime, CaseId] | None,
    limit: int,
) -> list[Promised]:
    """Dates that were promised, the last due first, behind `after`."""
    # Along the partial index of these clocks; case and word by primary keys, what was promised before by that of histories.
    rows = await db.fetch(
        f"""
        SELECT p.*, ARRAY(
            SELECT (h.detail->>'least')::timestamptz FROM sla.history AS h
            WHERE h.case_id = p.case_id AND h.clock = 'reply' AND h.what = 'promised' AND h.detail ? 'least'
            ORDER BY h.seq) AS promised_before
        FROM (SELECT * FROM (
            SELECT c.case_id, k.tracking_code, c.department, {_UNTIL} AS promised_until, c.due_at,
                   {_STANDING} AS state, w.due_at AS progress_due_at
            FROM sla.clock AS c JOIN sla."case" AS k USING (case_id)
            LEFT JOIN sla.clock AS w ON w.case_id = c.case_id AND w.clock = 'progress' AND w.state = 'running'
            WHERE c.clock = 'promise' AND ($2::text IS NULL OR c.department = $2)
                AND {falls_below(4, timestamptz="c.due_at", uuid="c.case_id")}
        ) AS p WHERE $3::text IS NULL OR state = $3
        ORDER BY due_at DESC, case_id DESC LIMIT $6) AS p
        ORDER BY due_at DESC, case_id DESC
        """,  # noqa: S608  made of constants
        now,
        department,
        standing,
        *(after or (None, None)),
        limit,
    )
    return [_promised(row) for row in rows]


def _promised(row: Any) -> Promised:
    before = [until for until in row["promised_before"] if until != row["promised_until"]]
    return Promised(**dict(row.items()) | {"case_id": CaseId(str(row["case_id"])), "promised_before": before})
