"""Makes reports when their days are over, keeps them for good, and makes an erratum where one turns out to be wrong."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from schemas.errors import BadInput, FieldError, NotFound
from schemas.paging import cursor_of, page_of, read_cursor
from schemas.ports import Unit
from schemas.wording import says_something
from sla.core.calendar import Calendar
from sla.core.measures import Sums, stretches
from sla.core.readings import FrozenReport, ReportLine
from sla.core.report_body import ReportBody, beside, changed_codes, meanings, numbers_of
from sla.core.reports import Covered, Days, are_over, covering, to_be_made
from sla.core.tiers import standings, tier_rule
from sla.store import exclusions, reports, tallies

#: Of a report that nobody asked for.
_BY_ITSELF = ""
#: A correction asked for again within it was sent twice (project choice: a second press, a page that is loaded again).
_SENT_TWICE = timedelta(minutes=10)


async def make_reports(unit: Unit, *, calendar: Calendar, reached: datetime | None) -> int:
    """Make what is due and was not made yet; returns how many. Nothing of days before the first message came.

    `reached`: every event and every breach of before that moment is known, so that a report of a day which ends later
    would be frozen too soon; None: nobody knows how far it is, and none is made.
    """
    if reached is None:
        return 0
    due = [each for each in to_be_made(unit.now, calendar) if are_over(each.days, reached, calendar.zone)]
    wanted = await reports.missing(unit.db, due)
    if not wanted or (began := await reports.first_received(unit.db)) is None:
        return 0
    since = calendar.local_day(began)
    made = [await _make(unit, each, calendar) for each in wanted if each.days.last >= since]
    return sum(number is not None for number in made)


async def _make(unit: Unit, covered: Covered, calendar: Calendar) -> int | None:
    body = await _body(unit, covered, calendar)
    return await reports.add(unit.db, covered, body, edition=1, at=unit.now, by=_BY_ITSELF, reason="")


async def _body(unit: Unit, covered: Covered, calendar: Calendar) -> ReportBody:
    now, before, year_ago = [
        await sums_of(unit, days, calendar) for days in (covered.days, covered.before, covered.year_ago)
    ]
    total = numbers_of(now[None])
    departments = {key: numbers_of(sums) for key, sums in sorted(_named(now).items())}
    return ReportBody(
        total=total,
        departments=departments,
        before=beside(covered.before, before[None]),
        year_ago=beside(covered.year_ago, year_ago[None]),
        meanings=meanings(),
        tiers=standings([(key, numbers.rates) for key, numbers in departments.items()], total.rates),
        tier_rule=tier_rule(),
    )


def _named(found: Mapping[str | None, Sums]) -> dict[str, Sums]:
    return {key: sums for key, sums in found.items() if key is not None}


async def sums_of(unit: Unit, days: Days, calendar: Calendar) -> Mapping[str | None, Sums]:
    """What is counted in these days, by department, and under None of all cases."""
    today = calendar.local_day(unit.now)
    asked = stretches(days.first, days.last, today=today)
    return await tallies.read(
        unit.db, "department", asked, today=today, now=unit.now, zone=str(calendar.zone)
    )


async def list_reports(
    unit: Unit, *, period: str | None, cursor: str | None, limit: int
) -> tuple[list[ReportLine], str | None]:
    """One page of the reports, the latest days first, and where the next begins.

    Raises:
        BadInput: a cursor that is not ours.
    """
    before = read_cursor(cursor, tuple[date, int]) if cursor is not None else None
    page, last = page_of(await reports.lines(unit.db, period, before, limit + 1), limit)
    return list(page), cursor_of(last.last, last.number) if last else None


async def read_report(unit: Unit, number: int) -> FrozenReport:
    """One report as it was made.

    Raises:
        NotFound: there is no such.
    """
    found = await reports.report(unit.db, number)
    if found is None:
        raise NotFound
    return found


async def decided_since(unit: Unit, report: FrozenReport) -> tuple[int, datetime | None]:
    """How many exclusions were decided since it was made that concern its days, or those beside, and when the last was."""
    line, body = report.line, report.body
    spans = [
        Days(line.first, line.last),
        *(Days(each.first, each.last) for each in (body.before, body.year_ago)),
    ]
    return await exclusions.told_since(unit.db, line.made_at, spans)


async def make_erratum(unit: Unit, number: int, *, by: str, reason: str, calendar: Calendar) -> int:
    """Make the report of these days once more, with a reason; the one before stays as it was. Returns the new number.

    The same sent twice is one.

    Raises:
        NotFound: there is no such report.
        BadInput: no reason, or the figures are what they were.
    """
    if not says_something(reason):
        raise BadInput([FieldError("reason", "请写明更正的原因。", "Say why it is corrected.")])
    latest = (await read_report(unit, number)).editions[-1]
    former = await read_report(unit, latest.number)
    covered = covering(latest.period, latest.last)
    body = await _body(unit, covered, calendar)
    if not changed_codes(former.body, body):
        if _was_made(latest, by, reason, unit.now):
            return latest.number
        raise BadInput([FieldError("reason", "数据没有变化，无需更正。", "The figures are what they were.")])
    made = await reports.add(
        unit.db, covered, body, edition=latest.edition + 1, at=unit.now, by=by, reason=reason
    )
    if made is not None:
        return made
    quicker = (await read_report(unit, number)).editions[-1]
    if _was_made(quicker, by, reason, unit.now):
        return quicker.number
    raise BadInput([FieldError("reason", "刚刚已有人更正。", "Somebody has just corrected it.")])


def _was_made(line: ReportLine, by: str, reason: str, now: datetime) -> bool:
    """Whether this edition is what that person asked for just now with that reason."""
    return (line.made_by, line.reason) == (by, reason) and now - line.made_at <= _SENT_TWICE
