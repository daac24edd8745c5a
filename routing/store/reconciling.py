"""What routing knows that others may have missed, and what it missed itself."""

from collections.abc import Sequence

from schemas.ids import CaseId
from schemas.ports import Database


async def known_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that routing has heard of."""
    rows = await db.fetch("SELECT case_id FROM routing.case WHERE case_id = ANY ($1::uuid[])", case_ids)
    return {CaseId(str(row["case_id"])) for row in rows}


async def routed_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that were sent to a department."""
    rows = await db.fetch(
        "SELECT case_id FROM routing.case WHERE case_id = ANY ($1::uuid[]) AND state = 'routed'", case_ids
    )
    return {CaseId(str(row["case_id"])) for row in rows}
