"""What is forgotten of citizens whose cases have ended: all that is personal, and the files that they sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from intake.store.attachments import blobs_of
from schemas.ids import CaseId
from schemas.ports import Database
from schemas.words import ENDED_STATES


class NamedCase(NamedTuple):
    """A case that somebody named, and whether it has ended: one that was merged, with that into which it was."""

    case_id: CaseId
    tracking_code: str
    has_ended: bool


_ENDED = [state.value for state in ENDED_STATES]
_HAS_ENDED = "coalesce(v.state = ANY($1) AND coalesce(m.state, v.state) = ANY($1), false)"
_VIEWS = """intake.case AS c LEFT JOIN intake.view AS v USING (case_id)
    LEFT JOIN intake.view AS m ON m.case_id = v.merged_into"""
_CITIZENS_FILES = """intake.attached AS n JOIN intake.attachment AS a USING (attachment_id)
    WHERE n.department IS NULL AND n.case_id"""
# What is left of a citizen: each by the first half of a primary key.
_IS_LEFT = f"""(EXISTS (SELECT FROM intake.sealed AS s WHERE s.case_id = c.case_id)
    OR EXISTS (SELECT FROM intake.reachable AS r WHERE r.case_id = c.case_id)
    OR EXISTS (SELECT FROM intake.me_too AS t WHERE t.case_id = c.case_id AND t.person IS NOT NULL)
    OR EXISTS (SELECT FROM intake.supplement AS p WHERE p.case_id = c.case_id AND p.sealed IS NOT NULL)
    OR NOT $3 AND EXISTS (SELECT FROM {_CITIZENS_FILES} = c.case_id))"""  # noqa: S608  made of constants


async def find_cases(
    db: Database, ids: Sequence[CaseId], tracking_codes: Sequence[str]
) -> Sequence[NamedCase]:
    """Those of the cases that there are."""
    # Two look-ups by indexes.
    rows = await db.fetch(
        f"""SELECT c.case_id::text, c.tracking_code, {_HAS_ENDED} AS has_ended FROM {_VIEWS}
        WHERE c.case_id = ANY($2::uuid[]) OR c.tracking_code = ANY($3)""",  # noqa: S608  made of constants
        _ENDED,
        list(ids),
        list(tracking_codes),
    )
    return [NamedCase(CaseId(row["case_id"]), row["tracking_code"], row["has_ended"]) for row in rows]


async def ended_before(
    db: Database, moment: datetime, *, keeps_files: bool, after: CaseId | None, limit: int
) -> Sequence[CaseId]:
    """The next cases behind `after` in which nothing happened since then, and of whose citizens something is left.

    Those whose citizens may still object are left out.
    """
    # A walk along the primary key.
    rows = await db.fetch(
        f"""SELECT c.case_id::text FROM {_VIEWS}
        WHERE ($4::uuid IS NULL OR c.case_id > $4::uuid) AND {_HAS_ENDED}
            AND coalesce((v.timeline -> -1 ->> 'at')::timestamptz, c.received_at) < $2
            AND coalesce(v.objection_until < clock_timestamp(), true) AND {_IS_LEFT}
        ORDER BY c.case_id LIMIT $5""",  # noqa: S608  made of constants
        _ENDED,
        moment,
        keeps_files,
        after,
        limit,
    )
    return [CaseId(row["case_id"]) for row in rows]


async def lock_blobs(db: Database, case_ids: Sequence[CaseId]) -> Sequence[str]:
    """Where the files lie that the citizens of these cases sent, small pictures too; nobody else forgets them meanwhile."""
    rows = await db.fetch(
        f"SELECT a.blob, a.has_thumbnail FROM {_CITIZENS_FILES} = ANY($1::uuid[]) ORDER BY a.attachment_id FOR UPDATE OF a",  # noqa: S608  made of constants
        list(case_ids),
    )
    return [name for row in rows for name in blobs_of(row["blob"], has_thumbnail=row["has_thumbnail"])]


async def forget_files(db: Database, case_ids: Sequence[CaseId]) -> None:
    """Forget the files that the citizens of these cases sent, their names among it; the cases say that one is missing."""
    await db.execute(
        f"""DELETE FROM intake.attachment WHERE attachment_id IN (
            SELECT a.attachment_id FROM {_CITIZENS_FILES} = ANY($1::uuid[]))""",  # noqa: S608  made of constants
        list(case_ids),
    )


async def forget_citizens(
    db: Database, case_ids: Sequence[CaseId], *, by: str, reason: str, keeps_files: bool
) -> None:
    """Forget who wrote these messages, how to reach them and what they wrote before it was masked; note that it was done."""
    for statement in (
        "DELETE FROM intake.sealed WHERE case_id = ANY($1::uuid[])",
        "DELETE FROM intake.reachable WHERE case_id = ANY($1::uuid[])",
        # Who is forgotten is counted as nobody's person.
        "UPDATE intake.me_too SET person = NULL WHERE case_id = ANY($1::uuid[])",
        "UPDATE intake.supplement SET sealed = NULL WHERE case_id = ANY($1::uuid[]) AND sealed IS NOT NULL",
    ):
        await db.execute(statement, list(case_ids))
    await db.execute(
        """INSERT INTO intake.forgotten (case_id, at, by, reason, keeps_files)
        SELECT case_id, clock_timestamp(), $2, $3, $4 FROM unnest($1::uuid[]) AS t (case_id)""",
        list(case_ids),
        by,
        reason,
        keeps_files,
    )


async def forget_silent_callers(db: Database, before: datetime) -> int:
    """Forget who called and said nothing before then, and keep that somebody did; how many."""
    rows = await db.fetch(
        "UPDATE intake.silent_call SET sealed = '' WHERE started_at < $1 AND sealed <> '' RETURNING case_id",
        before,
    )
    return len(rows)
