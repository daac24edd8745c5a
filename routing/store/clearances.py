"""What dispatchers found of units that reports name, and took back: kept for good, for supervisors to read."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from routing.core.decisions.clearing import CaseCleared
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Database
from schemas.values import Clearance


async def add(db: Database, case_id: CaseId, new: Sequence[Clearance]) -> None:
    """Keep who was cleared, by whom and why."""
    await db.execute(
        """
        INSERT INTO routing.clearance (case_id, department, reason, decided_by, at)
        SELECT $1::uuid, department, reason, decided_by, at
        FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) AS n (department, reason, decided_by, at)
        """,
        case_id,
        [one.department for one in new],
        [one.reason for one in new],
        [one.decided_by for one in new],
        [one.at for one in new],
    )


async def end(
    db: Database, case_id: CaseId, units: Sequence[DepartmentCode], reason: str, by: str, at: datetime
) -> None:
    """Keep that what was found last of these units is taken back, by whom and why."""
    # The table whole: a city has some hundreds.
    await db.execute(
        """
        INSERT INTO routing.clearance_end (clearance_id, reason, withdrawn_by, at)
        SELECT max(id), $3, $4, $5 FROM routing.clearance
        WHERE case_id = $1::uuid AND department = ANY ($2::text[]) GROUP BY department
        """,
        case_id,
        list(units),
        reason,
        by,
        at,
    )


# Along the primary key, from its end.
_LATEST = """
SELECT n.id, n.case_id::text, c.tracking_code, n.department, n.reason, n.decided_by, n.at,
    e.clearance_id IS NULL AND n.department = ANY (c.accused) AS is_void,
    e.withdrawn_by, e.at AS withdrawn_at, e.reason AS withdrawn_because
FROM routing.clearance AS n JOIN routing.case AS c USING (case_id)
LEFT JOIN routing.clearance_end AS e ON e.clearance_id = n.id
WHERE $1::bigint IS NULL OR n.id < $1
ORDER BY n.id DESC LIMIT $2
"""


async def latest(db: Database, before: int | None, limit: int) -> list[CaseCleared]:
    """Up to `limit` of them, the latest first, from behind the row `before`."""
    return [msgspec.convert(dict(row), CaseCleared) for row in await db.fetch(_LATEST, before, limit)]
