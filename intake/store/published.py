"""Published answers: what everybody may read and search."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from intake.core.public.published import Criteria, PublishedCase
from schemas.events.handlers import ReplyPublished
from schemas.events.routing import CaseAnswered
from schemas.ids import CaseId, TrackingCode
from schemas.masking import MASKER
from schemas.ports import Database

_READ = PublishedCase.__struct_fields__
#: What is read of an answer: not the words that it is found by, which are as long as itself.
COLUMNS = ", ".join(_READ)
#: The newest answers that are looked through for words; where too few of them hold those, all that do are fetched (project
#: choice: a page of twenty is among so many, or what holds them is hardly more of a million).
_LOOKED_THROUGH = 2_000
#: A word that was counted in so many times as many answers stands in more than are counted one by one (project choice: of
#: a large city a hundredth is counted, and a tenth may have gone since).
_SURELY = 4
#: One pair of characters or one whole word, without its beginning alone.
_PAIR = re.compile("'[^']{2,}'")
_KEPT = (
    "case_id, tracking_code, title, text, response, category, department, region, replied_at, search, masked, objected, "
    "changed_at"
)


class MaskedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What the register holds of a message, masked, and whether its citizen, and staff, allow publication by now."""

    title: str
    text: str
    may_publish: bool
    #: What is personal, encrypted; None where nothing is.
    sealed: bytes | None
    #: The newest that was heard of the case.
    version: int
    #: The citizen was forgotten: nobody can tell any more whom an answer may not name.
    is_forgotten: bool


async def messages_of(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, MaskedMessage]:
    """These cases' messages; what their citizens said last about publication counts."""
    # By four primary keys.
    rows = await db.fetch(
        """
        SELECT case_id, c.title, c.text, s.sealed,
               coalesce(v.may_publish, c.publish) AND NOT coalesce(v.is_withheld, false) AS may_publish,
               coalesce(v.version, 1) AS version,
               EXISTS (SELECT FROM intake.forgotten f WHERE f.case_id = c.case_id) AS is_forgotten
        FROM intake.case c LEFT JOIN intake.view v USING (case_id) LEFT JOIN intake.sealed s USING (case_id)
        WHERE case_id = ANY ($1::uuid[])
        """,
        case_ids,
    )
    return {
        CaseId(str(row["case_id"])): MaskedMessage(
            title=row["title"],
            text=row["text"],
            may_publish=row["may_publish"],
            sealed=row["sealed"],
            version=row["version"],
            is_forgotten=row["is_forgotten"],
        )
        for row in rows
    }


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer as everybody may read it, with the bigrams that it is found by."""

    event: ReplyPublished | CaseAnswered
    title: str
    text: str
    response: str
    words: Iterable[str]


async def upsert_answers(db: Database, answers: Sequence[Answer]) -> None:
    """Let everybody read these answers, each with the bigrams that it is found by; a newer answer replaces the older."""
    await _keep(db, answers, "published", not_in="withheld")


async def withhold_answers(db: Database, answers: Sequence[Answer]) -> None:
    """Keep these answers aside, ready to be read by everybody once their citizens allow it."""
    await _keep(db, answers, "withheld", not_in="published")


async def _keep(db: Database, answers: Sequence[Answer], table: str, *, not_in: str) -> None:
    # A case stands in one of the tables. Codes come from the register. array_to_tsvector keeps our own words as they are.
    await db.execute(
        f"""
        WITH n AS (
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[],
                                 $8::text[], $9::text[])
            AS n (case_id, response, category, department, region, replied_at, words, title, text)
        ), moved AS (
            DELETE FROM intake.{not_in} o USING n WHERE o.case_id = n.case_id AND o.replied_at <= n.replied_at
        )
        INSERT INTO intake.{table} AS p ({_KEPT})
        SELECT c.case_id, c.tracking_code, n.title, n.text, n.response, n.category, n.department, n.region,
               n.replied_at, array_to_tsvector(string_to_array(n.words, ' ')), {MASKER}, false, NULL
        FROM n JOIN intake.case c USING (case_id)
        WHERE NOT EXISTS (
            SELECT FROM intake.{not_in} o WHERE o.case_id = n.case_id AND o.replied_at > n.replied_at)
        ORDER BY c.case_id
        ON CONFLICT (case_id) DO UPDATE SET
            title = excluded.title, text = excluded.text, response = excluded.response,
            category = excluded.category, department = excluded.department,
            region = excluded.region, replied_at = excluded.replied_at, search = excluded.search,
            masked = excluded.masked,
            objected = p.objected AND p.replied_at = excluded.replied_at,
            changed_at = CASE WHEN p.replied_at = excluded.replied_at THEN p.changed_at END
        WHERE p.replied_at <= excluded.replied_at
        """,  # noqa: S608  only our own names are put in
        [answer.event.case_id for answer in answers],
        [answer.response for answer in answers],
        [answer.event.category for answer in answers],
        [answer.event.department for answer in answers],
        [answer.event.region for answer in answers],
        [answer.event.at for answer in answers],
        [" ".join(answer.words) for answer in answers],
        [answer.title for answer in answers],
        [answer.text for answer in answers],
    )


async def response_of(db: Database, case_id: CaseId) -> str | None:
    """The answer of this case as everybody reads it; None where nobody else does."""
    # By the primary key.
    response: str | None = await db.fetchval(
        "SELECT response FROM intake.published WHERE case_id = $1::uuid", case_id
    )
    return response


async def delete_answers(db: Database, case_ids: Sequence[CaseId]) -> None:
    """Take answers out of public sight for good: the newest answer of these cases is for nobody else."""
    # By the primary keys.
    await db.execute("DELETE FROM intake.published WHERE case_id = ANY ($1::uuid[])", case_ids)
    await db.execute("DELETE FROM intake.withheld WHERE case_id = ANY ($1::uuid[])", case_ids)


async def mark_objected(db: Database, case_id: CaseId, at: datetime) -> None:
    """Say beside the answer that its citizen objected to it then, until there is a newer one."""
    # One row by a primary key, in one of the tables or none.
    for table in ("published", "withheld"):
        await db.execute(
            f"UPDATE intake.{table} SET objected = true, changed_at = GREATEST(changed_at, $2) WHERE case_id = $1::uuid",  # noqa: S608  as named
            case_id,
            at,
        )


async def note_changes(db: Database, table: str, changed: Sequence[tuple[CaseId, datetime]]) -> None:
    """Everybody reads the answers, or would, otherwise since then: who looks for what is new reads them again."""
    # By the primary key.
    await db.execute(
        f"""
        UPDATE intake.{table} AS p SET changed_at = GREATEST(changed_at, n.at)
        FROM unnest($1::uuid[], $2::timestamptz[]) AS n (case_id, at) WHERE p.case_id = n.case_id
        """,  # noqa: S608  as named
        [case_id for case_id, _ in changed],
        [at for _, at in changed],
    )


async def show_answer(db: Database, case_id: CaseId, at: datetime) -> None:
    """Let everybody read the answer that was kept aside, from then on, unless staff withhold it."""
    await _move(db, case_id, "withheld", "published", at)


async def hide_answer(db: Database, case_id: CaseId, at: datetime) -> None:
    """Keep the answer aside that everybody could read until then."""
    await _move(db, case_id, "published", "withheld", at)


async def _move(db: Database, case_id: CaseId, source: str, target: str, at: datetime) -> None:
    *kept, _ = _KEPT.split(", ")
    withheld = "EXISTS (SELECT FROM intake.view AS v WHERE v.case_id = $1::uuid AND v.is_withheld)"
    may = f"AND NOT {withheld} " if target == "published" else ""
    # One row by the primary key.
    await db.execute(
        f"""
        WITH moved AS (DELETE FROM intake.{source} WHERE case_id = $1::uuid {may}RETURNING {_KEPT})
        INSERT INTO intake.{target} ({_KEPT}) SELECT {", ".join(kept)}, GREATEST(changed_at, $2) FROM moved
        """,  # noqa: S608  only our own names are put in
        case_id,
        at,
    )


async def search_published(db: Database, criteria: Criteria) -> tuple[list[PublishedCase], int]:
    """One page, newest first, and how many match, at most one more than `counted_at_most`.

    One row more than asked for where there is a next page.
    """
    if criteria.words is None:
        return await _newest(db, criteria), await _count(db, criteria)
    most = criteria.counted_at_most
    rows, matches = ([], most + 1) if await _is_common(db, criteria) else await _matching(db, criteria)
    if matches > most:
        rows = await _newest_with(db, criteria, criteria.words)
        if len(rows) <= criteria.limit:
            rows, _ = await _matching(db, criteria, bounded=False)
    return rows, matches


async def _is_common(db: Database, criteria: Criteria) -> bool:
    """Whether it is one word, nothing besides, that is known to stand in more answers than are counted.

    The index would collect all of them before the first.
    """
    words = criteria.words or ""
    if criteria != Criteria(words=words, after=criteria.after, limit=criteria.limit) or not _PAIR.fullmatch(
        words
    ):
        return False
    # By the primary key.
    answers = await db.fetchval("SELECT answers FROM intake.word WHERE word = $1", words.strip("'"))
    return (answers or 0) >= _SURELY * criteria.counted_at_most


async def _matching(
    db: Database, criteria: Criteria, *, bounded: bool = True
) -> tuple[list[PublishedCase], int]:
    """The page, right where few match, or all that do are fetched; and how many do."""
    conditions, values = conditions_of(criteria)
    after = _after(criteria, values)
    most = f"LIMIT {int(criteria.counted_at_most) + 1}" if bounded else ""
    # Materialized: Postgres knows too little of rare words to see by itself that walking the newest answers would visit
    # nearly every row. So all are fetched by their words, once for the count and the page.
    rows = await db.fetch(
        f"""
        WITH found AS MATERIALIZED (
            SELECT case_id, replied_at FROM intake.published
            WHERE {conditions} {most}
        ), page AS (
            SELECT * FROM found WHERE {after}
            ORDER BY replied_at DESC, case_id DESC LIMIT {int(criteria.limit) + 1}
        )
        SELECT {COLUMNS}, matches FROM (SELECT count(*) AS matches FROM found) AS counted
        LEFT JOIN (page JOIN intake.published USING (case_id, replied_at)) ON true
        ORDER BY replied_at DESC, case_id DESC
        """,  # noqa: S608  only our own column names are put in
        *values,
    )
    return [case_of(row) for row in rows if row["case_id"] is not None], rows[0]["matches"]


async def _newest(db: Database, criteria: Criteria) -> list[PublishedCase]:
    conditions, values = conditions_of(criteria)
    after = _after(criteria, values)
    # Keyset paging: each page starts at an index position, however deep it is.
    rows = await db.fetch(
        f"""
        SELECT {COLUMNS} FROM intake.published WHERE {conditions} AND {after}
        ORDER BY replied_at DESC, case_id DESC LIMIT {int(criteria.limit) + 1}
        """,  # noqa: S608  only our own column names are put in
        *values,
    )
    return [case_of(row) for row in rows]


async def _newest_with(db: Database, criteria: Criteria, words: str) -> list[PublishedCase]:
    """Those of the newest that hold the words; fewer than a page where they stand in few."""
    conditions, values = conditions_of(msgspec.structs.replace(criteria, words=None))
    after = _after(criteria, values)
    # The inner limit keeps Postgres from looking for the words first and sorting all that it finds, too.
    rows = await db.fetch(
        f"""
        SELECT {COLUMNS} FROM (
            SELECT {COLUMNS}, search FROM intake.published WHERE {conditions} AND {after}
            ORDER BY replied_at DESC, case_id DESC LIMIT {_LOOKED_THROUGH}) AS newest
        WHERE search @@ ${len(values) + 1}::text::tsquery LIMIT {int(criteria.limit) + 1}
        """,  # noqa: S608  only our own column names and numbers are put in
        *values,
        words,
    )
    return [case_of(row) for row in rows]


async def _count(db: Database, criteria: Criteria) -> int:
    conditions, values = conditions_of(criteria)
    # Bounded: counting stops where the number tells nothing more.
    count: int = await db.fetchval(
        f"""
        SELECT count(*) FROM (
            SELECT 1 FROM intake.published WHERE {conditions} LIMIT {int(criteria.counted_at_most) + 1}) AS found
        """,  # noqa: S608  only our own column names are put in
        *values,
    )
    return count


async def find_published(db: Database, tracking_code: TrackingCode) -> PublishedCase | None:
    """The published case with this tracking code, or None."""
    # A unique index.
    row = await db.fetchrow(
        f"SELECT {COLUMNS} FROM intake.published WHERE tracking_code = $1",  # noqa: S608  our own column names
        tracking_code,
    )
    return None if row is None else case_of(row)


def case_of(row: Any) -> PublishedCase:
    """The published case in this row."""
    return PublishedCase(**{name: row[name] for name in _READ} | {"case_id": CaseId(str(row["case_id"]))})


def conditions_of(criteria: Criteria, *, first: int = 1) -> tuple[str, list[object]]:
    """The WHERE clause and its values, numbered from `first`; only what was asked for, so that an index fits."""
    parts: list[str] = ["true"]
    values: list[object] = []
    asked: tuple[tuple[str, object], ...] = (
        ("search @@ ${}::text::tsquery", criteria.words),
        ("category = ${}", criteria.category),
        ("department = ${}", criteria.department),
        ("region = ${}", criteria.region),
        ("replied_at >= ${}", criteria.since),
        ("replied_at < ${}", criteria.until),
    )
    for condition, value in asked:
        if value is not None:
            parts.append(condition.format(first + len(values)))
            values.append(value)
    return " AND ".join(parts), values


def _after(criteria: Criteria, values: list[object]) -> str:
    """What comes after the cursor; its place is added to `values`."""
    if criteria.after is None:
        return "true"
    values += criteria.after
    return f"(replied_at, case_id) < (${len(values) - 1}::timestamptz, ${len(values)}::uuid)"
