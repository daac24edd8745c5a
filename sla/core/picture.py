"""A case's time line as a picture: which clocks ran when, what paused and extended them, who had the case, what was late.

Everything lies on one scale from the first moment to the last, told in thousandths; whoever draws knows no dates, and
what is drawn is said in the same values for whoever cannot see it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from schemas.ids import DepartmentCode
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.calendars import along
from sla.core.clocks import ClockState
from sla.core.readings import CaseClock, ClockEntry, ClocksAndHistory

#: Days off are drawn where a day is still wide enough to be seen. Project choice: four months.
_DAYS_SHOWN = 120
_WHOLE = 1000
_DAY = timedelta(days=1)
#: What stood still, what waits for the centre's word on an answer, and what ran after it was due.
SpanKind = Literal["ran", "paused", "answered", "late"]


class PictureStretch(NamedTuple):
    """From one moment to another, and where that lies."""

    start: datetime
    end: datetime
    x: int
    width: int


class ClockSpan(NamedTuple):
    """What a clock did for a while. `workdays`: of what ran, by the calendar that it goes by."""

    kind: SpanKind
    at: PictureStretch
    workdays: float


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """One clock. `due_x`: None where it is due beyond the picture's end."""

    clock: Clock
    due_at: datetime
    due_x: int | None
    spans: Sequence[ClockSpan]
    #: When how many working days were granted.
    extensions: Sequence[tuple[datetime, int]] = ()
    missed_at: datetime | None = None

    @property
    def workdays(self) -> float:
        """For how long it ran, late or not."""
        return sum(span.workdays for span in self.spans)

    @property
    def pauses(self) -> Sequence[PictureStretch]:
        """The stretches of time in which the clock stood still."""
        return [span.at for span in self.spans if span.kind == "paused"]


class Holding(NamedTuple):
    """Who had the case for a while."""

    department: DepartmentCode
    at: PictureStretch


class TimelinePicture(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, from `start` to `end`. `rests`: days on which nobody works."""

    start: datetime
    end: datetime
    lanes: Sequence[Lane]
    holdings: Sequence[Holding]
    rests: Sequence[PictureStretch]


class Scale(NamedTuple):
    """From which moment to which."""

    start: datetime
    end: datetime

    def x(self, moment: datetime) -> int:
        """Where it lies, at an end where it lies beyond."""
        share = (moment - self.start) / (self.end - self.start)
        return round(_WHOLE * min(max(share, 0.0), 1.0))

    def stretch(self, start: datetime, end: datetime) -> PictureStretch:
        """What happened at all is at least visible."""
        x = min(self.x(start), _WHOLE - 2)
        return PictureStretch(start, end, x, max(self.x(end) - x, 2))


def picture_of(
    case: ClocksAndHistory,
    moves: Sequence[tuple[datetime, DepartmentCode]],
    *,
    now: datetime,
    calendar: Calendar,
) -> TimelinePicture | None:
    """The picture of a case's clocks; None of one that has none. `moves`: when it was given to whom, in order."""
    if not case.clocks:
        return None
    ends = [_end(clock, now) for clock in case.clocks]
    start = min(clock.started_at for clock in case.clocks)
    due = [clock.due_at for clock in case.clocks if clock.state != ClockState.STOPPED]
    scale = Scale(start, max(*ends, *due, start + timedelta(hours=1)))
    return TimelinePicture(
        start=scale.start,
        end=scale.end,
        lanes=[_lane(clock, case, scale, now, calendar) for clock in case.clocks],
        holdings=list(_holdings(moves, scale, max(ends))),
        rests=list(_rests(scale, calendar)),
    )


def _end(clock: CaseClock, now: datetime) -> datetime:
    return max(clock.stopped_at or now, clock.started_at)


def _lane(clock: CaseClock, case: ClocksAndHistory, scale: Scale, now: datetime, calendar: Calendar) -> Lane:
    mine = [each for each in case.history if each.clock == clock.clock and each.at >= clock.started_at]
    own = along(calendar, clock.calendar)
    granted = [(each.at, each.detail.get("working_days", 0)) for each in mine if each.what == "extended"]
    return Lane(
        clock=clock.clock,
        due_at=clock.due_at,
        due_x=scale.x(clock.due_at) if clock.due_at <= scale.end else None,
        spans=[
            ClockSpan(kind, scale.stretch(start, end), _worked(kind, start, end, own))
            for kind, start, end in _parts(clock, mine, case.replied_at, _end(clock, now))
            if end > start
        ],
        extensions=granted,
        missed_at=clock.missed_at,
    )


def _worked(kind: SpanKind, start: datetime, end: datetime, calendar: Calendar) -> float:
    return round(calendar.workdays_between(start, end), 2) if kind in ("ran", "late") else 0.0


def _parts(
    clock: CaseClock, history: Sequence[ClockEntry], replied_at: datetime | None, end: datetime
) -> Iterator[tuple[SpanKind, datetime, datetime]]:
    since: datetime | None = clock.started_at
    paused = clock.started_at
    answered = (
        clock.state == ClockState.ANSWERED and replied_at is not None and replied_at >= clock.started_at
    )
    last = min(end, replied_at) if answered and replied_at else end
    for entry in history:
        if entry.what == "paused" and since is not None:
            yield from _ran(clock, since, entry.at)
            since, paused = None, entry.at
        elif entry.what == "resumed" and since is None:
            yield "paused", paused, entry.at
            since = entry.at
    if since is None:
        yield "paused", paused, last
    else:
        yield from _ran(clock, since, last)
    if answered:
        yield "answered", last, end


def _ran(clock: CaseClock, start: datetime, end: datetime) -> Iterator[tuple[SpanKind, datetime, datetime]]:
    """The spans of a running clock: up to its due time it ran, beyond that it was late, if somebody had to act by then."""
    late = clock.missed_at is not None and clock.due_at < end
    turn = min(max(clock.due_at, start), end) if late else end
    yield "ran", start, turn
    yield "late", turn, end


def _holdings(
    moves: Sequence[tuple[datetime, DepartmentCode]], scale: Scale, end: datetime
) -> Iterator[Holding]:
    ends = [*(at for at, _ in moves[1:]), end]
    for (at, department), until in zip(moves, ends, strict=False):
        if until > at:
            yield Holding(department, scale.stretch(at, until))


def _rests(scale: Scale, calendar: Calendar) -> Iterator[PictureStretch]:
    if scale.end - scale.start > _DAYS_SHOWN * _DAY:
        return
    day, last = calendar.local_day(scale.start), calendar.local_day(scale.end)
    while day <= last:
        midnight = datetime.combine(day, datetime.min.time(), calendar.zone)
        if not calendar.is_worked(day):
            yield scale.stretch(max(midnight, scale.start), min(midnight + _DAY, scale.end))
        day += _DAY
