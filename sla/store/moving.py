"""Clocks that get a new deadline: loaded with their history, recomputed elsewhere, saved here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Database
from schemas.words import AlertLevel, Clock
from sla.core.clocks import ClockEvent, ClockState, Deadline, Term, standing, term_of
from sla.store.clocks import ENDED, Detail, DoubtedBreach, as_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A clock with its history, held until the unit ends."""

    case_id: CaseId
    clock: Clock
    state: ClockState
    department: DepartmentCode | None
    owner: str | None
    started_at: datetime
    due_at: datetime
    near_at: datetime | None
    escalate_at: datetime | None
    next_level: AlertLevel | None
    deadline_version: int
    missed_version: int | None
    rule: str
    term: Term
    provisional: bool
    case_version: int
    stopped_at: datetime | None
    #: Without what was undone since.
    entries: tuple[ClockEvent, ...]
    #: What it is counted by; None: the city's calendar.
    calendar: str | None = None
    #: At its due time it ends, and nobody is late.
    ends: bool = False

    def has_untold_breach(self, now: datetime) -> bool:
        """Whether it was late by `now` and nobody was told of it."""
        if self.state is ClockState.RUNNING:
            return self.due_at < now and self.next_level in (AlertLevel.NEAR, AlertLevel.MISSED)
        return self.next_level is AlertLevel.MISSED


_entries = msgspec.json.Decoder(tuple[ClockEvent, ...])

_LOAD = """
    SELECT c.*, k.version AS case_version, COALESCE(h.entries, '[]') AS entries
    FROM sla.clock AS c
    JOIN sla."case" AS k USING (case_id)
    LEFT JOIN LATERAL (
        SELECT json_agg(json_build_array(at, what, COALESCE((detail->>'working_days')::int, 0), detail->>'least',
                                         detail->>'since') ORDER BY seq) AS entries
        FROM sla.history AS h
        WHERE h.case_id = c.case_id AND h.clock = c.clock AND h.at >= c.started_at
          AND (h.what IN ('paused', 'resumed', 'extended') OR h.detail ?| '{least,since}')
    ) AS h ON true
"""


async def load(db: Database, case_ids: Sequence[CaseId], clocks: Sequence[Clock]) -> list[Loaded]:
    """These clocks of these cases, as far as they exist."""
    rows = await db.fetch(
        _LOAD
        + """
        WHERE c.case_id = ANY($1::uuid[]) AND c.clock = ANY($2::text[])
        ORDER BY c.case_id, c.clock FOR UPDATE OF c
        """,
        case_ids,
        clocks,
    )
    return [_loaded(row) for row in rows]


async def load_paused(db: Database, case_ids: Sequence[CaseId], clocks: Sequence[Clock]) -> list[Loaded]:
    """Those of these clocks that stand still."""
    rows = await db.fetch(
        _LOAD
        + """
        WHERE c.case_id = ANY($1::uuid[]) AND c.clock = ANY($2::text[]) AND c.state = 'paused'
        ORDER BY c.case_id, c.clock FOR UPDATE OF c
        """,
        case_ids,
        clocks,
    )
    return [_loaded(row) for row in rows]


async def load_going(db: Database, case_id: CaseId) -> list[Loaded]:
    """The clocks of one case that have not stopped."""
    rows = await db.fetch(
        _LOAD + " WHERE c.case_id = $1 AND c.state <> 'stopped' ORDER BY c.clock FOR UPDATE OF c",
        case_id,
    )
    return [_loaded(row) for row in rows]


async def load_provisional(db: Database, *, after: CaseId | None, limit: int) -> list[Loaded]:
    """The provisional clocks of the next `limit` cases that still have one going."""
    rows = await db.fetch(
        _LOAD  # noqa: S608  constants of this module
        + """
        WHERE c.provisional AND c.state <> 'stopped' AND c.case_id IN (
            SELECT DISTINCT case_id FROM sla.clock
            WHERE provisional AND state <> 'stopped' AND ($1::uuid IS NULL OR case_id > $1::uuid)
            ORDER BY case_id LIMIT $2
        )
        ORDER BY c.case_id, c.clock FOR UPDATE OF c
        """,
        after,
        limit,
    )
    return [_loaded(row) for row in rows]


#: From $3 to $4. What follows a breach is planned as an escalation, whichever it is.
_CROSSES = """
    c.state <> 'stopped' AND c.started_at <= $4
    AND (COALESCE(c.escalate_at, c.due_at) >= $3 OR (c.next_level = 'escalated' AND c.next_alert_at >= $3))
"""


async def load_crossing(
    db: Database,
    since: datetime,
    until: datetime,
    *,
    after: CaseId | None,
    said_before: datetime | None = None,
    limit: int,
) -> list[Loaded]:
    """The clocks of the next `limit` cases that have one going which crosses that span of time, paused ones included: with
    its deadline, or with what is planned to be said after its breach.

    `said_before`: of those cases that something is to be said of by then.
    """
    rows = await db.fetch(
        f"""{_LOAD}
        WHERE {_CROSSES} AND c.case_id IN (
            SELECT DISTINCT c.case_id FROM sla.clock AS c
            WHERE {_CROSSES} AND ($1::uuid IS NULL OR c.case_id > $1::uuid)
              AND ($5::timestamptz IS NULL OR c.next_alert_at < $5)
            ORDER BY c.case_id LIMIT $2
        )
        ORDER BY c.case_id, c.clock FOR UPDATE OF c
        """,  # noqa: S608  constants of this module
        after,
        limit,
        since,
        until,
        said_before,
    )
    return [_loaded(row) for row in rows]


def _loaded(row: Any) -> Loaded:
    term = term_of(row["allow"], row["near"], row["escalate_after"])
    return Loaded(
        case_id=CaseId(str(row["case_id"])),
        clock=Clock(row["clock"]),
        state=ClockState(row["state"]),
        department=row["department"],
        owner=row["owner"],
        started_at=row["started_at"],
        due_at=row["due_at"],
        near_at=row["near_at"],
        escalate_at=row["escalate_at"],
        next_level=None if row["next_level"] in (None, ENDED) else AlertLevel(row["next_level"]),
        deadline_version=row["deadline_version"],
        missed_version=row["missed_version"],
        rule=row["rule"],
        term=term,
        provisional=row["provisional"],
        case_version=row["case_version"],
        stopped_at=row["stopped_at"],
        entries=standing(_entries.decode(row["entries"])),
        calendar=row["calendar"],
        ends=row["next_level"] == ENDED,
    )


class Move(NamedTuple):
    """A clock with a new deadline: what was loaded, the moments, and what it does from now on."""

    loaded: Loaded
    deadline: Deadline
    state: ClockState
    department: DepartmentCode | None
    started_at: datetime
    rule: str
    term: Term
    #: Why, for the history; with the working days that an extension granted.
    what: str
    at: datetime
    working_days: int = 0
    #: What is left at the least from then on, or what was promised.
    least: str | None = None
    #: Why it is so, where somebody said: which notice.
    reason: str | None = None
    #: Who did it, where somebody did.
    by: str | None = None
    #: When it was asked for, where that counts and not when it was decided.
    asked_at: datetime | None = None
    #: What it is counted by from then on; None: the city's calendar.
    calendar: str | None = None
    #: Of a decision that is undone: when it took effect.
    since: datetime | None = None

    @property
    def contradicts_a_breach(self) -> bool:
        """Whether a breach was declared under the old deadline, although this happened before it."""
        loaded = self.loaded
        return (
            loaded.missed_version == loaded.deadline_version and (self.asked_at or self.at) <= loaded.due_at
        )

    @property
    def breach(self) -> DoubtedBreach:
        """What was declared under the old deadline."""
        loaded = self.loaded
        return DoubtedBreach(
            case_id=loaded.case_id,
            clock=loaded.clock,
            deadline_version=loaded.deadline_version,
            due_at=loaded.due_at,
            department=loaded.department,
            case_version=loaded.case_version,
            happened_at=self.asked_at or self.at,
        )

    @property
    def deadline_version(self) -> int:
        """The version of the new deadline."""
        return self.loaded.deadline_version + 1

    @property
    def alert(self) -> tuple[str, datetime] | tuple[None, None]:
        """What to say first; nothing while the clock does not run."""
        if self.state is not ClockState.RUNNING:
            return None, None
        return (ENDED, self.deadline.due_at) if self.loaded.ends else self.deadline.first_alert

    @property
    def detail(self) -> Detail:
        """What the history says about it."""
        return Detail(
            due_at=self.deadline.due_at,
            deadline_version=self.deadline_version,
            working_days=self.working_days or None,
            least=self.least,
            reason=self.reason,
            by=self.by,
            calendar=self.calendar,
            since=self.since,
            began=self.loaded.started_at if self.started_at != self.loaded.started_at else None,
        )


async def plan_anew(db: Database, told: Sequence[Move], now: datetime) -> None:
    """Have the sweeper look at once at these, whose breach was told: what it says next, and when; it repeats nothing."""
    if not told:
        return
    await db.execute(
        """
        UPDATE sla.clock AS c
        SET escalate_at = t.escalate_at, provisional = t.provisional,
            next_alert_at = CASE WHEN c.next_level = 'escalated' THEN LEAST(c.next_alert_at, $5)
                                 ELSE c.next_alert_at END
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::bool[]) AS t (case_id, clock, escalate_at, provisional)
        WHERE c.case_id = t.case_id AND c.clock = t.clock
        """,
        [each.loaded.case_id for each in told],
        [each.loaded.clock for each in told],
        [each.deadline.escalate_at for each in told],
        [each.deadline.provisional for each in told],
        now,
    )


async def sign_due(db: Database, case_ids: Sequence[CaseId]) -> dict[CaseId, datetime]:
    """By when each of these cases is to be signed for; only those whose clock for signing runs. No cases, no query."""
    if not case_ids:
        return {}
    rows = await db.fetch(
        "SELECT case_id, due_at FROM sla.clock WHERE case_id = ANY($1::uuid[]) AND clock = $2 AND state = $3",
        case_ids,
        Clock.SIGN,
        ClockState.RUNNING,
    )
    return {CaseId(str(row["case_id"])): row["due_at"] for row in rows}


async def move(db: Database, moves: Sequence[Move]) -> None:
    """Give clocks their new deadlines, and write down why."""
    if not moves:
        return
    alerts = [move.alert for move in moves]
    await db.execute(
        """
        WITH told AS (
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
                                 $6::timestamptz[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[],
                                 $10::text[], $11::int[], $12::text[], $13::text[], $14::text[], $15::text[],
                                 $16::bool[], $17::text[], $18::timestamptz[], $19::text[], $20::text[])
              AS t (case_id, clock, state, department, started_at, due_at, near_at, escalate_at,
                    next_alert_at, next_level, deadline_version, rule, allow, near, escalate_after,
                    provisional, what, at, detail, calendar)
        ), written AS (
            INSERT INTO sla.history (case_id, clock, at, what, detail)
            SELECT case_id, clock, at, what, detail::jsonb FROM told
        )
        UPDATE sla.clock AS c
        SET state = t.state, department = t.department, started_at = t.started_at, due_at = t.due_at,
            near_at = t.near_at, escalate_at = t.escalate_at, next_alert_at = t.next_alert_at,
            next_level = t.next_level, deadline_version = t.deadline_version, rule = t.rule, allow = t.allow,
            near = t.near, escalate_after = t.escalate_after, provisional = t.provisional, calendar = t.calendar,
            stopped_at = CASE WHEN t.state = 'stopped' THEN c.stopped_at END
        FROM told AS t WHERE c.case_id = t.case_id AND c.clock = t.clock
        """,
        [move.loaded.case_id for move in moves],
        [move.loaded.clock for move in moves],
        [move.state for move in moves],
        [move.department for move in moves],
        [move.started_at for move in moves],
        [move.deadline.due_at for move in moves],
        [move.deadline.near_at for move in moves],
        [move.deadline.escalate_at for move in moves],
        [at for _, at in alerts],
        [level for level, _ in alerts],
        [move.deadline_version for move in moves],
        [move.rule for move in moves],
        [move.term.allowed for move in moves],
        [move.term.near and str(move.term.near) for move in moves],
        [move.term.escalate_after and str(move.term.escalate_after) for move in moves],
        [move.deadline.provisional for move in moves],
        [move.what for move in moves],
        [move.at for move in moves],
        [as_json(move.detail) for move in moves],
        [move.calendar for move in moves],
    )
