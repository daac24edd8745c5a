"""What supervisors read, and the alerts that somebody listens to. Nothing here writes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from schemas.errors import NotFound
from schemas.ids import CaseId
from schemas.paging import cursor_of, page_of, read_cursor
from schemas.ports import Database, Unit
from sla.core.calendar import Calendar
from sla.core.figures import Band, band_of, days_asked, whole_months
from sla.core.measures import Measure, Sums, stretches
from sla.core.orders import ListedOrder, Order
from sla.core.readings import (
    Alert,
    ClocksAndHistory,
    Frequent,
    Grouping,
    NumberedAlert,
    PressingClock,
    PressingCount,
    Promised,
    PromiseStanding,
    Repetition,
)
from sla.store import promises, repeating, supervision, tallies, watching

#: What counts as repeating. Source: 苗头预警 in Beijing's practice, "same place and category, three or more in
#: seven days".
HOT_DAYS = timedelta(days=7)
_HOT_LEAST = 3
#: What is usual is told by so many weeks before. Project choice: two months have one holiday at most.
_USUAL_WEEKS = 8
#: Project choice: more than anybody reads.
_HOT_SHOWN = 50
#: Alerts get their numbers before they commit: so many are looked at again for latecomers. Project choice: what one
#: sweep raises.
_OVERLAP = 1000
#: While no higher number comes, latecomers are looked for every so many looks. Project choice: within seconds.
_QUIET_LOOKS = 4


class AlertPage(NamedTuple):
    """A page of alerts, and where the next begins."""

    items: Sequence[Alert]
    next_cursor: str | None


class Pressing(NamedTuple):
    """A page of clocks, and where the next begins."""

    rows: Sequence[PressingClock]
    next_cursor: str | None


async def list_alerts(
    unit: Unit,
    *,
    level: str | None,
    department: str | None,
    owner: str | None = None,
    cursor: str | None,
    limit: int,
) -> AlertPage:
    """Alerts, newest first.

    Raises:
        BadInput: a cursor that is not ours.
    """
    before = read_cursor(cursor, tuple[int])[0] if cursor is not None else None
    found = await watching.alerts(
        unit.db, level=level, department=department, owner=owner, before=before, limit=limit + 1
    )
    page, last = page_of(found, limit)
    return AlertPage([numbered.alert for numbered in page], cursor_of(last.number) if last else None)


async def list_pressing(
    unit: Unit,
    *,
    overdue: bool,
    department: str | None,
    owner: str | None = None,
    until: datetime | None = None,
    cursor: str | None,
    limit: int,
    private: bool = False,
) -> Pressing:
    """Running clocks that are overdue, or else due soon, the most pressing first. `until`: those due before then.

    `private`: of cases that are told in confidence, reports, or accuse somebody, which are in no number and no other list.

    Raises:
        BadInput: a cursor that is not ours.
    """
    after = _clock_place(cursor) if cursor is not None else None
    found = await watching.pressing(
        unit.db,
        unit.now,
        overdue=overdue,
        department=department,
        owner=owner,
        until=until,
        after=after,
        limit=limit + 1,
        private=private,
    )
    page, last = page_of(found, limit)
    return Pressing(page, cursor_of(last.due_at, last.case_id, last.clock) if last else None)


def _clock_place(cursor: str) -> tuple[datetime, CaseId, str]:
    due_at, case_id, clock = read_cursor(cursor, tuple[datetime, UUID, str])
    return due_at, CaseId(str(case_id)), clock


async def list_promised(
    unit: Unit, *, standing: PromiseStanding | None, department: str | None, cursor: str | None, limit: int
) -> tuple[Sequence[Promised], str | None]:
    """Dates that citizens were promised, the last due first, and where the next page begins.

    Raises:
        BadInput: a cursor that is not ours.
    """
    place = read_cursor(cursor, tuple[datetime, UUID]) if cursor is not None else None
    after = (place[0], CaseId(str(place[1]))) if place else None
    found = await promises.promised(
        unit.db, unit.now, standing=standing, department=department, after=after, limit=limit + 1
    )
    page, last = page_of(found, limit)
    return page, cursor_of(last.due_at, last.case_id) if last else None


async def count_pressing(unit: Unit, *, midnight: datetime) -> Sequence[PressingCount]:
    """Per department: how many clocks are overdue, how many due soon, and how many of these before midnight."""
    return await watching.pressing_counts(unit.db, unit.now, midnight)


async def read_case(unit: Unit, case_id: CaseId) -> ClocksAndHistory:
    """One case's clocks, and everything that moved them.

    Raises:
        NotFound: no such case.
    """
    found = await watching.case_with_clocks(unit.db, case_id)
    if found is None:
        raise NotFound
    return found


async def read_orders(unit: Unit, case_id: CaseId) -> Sequence[Order]:
    """What supervisors asked of the department of a case, and what was reported, in order."""
    return await supervision.orders_of(unit.db, case_id)


async def list_orders(
    unit: Unit, *, cursor: str | None, limit: int
) -> tuple[Sequence[ListedOrder], str | None]:
    """Orders that wait for a report or for the supervisor's word, the first due first, and where the next page begins.

    Raises:
        BadInput: a cursor that is not ours.
    """
    place = read_cursor(cursor, tuple[datetime, UUID]) if cursor is not None else None
    after = (place[0], CaseId(str(place[1]))) if place else None
    page, last = page_of(await supervision.unsettled(unit.db, after=after, limit=limit + 1), limit)
    return page, cursor_of(last.until or last.at, last.case_id) if last else None


async def read_alerts(unit: Unit, case_id: CaseId) -> Sequence[Alert]:
    """Everything that was said about one case's deadlines, in order."""
    return await watching.alerts_of(unit.db, case_id)


class Counted(NamedTuple):
    """Sums per group, those with most cases first, and of all together; from `first` to `last`, both included."""

    first: date
    last: date
    groups: Sequence[tuple[str | None, Sums]]
    total: Sums
    #: Cases that stand in no figure, by month that is over and wholly in the span.
    private: Sequence[tuple[date, Band]]


async def count_cases(
    unit: Unit, *, by: Grouping, first: date | None, last: date | None, calendar: Calendar
) -> Counted:
    """The sums of a span of days; where none is named, of the last thirty.

    Raises:
        BadInput: a span that cannot be.
    """
    today = calendar.local_day(unit.now)
    first, last = days_asked(first, last, today=today)
    found = await tallies.read(
        unit.db,
        by,
        stretches(first, last, today=today),
        today=today,
        now=unit.now,
        zone=str(calendar.zone),
    )
    groups = [(key or None, sums) for key, sums in found.items() if key is not None]
    months = whole_months(first, last, today=today)
    private = await tallies.private_by_month(unit.db, months, str(calendar.zone)) if months else {}
    bands = [(month, band_of(private[month])) for month in months]
    return Counted(first, last, sorted(groups, key=_largest), found[None], bands)


def _largest(group: tuple[str | None, Sums]) -> tuple[int, str]:
    key, sums = group
    return -sums.n(Measure.RECEIVED), key or ""


async def list_hot_topics(unit: Unit, *, calendar: Calendar) -> tuple[date, date, Sequence[Repetition]]:
    """Category and district pairs that repeat within seven days, today included; and the first and last day."""
    last = calendar.local_day(unit.now)
    first = last - HOT_DAYS + timedelta(days=1)
    found = await repeating.hot_topics(
        unit.db,
        since=first,
        before_since=first - HOT_DAYS,
        weeks_since=first - _USUAL_WEEKS * HOT_DAYS,
        zone=str(calendar.zone),
        least=_HOT_LEAST,
        limit=_HOT_SHOWN,
    )
    return first, last, found


async def list_frequent(
    unit: Unit, grouping: Literal["item", "tag"], *, calendar: Calendar
) -> Sequence[Frequent]:
    """Items of the dispatch catalogue, or tags, that many cases of seven days have, today included; most frequent first."""
    first = calendar.local_day(unit.now) - HOT_DAYS + timedelta(days=1)
    return await repeating.frequent(
        unit.db,
        grouping,
        since=first,
        before_since=first - HOT_DAYS,
        zone=str(calendar.zone),
        least=_HOT_LEAST,
        limit=_HOT_SHOWN,
    )


class AlertFeed:
    """Alerts as they are raised, each once; one look at the end of an index each time."""

    def __init__(self, *, start: int, told: set[int]) -> None:
        self._start = start
        self._told = told
        self._newest: int | None = None
        self._quiet = 0

    @classmethod
    async def open(cls, db: Database, *, resume: int | None) -> "AlertFeed":
        """From now on, or from just after the alert numbered `resume`, as far back as is looked at at all."""
        newest = await watching.newest_alert(db)
        start = newest if resume is None else max(min(resume, newest), newest - _OVERLAP)
        return cls(start=start, told=await watching.alert_numbers(db, above=start - _OVERLAP, up_to=start))

    async def look(self, db: Database) -> Sequence[NumberedAlert]:
        """What was raised since the last look; one that commits late is found some looks later."""
        newest = await watching.newest_alert(db)
        if newest == self._newest and self._quiet < _QUIET_LOOKS:
            self._quiet += 1
            return []
        self._newest, self._quiet = newest, 0
        floor = self._start - _OVERLAP
        found = await watching.alerts_above(db, floor, but=self._told, limit=_OVERLAP)
        self._told |= {alert.number for alert in found}
        self._start = max(self._start, *self._told) if self._told else self._start
        self._told = {number for number in self._told if number > self._start - _OVERLAP}
        return found
