"""What staff decided of publication, each decision a row that stays, and the case that it is about."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from intake.core.following.view import TimelineEntry
from intake.core.public.publication import LimitedCase, PublicationLimit, PublicTexts
from schemas.ids import CaseId, TrackingCode
from schemas.ports import Database

_encode = msgspec.json.Encoder().encode
_timeline = msgspec.json.Decoder(tuple[TimelineEntry, ...])
_LIMITS = """SELECT case_id::text, number, is_withheld, hides_pictures,
    coalesce(hidden_pictures::text[], '{}') AS hidden_pictures, hidden_words, reason, decided_by, decided_at
    FROM intake.publication_limit
    WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, number"""


async def find_case(db: Database, case_id: CaseId) -> LimitedCase | None:
    """The case with all that was decided of its publication; None: there is none."""
    return (await find_cases(db, [case_id])).get(case_id)


async def find_cases(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, LimitedCase]:
    """These cases, each with all that was decided of its publication, in the order of their ids."""
    # By primary keys. The department's own words are known as long as its answer is the newest.
    rows = await db.fetch(
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
        WHERE c.case_id = ANY ($1::uuid[]) ORDER BY c.case_id
        """,
        list(case_ids),
    )
    limits: dict[str, list[PublicationLimit]] = {}
    for row in await db.fetch(_LIMITS, list(case_ids)):
        known = dict(row)
        limits.setdefault(known.pop("case_id"), []).append(msgspec.convert(known, PublicationLimit))
    return {CaseId(row["case_id"]): _case(dict(row), limits.get(row["case_id"], [])) for row in rows}


def _case(known: dict[str, Any], limits: Sequence[PublicationLimit]) -> LimitedCase:
    title, text, response = (known.pop(f"shown_{name}") for name in ("title", "text", "response"))
    shown = None if known["stands_in"] is None else PublicTexts(title=title, text=text, response=response)
    return LimitedCase(**known, shown=shown, limits=tuple(limits))


async def limited_among(db: Database, case_ids: Sequence[CaseId]) -> Sequence[CaseId]:
    """Those of these cases of whose publication staff decided anything."""
    # By the primary key.
    rows = await db.fetch(
        "SELECT DISTINCT case_id::text FROM intake.publication_limit WHERE case_id = ANY ($1::uuid[])",
        list(case_ids),
    )
    return [CaseId(row["case_id"]) for row in rows]


async def same_of(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, str]:
    """The cases of whoever said that the matter of one of these is theirs, too, by their titles; by their ids."""
    # Along the index of matters, then by primary keys.
    rows = await db.fetch(
        """SELECT case_id::text, title FROM intake.me_too JOIN intake.case USING (case_id)
        WHERE matter = ANY ($1::uuid[]) ORDER BY case_id""",
        list(case_ids),
    )
    return {CaseId(row["case_id"]): row["title"] for row in rows}


async def with_same(db: Database, case_id: CaseId) -> Sequence[CaseId]:
    """The case, and all of whoever said that its matter is theirs, too, or of one of theirs."""
    # Along the index of matters, once for each level; there is mostly one.
    rows = await db.fetch(
        """
        WITH RECURSIVE same AS (
            SELECT $1::uuid AS case_id UNION SELECT m.case_id FROM intake.me_too AS m JOIN same ON m.matter = same.case_id
        ) SELECT case_id::text FROM same
        """,
        case_id,
    )
    return [CaseId(row["case_id"]) for row in rows]


async def same_in_own_words(db: Database, case_id: CaseId, same: str, limit: int) -> Sequence[CaseId]:
    """Those of them that hold more than the words `same`, or have an answer of their own, and of which staff decided."""
    # Along the index of matters, then by primary keys.
    rows = await db.fetch(
        """
        SELECT case_id::text FROM intake.me_too JOIN intake.case AS c USING (case_id)
        LEFT JOIN intake.view AS v USING (case_id)
        WHERE matter = $1::uuid AND (c.text <> $2 OR v.response IS NOT NULL AND v.merged_into IS NULL)
            AND EXISTS (SELECT FROM intake.publication_limit AS l WHERE l.case_id = c.case_id)
        ORDER BY case_id LIMIT $3
        """,
        case_id,
        same,
        limit,
    )
    return [CaseId(row["case_id"]) for row in rows]


async def public_under_title(db: Database, case_id: CaseId, limit: int) -> Sequence[TrackingCode]:
    """The cases of “me too” that everybody reads under this one's title, at most so many."""
    # Along the index of matters, then by primary keys.
    rows = await db.fetch(
        """
        SELECT p.tracking_code FROM intake.me_too JOIN intake.published AS p USING (case_id)
        JOIN intake.case AS c USING (case_id) JOIN intake.case AS m ON m.case_id = matter
        LEFT JOIN intake.withheld AS w ON w.case_id = matter
        WHERE matter = $1::uuid AND (c.title IN (m.title, w.title) OR p.title = w.title) ORDER BY p.tracking_code LIMIT $2
        """,
        case_id,
        limit,
    )
    return [TrackingCode(row["tracking_code"]) for row in rows]


async def keep_limits(db: Database, limits: Sequence[tuple[CaseId, PublicationLimit]]) -> None:
    """One more decision of each case; it counts from now on."""
    values = (
        [case_id for case_id, _ in limits],
        [limit.is_withheld for _, limit in limits],
        [limit.hides_pictures for _, limit in limits],
        [",".join(limit.hidden_pictures) or None for _, limit in limits],
    )
    await db.execute(
        """
        INSERT INTO intake.publication_limit
            (case_id, is_withheld, hides_pictures, hidden_pictures, number, hidden_words, reason, decided_by, decided_at)
        SELECT case_id, is_withheld, hides_pictures, string_to_array(pictures, ',')::uuid[], number, hidden_words, reason,
               decided_by, decided_at
        FROM unnest($1::uuid[], $2::bool[], $3::bool[], $4::text[], $5::int[], $6::int[], $7::text[], $8::text[],
                    $9::timestamptz[])
             AS n (case_id, is_withheld, hides_pictures, pictures, number, hidden_words, reason, decided_by, decided_at)
        """,
        *values,
        [limit.number for _, limit in limits],
        [limit.hidden_words for _, limit in limits],
        [limit.reason for _, limit in limits],
        [limit.decided_by for _, limit in limits],
        [limit.decided_at for _, limit in limits],
    )
    # By the primary key; the rows are there, locked.
    await db.execute(
        """
        UPDATE intake.view AS v SET is_withheld = n.is_withheld, hides_pictures = n.hides_pictures,
            hidden_pictures = string_to_array(n.pictures, ',')::uuid[]
        FROM unnest($1::uuid[], $2::bool[], $3::bool[], $4::text[]) AS n (case_id, is_withheld, hides_pictures, pictures)
        WHERE v.case_id = n.case_id
        """,
        *values,
    )


async def keep_sealed(db: Database, rows: Sequence[tuple[CaseId, bytes]]) -> None:
    """What is personal in the cases, with the words that are hidden; how their citizens are known again stays as it is."""
    # By the primary key.
    await db.execute(
        """
        INSERT INTO intake.sealed AS s (case_id, sealed) SELECT * FROM unnest($1::uuid[], $2::bytea[])
        ON CONFLICT (case_id) DO UPDATE SET sealed = excluded.sealed
        """,
        [case_id for case_id, _ in rows],
        [sealed for _, sealed in rows],
    )


class AnswerCopy(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of one case as the citizen of another, merged into it, reads it: as it stands, and line by line."""

    case_id: CaseId
    #: Whose answer it is.
    of: CaseId
    response: str
    response_at: datetime
    timeline: tuple[TimelineEntry, ...]


async def lock_copies(db: Database, case_ids: Sequence[CaseId]) -> Sequence[AnswerCopy]:
    """What citizens of merged cases read as the answers of these; what they were answered before is none of it."""
    # Along the index of merged cases, in the order in which whoever changes several locks them.
    rows = await db.fetch(
        """
        SELECT o.case_id::text, o.merged_into::text AS of, o.response, o.response_at, o.timeline
        FROM intake.view AS o JOIN intake.view AS a ON a.case_id = o.merged_into
        WHERE o.merged_into = ANY ($1::uuid[]) AND o.response IS NOT NULL AND o.response_at >= a.response_at
        ORDER BY o.case_id FOR UPDATE OF o
        """,
        list(case_ids),
    )
    return [AnswerCopy(**dict(row) | {"timeline": _timeline.decode(row["timeline"])}) for row in rows]


async def replace_copies(db: Database, copies: Sequence[AnswerCopy]) -> None:
    """Show the citizens of these merged cases this instead."""
    # By the primary key.
    await db.execute(
        """
        UPDATE intake.view AS v SET response = n.response, timeline = n.timeline::jsonb
        FROM unnest($1::uuid[], $2::text[], $3::text[]) AS n (case_id, response, timeline) WHERE v.case_id = n.case_id
        """,
        [copy.case_id for copy in copies],
        [copy.response for copy in copies],
        [_encode(copy.timeline).decode() for copy in copies],
    )
