"""Deletes what is personal of citizens whose cases have ended, and finds the files that they sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from intake.core.following.ended import CaseEnd
from intake.core.following.view import TimelineEntry
from intake.store.attachments import blobs_of
from intake.store.view import merged_into
from schemas.ids import CaseId
from schemas.ports import Database
from schemas.words import ENDED_STATES


class NamedCase(NamedTuple):
    """A case that somebody named."""

    case_id: CaseId
    tracking_code: str


_CITIZENS_FILES = """intake.attached AS n JOIN intake.attachment AS a USING (attachment_id)
    WHERE n.department IS NULL AND NOT n.is_missing AND n.case_id"""
_lines = msgspec.json.Decoder(tuple[TimelineEntry, ...])
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
        """SELECT case_id::text, tracking_code FROM intake.case
        WHERE case_id = ANY($1::uuid[]) OR tracking_code = ANY($2)""",
        list(ids),
        list(tracking_codes),
    )
    return [NamedCase(CaseId(row["case_id"]), row["tracking_code"]) for row in rows]


async def perhaps_ended(
    db: Database, moment: datetime, *, keeps_files: bool, after: CaseId | None, limit: int
) -> Sequence[CaseId]:
    """The next cases behind `after` that look as if they had ended before then, and of whose citizens something is left."""
    # A walk along the primary key.
    rows = await db.fetch(
        f"""SELECT c.case_id::text FROM intake.case AS c JOIN intake.view AS v USING (case_id)
        WHERE ($4::uuid IS NULL OR c.case_id > $4::uuid) AND v.state = ANY($1)
            AND coalesce((v.timeline -> -1 ->> 'at')::timestamptz, c.received_at) < $2 AND {_IS_LEFT}
        ORDER BY c.case_id LIMIT $5""",  # noqa: S608  made of constants
        [state.value for state in ENDED_STATES],
        moment,
        keeps_files,
        after,
        limit,
    )
    return [CaseId(row["case_id"]) for row in rows]


async def lock_ends(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, CaseEnd]:
    """How these cases, and those that they were merged into, have ended; nothing happens in them until the unit ends."""
    main = await merged_into(db, case_ids)
    # In the order in which whoever changes several locks them.
    rows = await db.fetch(
        """SELECT case_id::text, state, timeline, objection_until, merged_into::text FROM intake.view
        WHERE case_id = ANY($1::uuid[]) ORDER BY case_id FOR UPDATE""",
        sorted({*case_ids, *main.values()}),
    )
    return {
        (end := msgspec.convert({**row, "timeline": _lines.decode(row["timeline"])}, CaseEnd)).case_id: end
        for row in rows
    }


async def may_forget(db: Database) -> bool:
    """Whether this connection's role may delete what is sealed."""
    return bool(await db.fetchval("SELECT has_table_privilege('intake.sealed', 'DELETE')"))


async def forget_files(db: Database, case_ids: Sequence[CaseId]) -> Sequence[str]:
    """Forget the files that the citizens of these cases sent, their names among it; where their bytes lie.

    The cases say that one is missing, even if the same is uploaded again.
    """
    rows = await db.fetch(
        f"""DELETE FROM intake.attachment WHERE attachment_id IN (
            SELECT a.attachment_id FROM {_CITIZENS_FILES} = ANY($1::uuid[]))
        RETURNING blob, has_thumbnail""",  # noqa: S608  made of constants
        list(case_ids),
    )
    await db.execute(
        "UPDATE intake.attached SET is_missing = true WHERE case_id = ANY($1::uuid[]) AND department IS NULL",
        list(case_ids),
    )
    return [name for row in rows for name in blobs_of(row["blob"], has_thumbnail=row["has_thumbnail"])]


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


async def count_silent_callers(db: Database, before: datetime) -> int:
    """How many called and said nothing before then, of whom something is left."""
    return int(
        await db.fetchval(
            "SELECT count(*) FROM intake.silent_call WHERE started_at < $1 AND sealed <> ''", before
        )
    )


class Forgotten(NamedTuple):
    """A case whose citizen was forgotten, when, and whether the files that they sent stayed."""

    case_id: CaseId
    at: datetime
    keeps_files: bool


async def forgotten_cases(db: Database) -> Sequence[Forgotten]:
    """All of them, oldest first; none in a database of before any could be."""
    if await db.fetchval("SELECT to_regclass('intake.forgotten') IS NULL"):
        return []
    # All of a table that nobody waits for.
    rows = await db.fetch("SELECT case_id::text, at, keeps_files FROM intake.forgotten ORDER BY at, case_id")
    return [Forgotten(CaseId(row["case_id"]), row["at"], row["keeps_files"]) for row in rows]
