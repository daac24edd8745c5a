"""Promised dates: kept in step with their cases, listed for everybody, counted for each department.

What is settled is counted once, into sums; a promise that changes after all is found by its row, whoever changed it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from intake.core.public.promises import KeptPromise, Position, PromiseCounts, PromiseState
from schemas.events.handlers import PromiseDecided
from schemas.ids import CaseId
from schemas.keysets import falls_below
from schemas.ports import Database

#: What is settled of a promise whatever the time is, in the words of the index `promise_settled`.
_SETTLED = """CASE WHEN p.changed_at IS NOT NULL THEN 'changed'
    WHEN p.outcome = 'answered' AND p.replied_at <= p.until THEN 'kept'
    WHEN coalesce(p.replied_at, p.ended_at) > p.until THEN 'broken'
    WHEN p.ended_at IS NOT NULL THEN 'ended' ELSE 'open' END"""
#: What became of a promise by the moment $1. A reply that is under review was in time or was not.
_STATE = """CASE WHEN p.changed_at IS NOT NULL THEN 'changed'
    WHEN p.outcome = 'answered' AND p.replied_at <= p.until THEN 'kept'
    WHEN coalesce(p.replied_at, p.ended_at, $1) > p.until THEN 'broken'
    WHEN p.ended_at IS NOT NULL THEN 'ended' ELSE 'open' END"""


async def keep(db: Database, events: Sequence[PromiseDecided]) -> None:
    """Dates that were promised, each once; an earlier one of the same case that has not passed is put off."""
    # By the primary key.
    await db.execute(
        """
        WITH n AS (
            SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::bool[])
            AS n (case_id, number, department, until, granted_at, publishable)
        ), changed AS (
            UPDATE intake.promise AS p SET changed_at = n.granted_at FROM n
            WHERE p.case_id = n.case_id AND p.number < n.number AND p.changed_at IS NULL AND p.ended_at IS NULL
                AND p.until > n.granted_at
        )
        INSERT INTO intake.promise (case_id, number, department, until, granted_at, publishable)
        SELECT case_id, number, department, until, granted_at, publishable FROM n ORDER BY case_id, number
        ON CONFLICT DO NOTHING
        """,
        [event.case_id for event in events],
        [event.promise_count for event in events],
        [event.department for event in events],
        [event.until for event in events],
        [event.at for event in events],
        [event.publishable for event in events],
    )


async def note_replies(db: Database, told: Sequence[tuple[CaseId, datetime, bool]]) -> None:
    """A reply was given then, or (False) was sent back: then there is none."""
    # By the primary key; nearly no case has a row.
    await db.execute(
        """
        UPDATE intake.promise AS p SET replied_at = CASE WHEN n.given THEN n.at END
        FROM unnest($1::uuid[], $2::timestamptz[], $3::bool[]) AS n (case_id, at, given)
        WHERE p.case_id = n.case_id AND p.ended_at IS NULL AND p.changed_at IS NULL AND p.granted_at <= n.at
        """,
        [case_id for case_id, _, _ in told],
        [at for _, at, _ in told],
        [given for _, _, given in told],
    )


async def end(db: Database, told: Sequence[tuple[CaseId, datetime, str]]) -> None:
    """The case ended then, with this outcome."""
    # By the primary key.
    await db.execute(
        """
        UPDATE intake.promise AS p SET ended_at = n.at, outcome = n.outcome
        FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS n (case_id, at, outcome)
        WHERE p.case_id = n.case_id AND p.ended_at IS NULL
        """,
        [case_id for case_id, _, _ in told],
        [at for _, at, _ in told],
        [outcome for _, _, outcome in told],
    )


async def go_on(db: Database, case_ids: Sequence[CaseId]) -> None:
    """These are merged no more: what was promised stands again. Of a refusal it does not: the desk has forgotten it."""
    # By the primary key.
    await db.execute(
        """
        UPDATE intake.promise SET ended_at = NULL, outcome = NULL
        WHERE case_id = ANY ($1::uuid[]) AND outcome = 'merged'
        """,
        case_ids,
    )


async def hand_on(db: Database, told: Sequence[tuple[CaseId, datetime, str]]) -> None:
    """Another department has the case from then on: what has not passed yet is for it to keep."""
    # By the primary key.
    await db.execute(
        """
        UPDATE intake.promise AS p SET department = n.department
        FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS n (case_id, at, department)
        WHERE p.case_id = n.case_id AND p.ended_at IS NULL AND p.changed_at IS NULL AND p.until > n.at
        """,
        [case_id for case_id, _, _ in told],
        [at for _, at, _ in told],
        [department for _, _, department in told],
    )


async def hide(db: Database, case_ids: Sequence[CaseId]) -> None:
    """Nobody but their citizens reads of these any more."""
    # By the primary key.
    await db.execute(
        "UPDATE intake.promise SET publishable = false WHERE case_id = ANY ($1::uuid[])", case_ids
    )


_PAGE = f"""
    SELECT p.case_id, p.number, p.department, p.until, p.granted_at, p.replied_at, {_STATE} AS state, c.title,
           s.sealed, a.tracking_code AS published_code,
           CASE WHEN p.ended_at IS NULL AND p.changed_at IS NULL THEN c.tracking_code END AS open_code
    FROM intake.promise AS p JOIN intake.case AS c USING (case_id) LEFT JOIN intake.view AS v USING (case_id)
    LEFT JOIN intake.sealed AS s USING (case_id) LEFT JOIN intake.published AS a USING (case_id)
    WHERE p.publishable AND NOT c.confidential AND coalesce(v.may_publish, c.publish) AND v.is_withheld IS NOT true
        AND ($2::text IS NULL OR p.department = $2)
        AND {falls_below(3, timestamptz="p.until", uuid="p.case_id", int4="p.number")}{{which}}
    ORDER BY p.until DESC, p.case_id DESC, p.number DESC LIMIT $6
"""  # noqa: S608  made of constants
#: Which ones are meant, said outright, so that the index of settled states answers it: one that is settled as open is broken
#: as soon as its day has passed without a reply.
_WHICH: Mapping[PromiseState, Sequence[str]] = {
    PromiseState.OPEN: (f"{_SETTLED} = 'open' AND coalesce(p.replied_at, $1) <= p.until",),
    PromiseState.BROKEN: (
        f"{_SETTLED} = 'broken'",
        f"{_SETTLED} = 'open' AND coalesce(p.replied_at, $1) > p.until",
    ),
    PromiseState.KEPT: (f"{_SETTLED} = 'kept'",),
    PromiseState.CHANGED: (f"{_SETTLED} = 'changed'",),
    PromiseState.ENDED: (f"{_SETTLED} = 'ended'",),
}


def _page_of(state: PromiseState) -> str:
    parts = ") UNION ALL (".join(_PAGE.format(which=f" AND {which}") for which in _WHICH[state])
    return f"SELECT * FROM (({parts})) AS p ORDER BY until DESC, case_id DESC, number DESC LIMIT $6"  # noqa: S608  made of constants


_PAGES: Mapping[PromiseState | None, str] = {
    None: _PAGE.format(which=""),
    **{state: _page_of(state) for state in PromiseState},
}


async def listed(
    db: Database,
    now: datetime,
    *,
    state: PromiseState | None,
    department: str | None,
    after: Position | None,
    limit: int,
) -> list[KeptPromise]:
    """Promises of cases whose citizens allow publication, the latest day first, behind `after`."""
    # Along the index of days, of each settled state that may be meant; consent, title and answer by primary keys.
    rows = await db.fetch(_PAGES[state], now, department, *(after or (None, None, None)), limit)
    return [_promise(row) for row in rows]


def _promise(row: Any) -> KeptPromise:
    known = dict(row.items())
    known.update(case_id=CaseId(str(row["case_id"])), state=PromiseState(row["state"]))
    return KeptPromise(**known)


#: As what a promise stands in the sums once it is settled; in the words of the index `promise_uncounted`.
_COUNTED_AS = f"CASE WHEN p.publishable THEN p.department || ' ' || {_SETTLED} ELSE 'hidden' END"
#: What is not in the sums as it is now, and what is open: that never is.
_UNCOUNTED = f"p.counted IS DISTINCT FROM {_COUNTED_AS}"


async def count(db: Database, limit: int) -> int:
    """Bring the sums to what at most so many promises are; returns how many were not in them as they are."""
    # The index of those, with the few that are open.
    rows = await db.fetch(
        f"""
        WITH stale AS MATERIALIZED (
            SELECT p.case_id, p.number, p.counted, n.counted_as
            FROM intake.promise AS p CROSS JOIN LATERAL (
                SELECT CASE WHEN p.publishable AND {_SETTLED} = 'open' THEN NULL ELSE {_COUNTED_AS} END AS counted_as) AS n
            WHERE {_UNCOUNTED} AND p.counted IS DISTINCT FROM n.counted_as LIMIT $1 FOR UPDATE OF p SKIP LOCKED
        ), summed AS (
            INSERT INTO intake.promise_sum AS t (counted_as, n)
            SELECT s.key, sum(s.sign) FROM stale CROSS JOIN LATERAL (VALUES (counted, -1), (counted_as, 1)) AS s (key, sign)
            WHERE s.key <> 'hidden' GROUP BY s.key HAVING sum(s.sign) <> 0 ORDER BY s.key
            ON CONFLICT (counted_as) DO UPDATE SET n = t.n + EXCLUDED.n
        )
        UPDATE intake.promise AS p SET counted = s.counted_as FROM stale AS s
        WHERE p.case_id = s.case_id AND p.number = s.number RETURNING p.number
        """,  # noqa: S608  made of constants
        limit,
    )
    return len(rows)


async def counts(db: Database, now: datetime) -> list[PromiseCounts]:
    """For each department how many of its promises are open, kept and broken."""
    # The sums, and the few promises that are not in them as they are.
    rows = await db.fetch(
        f"""
        WITH live AS MATERIALIZED (
            SELECT p.counted, CASE WHEN p.publishable THEN p.department || ' ' || {_STATE} END AS stands_as
            FROM intake.promise AS p WHERE {_UNCOUNTED}
        ), every (key, n) AS (
            SELECT counted_as, n FROM intake.promise_sum UNION ALL SELECT counted, -1 FROM live
            UNION ALL SELECT stands_as, 1 FROM live
        ), summed AS (
            SELECT split_part(key, ' ', 1) AS department, split_part(key, ' ', 2) AS state, n
            FROM every WHERE key <> 'hidden'
        )
        SELECT department, COALESCE(sum(n) FILTER (WHERE state = 'open'), 0)::int AS open,
               COALESCE(sum(n) FILTER (WHERE state = 'kept'), 0)::int AS kept,
               COALESCE(sum(n) FILTER (WHERE state = 'broken'), 0)::int AS broken
        FROM summed GROUP BY department HAVING sum(n) > 0 ORDER BY department
        """,  # noqa: S608  made of constants
        now,
    )
    return [PromiseCounts(**dict(row.items())) for row in rows]
