"""What handlers knows that others may have missed, and what it missed itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from handlers.core.chain import Detail
from handlers.core.retelling import LoggedAction
from schemas.ids import CaseId
from schemas.ports import Database
from schemas.words import ReviewKind


async def known_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that are at a desk, or were."""
    rows = await db.fetch("SELECT case_id FROM handlers.case WHERE case_id = ANY ($1::uuid[])", case_ids)
    return {CaseId(str(row["case_id"])) for row in rows}


async def open_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that a department has to answer, has returned, or lost because they accuse it."""
    rows = await db.fetch(
        """
        SELECT case_id FROM handlers.case WHERE case_id = ANY ($1::uuid[])
        AND (state IN ('assigned', 'in_progress', 'suspended', 'reopened', 'replied')
             OR state = 'in_review' AND (NOT withheld OR protected))
        """,
        case_ids,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def shown_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of them that are with a department which may see them; a returned one is with the dispatchers."""
    rows = await db.fetch(
        """
        SELECT case_id FROM handlers.case WHERE case_id = ANY ($1::uuid[]) AND NOT withheld AND state <> 'in_review'
        """,
        case_ids,
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


async def waiting_since(
    db: Database, case_ids: Sequence[CaseId], before: datetime
) -> Mapping[tuple[CaseId, ReviewKind], datetime]:
    """What departments asked of dispatchers before then and still wait for, and when they did."""
    rows = await db.fetch(
        """
        SELECT c.case_id, w.kind, max(l.at) AS at FROM handlers.case AS c CROSS JOIN LATERAL (VALUES
            ('reply', 'reply', c.state = 'replied'),
            ('return', 'return', c.state = 'in_review' AND c.state_before_review IS NOT NULL),
            ('extension', 'extend', c.extension_days IS NOT NULL),
            ('suspension', 'suspend', c.asks->>'pause' IS NOT NULL),
            ('promise', 'promise', c.asks->>'promise' IS NOT NULL)) AS w (kind, action, waits)
        JOIN handlers.log AS l ON l.case_id = c.case_id AND l.action = w.action
        WHERE c.case_id = ANY ($1::uuid[]) AND c.closed_at IS NULL AND w.waits
        GROUP BY c.case_id, w.kind HAVING max(l.at) < $2
        """,
        case_ids,
        before,
    )
    return {(CaseId(str(row["case_id"])), ReviewKind(row["kind"])): row["at"] for row in rows}


async def open_states(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, str]:
    """How each of the cases stands at its desk that has not ended."""
    rows = await db.fetch(
        "SELECT case_id, state FROM handlers.case WHERE case_id = ANY ($1::uuid[]) AND closed_at IS NULL",
        case_ids,
    )
    return {CaseId(str(row["case_id"])): row["state"] for row in rows}


async def moved_since(db: Database, case_ids: Sequence[CaseId], since: datetime) -> set[CaseId]:
    """Those of the cases to which something was done from then on: others may still be about to hear of it."""
    rows = await db.fetch(
        "SELECT DISTINCT case_id FROM handlers.log WHERE case_id = ANY ($1::uuid[]) AND at >= $2",
        case_ids,
        since,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def leads(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, str]:
    """The department of each of the cases that some department has to do with now."""
    rows = await db.fetch(
        """
        SELECT case_id, lead FROM handlers.case WHERE case_id = ANY ($1::uuid[]) AND closed_at IS NULL
        AND state <> 'in_review' AND NOT withheld
        """,
        case_ids,
    )
    return {CaseId(str(row["case_id"])): row["lead"] for row in rows}


async def versions(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, int]:
    """The version of each of the cases that is at a desk, or was."""
    rows = await db.fetch(
        "SELECT case_id, version FROM handlers.case WHERE case_id = ANY ($1::uuid[])", case_ids
    )
    return {CaseId(str(row["case_id"])): row["version"] for row in rows}


async def entry_versions(db: Database, entry_ids: Sequence[CaseId]) -> Mapping[CaseId, int]:
    """The version of each of the knowledge entries that there is."""
    rows = await db.fetch(
        "SELECT entry_id, version FROM handlers.entry WHERE entry_id = ANY ($1::uuid[])", entry_ids
    )
    return {CaseId(str(row["entry_id"])): row["version"] for row in rows}


async def logs(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, Sequence[LoggedAction]]:
    """What was done to each case, as its log has it, the oldest first."""
    # Some rows a case, by the first column of the primary key.
    rows = await db.fetch(
        "SELECT case_id, action, at, detail FROM handlers.log WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, seq",
        case_ids,
    )
    found: dict[CaseId, list[LoggedAction]] = {case_id: [] for case_id in case_ids}
    for row in rows:
        detail = msgspec.json.decode(row["detail"], type=Detail)
        found[CaseId(str(row["case_id"]))].append(LoggedAction(row["action"], row["at"], detail))
    return found
