"""Spans of days that stand above the figures."""

from datetime import date

import pytest

from sla.web.figures import quick_spans


@pytest.mark.parametrize(
    ("today", "spans"),
    [
        (
            "2026-11-29",
            [
                "2026-11-29 2026-11-29",
                "2026-11-23 2026-11-29",
                "2026-11-01 2026-11-29",
                "2026-10-01 2026-10-31",
            ],
        ),
        (
            "2027-01-01",
            [
                "2027-01-01 2027-01-01",
                "2026-12-28 2027-01-01",
                "2027-01-01 2027-01-01",
                "2026-12-01 2026-12-31",
            ],
        ),
        (
            "2028-03-06",
            [
                "2028-03-06 2028-03-06",
                "2028-03-06 2028-03-06",
                "2028-03-01 2028-03-06",
                "2028-02-01 2028-02-29",
            ],
        ),
    ],
)
def test_spans_of_a_day(today: str, spans: list[str]) -> None:
    """Today, the week from Monday, the month, and the whole month before, across the end of a year."""
    found = quick_spans(date.fromisoformat(today))

    assert ["今天", "本周", "本月", "上月"] == [name for name, _, _ in found]
    assert spans == [f"{first} {last}" for _, first, last in found]
