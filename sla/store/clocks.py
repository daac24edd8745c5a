"""Clocks: started, halted, running on, and their history. New deadlines are `moving.py`'s."""

from collections.abc import Sequence
from datetime import date as Day
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Database
from schemas.words import Clock
from sla.core.clocks import ClockState, Deadline, Term
from sla.core.kinds import Owner

#: What a clock plans that ends by itself: no alert, but what it waited for goes on.
ENDED = "ended"
#: The terms, of which a batch has few, are sent once each and joined by their number.
_INSERT = """
    INSERT INTO sla.clock AS c
        (case_id, clock, state, department, started_at, due_at, near_at, escalate_at, next_alert_at,
         next_level, rule, allow, near, escalate_after, provisional, owner, calendar)
    SELECT t.case_id, COALESCE(t.clock, r.clock), 'running', t.department, t.started_at, t.due_at, t.near_at, t.escalate_at,
           COALESCE(t.near_at, t.due_at), CASE WHEN r.ends THEN 'ended' WHEN t.near_at IS NULL THEN 'missed' ELSE 'near' END,
           r.rule, COALESCE(t.allow, r.allow), r.near, r.escalate_after, t.provisional, r.owner,
           t.calendar
    FROM unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
                $7::timestamptz[], $8::bool[], $9::text[], $10::text[], $11::text[])
      AS t (case_id, terms, department, started_at, due_at, near_at, escalate_at, provisional, clock, allow, calendar)
    JOIN unnest($12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::bool[])
      WITH ORDINALITY AS r (clock, rule, allow, near, escalate_after, owner, ends, number) ON r.number = t.terms
"""

#: The first breach stays, whatever starts anew.
_RESTART = """
    ON CONFLICT (case_id, clock) DO UPDATE
        SET state = EXCLUDED.state, department = EXCLUDED.department, started_at = EXCLUDED.started_at,
            due_at = EXCLUDED.due_at, near_at = EXCLUDED.near_at, escalate_at = EXCLUDED.escalate_at,
            next_alert_at = EXCLUDED.next_alert_at, next_level = EXCLUDED.next_level,
            deadline_version = c.deadline_version + 1, rule = EXCLUDED.rule, allow = EXCLUDED.allow,
            near = EXCLUDED.near, escalate_after = EXCLUDED.escalate_after,
            provisional = EXCLUDED.provisional, owner = EXCLUDED.owner, calendar = EXCLUDED.calendar,
            stopped_at = NULL
"""
_KEEP = " ON CONFLICT (case_id, clock) DO NOTHING"


class Start(NamedTuple):
    """A clock about to start."""

    case_id: CaseId
    clock: Clock
    department: DepartmentCode | None
    started_at: datetime
    deadline: Deadline
    #: With the clock, names one term.
    rule: str
    term: Term
    owner: Owner
    #: At its due time it ends, and nobody is late.
    ends: bool = False
    #: What it is counted by, where that is not the city's calendar.
    calendar: str | None = None


class DoubtedBreach(NamedTuple):
    """A clock that was said to be late, and when something happened that contradicts it."""

    case_id: CaseId
    clock: Clock
    deadline_version: int
    due_at: datetime
    department: DepartmentCode | None
    case_version: int
    happened_at: datetime


async def start(db: Database, starts: Sequence[Start], *, restart: bool = False) -> None:
    """Start clocks. One that exists already is left alone, or with `restart` begins anew."""
    if not starts:
        return
    # What an event names itself (its date, whose part it is) goes with the clock, so that there are few terms all the same.
    keys = [(start.clock.kind, start.rule) for start in starts]
    terms = dict(zip(keys, starts, strict=True))
    numbers = {key: number for number, key in enumerate(terms, start=1)}
    deadlines = [start.deadline for start in starts]
    await db.execute(
        _INSERT + (_RESTART if restart else _KEEP),
        [start.case_id for start in starts],
        [numbers[key] for key in keys],
        [start.department for start in starts],
        [start.started_at for start in starts],
        [deadline.due_at for deadline in deadlines],
        [deadline.near_at for deadline in deadlines],
        [deadline.escalate_at for deadline in deadlines],
        [deadline.provisional for deadline in deadlines],
        [None if kind == each.clock else each.clock for (kind, _), each in zip(keys, starts, strict=True)],
        [start.term.allowed if isinstance(start.term.allow, datetime) else None for start in starts],
        [start.calendar for start in starts],
        [clock for clock, _ in terms],
        [rule for _, rule in terms],
        [each.term.allowed for each in terms.values()],
        [each.term.near and str(each.term.near) for each in terms.values()],
        [each.term.escalate_after and str(each.term.escalate_after) for each in terms.values()],
        [each.owner for each in terms.values()],
        [each.ends for each in terms.values()],
    )


async def halt(
    db: Database,
    case_ids: Sequence[CaseId],
    ats: Sequence[datetime],
    clocks: Sequence[Clock] | None,
    state: ClockState,
    but_later: Sequence[Clock] = (),
    but: Sequence[Clock] = (),
) -> list[DoubtedBreach]:
    """Pause, hold or stop clocks, or (None) all. What was late by then is a breach, and its alert still comes.

    `part` stands for every `part.…`; of `but_later` only what began before, of `but` none.
    Returns the breaches that were declared before this was heard, and that it contradicts.
    """
    if not case_ids or clocks == []:
        return []
    rows = await db.fetch(
        """
        WITH told AS (
            SELECT c.case_id, c.clock, t.at, c.deadline_version,
                   c.state = 'running' AND c.due_at < t.at AND c.next_level IS DISTINCT FROM 'ended' AS late,
                   c.missed_version = c.deadline_version AND t.at <= c.due_at AS false_breach,
                   CASE WHEN c.state = 'running' THEN c.due_at < t.at AND c.next_level IN ('near', 'missed')
                        ELSE c.next_level = 'missed' END AS untold
            FROM unnest($1::uuid[], $2::timestamptz[]) AS t (case_id, at)
            JOIN sla.clock AS c ON c.case_id = t.case_id AND (
                $3::text[] IS NULL OR c.clock = ANY($3) OR split_part(c.clock, '.', 1) = ANY($3))
            WHERE c.state <> 'stopped' AND c.state <> $4 AND (c.clock <> ALL($5::text[]) OR c.started_at <= t.at)
              AND c.clock <> ALL($6::text[])
        ), halted AS (
            UPDATE sla.clock AS c
            SET state = $4,
                stopped_at = CASE WHEN $4 = 'stopped' THEN told.at END,
                missed_at = CASE WHEN told.late THEN COALESCE(c.missed_at, c.due_at) ELSE c.missed_at END,
                missed_version = CASE WHEN told.late THEN c.deadline_version ELSE c.missed_version END,
                next_level = CASE WHEN told.untold THEN 'missed' END,
                next_alert_at = CASE WHEN told.untold THEN c.due_at END
            FROM told WHERE c.case_id = told.case_id AND c.clock = told.clock
            RETURNING c.case_id, c.clock, c.deadline_version, c.due_at, c.department, told.at, told.false_breach
        )
        SELECT h.*, k.version FROM halted AS h JOIN sla."case" AS k USING (case_id) WHERE h.false_breach
        """,
        case_ids,
        ats,
        clocks,
        state,
        but_later,
        but,
    )
    return [_breach(row) for row in rows]


def _breach(row: Any) -> DoubtedBreach:
    return DoubtedBreach(
        case_id=CaseId(str(row["case_id"])),
        clock=Clock(row["clock"]),
        deadline_version=row["deadline_version"],
        due_at=row["due_at"],
        department=row["department"],
        case_version=row["version"],
        happened_at=row["at"],
    )


async def withdraw(
    db: Database, breaches: Sequence[DoubtedBreach], why: str, now: datetime
) -> set[tuple[str, str]]:
    """Take these breaches back for good, their alerts included; returns (case, clock) of those with another that stands.

    The clock goes on under the next version: what is missed later is another breach, with alerts of its own.
    """
    rows = await db.fetch(
        """
        WITH told AS (
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[], $5::timestamptz[])
              AS t (case_id, clock, deadline_version, due_at, happened_at)
        ), written AS (
            INSERT INTO sla.withdrawal (case_id, clock, deadline_version, due_at, at, why, happened_at)
            SELECT case_id, clock, deadline_version, due_at, $7, $6, happened_at FROM told
            ON CONFLICT DO NOTHING
        ), noted AS (
            INSERT INTO sla.history (case_id, clock, at, what, detail)
            SELECT case_id, clock, $7, 'breach withdrawn',
                   jsonb_build_object('reason', $6::text, 'due_at', due_at, 'deadline_version', deadline_version)
            FROM told
        ), standing AS (
            SELECT t.case_id, t.clock, min(a.due_at) AS due_at, max(a.deadline_version) AS version
            FROM told AS t LEFT JOIN sla.alert AS a ON a.case_id = t.case_id AND a.clock = t.clock
                AND a.level = 'missed' AND a.deadline_version <> t.deadline_version AND NOT EXISTS (
                    SELECT 1 FROM sla.withdrawal AS w WHERE w.case_id = a.case_id AND w.clock = a.clock
                      AND w.deadline_version = a.deadline_version)
            GROUP BY t.case_id, t.clock
        )
        UPDATE sla.clock AS c
        SET missed_at = s.due_at, missed_version = s.version,
            deadline_version = GREATEST(c.deadline_version, t.deadline_version + 1)
        FROM standing AS s JOIN told AS t USING (case_id, clock)
        WHERE c.case_id = s.case_id AND c.clock = s.clock
        RETURNING c.case_id, c.clock, s.due_at IS NOT NULL AS stands
        """,
        [breach.case_id for breach in breaches],
        [breach.clock for breach in breaches],
        [breach.deadline_version for breach in breaches],
        [breach.due_at for breach in breaches],
        [breach.happened_at for breach in breaches],
        why,
        now,
    )
    return {(str(row["case_id"]), row["clock"]) for row in rows if row["stands"]}


async def forget_departments(
    db: Database, case_ids: Sequence[CaseId], clocks: Sequence[Clock] | None = None
) -> None:
    """No clock of these cases, or none of these clocks, is any department's."""
    await db.execute(
        """UPDATE sla.clock SET department = NULL
           WHERE case_id = ANY($1::uuid[]) AND ($2::text[] IS NULL OR clock = ANY($2))""",
        case_ids,
        clocks,
    )


async def count_running(db: Database) -> int:
    """How many clocks are running at this moment, for the metric; those halted with an alert still to come as well."""
    # Over two indexes: all that have an alert to come, and those that run on after their last.
    count: int = await db.fetchval(
        """
        SELECT (SELECT count(*) FROM sla.clock WHERE next_alert_at IS NOT NULL)
             + (SELECT count(*) FROM sla.clock
                WHERE state = 'running' AND next_level IS DISTINCT FROM 'near' AND next_alert_at IS NULL)
        """
    )
    return count


async def rearm(db: Database, case_ids: Sequence[CaseId], now: datetime) -> None:
    """Clocks that a reply held run again under the deadline that they had; what was raised is not planned again."""
    await db.execute(
        """
        UPDATE sla.clock
        SET state = 'running',
            next_level = CASE WHEN next_level = 'missed' THEN 'missed'
                              WHEN missed_version = deadline_version THEN 'escalated'
                              WHEN near_at > $2 THEN 'near' ELSE 'missed' END,
            next_alert_at = CASE WHEN next_level = 'missed' THEN next_alert_at
                                 WHEN missed_version = deadline_version THEN $2
                                 WHEN near_at > $2 THEN near_at ELSE due_at END
        WHERE case_id = ANY($1::uuid[]) AND state = 'answered'
        """,
        case_ids,
        now,
    )


class Detail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the history says beside what happened."""

    due_at: datetime | None = None
    deadline_version: int | None = None
    working_days: int | None = None
    reason: str | None = None
    #: What is left at the least, or the date that was promised.
    least: str | None = None
    by: str | None = None
    #: Which department asked for it, and the day.
    department: DepartmentCode | None = None
    date: Day | None = None
    note: str | None = None
    #: What it is counted by from then on, where that is not the city's calendar, or was not.
    calendar: str | None = None
    #: What is undone: all that happened from then on, up to this line.
    since: datetime | None = None
    #: Since when it ran before, where it begins anew.
    began: datetime | None = None


def as_json(detail: Detail) -> str:
    """The detail of a row of the history, as its jsonb column takes it."""
    return msgspec.json.encode(detail).decode()


class ClockHistoryLine(NamedTuple):
    """One line of a clock's history."""

    case_id: CaseId
    clock: Clock
    at: datetime
    detail: Detail


async def write_history(
    db: Database,
    what: str,
    entries: Sequence[ClockHistoryLine],
    *,
    of_running: bool = False,
    once: bool = False,
) -> None:
    """Write down what happened to clocks and did not move their deadlines yet.

    `of_running`: of those alone that there are and that have not stopped. `once`: what is said again stands there once.
    """
    if not entries:
        return
    await db.execute(
        """INSERT INTO sla.history (case_id, clock, at, what, detail)
           SELECT t.case_id, t.clock, t.at, $1, t.detail::jsonb
           FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::text[]) AS t (case_id, clock, at, detail)
           WHERE (NOT $6::bool OR EXISTS (SELECT 1 FROM sla.clock AS c WHERE c.case_id = t.case_id
                                          AND c.clock = t.clock AND c.state <> 'stopped'))
             AND NOT ($7::bool AND EXISTS (SELECT 1 FROM sla.history AS h WHERE h.case_id = t.case_id
                                           AND h.clock = t.clock AND h.what = $1 AND h.at = t.at
                                           AND h.detail = t.detail::jsonb))""",
        what,
        [entry.case_id for entry in entries],
        [entry.clock for entry in entries],
        [entry.at for entry in entries],
        [as_json(entry.detail) for entry in entries],
        of_running,
        once,
    )
