"""Which number of a report counts what."""

from datetime import UTC, date, datetime

import pytest

from schemas.errors import NotFound
from sla.core.figure_kinds import Rate, Share, Spread
from sla.core.readings import FrozenReport, ReportLine
from sla.core.report_body import Beside, Numbers, ReportBody
from sla.core.report_cells import ReportCell, frozen_number
from sla.core.reports import Period

_FIRST, _LAST = date(2026, 11, 16), date(2026, 11, 22)
_BEFORE, _YEAR_AGO = date(2026, 11, 9), date(2025, 11, 17)


def _numbers(received: int) -> Numbers:
    rate = Rate(value=0.5, numerator=received, n=20, without=Share(value=0.5, numerator=8, n=17))
    return Numbers(
        counts={"received": received},
        rates={"rating_satisfied_rate": rate, "gone_rate": rate},
        times={"hops": Spread(median=1.0, p90=2.0, n=6)},
    )


def _beside(first: date, received: int) -> Beside:
    return Beside(first=first, last=first, total=_numbers(received))


_REPORT = FrozenReport(
    line=ReportLine(
        number=1, period=Period.WEEK, first=_FIRST, last=_LAST, edition=1, made_at=datetime(2026, 11, 23, tzinfo=UTC),
        made_by="", reason="",
    ),
    body=ReportBody(
        total=_numbers(10), departments={"housing": _numbers(4)}, before=_beside(_BEFORE, 9),
        year_ago=_beside(_YEAR_AGO, 8), meanings=(),
    ),
    editions=(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "counted", "first", "least", "then"),
    [
        (ReportCell("received"), "received", _FIRST, None, 10),
        (ReportCell("received", key="housing"), "received", _FIRST, None, 4),
        (ReportCell("received", days="before"), "received", _BEFORE, None, 9),
        (ReportCell("received", days="year_ago"), "received", _YEAR_AGO, None, 8),
        (ReportCell("hops"), "hops", _FIRST, None, 6),
        (ReportCell("rating_satisfied_rate"), "rated", _FIRST, None, 20),
        (ReportCell("rating_satisfied_rate", "numerator"), "rated", _FIRST, 4, 10),
        (
            ReportCell("rating_satisfied_rate", "excluded"),
            "excluded.rating_satisfied_rate.rated", _FIRST, None, 3,
        ),
    ],
)  # fmt: skip
def test_a_number_leads_to_what_it_counted(
    asked: ReportCell, counted: str, first: date, least: int | None, then: int
) -> None:
    """Of its own days or of those beside them, of all cases or of one department, and how many it said there were."""
    cell, was = frozen_number(_REPORT, asked)

    assert (counted, first, least, asked.key, then) == (cell.counted, cell.first, cell.least, cell.key, was)
    assert cell.last == (_LAST if asked.days == "own" else first)


@pytest.mark.parametrize(
    "asked",
    [
        ReportCell("nothing"),
        # A figure of then that is defined no more.
        ReportCell("gone_rate"),
        ReportCell("received", "numerator"),
        ReportCell("hops", "excluded"),
        ReportCell("sent_back_rate"),
        ReportCell("on_time_rate"),
        ReportCell("closed"),
        ReportCell("received", key="water"),
        # What stands beside is of all cases alone.
        ReportCell("received", days="before", key="housing"),
    ],
)
def test_what_a_report_does_not_say_leads_nowhere(asked: ReportCell) -> None:
    """No such number, or none that is counted any more."""
    with pytest.raises(NotFound):
        frozen_number(_REPORT, asked)
