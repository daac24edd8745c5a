"""What routing gave to departments, to be compared with what they have."""

from collections.abc import Sequence
from datetime import datetime

from schemas.ids import CaseId
from schemas.ports import Database


async def routed_before(db: Database, before: datetime) -> Sequence[CaseId]:
    """The routed cases that came before this moment."""
    # Reads the table once.
    rows = await db.fetch(
        "SELECT case_id FROM routing.case WHERE state = 'routed' AND received_at < $1", before
    )
    return [CaseId(str(row["case_id"])) for row in rows]
