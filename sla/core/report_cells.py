"""From a number of a report to what it counted: which measure, on which days, of which group, and how many there were."""

from typing import Literal, NamedTuple

from schemas.errors import NotFound
from sla.core.drilled import FigureCell
from sla.core.figure_kinds import CountKind, RateKind, TimeKind, kinds_by_code
from sla.core.measures import Measure
from sla.core.readings import FrozenReport
from sla.core.report_body import Numbers
from sla.core.reports import Days

#: Which columns a report has: its own days, and those that stand beside them.
ReportDays = Literal["own", "before", "year_ago"]
#: Which number of a figure: what it is out of (of a count: itself), how many of these, or how many are left out of it.
NumberPart = Literal["of", "numerator", "excluded"]


class ReportCell(NamedTuple):
    """A number of a report. `key`: the department; None: of all cases."""

    figure: str
    part: NumberPart = "of"
    days: ReportDays = "own"
    key: str | None = None


class FrozenNumber(NamedTuple):
    """What a number of a report counts, and how many there were when the report was made."""

    cell: FigureCell
    then: int


def frozen_number(report: FrozenReport, asked: ReportCell) -> FrozenNumber:
    """The number as the report keeps it.

    Raises:
        NotFound: it has no such number, or none that is counted any more.
    """
    days, numbers = _column(report, asked)
    kind = kinds_by_code().get(asked.figure)
    if kind is None or numbers is None:
        raise NotFound
    measure, least, then = _counted(kind, numbers, asked.part)
    excluded = asked.figure if asked.part == "excluded" else None
    return FrozenNumber(
        FigureCell(measure, days.first, days.last, key=asked.key, least=least, excluded=excluded), then
    )


def _column(report: FrozenReport, asked: ReportCell) -> tuple[Days, Numbers | None]:
    line, body = report.line, report.body
    if asked.days != "own":
        beside = body.before if asked.days == "before" else body.year_ago
        return Days(beside.first, beside.last), beside.total if asked.key is None else None
    numbers = body.total if asked.key is None else body.departments.get(asked.key)
    return Days(line.first, line.last), numbers


def _counted(
    kind: CountKind | RateKind | TimeKind, numbers: Numbers, part: NumberPart
) -> tuple[Measure, int | None, int]:
    if isinstance(kind, RateKind) and kind.code in numbers.rates:
        rate = numbers.rates[kind.code]
        if part == "numerator":
            return kind.numerator, kind.least, rate.numerator
        return kind.denominator, None, rate.n if part == "of" else rate.excluded
    if part == "of" and isinstance(kind, TimeKind) and kind.code in numbers.times:
        return kind.measure, None, numbers.times[kind.code].n
    if part == "of" and isinstance(kind, CountKind) and kind.code in numbers.counts:
        return kind.code, None, numbers.counts[kind.code]
    raise NotFound
