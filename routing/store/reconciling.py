"""What routing knows that others may have missed, and what it missed itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime

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


async def ended(db: Database, case_ids: Sequence[CaseId]) -> dict[CaseId, str]:
    """How those of the cases ended that ended without an answer: `declined`, `merged`, `withdrawn`."""
    rows = await db.fetch(
        """
        SELECT case_id, state FROM routing.case
        WHERE case_id = ANY ($1::uuid[]) AND state IN ('declined', 'merged', 'withdrawn')
        """,
        case_ids,
    )
    return {CaseId(str(row["case_id"])): row["state"] for row in rows}


async def private_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that are told in confidence, reports, or accuse somebody."""
    rows = await db.fetch(
        """
        SELECT case_id FROM routing.case WHERE case_id = ANY ($1::uuid[])
          AND (confidential OR protected OR kind = 'report' OR accused <> '{}')
        """,
        case_ids,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def answered_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that a dispatcher answered directly, and closed with that."""
    rows = await db.fetch(
        "SELECT case_id FROM routing.case WHERE case_id = ANY ($1::uuid[]) AND state = 'answered'", case_ids
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def last_decided(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, datetime]:
    """When a dispatcher decided last on each of those of the cases of which one ever did."""
    # Some rows a case, by the first column of the primary key.
    rows = await db.fetch(
        """
        SELECT case_id, max(decided_at) AS at FROM routing.review_item
        WHERE case_id = ANY ($1::uuid[]) AND state = 'decided' GROUP BY case_id
        """,
        case_ids,
    )
    return {CaseId(str(row["case_id"])): row["at"] for row in rows}
