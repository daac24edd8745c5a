"""Alerts: which clocks are due for one, and each raised exactly once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Database
from schemas.words import AlertLevel, Clock


async def take_due(db: Database, now: datetime, limit: int) -> list[Any]:
    """The clocks whose next alert is due, longest first; passes over those that another process holds."""
    return await db.fetch(
        """
        SELECT c.case_id, c.clock, c.state, c.department, c.owner, c.due_at, c.escalate_at, c.next_level,
               c.deadline_version, COALESCE(k.version, 1) AS case_version
        FROM sla.clock AS c LEFT JOIN sla."case" AS k USING (case_id)
        WHERE c.next_alert_at < $1
        ORDER BY c.next_alert_at LIMIT $2
        FOR UPDATE OF c SKIP LOCKED
        """,
        now,
        limit,
    )


class Raised(NamedTuple):
    """An alert, and what its clock plans next."""

    case_id: CaseId
    clock: Clock
    department: DepartmentCode | None
    owner: str | None
    due_at: datetime
    deadline_version: int
    case_version: int
    level: AlertLevel
    next_level: AlertLevel | None
    next_at: datetime | None


async def raise_alerts(db: Database, raised: Sequence[Raised], now: datetime) -> set[tuple[str, str]]:
    """Write the alerts; returns (case, clock) of those that were not raised before."""
    rows = await db.fetch(
        """
        INSERT INTO sla.alert (case_id, clock, level, deadline_version, department, due_at, owner, raised_at)
        SELECT t.*, $8
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::timestamptz[], $7::text[]) AS t
        ON CONFLICT (case_id, clock, level, deadline_version) DO NOTHING
        RETURNING case_id, clock
        """,
        [r.case_id for r in raised],
        [r.clock for r in raised],
        [r.level for r in raised],
        [r.deadline_version for r in raised],
        [r.department for r in raised],
        [r.due_at for r in raised],
        [r.owner for r in raised],
        now,
    )
    return {(str(row[0]), row[1]) for row in rows}


async def plan_next(db: Database, raised: Sequence[Raised]) -> None:
    """Plan the alerts after these, and record breaches: the first one for good."""
    await db.execute(
        """
        UPDATE sla.clock AS c
        SET next_level = t.next_level, next_alert_at = t.next_at,
            missed_at = CASE WHEN t.missed THEN COALESCE(c.missed_at, c.due_at) ELSE c.missed_at END,
            missed_version = CASE WHEN t.missed THEN c.deadline_version ELSE c.missed_version END
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::bool[])
          AS t (case_id, clock, next_level, next_at, missed)
        WHERE c.case_id = t.case_id AND c.clock = t.clock
        """,
        [r.case_id for r in raised],
        [r.clock for r in raised],
        [r.next_level for r in raised],
        [r.next_at for r in raised],
        [r.level is AlertLevel.MISSED for r in raised],
    )


async def end(db: Database, ended: Sequence[tuple[CaseId, Clock]]) -> None:
    """These clocks have come to the end that they were given, at their due times."""
    await db.execute(
        """
        UPDATE sla.clock AS c SET state = 'stopped', stopped_at = c.due_at, next_level = NULL, next_alert_at = NULL
        FROM unnest($1::uuid[], $2::text[]) AS t (case_id, clock)
        WHERE c.case_id = t.case_id AND c.clock = t.clock
        """,
        [case_id for case_id, _ in ended],
        [clock for _, clock in ended],
    )
