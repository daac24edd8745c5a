"""The nearest published answers: how often words stand in them, which are looked at, and searches that found nothing."""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from intake.core.public.published import NEAREST_FOUND, Criteria, PublishedCase
from intake.core.search.question import Counts, LookUps
from intake.core.search.unanswered import Unanswered
from intake.store.published import COLUMNS, case_of, conditions_of
from schemas.ids import CaseId
from schemas.ports import Database

#: Answers that one look into the index brings (project choice: more than are ever shown).
_EACH_LOOK_UP = 400
#: The newest answers that are looked through for words that stand in every few (project choice: a time as short as a look).
_LOOKED_THROUGH = 1_000
#: Characters of a message and of its answer that are compared with a question (project choice: what it is about stands
#: at the beginning).
_TEXT_COMPARED, _RESPONSE_COMPARED = 600, 400
#: Answers that words are counted in (project choice: their order is that of all of them; two seconds of Postgres).
_COUNTED_IN = 10_000
#: The row of `intake.word` that says in how many answers words were counted.
_ALL = ""
#: Searches that are remembered at most, and shown (project choices).
_REMEMBERED, _SHOWN = 10_000, 100


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, as far as it is compared with a question."""

    case_id: CaseId
    title: str
    text: str
    response: str


async def counts_of(db: Database, words: Sequence[str]) -> Counts:
    """In how many answers each word stood when they were counted last."""
    # By the primary key.
    rows = await db.fetch(
        "SELECT word, answers FROM intake.word WHERE word = ANY ($1::text[])", [_ALL, *words]
    )
    found = {row["word"]: row["answers"] for row in rows}
    return Counts(answers=found.pop(_ALL, 0), of=found)


async def find_nearest(db: Database, look_ups: LookUps, criteria: Criteria) -> Sequence[Compared]:
    """The answers that hold most of what is looked up by; of what stands in every few answers, new ones that hold it."""
    if not look_ups.each:
        return []
    if look_ups.each[0].among_newest:
        return await _among_newest(db, look_ups.each[0].tsquery, criteria)
    conditions, values = conditions_of(msgspec.structs.replace(criteria, words=None), first=4)
    # OFFSET 0: the index of words alone finds them, whatever else is asked for; an index by date would be walked to its end.
    # One look follows the other, and Postgres does not begin those behind the last answer that is wanted.
    rows = await db.fetch(
        f"""
        WITH looked_up AS (SELECT * FROM unnest($1::text[], $2::float8[]) AS l (words, weight)),
        hit AS (
            SELECT f.case_id, l.weight FROM looked_up AS l CROSS JOIN LATERAL (
                SELECT case_id FROM (
                    SELECT case_id, category, department, region, replied_at FROM intake.published
                    WHERE search @@ l.words::tsquery OFFSET 0) AS p
                WHERE {conditions} LIMIT {_EACH_LOOK_UP}) AS f
            LIMIT $3::int
        ), nearest AS (
            SELECT case_id FROM hit GROUP BY case_id ORDER BY sum(weight) DESC, case_id LIMIT {NEAREST_FOUND})
        SELECT case_id::text, title, left(text, {_TEXT_COMPARED}) AS text, left(response, {_RESPONSE_COMPARED}) AS response
        FROM nearest JOIN intake.published USING (case_id)
        """,  # noqa: S608  only our own names and numbers are put in
        [look_up.tsquery for look_up in look_ups.each],
        [look_up.weight for look_up in look_ups.each],
        look_ups.enough,
        *values,
    )
    return [msgspec.convert(dict(row), Compared) for row in rows]


async def _among_newest(db: Database, words: str, criteria: Criteria) -> Sequence[Compared]:
    conditions, values = conditions_of(msgspec.structs.replace(criteria, words=None), first=2)
    # A walk along an index by date, so far and no farther: the index of words would collect them all first.
    rows = await db.fetch(
        f"""
        SELECT case_id::text, title, left(text, {_TEXT_COMPARED}) AS text, left(response, {_RESPONSE_COMPARED}) AS response
        FROM (
            SELECT case_id, title, text, response, search FROM intake.published WHERE {conditions}
            ORDER BY replied_at DESC, case_id DESC LIMIT {_LOOKED_THROUGH}) AS newest
        WHERE search @@ $1::text::tsquery LIMIT {NEAREST_FOUND}
        """,  # noqa: S608  only our own names and numbers are put in
        words,
        *values,
    )
    return [msgspec.convert(dict(row), Compared) for row in rows]


async def read_answers(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, PublishedCase]:
    """These answers, as far as they are published."""
    if not case_ids:
        return {}
    # By the primary key.
    rows = await db.fetch(
        f"SELECT {COLUMNS} FROM intake.published WHERE case_id = ANY ($1::uuid[])",  # noqa: S608  our own column names
        case_ids,
    )
    return {(found := case_of(row)).case_id: found for row in rows}


async def count_words(db: Database) -> None:
    """Count anew in how many answers each word stands, in a part of them where there are many."""
    # Nobody else counts meanwhile; whoever reads goes on.
    await db.execute("LOCK TABLE intake.word IN SHARE ROW EXCLUSIVE MODE")
    answers = await db.fetchval("SELECT count(*) FROM intake.published")
    percent = min(100.0, 100.0 * _COUNTED_IN / max(1, answers))
    # A whole part of the table's pages; a character alone stands for all pairs that it begins.
    await db.execute("DELETE FROM intake.word")
    await db.execute(
        f"""
        WITH counted AS MATERIALIZED (
            SELECT word, (ndoc * 100 / {percent!r})::int AS answers
            FROM ts_stat('SELECT search FROM intake.published TABLESAMPLE SYSTEM ({percent!r}) REPEATABLE (1)')
        )
        INSERT INTO intake.word (word, answers)
        SELECT word, answers FROM counted WHERE length(word) > 1
        UNION ALL
        SELECT left(word, 1), least(sum(answers), $1::int) FROM counted WHERE ascii(word) > 8191 GROUP BY 1
        UNION ALL
        SELECT word, answers FROM counted WHERE length(word) = 1 AND ascii(word) <= 8191
        UNION ALL
        SELECT '{_ALL}', $1::int
        """,  # noqa: S608  our own numbers
        answers,
    )


async def answers_counted(db: Database) -> tuple[int, int]:
    """How many answers there are, as Postgres estimates without looking, and in how many words were counted last."""
    # One row each.
    return tuple(
        await db.fetchrow(
            f"""
            SELECT coalesce(pg_stat_get_live_tuples('intake.published'::regclass), 0)::int,
                   coalesce((SELECT answers FROM intake.word WHERE word = '{_ALL}'), -1)
            """  # noqa: S608  our own word
        )
    )


async def note_unanswered(db: Database, words: str, today: date) -> None:
    """One more search for these words found nothing; when the list is full, new words are left out."""
    # By the primary key; the count is that of an index of ten thousand rows at most, asked for new words alone.
    await db.execute(
        f"""
        WITH known AS (
            UPDATE intake.unanswered SET times = times + 1, last_on = $2 WHERE words = $1 RETURNING words)
        INSERT INTO intake.unanswered (words, times, first_on, last_on)
        SELECT $1, 1, $2, $2
        WHERE NOT EXISTS (SELECT FROM known) AND (SELECT count(*) FROM intake.unanswered) < {_REMEMBERED}
        ON CONFLICT (words) DO UPDATE SET times = unanswered.times + 1, last_on = excluded.last_on
        """,  # noqa: S608  our own number
        words,
        today,
    )


async def list_unanswered(db: Database, least: int) -> Sequence[Unanswered]:
    """What was looked for in vain at least so often, most often first."""
    # Along its index.
    rows = await db.fetch(
        f"SELECT * FROM intake.unanswered WHERE times >= $1 ORDER BY times DESC, words LIMIT {_SHOWN}",  # noqa: S608  our own number
        least,
    )
    return [Unanswered(**dict(row)) for row in rows]


async def forget_unanswered(db: Database, before: date) -> None:
    """Forget what nobody looked for since that day."""
    # Along its index.
    await db.execute("DELETE FROM intake.unanswered WHERE last_on < $1", before)
