"""Due times: one algebra for the time that is allowed and for the time that a pause gives back.

Every unit has a scale, a count that only grows while the clock may run:

- minutes, hours: time itself;
- working minutes, working hours: working time; it stands still at night, at lunch and on holidays;
- working days: closes of business. A working day counts if the clock runs at its close. The start's own day
  never counts, so the first day is the day after, and the due time is the close of business of the last one;
- half working days: working days, each as long as its hours;
- calendar days, weeks, months: ends of days, the start's own not counted; due at 23:59:59, the last second of the last day,
  so that every reader sees that day as the date. One that rolls over ends with the next working day instead of a day off.

A deadline is the moment at which the scale reaches the start's count plus the allowance; a pause moves that
target by what the same scale counted during the pause. A pause over a weekend therefore gives nothing back in
working time. Extensions are working days counted on from the deadline that they extend.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from schemas.bilingual import Bilingual
from schemas.errors import Unusable
from sla.core.allowance import WHOLE_DAYS, Allowance, TimeUnit
from sla.core.calendar import Calendar

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_LAST_SECOND = time(23, 59, 59)
#: ISO's number.
_FRIDAY = 5
_WALL = (TimeUnit.MINUTES, TimeUnit.HOURS)
_WORKING_TIME = (TimeUnit.WORKING_MINUTES, TimeUnit.WORKING_HOURS)


class Pause(NamedTuple):
    """From `begin` until `end` the clock stood still."""

    begin: datetime
    end: datetime


class Due(NamedTuple):
    """A due time (UTC), and whether it crosses a year that is not announced yet."""

    at: datetime
    provisional: bool


class Step(NamedTuple):
    """One step on the way to a due time."""

    at: datetime
    what: Bilingual


class _Scale(Protocol):
    def start(self, moment: datetime) -> Any: ...
    def count(self, moment: datetime) -> Any: ...
    def moment(self, count: Any) -> datetime: ...


class _Elapsed:
    def count(self, moment: datetime) -> timedelta:
        return moment - _EPOCH

    start = count

    def moment(self, count: timedelta) -> datetime:
        return _EPOCH + count


class _WorkingTime:
    def __init__(self, calendar: Calendar) -> None:
        self.start = self.count = calendar.worked_by
        self.moment = calendar.moment_of


class _WorkingDays:
    def __init__(self, calendar: Calendar) -> None:
        self.start = calendar.workdays_through
        self.count = calendar.closes_by
        self.moment = calendar.close_of


class _HalfDays(_WorkingTime):
    def __init__(self, calendar: Calendar) -> None:
        self.start = self.count = calendar.workdays_by  # type: ignore[assignment]  # days, not time
        self.moment = calendar.moment_of_workdays  # type: ignore[assignment]  # days, not time


class _CalendarDays:
    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    def start(self, moment: datetime) -> int:
        return self._calendar.local_day(moment).toordinal()

    def count(self, moment: datetime) -> int:
        local = moment.astimezone(self._calendar.zone)
        return local.toordinal() - (local.time() < _LAST_SECOND)

    def moment(self, count: int) -> datetime:
        day = datetime.fromordinal(count).date()
        return datetime.combine(day, _LAST_SECOND, self._calendar.zone).astimezone(UTC)


def _scale(calendar: Calendar, unit: TimeUnit) -> _Scale:
    # That of a case that was moved serves one case, and goes with it.
    return _kept_scale(calendar, unit) if calendar.earlier is None else _new_scale(calendar, unit)


def _new_scale(calendar: Calendar, unit: TimeUnit) -> _Scale:
    if unit in _WALL:
        return _Elapsed()
    if unit in _WORKING_TIME:
        return _WorkingTime(calendar)
    if unit is TimeUnit.HALF_WORKING_DAYS:
        return _HalfDays(calendar)
    return _WorkingDays(calendar) if unit is TimeUnit.WORKING_DAYS else _CalendarDays(calendar)


_kept_scale = cache(_new_scale)


def _amount(allowance: Allowance, started_at: datetime, calendar: Calendar) -> Any:
    if allowance.unit in (*_WALL, *_WORKING_TIME):
        return allowance.length
    if allowance.unit is TimeUnit.HALF_WORKING_DAYS:
        return Fraction(allowance.amount, 2)
    if allowance.unit is TimeUnit.WEEKS:
        return 7 * allowance.amount
    if allowance.unit is TimeUnit.MONTHS:
        first = calendar.local_day(started_at)
        return (_months_after(first, allowance.amount) - first).days
    return allowance.amount


def _months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day (民法典 Art. 202)."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _rolled(due: datetime, calendar: Calendar) -> datetime:
    """The end of that day, or of the next working day where that one is off (民法典 Art. 203)."""
    day = calendar.next_workday(calendar.local_day(due))
    return datetime.combine(day, _LAST_SECOND, calendar.zone).astimezone(UTC)


def due_at(
    started_at: datetime,
    allowance: Allowance,
    calendar: Calendar,
    *,
    pauses: Sequence[Pause] = (),
    extension_workdays: int = 0,
) -> Due:
    """Latest moment to act, and whether it may still move. Working units always end in working time.

    Raises:
        CalendarTooShort: the calendar ends before the deadline.

    Source: counted from the day after, as 民法典 Art. 201; a rule's allowance has a basis of its own.
    """
    told = merge_pauses(pauses) if pauses else ()
    amount = _amount(allowance, started_at, calendar)
    due = _reach(_scale(calendar, allowance.unit), started_at, amount, told)
    if allowance.rolls:
        due = _rolled(due, calendar)
    if extension_workdays:
        later = [pause for pause in told if pause.begin >= due]
        due = _reach(_scale(calendar, TimeUnit.WORKING_DAYS), due, extension_workdays, later)
    working = extension_workdays or allowance.rolls or allowance.unit not in (*_WALL, *WHOLE_DAYS)
    return Due(due, bool(working) and calendar.is_provisional(started_at, due))


def _reach(scale: _Scale, started_at: datetime, amount: Any, pauses: Iterable[Pause]) -> datetime:
    base = scale.start(started_at)
    target = base + amount
    for begin, end in pauses:
        stood = max(scale.count(begin), base)
        if stood >= target:
            break
        target += max(scale.count(end), stood) - stood
    return scale.moment(target)


def elapsed(
    started_at: datetime,
    now: datetime,
    unit: TimeUnit,
    calendar: Calendar,
    *,
    pauses: Sequence[Pause] = (),
) -> Any:
    """How much a clock has run by `now`, as its unit counts: a `timedelta`, or whole days that have closed."""
    scale = _scale(calendar, unit)
    base = scale.start(started_at)
    run: Any = max(scale.count(now), base) - base
    for begin, end in merge_pauses(pauses):
        stood = max(scale.count(min(begin, now)), base)
        run -= max(scale.count(min(end, now)), stood) - stood
    return run


def allowances_in(since: datetime, until: datetime, allowance: Allowance, calendar: Calendar) -> int:
    """How often the whole allowance has passed between the two, as its unit counts."""
    if until <= since:
        return 0
    return int(elapsed(since, until, allowance.unit, calendar) // _amount(allowance, since, calendar))


def remaining(
    started_at: datetime,
    allowance: Allowance,
    now: datetime,
    calendar: Calendar,
    *,
    pauses: Sequence[Pause] = (),
) -> Any:
    """What is left of an allowance at `now`, as its unit counts: below zero once it is used up."""
    return _amount(allowance, started_at, calendar) - elapsed(
        started_at, now, allowance.unit, calendar, pauses=pauses
    )


def merge_pauses(pauses: Iterable[Pause]) -> list[Pause]:
    """In order, overlaps joined: the clock cannot stand still twice at once.

    Raises:
        ValueError: one ends before it begins.
    """
    merged: list[Pause] = []
    for begin, end in sorted(pauses):
        if end < begin:
            raise Unusable(
                zh=f"开始于 {begin.isoformat()} 的暂停在此之前就结束了",
                en=f"the pause that begins at {begin.isoformat()} ends before that",
            )
        if merged and begin <= merged[-1].end:
            merged[-1] = Pause(merged[-1].begin, max(end, merged[-1].end))
        else:
            merged.append(Pause(begin, end))
    return merged


def before(moment: datetime, lead: Allowance, calendar: Calendar) -> datetime:
    """The moment that lies `lead` ahead of another; a working day is as long as its working hours."""
    if lead.unit in _WALL:
        return moment - lead.length
    if lead.unit in WHOLE_DAYS:
        months = lead.unit is TimeUnit.MONTHS
        return moment - timedelta(days=_amount(lead, moment, calendar) if not months else 30 * lead.amount)
    if lead.unit in (TimeUnit.WORKING_DAYS, TimeUnit.HALF_WORKING_DAYS):
        days = lead.amount if lead.unit is TimeUnit.WORKING_DAYS else Fraction(lead.amount, 2)
        return calendar.moment_of_workdays(calendar.workdays_by(moment) - days)
    return calendar.moment_of(calendar.worked_by(moment) - lead.length)


def explain(
    started_at: datetime, allowance: Allowance, calendar: Calendar, *, pauses: Sequence[Pause] = ()
) -> tuple[Due, list[Step]]:
    """The due time and how it was reached: days off, make-up days, and what each pause gave back."""
    told = merge_pauses(pauses)
    due = due_at(started_at, allowance, calendar)
    allowed = allowance.in_both()
    begun = Bilingual(
        zh=f"开始：{allowed.zh}，日历 {calendar.name}", en=f"start: {allowed.en}, calendar {calendar.name}"
    )
    steps = [Step(started_at, begun)]
    for number, pause in enumerate(told, start=1):
        moved = due_at(started_at, allowance, calendar, pauses=told[:number])
        steps += [Step(pause.begin, _PAUSED), Step(pause.end, _gave_back(due, moved, calendar))]
        due = moved
    if allowance.rolls or allowance.unit not in (*_WALL, *WHOLE_DAYS):
        steps += _unusual_days(started_at, due.at, calendar)
    return due, [*sorted(steps, key=_by_time), Step(due.at, _PROVISIONAL if due.provisional else _DUE)]


_PAUSED = Bilingual(zh="暂停", en="paused")
_DUE = Bilingual(zh="到期", en="due")
_PROVISIONAL = Bilingual(
    zh="到期（暂定）：其间某一年的节假日安排尚未公布",
    en="due, provisional: the holidays of a year on the way are not announced yet",
)


def _by_time(step: Step) -> datetime:
    return step.at


def _gave_back(earlier: Due, later: Due, calendar: Calendar) -> Bilingual:
    if earlier.at == later.at:
        return Bilingual(zh="恢复：没有可补的时间", en="resumed: nothing to give back")
    moved = later.at.astimezone(calendar.zone).isoformat()
    return Bilingual(zh=f"恢复：到期时间移至 {moved}", en=f"resumed: due moves to {moved}")


def _unusual_days(started_at: datetime, due: datetime, calendar: Calendar) -> Iterator[Step]:
    days = range(calendar.local_day(started_at).toordinal() + 1, calendar.local_day(due).toordinal() + 1)
    for is_work, run in groupby(map(date.fromordinal, days), calendar.workdays.__contains__):
        stretch = list(run)
        if not is_work:
            off = Bilingual(zh=f"休息至 {stretch[-1]}", en=f"off through {stretch[-1]}")
            yield Step(_midnight(stretch[0], calendar), off)
            continue
        for day in stretch:
            if day.isoweekday() > _FRIDAY and calendar.announced_years is not None:
                yield Step(_midnight(day, calendar), Bilingual(zh="调休上班", en="make-up working day"))


def _midnight(day: date, calendar: Calendar) -> datetime:
    return datetime.combine(day, time(), calendar.zone).astimezone(UTC)
