"""Alerts: which clocks are due for one, and each raised exactly once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Database
from schemas.words import AlertLevel, Clock


async def lock_due(db: Database, now: datetime, limit: int) -> list[Any]:
    """The clocks whose next alert is due, longest first, with what was told after their breach; passes over those that
    another process holds."""
    return await db.fetch(
        """
        SELECT c.case_id, c.clock, c.state, c.department, c.owner, c.due_at, c.escalate_at, c.next_level,
               c.deadline_version, COALESCE(k.version, 1) AS case_version, k.urgency, told.escalated, told.reminded
        FROM sla.clock AS c LEFT JOIN sla."case" AS k USING (case_id)
        LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE split_part(a.level, '.', 1) = 'escalated') AS escalated,
                   COALESCE(max(NULLIF(split_part(a.level, '.', 2), '')::int)
                            FILTER (WHERE split_part(a.level, '.', 1) = 'reminded'), 0) AS reminded
            FROM sla.alert AS a
            WHERE c.next_level = 'escalated' AND a.case_id = c.case_id AND a.clock = c.clock
              AND a.deadline_version = c.deadline_version
        ) AS told ON true
        WHERE c.next_alert_at < $1
        ORDER BY c.next_alert_at LIMIT $2
        FOR UPDATE OF c SKIP LOCKED
        """,
        now,
        limit,
    )


class Raised(NamedTuple):
    """An alert about a clock."""

    case_id: CaseId
    clock: Clock
    department: DepartmentCode | None
    owner: str | None
    due_at: datetime
    deadline_version: int
    case_version: int
    urgency: str | None
    level: AlertLevel
    #: Of escalations and reminders: which one.
    number: int = 1
    to_role: str | None = None
    to_person: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """With the deadline's version, what makes it fire exactly once."""
        is_numbered = self.level is AlertLevel.REMINDED or self.number > 1
        level = f"{self.level}.{self.number}" if is_numbered else self.level.value
        return self.case_id, self.clock, level


class Plan(NamedTuple):
    """What a clock says next, and when; None: nothing."""

    case_id: CaseId
    clock: Clock
    next_level: AlertLevel | None
    next_at: datetime | None
    #: Its breach was just told.
    missed: bool = False


async def raise_alerts(db: Database, raised: Sequence[Raised], now: datetime) -> set[tuple[str, str, str]]:
    """Write the alerts; returns the keys of those that were not raised before."""
    rows = await db.fetch(
        """
        INSERT INTO sla.alert (case_id, clock, level, deadline_version, department, due_at, owner, to_role, to_person,
                               raised_at)
        SELECT t.*, $10
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::timestamptz[], $7::text[],
                    $8::text[], $9::text[]) AS t
        ON CONFLICT (case_id, clock, level, deadline_version) DO NOTHING
        RETURNING case_id, clock, level
        """,
        [each.case_id for each in raised],
        [each.clock for each in raised],
        [each.key[2] for each in raised],
        [each.deadline_version for each in raised],
        [each.department for each in raised],
        [each.due_at for each in raised],
        [each.owner for each in raised],
        [each.to_role for each in raised],
        [each.to_person for each in raised],
        now,
    )
    return {(str(row[0]), row[1], row[2]) for row in rows}


async def plan_next(db: Database, plans: Sequence[Plan]) -> None:
    """Plan the next alerts of these clocks, and record breaches: the first one for good.

    A case that was counted as it was before a breach is counted anew.
    """
    await db.execute(
        """
        WITH planned AS (
            UPDATE sla.clock AS c
            SET next_level = t.next_level, next_alert_at = t.next_at,
                missed_at = CASE WHEN t.missed THEN COALESCE(c.missed_at, c.due_at) ELSE c.missed_at END,
                missed_version = CASE WHEN t.missed THEN c.deadline_version ELSE c.missed_version END
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::bool[])
              AS t (case_id, clock, next_level, next_at, missed)
            WHERE c.case_id = t.case_id AND c.clock = t.clock
            RETURNING c.case_id, t.missed
        ), locked AS (
            SELECT case_id FROM sla."case"
            WHERE settled AND case_id IN (SELECT case_id FROM planned WHERE missed) ORDER BY case_id FOR UPDATE
        )
        UPDATE sla."case" AS k SET settled = false FROM locked WHERE k.case_id = locked.case_id
        """,
        [plan.case_id for plan in plans],
        [plan.clock for plan in plans],
        [plan.next_level for plan in plans],
        [plan.next_at for plan in plans],
        [plan.missed for plan in plans],
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
