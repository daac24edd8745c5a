"""What routing knows and gave to departments, to be compared with what was registered and with what they have."""

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


async def unknown(db: Database, case_ids: Sequence[CaseId]) -> Sequence[CaseId]:
    """Those of the cases that routing does not know."""
    # Each by the primary key.
    rows = await db.fetch(
        """
        SELECT case_id FROM unnest($1::uuid[]) AS asked (case_id)
        WHERE NOT EXISTS (SELECT FROM routing.case AS held WHERE held.case_id = asked.case_id)
        """,
        case_ids,
    )
    return [CaseId(str(row["case_id"])) for row in rows]


async def every_case(db: Database) -> Sequence[CaseId]:
    """Every case that routing knows."""
    # Reads the table once.
    return [CaseId(str(row["case_id"])) for row in await db.fetch("SELECT case_id FROM routing.case")]
