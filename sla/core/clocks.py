"""One clock: when it nears its end, when it is late, and which alert comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from schemas.days import ends_a_day
from schemas.words import AlertLevel
from sla.core.allowance import Allowance, TimeUnit, parse_allowance
from sla.core.calendar import Calendar
from sla.core.deadline import Due, Pause, before, due_at


class ClockState(StrEnum):
    """What a clock is doing."""

    #: 计时中
    RUNNING = "running"
    #: 暂停: the case is suspended
    PAUSED = "paused"
    #: 待审核: a reply is under review; whether it was in time is judged by when it came
    ANSWERED = "answered"
    #: 停止
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What one clock allows: until due (or due at a moment), how long before to warn, how long after to escalate."""

    allow: Allowance | datetime
    near: Allowance | None = None
    escalate_after: Allowance | None = None

    @property
    def allowed(self) -> str:
        """As it is kept: an allowance in words, or the moment that an event named."""
        return self.allow.isoformat() if isinstance(self.allow, datetime) else str(self.allow)


def term_of(allow: str, near: str | None = None, escalate_after: str | None = None) -> Term:
    """The term that is kept as these words.

    Raises:
        ValueError: they are none.
    """
    return Term(
        allow=_allowed(allow),
        near=parse_allowance(near) if near else None,
        escalate_after=parse_allowance(escalate_after) if escalate_after else None,
    )


def _allowed(text: str) -> Allowance | datetime:
    try:
        return parse_allowance(text)
    except ValueError:
        return datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """All the moments of one clock, UTC."""

    due_at: datetime
    #: None: the whole allowance is shorter than the warning's lead, so a warning would come at the start.
    near_at: datetime | None
    escalate_at: datetime | None
    provisional: bool

    @property
    def first_alert(self) -> tuple[AlertLevel, datetime]:
        """What to say first, and when."""
        if self.near_at is not None:
            return AlertLevel.NEAR, self.near_at
        return AlertLevel.MISSED, self.due_at


class Floor(NamedTuple):
    """From `since` on at least that much is left, or (a moment) it is not due before then."""

    since: datetime
    least: Allowance | datetime
    #: Working days that extensions granted after it.
    extension_workdays: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What happened to a clock since it started."""

    pauses: tuple[Pause, ...] = ()
    extension_workdays: int = 0
    #: What was left at the least to who got the case anew, and what was promised.
    floors: tuple[Floor, ...] = ()


UNTOUCHED = History()


def deadline_of(
    started_at: datetime, term: Term, calendar: Calendar, history: History = UNTOUCHED
) -> Deadline:
    """The moments of a clock, from its start and its whole history.

    Raises:
        CalendarTooShort: the calendar ends before the deadline.
    """
    # Kept, because what goes to departments in one transaction starts at one moment; a moved case is alone.
    is_common = history is UNTOUCHED and calendar.earlier is None
    return (_kept_deadline if is_common else _deadline)(started_at, term, calendar, history)


def _deadline(started_at: datetime, term: Term, calendar: Calendar, history: History) -> Deadline:
    begun = Floor(started_at, term.allow, history.extension_workdays)
    due = max((_due(each, calendar, history.pauses) for each in (begun, *history.floors)), key=_moment)
    # Kept, because all cases of one day with one rule in working days are due together; that of a moved case is alone.
    around = _kept_around if calendar.earlier is None else _around
    near_at, escalate_at = around(due.at, term.near, term.escalate_after, calendar)
    if near_at is not None and near_at <= started_at:
        near_at = None
    return Deadline(due_at=due.at, near_at=near_at, escalate_at=escalate_at, provisional=due.provisional)


_kept_deadline = lru_cache(maxsize=4_096)(_deadline)


def _due(floor: Floor, calendar: Calendar, pauses: Sequence[Pause]) -> Due:
    if isinstance(floor.least, datetime):
        if not floor.extension_workdays:
            return Due(floor.least, provisional=False)
        allowed = Allowance(floor.extension_workdays, TimeUnit.WORKING_DAYS)
        return due_at(floor.least, allowed, calendar)
    return due_at(
        floor.since, floor.least, calendar, pauses=pauses, extension_workdays=floor.extension_workdays
    )


def _moment(due: Due) -> datetime:
    return due.at


def _around(
    due: datetime, near: Allowance | None, escalate_after: Allowance | None, calendar: Calendar
) -> tuple[datetime | None, datetime | None]:
    near_at = None if near is None else before(due, near, calendar)
    if escalate_after is None:
        return near_at, None
    return near_at, due_at(_day_that_ends(due, escalate_after, calendar), escalate_after, calendar).at


def _day_that_ends(due: datetime, after: Allowance, calendar: Calendar) -> datetime:
    """What is due by the end of a day is not due on the next: its days are counted from the one that ends."""
    is_counted_in_days = after.unit not in (TimeUnit.MINUTES, TimeUnit.HOURS)
    is_midnight = ends_a_day(due.astimezone(calendar.zone))
    return due - timedelta(microseconds=1) if is_counted_in_days and is_midnight else due


_kept_around = lru_cache(maxsize=16_384)(_around)


class ClockEvent(NamedTuple):
    """One line of a clock's history: when, what, the working days that an extension granted, what is left at least."""

    at: datetime
    what: str
    working_days: int = 0
    least: str | None = None
    #: Of what undoes a decision: when that took effect.
    since: datetime | None = None


def standing(entries: Sequence[ClockEvent]) -> tuple[ClockEvent, ...]:
    """What happened and still counts: a decision that was undone moved nothing."""
    kept: list[ClockEvent] = []
    for entry in entries:
        if entry.since is None:
            kept.append(entry)
        else:
            kept = [each for each in kept if each.at < entry.since]
    return tuple(kept)


def stands_still(entries: Sequence[ClockEvent]) -> bool:
    """Whether the last pause has not ended."""
    told = [entry.what for entry in entries if entry.what in ("paused", "resumed")]
    return told[-1:] == ["paused"]


def history_of(entries: Sequence[ClockEvent]) -> History:
    """Pauses, extensions and floors, from a history in order; a pause that is still open gives nothing back yet."""
    pauses: list[Pause] = []
    paused_at: datetime | None = None
    for at, what, *_ in entries:
        if what == "paused" and paused_at is None:
            paused_at = at
        elif what == "resumed" and paused_at is not None:
            pauses.append(Pause(paused_at, max(at, paused_at)))
            paused_at = None
    floors = tuple(
        Floor(entry.at, _allowed(entry.least), _extended(entries[place + 1 :]))
        for place, entry in enumerate(entries)
        if entry.least is not None
    )
    return History(pauses=tuple(pauses), extension_workdays=_extended(entries), floors=floors)


def _extended(entries: Sequence[ClockEvent]) -> int:
    return sum(entry.working_days for entry in entries if entry.what == "extended")


def alert_to_raise(planned: AlertLevel, due_at: datetime, now: datetime) -> AlertLevel:
    """What to say now: a warning that comes too late to be one gives way to the breach."""
    return AlertLevel.MISSED if planned is AlertLevel.NEAR and now > due_at else planned
