"""What handlers knows that others may have missed, and what it missed itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from schemas.ids import CaseId
from schemas.ports import Database


async def known_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that are at a desk, or were."""
    rows = await db.fetch("SELECT case_id FROM handlers.case WHERE case_id = ANY ($1::uuid[])", case_ids)
    return {CaseId(str(row["case_id"])) for row in rows}


async def open_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that a department has to answer."""
    rows = await db.fetch(
        """
        SELECT case_id FROM handlers.case WHERE case_id = ANY ($1::uuid[])
        AND state IN ('assigned', 'in_progress', 'suspended', 'reopened', 'replied')
        """,
        case_ids,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def shown_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of them that are with a department which may see them."""
    rows = await db.fetch(
        "SELECT case_id FROM handlers.case WHERE case_id = ANY ($1::uuid[]) AND NOT withheld", case_ids
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def answered_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that were answered, and ended with that."""
    rows = await db.fetch(
        """
        SELECT case_id FROM handlers.case WHERE case_id = ANY ($1::uuid[])
        AND state = 'closed' AND closed_at IS NOT NULL AND response IS NOT NULL
        """,
        case_ids,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def last_done(db: Database, case_ids: Sequence[CaseId]) -> Mapping[tuple[CaseId, str], datetime]:
    """When each action was last done to each case, as the log has it."""
    rows = await db.fetch(
        "SELECT case_id, action, max(at) AS at FROM handlers.log WHERE case_id = ANY ($1::uuid[]) GROUP BY 1, 2",
        case_ids,
    )
    return {(CaseId(str(row["case_id"])), row["action"]): row["at"] for row in rows}
