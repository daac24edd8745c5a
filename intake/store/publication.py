"""What staff decided of publication, each decision a row that stays, and the case that it is about."""

from collections.abc import Mapping

import msgspec

from intake.core.publication import LimitedCase, PublicationLimit, PublicTexts
from schemas.ids import CaseId
from schemas.ports import Database

_LIMITS = """SELECT number, is_withheld, hides_pictures, hidden_words, reason, decided_by, decided_at
    FROM intake.publication_limit
    WHERE case_id = $1::uuid ORDER BY number"""


async def find_case(db: Database, case_id: CaseId) -> LimitedCase | None:
    """The case with all that was decided of its publication; None: there is none."""
    # One row by primary keys. The department's own words are known as long as its answer is the newest.
    row = await db.fetchrow(
        """
        SELECT c.case_id::text, c.tracking_code, c.title, c.text, c.confidential, s.sealed,
               coalesce(v.version, 1) AS version, coalesce(v.may_publish, c.publish) AS may_publish,
               coalesce(v.is_withheld, false) AS is_withheld,
               EXISTS (SELECT FROM intake.forgotten AS f WHERE f.case_id = c.case_id) AS is_forgotten,
               CASE WHEN p.case_id IS NOT NULL THEN 'published' WHEN w.case_id IS NOT NULL THEN 'withheld' END AS stands_in,
               coalesce(p.title, w.title) AS shown_title, coalesce(p.text, w.text) AS shown_text,
               coalesce(p.response, w.response) AS shown_response,
               CASE WHEN v.response_at = coalesce(p.replied_at, w.replied_at) THEN v.response END AS response
        FROM intake.case AS c LEFT JOIN intake.view AS v USING (case_id) LEFT JOIN intake.sealed AS s USING (case_id)
        LEFT JOIN intake.published AS p USING (case_id) LEFT JOIN intake.withheld AS w USING (case_id)
        WHERE c.case_id = $1::uuid
        """,
        case_id,
    )
    if row is None:
        return None
    known = dict(row)
    title, text, response = (known.pop(f"shown_{name}") for name in ("title", "text", "response"))
    shown = None if known["stands_in"] is None else PublicTexts(title=title, text=text, response=response)
    limits = [msgspec.convert(dict(each), PublicationLimit) for each in await db.fetch(_LIMITS, case_id)]
    return msgspec.convert({**known, "shown": shown, "limits": limits}, LimitedCase)


async def titles_of_same(db: Database, case_id: CaseId) -> Mapping[CaseId, str]:
    """The cases of whoever said that this one's matter is theirs, too, by their titles in the register."""
    # Along the index of matters, then by primary keys.
    rows = await db.fetch(
        "SELECT case_id::text, title FROM intake.me_too JOIN intake.case USING (case_id) WHERE matter = $1::uuid",
        case_id,
    )
    return {CaseId(row["case_id"]): row["title"] for row in rows}


async def keep_limit(db: Database, case_id: CaseId, limit: PublicationLimit) -> None:
    """One more decision; it counts from now on."""
    await db.execute(
        """
        INSERT INTO intake.publication_limit
            (case_id, number, is_withheld, hides_pictures, hidden_words, reason, decided_by, decided_at)
        VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8)
        """,
        case_id,
        limit.number,
        limit.is_withheld,
        limit.hides_pictures,
        limit.hidden_words,
        limit.reason,
        limit.decided_by,
        limit.decided_at,
    )
    # One row by the primary key; it is there, locked.
    await db.execute(
        "UPDATE intake.view SET is_withheld = $2, hides_pictures = $3 WHERE case_id = $1::uuid",
        case_id,
        limit.is_withheld,
        limit.hides_pictures,
    )


async def keep_sealed(db: Database, case_id: CaseId, sealed: bytes) -> None:
    """What is personal in the case, with the words that are hidden; how its citizen is known again stays as it is."""
    # One row by the primary key.
    await db.execute(
        """
        INSERT INTO intake.sealed AS s (case_id, sealed) VALUES ($1::uuid, $2)
        ON CONFLICT (case_id) DO UPDATE SET sealed = excluded.sealed
        """,
        case_id,
        sealed,
    )


async def lock_copies(db: Database, case_id: CaseId) -> Mapping[CaseId, str]:
    """What citizens of merged cases read as this one's answer; what they were answered before is none of it."""
    # Along the index of merged cases, in the order in which whoever changes several locks them.
    rows = await db.fetch(
        """
        SELECT o.case_id::text, o.response FROM intake.view AS o JOIN intake.view AS a ON a.case_id = o.merged_into
        WHERE o.merged_into = $1::uuid AND o.response IS NOT NULL AND o.response_at >= a.response_at
        ORDER BY o.case_id FOR UPDATE OF o
        """,
        case_id,
    )
    return {CaseId(row["case_id"]): row["response"] for row in rows}


async def replace_copies(db: Database, copies: Mapping[CaseId, str]) -> None:
    """Show the citizens of these merged cases this instead."""
    # By the primary key.
    await db.execute(
        """
        UPDATE intake.view AS v SET response = n.response
        FROM unnest($1::uuid[], $2::text[]) AS n (case_id, response) WHERE v.case_id = n.case_id
        """,
        list(copies),
        list(copies.values()),
    )
