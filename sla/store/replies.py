"""What figures know of the reply to a case: when it was given, while it stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from schemas.events.handlers import ReplySentBack
from schemas.events.routing import MergedAnswered
from schemas.ids import CaseId
from schemas.ports import Database


class Replied(NamedTuple):
    """A reply that stands: when it was given, as its case's version tells, and how many working days it took."""

    case_id: CaseId
    at: datetime
    version: int
    workdays: float | None


async def note_replies(db: Database, replies: Sequence[Replied]) -> None:
    """Keep when each case was replied to, and how many working days that took."""
    await db.execute(
        """
        UPDATE sla."case" AS c
        SET replied_at = t.at, reply_workdays = t.workdays, version = GREATEST(c.version, t.version)
        FROM unnest($1::uuid[], $2::timestamptz[], $3::float8[], $4::int[])
          AS t (case_id, at, workdays, version)
        WHERE c.case_id = t.case_id
        """,
        [each.case_id for each in replies],
        [each.at for each in replies],
        [each.workdays for each in replies],
        [each.version for each in replies],
    )


async def note_merged_answers(db: Database, events: Sequence[MergedAnswered]) -> set[CaseId]:
    """Keep since when these cases have the answer of their others; returns those that are still merged."""
    rows = await db.fetch(
        """
        WITH told AS (
            SELECT * FROM unnest($1::uuid[], $2::int[], $3::timestamptz[]) AS t (case_id, version, at)
        ), locked AS (
            SELECT case_id FROM sla."case" WHERE case_id = ANY($1::uuid[]) ORDER BY case_id FOR UPDATE
        )
        UPDATE sla."case" AS c
        SET replied_at = CASE WHEN c.replied_at >= c.closed_at THEN c.replied_at ELSE t.at END,
            version = GREATEST(c.version, t.version), settled = false
        FROM told AS t JOIN locked USING (case_id)
        WHERE c.case_id = t.case_id AND c.outcome = 'merged' AND c.state_version <= t.version
        RETURNING c.case_id
        """,
        [event.case_id for event in events],
        [event.version for event in events],
        [event.at for event in events],
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def take_back_replies(db: Database, events: Sequence[ReplySentBack]) -> None:
    """Forget the replies that were sent back: from those versions on the cases count as not replied to."""
    await db.execute(
        """
        UPDATE sla."case" AS c
        SET replied_at = NULL, reply_workdays = NULL, version = GREATEST(c.version, t.version), settled = false
        FROM unnest($1::uuid[], $2::int[], $3::timestamptz[]) AS t (case_id, version, at)
        WHERE c.case_id = t.case_id AND c.replied_at <= t.at
        """,
        [event.case_id for event in events],
        [event.version for event in events],
        [event.at for event in events],
    )
