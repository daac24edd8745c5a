"""Who says that a public matter is theirs, too (我也遇到): kept, counted as people, and forgotten."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from intake.core.me_too import PublicMatter, Recurrence
from schemas.ids import CaseId, TrackingCode
from schemas.ports import Database

# Read by everybody now: its answer is, or its promised date, while that is open. `c` is the case, `v` its view.
_IS_PUBLIC = """NOT c.confidential AND coalesce(v.may_publish, c.publish) AND v.is_withheld IS NOT true
    AND (p.case_id IS NOT NULL OR EXISTS (
    SELECT FROM intake.promise AS d WHERE d.case_id = c.case_id AND d.publishable AND d.ended_at IS NULL
        AND d.changed_at IS NULL))"""


async def find_matters(db: Database, codes: Sequence[TrackingCode]) -> Mapping[TrackingCode, PublicMatter]:
    """Those of these cases that everybody may read of, by their tracking codes."""
    # A unique index, then primary keys.
    rows = await db.fetch(
        f"""
        SELECT c.case_id::text, c.tracking_code, p.title, c.title AS own_title, s.sealed,
               coalesce(s.phone_index, s.author_index) AS author
        FROM intake.case AS c LEFT JOIN intake.published AS p USING (case_id)
        LEFT JOIN intake.view AS v USING (case_id) LEFT JOIN intake.sealed AS s USING (case_id)
        WHERE c.tracking_code = ANY ($1::text[]) AND {_IS_PUBLIC}
        """,  # noqa: S608  made of constants
        list(codes),
    )
    return {row["tracking_code"]: PublicMatter(**dict(row.items())) for row in rows}


async def lock_matters(db: Database, codes: Sequence[TrackingCode]) -> None:
    """Let nobody change what everybody reads of these cases until the unit ends; whoever is about to is waited for."""
    # A unique index, then primary keys; in the order in which whoever changes several locks them.
    await db.execute(
        """SELECT 1 FROM intake.view JOIN intake.case USING (case_id) WHERE tracking_code = ANY ($1::text[])
        ORDER BY case_id FOR SHARE OF view""",
        list(codes),
    )


async def keep(db: Database, rows: Sequence[tuple[CaseId, CaseId, bytes | None, datetime]]) -> None:
    """These cases are about those matters, too: case, matter, a keyed hash of who says so, and when."""
    # One row for each by its primary key.
    await db.execute(
        """
        INSERT INTO intake.me_too (case_id, matter, person, at)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::timestamptz[]) ON CONFLICT DO NOTHING
        """,
        *([row[place] for row in rows] for place in range(4)),
    )


async def know_again(db: Database, people: Sequence[tuple[CaseId, bytes, bytes]]) -> None:
    """Whoever said so of a matter under a former master secret does under the present one: matter, hash, former hash."""
    # Along the index of matters and people; nearly nobody has a row.
    await db.execute(
        """
        UPDATE intake.me_too AS m SET person = n.person
        FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (matter, person, former)
        WHERE m.matter = n.matter AND m.person = n.former
        """,
        *([row[place] for row in people] for place in range(3)),
    )


async def forget(db: Database, case_ids: Sequence[CaseId]) -> None:
    """These cases count nowhere any more, and nobody counts among the others of them."""
    # By the primary key and the index of matters; nearly no case has a row.
    await db.execute(
        "DELETE FROM intake.me_too WHERE case_id = ANY ($1::uuid[]) OR matter = ANY ($1::uuid[])",
        list(case_ids),
    )


async def count_people(db: Database, matters: Sequence[CaseId]) -> Mapping[CaseId, int]:
    """How many different people say that each of these is theirs, too; none where nobody does."""
    # Along the index of matters alone.
    rows = await db.fetch(
        """
        SELECT matter::text, count(DISTINCT person) AS people FROM intake.me_too
        WHERE matter = ANY ($1::uuid[]) AND person IS NOT NULL GROUP BY matter
        """,
        list(matters),
    )
    return {CaseId(row["matter"]): row["people"] for row in rows}


async def list_recurring(db: Database, limit: int) -> list[Recurrence]:
    """The public matters of which somebody said so last, the most people since the answer first."""
    # The latest thousand rows by their index; nothing that is not public now.
    rows: Sequence[Any] = await db.fetch(
        f"""
        WITH latest AS (SELECT DISTINCT matter FROM (SELECT matter FROM intake.me_too ORDER BY at DESC LIMIT 1000) AS m)
        SELECT c.tracking_code, p.title, p.department, p.replied_at, count(DISTINCT m.person) AS people,
               count(DISTINCT m.person) FILTER (WHERE m.at > p.replied_at) AS since_answer, max(m.at) AS last_at
        FROM latest JOIN intake.me_too AS m USING (matter) JOIN intake.case AS c ON c.case_id = m.matter
        LEFT JOIN intake.published AS p ON p.case_id = c.case_id LEFT JOIN intake.view AS v ON v.case_id = c.case_id
        WHERE {_IS_PUBLIC}
        GROUP BY c.tracking_code, p.title, p.department, p.replied_at
        ORDER BY since_answer DESC, people DESC, last_at DESC, c.tracking_code LIMIT $1
        """,  # noqa: S608  made of constants
        limit,
    )
    return [Recurrence(**dict(row.items())) for row in rows]
