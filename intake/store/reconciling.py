"""What intake knows that others may have missed: cases by id, and each as it was said first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from schemas.ids import CaseId, TrackingCode
from schemas.ports import Database


async def page_of_ids(db: Database, after: CaseId | None, before: datetime, limit: int) -> Sequence[CaseId]:
    """The next ids of cases registered before then, in their order; also what seems still to come: the clock was ahead."""
    rows = await db.fetch(
        """
        SELECT case_id FROM intake.case
        WHERE ($1::uuid IS NULL OR case_id > $1)
            AND (registered_at < $2 OR registered_at > clock_timestamp() + interval '1 minute') ORDER BY case_id LIMIT $3
        """,
        after,
        before,
        limit,
    )
    return [CaseId(str(row["case_id"])) for row in rows]


async def known_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that are registered."""
    rows = await db.fetch("SELECT case_id FROM intake.case WHERE case_id = ANY ($1::uuid[])", case_ids)
    return {CaseId(str(row["case_id"])) for row in rows}


async def assigned_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases whose citizen was told that somebody has them, or had."""
    rows = await db.fetch(
        """
        SELECT case_id FROM intake.view WHERE case_id = ANY ($1::uuid[]) AND state NOT IN ('registered', 'in_review')
        """,
        case_ids,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def answered_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases whose citizen was told an answer."""
    rows = await db.fetch(
        "SELECT case_id FROM intake.view WHERE case_id = ANY ($1::uuid[]) AND response_at IS NOT NULL",
        case_ids,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def shown_states(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, str]:
    """Where each of the cases stands that its citizen was told anything of."""
    rows = await db.fetch(
        "SELECT case_id, state FROM intake.view WHERE case_id = ANY ($1::uuid[]) AND state IS NOT NULL",
        case_ids,
    )
    return {CaseId(str(row["case_id"])): row["state"] for row in rows}


async def as_registered(db: Database, case_ids: Sequence[CaseId]) -> Sequence[Any]:
    """The cases as the register holds them, with what is sealed of each; in the order of their ids.

    What their citizens, and staff, said last about publication counts, and the public matter that they joined stays named.
    """
    return await db.fetch(
        """
        SELECT c.case_id, c.tracking_code, c.channel, c.kind, c.title, c.text, c.place_address, c.longitude, c.latitude,
               c.confidential, c.of_old_list,
               coalesce(v.may_publish, c.publish) AND v.is_withheld IS NOT true AS publish, c.received_at, c.registered_at,
               s.sealed, t.matter::text, m.tracking_code AS same_as
        FROM intake.case AS c LEFT JOIN intake.sealed AS s USING (case_id) LEFT JOIN intake.view AS v USING (case_id)
        LEFT JOIN intake.me_too AS t USING (case_id) LEFT JOIN intake.case AS m ON m.case_id = t.matter
        WHERE c.case_id = ANY ($1::uuid[]) ORDER BY c.case_id
        """,
        case_ids,
    )


async def tracking_code(db: Database, case_id: CaseId) -> TrackingCode | None:
    """What names a registered case to its citizen; None of any other."""
    code: TrackingCode | None = await db.fetchval(
        "SELECT tracking_code FROM intake.case WHERE case_id = $1::uuid", case_id
    )
    return code


async def has_supplement(db: Database, case_id: CaseId, text: str) -> bool:
    """Whether these words, masked, were added to the case."""
    # A case's additions, by the first column of the primary key.
    found: bool = await db.fetchval(
        "SELECT EXISTS (SELECT FROM intake.supplement WHERE case_id = $1::uuid AND text = $2)", case_id, text
    )
    return found
