"""Which cases departments have in hand, for whoever moves many of them at once. All the SQL about it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from routing.core.decisions.in_hand import OUT_OF_HAND
from routing.core.decisions.review import RoutingCase
from routing.store.cases import read_case
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Database
from schemas.words import ReviewKind

# Along the index of cases in hand.
_IN_HAND = "c.state = 'routed' AND c.response IS NULL AND c.merged_into IS NULL"


class Questions(NamedTuple):
    """What was asked about a case: the newest version of which that was, and what of it waits for a decision."""

    newest: int
    waiting: Sequence[ReviewKind]


async def count_by_lead(db: Database) -> Mapping[DepartmentCode, int]:
    """How many cases of each department are not answered, with those about which something waits."""
    rows = await db.fetch(
        f"SELECT c.lead, count(*) AS cases FROM routing.case AS c WHERE {_IN_HAND} GROUP BY c.lead"  # noqa: S608  ours
    )
    return {DepartmentCode(row["lead"]): row["cases"] for row in rows}


async def led_by(
    db: Database, lead: DepartmentCode, after: CaseId | None, limit: int
) -> Sequence[RoutingCase]:
    """Cases that this department has in hand, in the order of their ids, behind `after`; of none a decision waits first."""
    rows = await db.fetch(
        f"""
        SELECT c.* FROM routing.case AS c WHERE {_IN_HAND} AND c.lead = $1 AND ($2::uuid IS NULL OR c.case_id > $2)
        AND NOT EXISTS (
            SELECT FROM routing.review_item AS i
            WHERE i.case_id = c.case_id AND i.state = 'open' AND i.kind = ANY($3::text[])
        ) ORDER BY c.case_id LIMIT $4
        """,  # noqa: S608  ours
        lead,
        after,
        list(OUT_OF_HAND),
        limit,
    )
    return [read_case(row) for row in rows]


async def asked_about(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, Questions]:
    """Those of these cases about which a dispatcher was ever asked."""
    rows = await db.fetch(
        """
        SELECT case_id::text, max(version) AS newest,
            coalesce(array_agg(kind ORDER BY version, kind) FILTER (WHERE state = 'open'), '{}') AS waiting
        FROM routing.review_item WHERE case_id = ANY($1::uuid[]) GROUP BY case_id
        """,
        list(case_ids),
    )
    return {
        CaseId(row["case_id"]): Questions(row["newest"], [ReviewKind(kind) for kind in row["waiting"]])
        for row in rows
    }
