"""What dispatchers found of units that reports name: kept for good, for supervisors to read."""

from collections.abc import Sequence

import msgspec

from routing.core.clearing import CaseCleared
from schemas.ids import CaseId
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


# Along the primary key, from its end.
_LATEST = """
SELECT n.id, n.case_id::text, c.tracking_code, n.department, n.reason, n.decided_by, n.at,
    n.department = ANY (c.accused) AS is_void
FROM routing.clearance AS n JOIN routing.case AS c USING (case_id)
WHERE $1::bigint IS NULL OR n.id < $1
ORDER BY n.id DESC LIMIT $2
"""


async def latest(db: Database, before: int | None, limit: int) -> list[CaseCleared]:
    """Up to `limit` of them, the latest first, from behind the row `before`."""
    return [msgspec.convert(dict(row), CaseCleared) for row in await db.fetch(_LATEST, before, limit)]
