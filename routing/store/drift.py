"""Where the machine was sure and dispatchers decided otherwise."""

from datetime import datetime
from typing import NamedTuple

from schemas.ids import CategoryCode
from schemas.ports import Database


class Drift(NamedTuple):
    """Cases of one category that went out without a person; of them, those that a dispatcher sent elsewhere since."""

    category: CategoryCode
    sure: int
    overruled: int


async def by_category(db: Database, since: datetime) -> list[Drift]:
    """Of the cases received since then, the most overruled first; none that is confidential, protected or a report."""
    # The index of moments; of each case whether a dispatch was ever asked for, by the primary key.
    rows = await db.fetch(
        """
        SELECT c.category, count(*) AS sure, count(*) FILTER (WHERE c.decided_by <> 'rules') AS overruled
        FROM routing.case AS c
        WHERE c.received_at >= $1 AND c.state = 'routed' AND c.decided_by IS NOT NULL
          AND NOT (c.confidential OR c.protected OR c.kind = 'report' OR c.accused <> '{}' OR c.cleared <> '[]')
          AND NOT EXISTS (SELECT FROM routing.review_item AS i WHERE i.case_id = c.case_id AND i.kind = 'dispatch')
        GROUP BY c.category ORDER BY overruled DESC, sure DESC, c.category
        """,
        since,
    )
    return [Drift(CategoryCode(row["category"]), row["sure"], row["overruled"]) for row in rows]
