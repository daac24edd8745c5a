"""Direct answers that another dispatcher reads again: what waits, and what was found."""

from datetime import datetime

from routing.core.decisions.direct import WaitingReading
from routing.store.cases import read_case
from schemas.ids import CaseId, EntryId
from schemas.ports import Database

# Whatever became private since is nobody else's to read, and what was reopened is another's to answer.
_WAITS = "r.read_at IS NULL AND c.state = 'answered' AND NOT c.confidential AND NOT c.protected AND r.answered_by <> $1"


async def ask(db: Database, case_id: CaseId, version: int, entry_id: EntryId, by: str, at: datetime) -> None:
    """Have somebody else read the answer to this case again."""
    await db.execute(
        """INSERT INTO routing.reading (case_id, version, entry_id, answered_by, answered_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING""",
        case_id,
        version,
        entry_id,
        by,
        at,
    )


async def waiting(db: Database, by: str, limit: int) -> list[WaitingReading]:
    """What waits for `by`, who answers none of them, the oldest first."""
    # Along the index of what waits.
    rows = await db.fetch(
        f"""
        SELECT c.*, r.entry_id, r.answered_by, r.answered_at FROM routing.reading AS r JOIN routing.case AS c USING (case_id)
        WHERE {_WAITS} AND r.version = c.version ORDER BY r.answered_at, r.case_id LIMIT {int(limit)}
        """,  # noqa: S608  our own words
        by,
    )
    found = [dict(row) for row in rows]
    return [
        WaitingReading(
            entry_id=EntryId(str(row.pop("entry_id"))), answered_by=row.pop("answered_by"),
            answered_at=row.pop("answered_at"), case=read_case(row),
        )
        for row in found
    ]  # fmt: skip


async def answered_by(db: Database, case_id: CaseId, version: int, by: str) -> str | None:
    """Who gave the answer to this case that waits for `by`; None where none does."""
    found: str | None = await db.fetchval(
        f"""
        SELECT r.answered_by FROM routing.reading AS r JOIN routing.case AS c USING (case_id)
        WHERE {_WAITS} AND r.case_id = $2 AND r.version = $3 AND c.version = $3
        """,  # noqa: S608  our own words
        by,
        case_id,
        version,
    )
    return found


async def was_offered(db: Database, case_id: CaseId, version: int, by: str) -> bool:
    """Whether that answer waited for `by` once: it is over, or it would be found. Not of what became private since."""
    # By the primary keys.
    found: bool = await db.fetchval(
        """SELECT EXISTS (SELECT FROM routing.reading AS r JOIN routing.case AS c USING (case_id)
        WHERE r.case_id = $1 AND r.version = $2 AND r.answered_by <> $3 AND NOT c.confidential AND NOT c.protected)""",
        case_id,
        version,
        by,
    )
    return found


async def was_found(db: Database, case_id: CaseId, version: int, by: str, *, is_right: bool) -> bool:
    """Whether `by` found the answer so already."""
    # By the primary key.
    found: bool = await db.fetchval(
        """SELECT EXISTS (SELECT FROM routing.reading
        WHERE case_id = $1 AND version = $2 AND read_by = $3 AND is_right = $4)""",
        case_id,
        version,
        by,
        is_right,
    )
    return found


async def end(db: Database, case_id: CaseId, at: datetime) -> None:
    """Take the answer out of those that wait to be read again: it is recalled, or replaced."""
    # By the first column of the primary key.
    await db.execute(
        "UPDATE routing.reading SET read_at = $2 WHERE case_id = $1 AND read_at IS NULL", case_id, at
    )


async def close(
    db: Database, case_id: CaseId, version: int, by: str, at: datetime, remarks: str, *, is_right: bool
) -> None:
    """Keep what the second reader found of an answer."""
    await db.execute(
        """UPDATE routing.reading SET read_by = $3, read_at = $4, remarks = $5, is_right = $6
        WHERE case_id = $1 AND version = $2""",
        case_id,
        version,
        by,
        at,
        remarks,
        is_right,
    )


async def enquiries(db: Database, since: datetime) -> tuple[int, int]:
    """Enquiries received since then, and of these those that were answered directly."""
    # Along case_enquiries, which knows the word; what is confidential, protected or merged is in no figure.
    row = await db.fetchrow(
        """
        SELECT count(*) AS came, count(*) FILTER (WHERE state = 'answered') AS answered FROM routing.case
        WHERE received_at >= $1 AND kind = 'consultation' AND NOT confidential AND NOT protected AND state <> 'merged'
        """,
        since,
    )
    return row["came"], row["answered"]
