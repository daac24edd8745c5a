"""Cases that end, and those that have not ended after all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from schemas.ids import CaseId
from schemas.ports import Database
from sla.core.rules import CaseTraits


async def close_cases(
    db: Database,
    case_ids: Sequence[CaseId],
    ats: Sequence[datetime],
    outcomes: Sequence[str],
    versions: Sequence[int],
) -> set[CaseId]:
    """The cases have ended, unless something newer is known of them; returns those that have.

    What was ordered ends with them. One that is not known yet is kept, so that its clock does not start
    later. What two topics tell of one end is one end.
    """
    rows = await db.fetch(
        """
        WITH told AS (
            SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::int[])
              AS t (case_id, closed_at, outcome, version)
        ), ended AS (
            INSERT INTO sla."case" AS c (case_id, closed_at, outcome, version, state_version)
            SELECT *, version FROM told
            ON CONFLICT (case_id) DO UPDATE
                SET closed_at = CASE WHEN c.state_version > EXCLUDED.version THEN c.closed_at
                                     WHEN c.state_version = EXCLUDED.version AND c.outcome = EXCLUDED.outcome
                                     THEN LEAST(c.closed_at, EXCLUDED.closed_at) ELSE EXCLUDED.closed_at END,
                    outcome = CASE WHEN c.state_version > EXCLUDED.version THEN c.outcome ELSE EXCLUDED.outcome END,
                    version = GREATEST(c.version, EXCLUDED.version),
                    state_version = GREATEST(c.state_version, EXCLUDED.version), settled = false
            RETURNING case_id, state_version
        ), orders AS (
            UPDATE sla.supervision AS s SET state = 'ended', settled_at = GREATEST(s.at, told.closed_at)
            FROM ended JOIN told USING (case_id)
            WHERE ended.state_version = told.version
              AND s.case_id = ended.case_id AND s.state IN ('open', 'reported')
        )
        SELECT case_id, state_version FROM ended
        """,
        case_ids,
        ats,
        outcomes,
        versions,
    )
    told = dict(zip(case_ids, versions, strict=True))
    newest = {CaseId(str(case_id)): version for case_id, version in rows}
    return {case_id for case_id, version in newest.items() if version == told[case_id]}


async def wait_since_the_end(db: Database, case_ids: Sequence[CaseId]) -> None:
    """Whoever waits for another case's answer does so since their own case ended, as the newest that told of it says."""
    if not case_ids:
        return
    await db.execute(
        """
        UPDATE sla.clock AS c SET started_at = k.closed_at FROM sla."case" AS k
        WHERE k.case_id = c.case_id AND c.case_id = ANY($1::uuid[]) AND c.clock = 'merged'
          AND k.outcome = 'merged' AND c.started_at <> k.closed_at
        """,
        case_ids,
    )


async def reopen_cases(
    db: Database, case_ids: Sequence[CaseId], versions: Sequence[int]
) -> dict[CaseId, Any]:
    """The cases are open again; returns what their rules depend on, for those that are known."""
    rows = await db.fetch(
        """
        WITH told AS (SELECT * FROM unnest($1::uuid[], $2::int[]) AS t (case_id, version)), locked AS (
            SELECT case_id FROM sla."case" WHERE case_id = ANY($1::uuid[]) ORDER BY case_id FOR UPDATE
        )
        UPDATE sla."case" AS c
        SET closed_at = NULL, outcome = NULL, replied_at = NULL, version = GREATEST(c.version, told.version)
        FROM told JOIN locked USING (case_id) WHERE c.case_id = told.case_id
        RETURNING c.case_id, c.kind, c.urgency, c.category, c.channel
        """,
        case_ids,
        versions,
    )
    return {CaseId(str(row["case_id"])): row for row in rows}


async def take_back_cases(
    db: Database, case_ids: Sequence[CaseId], versions: Sequence[int]
) -> dict[CaseId, CaseTraits]:
    """No department has them any more; returns what the dispatcher's clock depends on, for those that one had, or that
    had ended."""
    rows = await db.fetch(
        """
        WITH told AS (SELECT * FROM unnest($1::uuid[], $2::int[]) AS t (case_id, version)), locked AS (
            SELECT case_id, lead IS NOT NULL OR closed_at IS NOT NULL AS is_taken
            FROM sla."case" WHERE case_id = ANY($1::uuid[]) ORDER BY case_id FOR UPDATE
        )
        UPDATE sla."case" AS c
        SET lead = NULL, closed_at = NULL, outcome = NULL, replied_at = NULL, reply_workdays = NULL,
            version = GREATEST(c.version, told.version), lead_version = told.version
        FROM told JOIN locked USING (case_id) WHERE c.case_id = told.case_id
        RETURNING c.case_id, c.urgency, c.kind, c.channel, locked.is_taken
        """,
        case_ids,
        versions,
    )
    return {
        CaseId(str(row["case_id"])): CaseTraits(
            urgency=row["urgency"], kind=row["kind"], channel=row["channel"]
        )
        for row in rows
        if row["is_taken"]
    }
