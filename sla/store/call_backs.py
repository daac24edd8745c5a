"""Call-backs (回访): who is to be asked, what was drawn on which day, and what came of it."""

from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from schemas.ids import CaseId, DepartmentCode
from schemas.keysets import falls_below, rises_above
from schemas.ports import Database
from schemas.words import Clock
from sla.core.call_backs import (
    CallBack,
    CallBackCandidate,
    CallBackReason,
    CallBackState,
    CallResult,
    HeldCallBack,
    ListedCallBack,
)
from sla.core.figures import Span

_FIELDS = """b.case_id::text, b.number, b.day, b.why, b.state, b.drawn_at, b.department, b.until, b.tries, b.tried_at,
    b.claimed_by, b.claimed_until, b.settled_at, b.settled_by, b.why_not, b.contacted, b.solved, b.satisfied, b.note,
    b.redo"""


async def drawn_days(db: Database, since: date) -> Mapping[date, datetime]:
    """The days from then on that were drawn, and when."""
    rows = await db.fetch("SELECT day, at FROM sla.call_back_day WHERE day >= $1", since)
    return {row["day"]: row["at"] for row in rows}


async def candidates(db: Database, span: Span, bad: int) -> list[CallBackCandidate]:
    """What was closed with an answer in that span, or rated bad, is closed still, and was not asked about since.

    What a supervisor has called back about needs no second call.
    """
    rows = await db.fetch(
        """
        WITH closed AS MATERIALIZED (
            SELECT case_id FROM sla."case" WHERE closed_at >= $1 AND closed_at < $2 AND outcome = 'answered'
        ), rated AS MATERIALIZED (
            SELECT case_id, max(at) AS at FROM sla.deed
            WHERE at >= $1 AND at < $2 AND what = 'rated' AND value <= $3 GROUP BY case_id
        ), asked AS (SELECT case_id FROM closed UNION SELECT case_id FROM rated)
        SELECT k.case_id::text, k.version, k.lead, k.leads, k.closed_at, r.at IS NOT NULL AS is_rated_bad,
               c.case_id IS NOT NULL AS is_closed_that_day,
               c.case_id IS NOT NULL AND EXISTS (
                   SELECT FROM sla.deed AS d WHERE d.case_id = k.case_id AND d.what = 'reopened') AS is_reopened
        FROM asked JOIN sla."case" AS k USING (case_id)
        LEFT JOIN closed AS c USING (case_id) LEFT JOIN rated AS r USING (case_id)
        WHERE k.outcome = 'answered' AND k.closed_at IS NOT NULL
          AND NOT EXISTS (SELECT FROM sla.call_back AS b WHERE b.case_id = k.case_id
                            AND (b.state = 'open' OR b.settled_at >= r.at OR r.at IS NULL AND b.closed_at = k.closed_at))
          AND NOT EXISTS (SELECT FROM sla.deed AS d WHERE d.case_id = k.case_id AND d.what = 'called'
                            AND d.at > COALESCE(r.at, k.closed_at))
        """,
        span.since,
        span.until,
        bad,
    )
    return [
        CallBackCandidate(
            case_id=CaseId(row["case_id"]), version=row["version"],
            department=DepartmentCode(row["lead"]) if row["lead"] else None, leads=row["leads"],
            closed_at=row["closed_at"], is_rated_bad=row["is_rated_bad"], is_reopened=row["is_reopened"],
            is_closed_that_day=row["is_closed_that_day"],
        )
        for row in rows
    ]  # fmt: skip


class NewCallBack(NamedTuple):
    """A call-back that is drawn. `until`: of one that is asked on the citizen's page."""

    case: CallBackCandidate
    why: CallBackReason
    until: datetime | None
    answered_by: str


class DueCallBack(NamedTuple):
    """A call-back that somebody is to be told of, and the version of its case."""

    call_back: CallBack
    version: int


async def keep_draw(
    db: Database, day: date, closed: Mapping[str, int], drawn: Sequence[NewCallBack], now: datetime
) -> list[DueCallBack] | None:
    """Keep what was drawn of a day, and of how many in each department; them. None: somebody has drawn it."""
    is_first = await db.fetchval(
        "INSERT INTO sla.call_back_day (day, at, closed) VALUES ($1, $2, $3::jsonb) ON CONFLICT DO NOTHING RETURNING true",
        day,
        now,
        msgspec.json.encode(closed).decode(),
    )
    if not is_first:
        return None
    rows = await db.fetch(
        f"""
        INSERT INTO sla.call_back AS b
            (case_id, number, day, why, state, drawn_at, closed_at, department, leads, answered_by, until)
        SELECT t.case_id, 1 + COALESCE((SELECT max(o.number) FROM sla.call_back AS o WHERE o.case_id = t.case_id), 0),
               $1, t.why, 'open', $2, t.closed_at, t.department, string_to_array(t.leads, ','), t.answered_by, t.until
        FROM unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::timestamptz[])
          AS t (case_id, why, closed_at, department, leads, answered_by, until)
        RETURNING {_FIELDS}
        """,  # noqa: S608  made of constants
        day,
        now,
        [each.case.case_id for each in drawn],
        [each.why for each in drawn],
        [each.case.closed_at for each in drawn],
        [each.case.department for each in drawn],
        [",".join(each.case.leads) for each in drawn],
        [each.answered_by for each in drawn],
        [each.until for each in drawn],
    )
    versions = {each.case.case_id: each.case.version for each in drawn}
    return [DueCallBack(call, versions[call.case_id]) for call in map(_call_back, rows)]


async def void_stale(db: Database, now: datetime, limit: int) -> int:
    """End those whose cases are not closed any more, or were closed anew since; how many."""
    rows = await db.fetch(
        """
        UPDATE sla.call_back AS b SET state = 'void', settled_at = $1, claimed_by = NULL, claimed_until = NULL
        FROM (SELECT o.case_id, o.number FROM sla.call_back AS o JOIN sla."case" AS k USING (case_id)
              WHERE o.state = 'open' AND k.closed_at IS DISTINCT FROM o.closed_at
              ORDER BY o.drawn_at LIMIT $2) AS stale
        WHERE b.case_id = stale.case_id AND b.number = stale.number AND b.state = 'open' RETURNING b.case_id
        """,
        now,
        limit,
    )
    return len(rows)


async def move_to_page(db: Database, until: datetime, limit: int) -> list[DueCallBack]:
    """Open calls by telephone of cases that have become private are asked on the page until then; with the versions."""
    # The index of open ones; a day's draw.
    rows = await db.fetch(
        f"""
        UPDATE sla.call_back AS b SET until = $1, claimed_by = NULL, claimed_until = NULL
        FROM (SELECT o.case_id, o.number, k.version FROM sla.call_back AS o JOIN sla."case" AS k USING (case_id)
              WHERE o.state = 'open' AND o.until IS NULL AND k.private AND k.closed_at = o.closed_at
              ORDER BY o.drawn_at, o.case_id LIMIT $2) AS kept
        WHERE b.case_id = kept.case_id AND b.number = kept.number AND b.state = 'open' AND b.until IS NULL
        RETURNING {_FIELDS}, kept.version
        """,  # noqa: S608  made of constants
        until,
        limit,
    )
    return [DueCallBack(_call_back(row), row["version"]) for row in rows]


async def silent(db: Database, now: datetime, limit: int) -> list[CaseId]:
    """Those who were asked on their page, and did not answer in time."""
    rows = await db.fetch(
        "SELECT case_id::text FROM sla.call_back WHERE state = 'open' AND until < $1 ORDER BY until LIMIT $2",
        now,
        limit,
    )
    return [CaseId(row["case_id"]) for row in rows]


async def awaited_among(db: Database, case_ids: Sequence[CaseId]) -> Set[CaseId]:
    """Those of the cases whose citizens somebody is to ring up, or had to have it done once more and it is not open yet.

    As long as the end stands that it is about: with another one, or none, it comes to nothing, whether or not that is noted.
    """
    # Some rows by their primary keys.
    rows = await db.fetch(
        """
        SELECT b.case_id::text FROM sla.call_back AS b JOIN sla."case" AS k USING (case_id)
        WHERE b.case_id = ANY($1::uuid[]) AND k.closed_at = b.closed_at
            AND (b.state = 'open' AND b.until IS NULL OR b.redo)
        """,
        list(case_ids),
    )
    return {CaseId(row["case_id"]) for row in rows}


async def lock(db: Database, case_id: CaseId) -> HeldCallBack | None:
    """The case's open call-back, after its case, both locked until the unit ends; None where there is none."""
    case = await db.fetchrow(
        'SELECT version, closed_at, outcome, lead FROM sla."case" WHERE case_id = $1 FOR UPDATE', case_id
    )
    row = await db.fetchrow(
        f"""SELECT {_FIELDS}, b.closed_at, b.leads, b.answered_by,
                   (SELECT count(*) FROM sla.call_back AS e WHERE e.case_id = b.case_id AND e.redo) AS redos
            FROM sla.call_back AS b WHERE b.case_id = $1 AND b.state = 'open' FOR UPDATE""",  # noqa: S608  made of constants
        case_id,
    )
    if case is None or row is None:
        return None
    return HeldCallBack(
        call_back=_call_back(row),
        version=case["version"],
        leads=row["leads"],
        answered_by=row["answered_by"],
        is_current=case["closed_at"] == row["closed_at"] and case["outcome"] == "answered",
        is_direct=case["lead"] is None,
        redos=row["redos"],
        shown_to=row["claimed_by"],
    )


async def claim(db: Database, held: CallBack, by: str | None, until: datetime | None) -> None:
    """Until then nobody else rings up; None: anybody may."""
    await db.execute(
        "UPDATE sla.call_back SET claimed_by = $3, claimed_until = $4 WHERE case_id = $1 AND number = $2",
        held.case_id,
        held.number,
        by,
        until,
    )


async def calls_in_vain(db: Database, held: CallBack) -> Sequence[datetime]:
    """When its citizen was not reached since it was drawn, as the case's history says."""
    rows = await db.fetch(
        "SELECT at FROM sla.history WHERE case_id = $1 AND clock = $2 AND what = 'not reached' AND at >= $3",
        held.case_id,
        Clock.CALL_BACK,
        held.drawn_at,
    )
    return [row["at"] for row in rows]


async def note_try(db: Database, held: CallBack, tries: int, now: datetime) -> None:
    """A call in vain, which makes so many; the next one is anybody's."""
    await db.execute(
        """
        UPDATE sla.call_back SET tries = $4, tried_at = $3, claimed_by = NULL, claimed_until = NULL
        WHERE case_id = $1 AND number = $2
        """,
        held.case_id,
        held.number,
        now,
        tries,
    )


async def settle(
    db: Database,
    held: CallBack,
    state: CallBackState,
    result: CallResult,
    *,
    by: str,
    note: str,
    redo: bool,
    why_not: str | None,
    now: datetime,
) -> None:
    """What came of it; the case is counted anew for the figures."""
    await db.execute(
        """
        WITH counted AS (UPDATE sla."case" SET settled = false WHERE case_id = $1)
        UPDATE sla.call_back
        SET state = $3, settled_at = $4, settled_by = $5, why_not = $6, contacted = $7, solved = $8, satisfied = $9,
            note = $10, redo = $11, claimed_by = NULL, claimed_until = NULL
        WHERE case_id = $1 AND number = $2
        """,
        held.case_id,
        held.number,
        state,
        now,
        by,
        why_not,
        result.contacted,
        result.solved,
        result.satisfied,
        note,
        redo,
    )


async def of_case(db: Database, case_id: CaseId) -> list[CallBack]:
    """All of one case, the first first."""
    rows = await db.fetch(
        f"SELECT {_FIELDS} FROM sla.call_back AS b WHERE b.case_id = $1 ORDER BY b.number",  # noqa: S608  made of constants
        case_id,
    )
    return [_call_back(row) for row in rows]


def _call_back(row: Any) -> CallBack:
    return msgspec.convert(dict(row), CallBack)


async def to_call(
    db: Database,
    name: str,
    department: DepartmentCode | None,
    after: tuple[datetime, CaseId] | None,
    limit: int,
) -> list[ListedCallBack]:
    """Whom this dispatcher may call now, drawn first first: nothing of their own unit, and no answer of their own."""
    since, case_id = after or (None, None)
    rows = await db.fetch(
        f"""
        SELECT {_FIELDS}, k.tracking_code, c.due_at
        FROM sla.call_back AS b JOIN sla."case" AS k USING (case_id)
        LEFT JOIN sla.clock AS c ON c.case_id = b.case_id AND c.clock = 'call_back' AND c.state = 'running'
        WHERE b.state = 'open' AND b.until IS NULL AND k.closed_at = b.closed_at AND k.outcome = 'answered'
          AND ($1::text IS NULL OR NOT $1 = ANY(b.leads)) AND (b.answered_by = '' OR b.answered_by <> $2)
          AND {rises_above(3, timestamptz="b.drawn_at", uuid="b.case_id")}
        ORDER BY b.drawn_at, b.case_id LIMIT $5
        """,  # noqa: S608  made of constants
        department,
        name,
        since,
        case_id,
        limit,
    )
    return [msgspec.convert(dict(row), ListedCallBack) for row in rows]


async def settled(
    db: Database, department: DepartmentCode | None, before: tuple[datetime, CaseId] | None, limit: int
) -> list[ListedCallBack]:
    """What came of those that are settled, the latest first; nothing of that unit's."""
    until, case_id = before or (None, None)
    rows = await db.fetch(
        f"""
        SELECT {_FIELDS}, k.tracking_code, NULL::timestamptz AS due_at
        FROM sla.call_back AS b JOIN sla."case" AS k USING (case_id)
        WHERE b.state IN ('done', 'unreached') AND ($1::text IS NULL OR NOT $1 = ANY(b.leads))
          AND {falls_below(2, timestamptz="b.settled_at", uuid="b.case_id")}
        ORDER BY b.settled_at DESC, b.case_id DESC LIMIT $4
        """,  # noqa: S608  made of constants
        department,
        until,
        case_id,
        limit,
    )
    return [msgspec.convert(dict(row), ListedCallBack) for row in rows]
