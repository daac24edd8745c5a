"""Exclusions (不纳入考核): what departments asked for, what became of it, and what changed figures since a report."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from schemas.ids import CaseId, DepartmentCode
from schemas.keysets import falls_below, rises_above
from schemas.ports import Database
from sla.core.exclusions import Exclusion, ExclusionStep
from sla.core.reports import Days

_FIELDS = """e.case_id::text, e.number, e.department, e.figures, e.reason, e.state, e.closed_at, e.since, e.until,
    e.steps::text AS steps, k.tracking_code, COALESCE(k.closed_at = e.closed_at, false) AS is_current"""
_FROM = 'sla.exclusion AS e JOIN sla."case" AS k USING (case_id)'
_steps = msgspec.json.Decoder(tuple[ExclusionStep, ...])


def _exclusion(row: Any) -> Exclusion:
    known = dict(row)
    steps = _steps.decode(known.pop("steps"))
    return msgspec.convert({**known, "steps": steps}, Exclusion)


async def counted_at(db: Database, case_id: CaseId) -> datetime | None:
    """The case's end, or what its citizen said of it last, whichever is later; None: it has not ended."""
    # By the key, and the index of the case's deeds.
    found: datetime | None = await db.fetchval(
        """
        SELECT GREATEST(k.closed_at, (SELECT max(d.at) FROM sla.deed AS d
            WHERE d.case_id = k.case_id AND d.what IN ('rated', 'asked_back')))
        FROM sla."case" AS k WHERE k.case_id = $1 AND k.closed_at IS NOT NULL
        """,
        case_id,
    )
    return found


async def of_case(db: Database, case_id: CaseId) -> list[Exclusion]:
    """All of one case, the first first."""
    rows = await db.fetch(
        f"SELECT {_FIELDS} FROM {_FROM} WHERE e.case_id = $1 ORDER BY e.number",  # noqa: S608  made of constants
        case_id,
    )
    return [_exclusion(row) for row in rows]


async def of_cases(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, Sequence[Exclusion]]:
    """All of these cases, by case; nearly none has any."""
    rows = await db.fetch(
        f"SELECT {_FIELDS} FROM {_FROM} WHERE e.case_id = ANY($1::uuid[]) ORDER BY e.number",  # noqa: S608  made of constants
        case_ids,
    )
    found: dict[CaseId, list[Exclusion]] = {}
    for row in rows:
        found.setdefault(CaseId(row["case_id"]), []).append(_exclusion(row))
    return found


async def save(db: Database, exclusion: Exclusion, *, told_at: datetime | None) -> None:
    """As it stands now, of a case that is held. `told_at`: it changes figures, and the case is counted anew."""
    await db.execute(
        """
        WITH counted AS (UPDATE sla."case" SET settled = false WHERE case_id = $1 AND $10::timestamptz IS NOT NULL)
        INSERT INTO sla.exclusion (case_id, number, department, figures, reason, state, closed_at, since, until, told_at,
                                   steps)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::jsonb)
        ON CONFLICT (case_id, number) DO UPDATE SET state = EXCLUDED.state, since = EXCLUDED.since,
            until = EXCLUDED.until, overdue_told_at = NULL,
            told_at = COALESCE(EXCLUDED.told_at, sla.exclusion.told_at), steps = EXCLUDED.steps
        """,
        exclusion.case_id,
        exclusion.number,
        exclusion.department,
        list(exclusion.figures),
        exclusion.reason,
        exclusion.state,
        exclusion.closed_at,
        exclusion.since,
        exclusion.until,
        told_at,
        msgspec.json.encode(exclusion.steps).decode(),
    )


Place = tuple[datetime, CaseId, int]


async def waiting(db: Database, after: Place | None, limit: int) -> list[Exclusion]:
    """What waits for a decision, the longest first. Of no private case, and of none that was reopened since."""
    rows = await db.fetch(
        f"""
        SELECT {_FIELDS} FROM {_FROM}
        WHERE e.state IN ('open', 'appealed') AND k.closed_at = e.closed_at AND NOT k.private
          AND {rises_above(1, timestamptz="e.since", uuid="e.case_id", int4="e.number")}
        ORDER BY e.since, e.case_id, e.number LIMIT $4
        """,  # noqa: S608  made of constants
        *(after or (None, None, None)),
        limit,
    )
    return [_exclusion(row) for row in rows]


class OverdueExclusion(NamedTuple):
    """A request that nobody decided in time, with the number of its steps."""

    case_id: CaseId
    number: int
    step: int
    until: datetime


async def note_overdue(db: Database, now: datetime, limit: int) -> list[OverdueExclusion]:
    """Those that are overdue and were not told of, the longest first; from now on they were. Of no private case."""
    # By the index of what waits, which nearly nothing does.
    rows = await db.fetch(
        """
        UPDATE sla.exclusion AS e SET overdue_told_at = $1
        FROM (SELECT w.case_id, w.number FROM sla.exclusion AS w JOIN sla."case" AS k USING (case_id)
              WHERE w.state IN ('open', 'appealed') AND w.until < $1 AND w.overdue_told_at IS NULL
                AND k.closed_at = w.closed_at AND NOT k.private
              ORDER BY w.since, w.case_id, w.number LIMIT $2) AS late
        WHERE e.case_id = late.case_id AND e.number = late.number AND e.state IN ('open', 'appealed')
          AND e.until < $1 AND e.overdue_told_at IS NULL
        RETURNING e.case_id::text, e.number, jsonb_array_length(e.steps) AS step, e.until
        """,
        now,
        limit,
    )
    return [
        OverdueExclusion(CaseId(row["case_id"]), row["number"], row["step"], row["until"]) for row in rows
    ]


async def latest(
    db: Database, department: DepartmentCode | None, before: Place | None, limit: int
) -> list[Exclusion]:
    """A department's own, or (None) all that nobody has to decide any more, the latest first; of no private case."""
    # Said outright, so that an index answers either.
    whose = (
        "$1::text IS NULL AND e.state NOT IN ('open', 'appealed')"
        if department is None
        else "e.department = $1"
    )
    rows = await db.fetch(
        f"""
        SELECT {_FIELDS} FROM {_FROM} WHERE {whose} AND NOT k.private
          AND {falls_below(2, timestamptz="e.since", uuid="e.case_id", int4="e.number")}
        ORDER BY e.since DESC, e.case_id DESC, e.number DESC LIMIT $5
        """,  # noqa: S608  made of constants
        department,
        *(before or (None, None, None)),
        limit,
    )
    return [_exclusion(row) for row in rows]


async def told_since(db: Database, at: datetime, spans: Sequence[Days]) -> tuple[int, datetime | None]:
    """How many decisions after `at` changed figures of any of these days, and when the last one did."""
    # Few were ever granted; what the case adds to figures lies beside them.
    row = await db.fetchrow(
        """
        SELECT count(*)::int AS n, max(e.told_at) AS last FROM sla.exclusion AS e JOIN sla."case" AS k USING (case_id)
        WHERE e.told_at > $1 AND NOT k.private AND EXISTS (
            SELECT FROM unnest($2::date[], $3::date[]) AS s (first, last)
            WHERE EXISTS (SELECT FROM sla.counted AS c CROSS JOIN LATERAL unnest(c.days) AS u (day)
                          WHERE c.case_id = e.case_id AND u.day BETWEEN s.first AND s.last))
        """,
        at,
        [each.first for each in spans],
        [each.last for each in spans],
    )
    return row["n"], row["last"]
