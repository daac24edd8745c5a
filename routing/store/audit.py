"""What routing knows and gave to departments, to be compared with what was registered and with what they have."""

from collections.abc import Mapping, Sequence
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


async def read_again(
    db: Database, case_ids: Sequence[CaseId]
) -> Mapping[CaseId, Sequence[tuple[int, datetime, str, bool]]]:
    """What stands of second readings of these cases' answers: version, moment, by whom, whether it was found right."""
    # Along the primary key.
    rows = await db.fetch(
        """SELECT case_id::text, version, read_at, read_by, is_right FROM routing.reading
        WHERE case_id = ANY ($1::uuid[]) AND is_right IS NOT NULL""",
        case_ids,
    )
    found: dict[CaseId, list[tuple[int, datetime, str, bool]]] = {}
    for row in rows:
        case = found.setdefault(CaseId(row["case_id"]), [])
        case.append((row["version"], row["read_at"], row["read_by"] or "", row["is_right"]))
    return found


async def every_read(db: Database) -> Sequence[CaseId]:
    """Every case whose answer somebody else has read again."""
    # Reads the table once: a tenth of the direct answers.
    rows = await db.fetch("SELECT DISTINCT case_id::text FROM routing.reading WHERE is_right IS NOT NULL")
    return [CaseId(row["case_id"]) for row in rows]
