"""How much is due and overdue of each, for those who hear of it once a day."""

from datetime import datetime

from schemas.ids import DepartmentCode
from schemas.ports import Database
from sla.core.kinds import Owner
from sla.core.notices import Burden


async def burdens(db: Database, now: datetime, until: datetime) -> list[Burden]:
    """Cases whose time ran out, or does by `until`: of each owner and department that has any, and of all together.

    Each is counted once, however many of its clocks are due: as overdue where one of them is. None that is private: a letter
    that counts one would tell of it. Requests to leave cases out of figures are the supervisors' to decide.
    """
    # Clocks whose warning has passed by the index of what presses; those of which it is still to come by the sweeper's.
    # Each case by its key: joined, Postgres reads all private ones there ever were.
    rows = await db.fetch(
        """
        SELECT whose, department, count(DISTINCT case_id) - count(DISTINCT case_id) FILTER (WHERE due_at < $1) AS due,
               count(DISTINCT case_id) FILTER (WHERE due_at < $1) AS overdue
        FROM (
            SELECT case_id, department, due_at, CASE
                WHEN COALESCE(owner, 'lead') IN ('lead', 'supporting') AND department IS NULL THEN 'dispatcher'
                ELSE COALESCE(owner, 'lead') END AS whose
            FROM (
                SELECT case_id, owner, department, due_at FROM sla.clock
                WHERE state = 'running' AND next_level IS DISTINCT FROM 'near' AND next_level IS DISTINCT FROM 'ended'
                    AND due_at <= $2
                UNION ALL
                SELECT case_id, owner, department, due_at FROM sla.clock
                WHERE next_alert_at <= $2 AND state = 'running' AND next_level = 'near' AND due_at <= $2
                UNION ALL
                SELECT e.case_id, 'supervisor', NULL, e.until
                FROM sla.exclusion AS e JOIN sla."case" AS k USING (case_id)
                WHERE e.state IN ('open', 'appealed') AND k.closed_at = e.closed_at AND e.until <= $2
            ) AS waits
        ) AS c
        WHERE whose <> 'citizen'
            AND NOT COALESCE((SELECT p.private FROM sla."case" AS p WHERE p.case_id = c.case_id), false)
        GROUP BY GROUPING SETS ((whose, department), ())
        """,
        now,
        until,
    )
    return [
        Burden(
            Owner(row["whose"]) if row["whose"] else None,
            DepartmentCode(row["department"]) if row["department"] else None,
            row["due"],
            row["overdue"],
        )
        for row in rows
    ]
