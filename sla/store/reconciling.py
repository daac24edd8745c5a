"""Which cases sla missed."""

from collections.abc import Sequence
from datetime import datetime

from schemas.ids import CaseId
from schemas.ports import Database
from schemas.words import Clock


async def known_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases whose registration sla has heard."""
    rows = await db.fetch(
        'SELECT case_id FROM sla."case" WHERE case_id = ANY ($1::uuid[]) AND received_at IS NOT NULL',
        case_ids,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def assigned_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases whose assignment sla has heard."""
    rows = await db.fetch(
        'SELECT case_id FROM sla."case" WHERE case_id = ANY ($1::uuid[]) AND assigned_at IS NOT NULL',
        case_ids,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def running(db: Database, case_ids: Sequence[CaseId]) -> set[tuple[CaseId, Clock]]:
    """Which of the department's clocks run, of each case."""
    rows = await db.fetch(
        """
        SELECT case_id, clock FROM sla.clock
        WHERE case_id = ANY ($1::uuid[]) AND clock IN ('sign', 'reply') AND state = 'running'
        """,
        case_ids,
    )
    return {(CaseId(str(row["case_id"])), Clock(row["clock"])) for row in rows}


async def in_numbers(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that are counted with all others."""
    rows = await db.fetch(
        'SELECT case_id FROM sla."case" WHERE case_id = ANY ($1::uuid[]) AND NOT private', case_ids
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def followed_up(db: Database, case_ids: Sequence[CaseId]) -> set[tuple[CaseId, datetime]]:
    """When supervisors called back, or saw to a case under supervision."""
    # Some rows a case, by the first column of the index.
    rows = await db.fetch(
        "SELECT case_id, at FROM sla.history WHERE case_id = ANY ($1::uuid[]) AND what = 'followed up'",
        case_ids,
    )
    return {(CaseId(str(row["case_id"])), row["at"]) for row in rows}
