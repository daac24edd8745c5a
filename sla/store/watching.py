"""What supervisors read: alerts, pressing clocks, one case's clocks, hot topics."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from schemas.ids import CaseId
from schemas.ports import Database
from schemas.words import AlertLevel, Clock
from sla.core.kinds import owner_of
from sla.core.readings import (
    AT_THE_CENTRE,
    Alert,
    CaseClock,
    ClockEntry,
    ClocksAndHistory,
    NumberedAlert,
    PressingClock,
    PressingCount,
)

#: Whose an alert is, in the words of the index `alert_owner`: what waits for no department waits for a dispatcher.
_WHOSE = """CASE WHEN COALESCE(a.owner, 'lead') IN ('lead', 'supporting') AND a.department IS NULL THEN 'dispatcher'
    ELSE COALESCE(a.owner, 'lead') END"""
_ALERTS = """
    SELECT a.case_id, a.clock, split_part(a.level, '.', 1) AS level, a.department, a.owner, a.due_at, a.raised_at,
           a.deadline_version, a.seq, a.to_role, a.to_person,
           COALESCE(NULLIF(split_part(a.level, '.', 2), '')::int, 1) AS number,
           k.tracking_code, a.level <> 'near' AND EXISTS (
               SELECT 1 FROM sla.withdrawal AS w WHERE w.case_id = a.case_id AND w.clock = a.clock
                 AND w.deadline_version = a.deadline_version) AS withdrawn
    FROM sla.alert AS a LEFT JOIN sla."case" AS k USING (case_id)
"""


async def alerts(
    db: Database,
    *,
    level: str | None,
    department: str | None,
    owner: str | None,
    before: int | None,
    limit: int,
) -> list[NumberedAlert]:
    """Alerts, newest first, from just before the one numbered `before`."""
    rows = await db.fetch(
        _ALERTS
        + f"""
        WHERE ($1::text IS NULL OR split_part(a.level, '.', 1) = $1) AND ($2::text IS NULL OR a.department = $2)
          AND ($3::bigint IS NULL OR a.seq < $3) AND ($5::text IS NULL OR {_WHOSE} = $5)
        ORDER BY a.seq DESC LIMIT $4
        """,
        level,
        department,
        before,
        limit,
        owner,
    )
    return [_alert(row) for row in rows]


def _alert(row: Any) -> NumberedAlert:
    alert = Alert(
        case_id=CaseId(str(row["case_id"])),
        tracking_code=row["tracking_code"],
        clock=Clock(row["clock"]),
        level=AlertLevel(row["level"]),
        department=row["department"],
        owner=owner_of(row["owner"], row["department"]),
        withdrawn=row["withdrawn"],
        due_at=row["due_at"],
        raised_at=row["raised_at"],
        deadline_version=row["deadline_version"],
        number=row["number"],
        to_role=row["to_role"],
        to_person=row["to_person"],
    )
    return NumberedAlert(row["seq"], alert)


async def alerts_of(db: Database, case_id: CaseId) -> list[Alert]:
    """All alerts about one case, in order."""
    rows = await db.fetch(_ALERTS + " WHERE a.case_id = $1 ORDER BY a.seq", case_id)
    return [_alert(row).alert for row in rows]


async def newest_alert(db: Database) -> int:
    """The number of the newest alert; 0 where there is none."""
    number: int = await db.fetchval("SELECT COALESCE(max(seq), 0) FROM sla.alert")
    return number


async def alert_numbers(db: Database, *, above: int, up_to: int) -> set[int]:
    """The numbers of the alerts in a span."""
    rows = await db.fetch("SELECT seq FROM sla.alert WHERE seq > $1 AND seq <= $2", above, up_to)
    return {row[0] for row in rows}


async def alerts_above(db: Database, above: int, *, but: set[int], limit: int) -> list[NumberedAlert]:
    """Alerts with a higher number, except those, in order."""
    rows = await db.fetch(
        _ALERTS + " WHERE a.seq > $1 AND NOT a.seq = ANY($2::bigint[]) ORDER BY a.seq LIMIT $3",
        above,
        list(but),
        limit,
    )
    return [_alert(row) for row in rows]


#: Of a clock `c`: what is of no number. By the key: of a join Postgres makes a reading of all private cases there ever were.
_OF_PRIVATE = 'COALESCE((SELECT p.private FROM sla."case" AS p WHERE p.case_id = c.case_id), false)'


async def pressing(
    db: Database,
    now: datetime,
    *,
    overdue: bool,
    department: str | None,
    owner: str | None,
    until: datetime | None,
    after: tuple[datetime, CaseId, str] | None,
    limit: int,
    private: bool = False,
) -> list[PressingClock]:
    """Running clocks that are overdue, or else nearly due, the most pressing first, after the one named.

    Of cases that stand in numbers, or else of `private` ones.
    `department`: `AT_THE_CENTRE` for those of none. `owner`: whose time it is. `until`: those due before then.
    """
    since, case_id, clock = after or (None if overdue else now, None, None)
    # Said outright, so that the index of departments answers it.
    whose = {None: "$3::text IS NULL", AT_THE_CENTRE: "$3::text IS NOT NULL AND c.department IS NULL"}.get(
        department, "c.department = $3"
    )
    rows = await db.fetch(
        f"""
        WITH page AS MATERIALIZED (
            SELECT c.case_id, c.clock, c.owner, c.department, c.due_at, c.rule, c.provisional, c.deadline_version
            FROM sla.clock AS c
            WHERE c.state = 'running' AND c.next_level IS DISTINCT FROM 'near' AND c.next_level IS DISTINCT FROM 'ended'
              AND c.due_at >= COALESCE($1::timestamptz, '-infinity')
              AND c.due_at < COALESCE($2::timestamptz, 'infinity')
              AND {whose} AND {"" if private else "NOT"} {_OF_PRIVATE}
              AND ($7::text IS NULL OR $7 = CASE WHEN COALESCE(c.owner, 'lead') IN ('lead', 'supporting')
                   AND c.department IS NULL THEN 'dispatcher' ELSE COALESCE(c.owner, 'lead') END)
              AND ($4::uuid IS NULL OR (c.due_at, c.case_id, c.clock) > ($1, $4, $5::text))
            ORDER BY c.due_at, c.case_id, c.clock LIMIT $6)
        SELECT c.*, k.tracking_code, k.kind, k.urgency, k.category, k.region, k.urged, k.supervised,
               told.reminded, told.told_role, told.told_person
        FROM page AS c JOIN sla."case" AS k USING (case_id)
        LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE a.to_role IS NULL AND split_part(a.level, '.', 1) = 'reminded') AS reminded,
                   (array_agg(a.to_role ORDER BY a.seq DESC) FILTER (WHERE a.to_role IS NOT NULL))[1] AS told_role,
                   (array_agg(a.to_person ORDER BY a.seq DESC) FILTER (WHERE a.to_role IS NOT NULL))[1] AS told_person
            FROM sla.alert AS a
            WHERE a.case_id = c.case_id AND a.clock = c.clock AND a.deadline_version = c.deadline_version
        ) AS told ON true
        ORDER BY c.due_at, c.case_id, c.clock
        """,  # noqa: S608  made of constants
        since,
        now if overdue else until,
        department,
        case_id,
        clock,
        limit,
        owner,
    )
    return [_pressing(row) for row in rows]


def _pressing(row: Any) -> PressingClock:
    owner = owner_of(row["owner"], row["department"])
    return PressingClock(
        **{**row, "case_id": str(row["case_id"]), "clock": Clock(row["clock"]), "owner": owner}
    )


async def pressing_counts(db: Database, now: datetime, midnight: datetime) -> list[PressingCount]:
    """Per department: how many clocks are overdue, how many nearly due, and how many of these before midnight; the most
    pressed first. Of no private case."""
    rows = await db.fetch(
        f"""
        SELECT department, count(*) FILTER (WHERE due_at < $1) AS overdue,
               count(*) FILTER (WHERE due_at >= $1) AS near,
               count(*) FILTER (WHERE due_at >= $1 AND due_at < $2) AS today
        FROM sla.clock AS c WHERE state = 'running' AND next_level IS DISTINCT FROM 'near'
          AND next_level IS DISTINCT FROM 'ended' AND NOT {_OF_PRIVATE}
        GROUP BY department ORDER BY overdue DESC, near DESC, department
        """,  # noqa: S608  made of constants
        now,
        midnight,
    )
    return [PressingCount(*row) for row in rows]


#: What made the reply of `c` due later since it began, and was no decision on the case.
_LATER = """
    ARRAY(SELECT DISTINCT d.what FROM sla.deed AS d
          WHERE d.case_id = c.case_id AND c.clock = 'reply' AND d.at >= c.started_at
            AND d.what IN ('later_by_rules', 'later_by_calendar') ORDER BY 1)
"""


async def case_with_clocks(db: Database, case_id: CaseId) -> ClocksAndHistory | None:
    """What is kept of a case (None: nothing), its clocks, and its history in order."""
    case = await db.fetchrow('SELECT * FROM sla."case" WHERE case_id = $1', case_id)
    if case is None:
        return None
    clocks = await db.fetch(
        f"""
        SELECT c.*, {_LATER} AS later FROM sla.clock AS c WHERE case_id = $1 ORDER BY started_at, clock
        """,  # noqa: S608  a constant of this module
        case_id,
    )
    history = await db.fetch(
        "SELECT at, clock, what, detail - 'before' AS detail FROM sla.history WHERE case_id = $1 ORDER BY seq",
        case_id,
    )
    return ClocksAndHistory(
        case_id=case_id,
        tracking_code=case["tracking_code"],
        department=case["lead"],
        urged=case["urged"],
        supervised=case["supervised"],
        replied_at=case["replied_at"],
        clocks=msgspec.convert([_owned(row) for row in clocks], list[CaseClock], strict=False),
        history=[_entry(row) for row in history],
    )


def _owned(row: Any) -> dict[str, Any]:
    return dict(row) | {"owner": owner_of(row["owner"], row["department"])}


async def tracking_codes(db: Database, case_ids: Sequence[CaseId]) -> dict[CaseId, str | None]:
    """The tracking code of each of these cases that is known; None where it has none here."""
    rows = await db.fetch(
        'SELECT case_id::text, tracking_code FROM sla."case" WHERE case_id = ANY($1::uuid[])', list(case_ids)
    )
    return {CaseId(row["case_id"]): row["tracking_code"] for row in rows}


async def was_urged(
    db: Database, case_id: CaseId, *, by: str, supervised: bool, note: str, day: date | None, since: datetime
) -> bool:
    """Whether this supervisor urged the case, or supervised it, since then, in the same words and by the same day."""
    found: bool = await db.fetchval(
        """SELECT EXISTS (SELECT FROM sla.history
                          WHERE case_id = $1 AND what = $2 AND at > $3 AND detail->>'by' = $4
                            AND COALESCE(detail->>'note', '') = $5 AND detail->>'date' IS NOT DISTINCT FROM $6)""",
        case_id,
        "supervised" if supervised else "urged",
        since,
        by,
        note,
        day.isoformat() if day else None,
    )
    return found


async def urged_since(db: Database, case_id: CaseId, since: datetime) -> int:
    """How often anybody urged or supervised the case since then."""
    count: int = await db.fetchval(
        "SELECT count(*) FROM sla.history WHERE case_id = $1 AND what IN ('urged', 'supervised') AND at >= $2",
        case_id,
        since,
    )
    return count


async def running_clocks(db: Database, case_id: CaseId) -> list[Any]:
    """The clocks of a case that has not ended, as far as they have not stopped; the first due first."""
    return await db.fetch(
        f"""
        SELECT c.*, {_LATER} AS later FROM sla.clock AS c
        WHERE c.case_id = $1 AND c.state <> 'stopped' ORDER BY c.due_at, c.clock
        """,  # noqa: S608  a constant of this module
        case_id,
    )


async def nobodys_cases(db: Database, moment: datetime, limit: int) -> list[str]:
    """Open cases of before that moment with no clock running: nobody's, by no time. At most so many."""
    # What is open is in no sums yet: the index of such cases answers, and no year of ended ones is read.
    rows = await db.fetch(
        """
        SELECT k.case_id FROM sla."case" AS k
        WHERE NOT k.settled AND k.closed_at IS NULL AND k.received_at < $1 AND NOT EXISTS (
            SELECT 1 FROM sla.clock AS c WHERE c.case_id = k.case_id AND c.state = 'running')
        LIMIT $2
        """,
        moment,
        limit,
    )
    return [str(row["case_id"]) for row in rows]


async def cases_elsewhere(db: Database, departments: Collection[str]) -> Mapping[str, int]:
    """How many open cases have a clock that has not stopped at a department that is none of these, by its code."""
    # By the index of open cases, and of each its clocks.
    rows = await db.fetch(
        """
        SELECT c.department, count(DISTINCT c.case_id) AS cases
        FROM sla."case" AS k JOIN sla.clock AS c USING (case_id)
        WHERE NOT k.settled AND k.closed_at IS NULL AND c.state <> 'stopped'
        AND c.department IS NOT NULL AND c.department <> ALL ($1::text[])
        GROUP BY c.department ORDER BY cases DESC, c.department
        """,
        list(departments),
    )
    return {row["department"]: row["cases"] for row in rows}


def _entry(row: Any) -> ClockEntry:
    return ClockEntry(
        at=row["at"], clock=Clock(row["clock"]), what=row["what"], detail=msgspec.json.decode(row["detail"])
    )
