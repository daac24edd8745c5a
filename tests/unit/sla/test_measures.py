"""Sums, percentiles, and the days and months that a span is read from."""

import random
import statistics
from datetime import date, timedelta

import pytest

from sla.core.figure_kinds import CountKind, RateKind, TimeKind, figure_kinds
from sla.core.measures import Measure, Stretch, Sums, stretches


def test_percentiles_are_those_of_the_single_values() -> None:
    """Whatever was counted: as if each value stood in a list by itself."""
    chance = random.Random(1)
    for size in (1, 2, 3, 10, 99):
        values = [chance.randint(0, 9) for _ in range(size)]
        sums = Sums((Measure.HOPS, value, 1) for value in values)

        assert statistics.median(values) == sums.percentile(Measure.HOPS, 0.5)
        if size > 1:
            tenths = statistics.quantiles(values, n=10, method="inclusive")
            assert tenths[8] == pytest.approx(sums.percentile(Measure.HOPS, 0.9))


def test_nothing_has_no_percentile_and_no_rate() -> None:
    """None, never zero: nobody was asked."""
    kinds = figure_kinds()

    assert Sums().percentile(Measure.HOPS, 0.5) is None
    assert {(None, 0, 0)} == {(r.value, r.numerator, r.n) for r in (k.of_sums(Sums()) for k in kinds.rate)}
    assert {(None, None, 0)} == {(t.median, t.p90, t.n) for t in (k.of_sums(Sums()) for k in kinds.time)}


def test_only_good_ratings_are_content() -> None:
    """4 and 5 of all that were given."""
    sums = Sums([(Measure.RATED, 3, 2), (Measure.RATED, 4, 1), (Measure.RATED, 5, 1)])
    (satisfied,) = (k.of_sums(sums) for k in figure_kinds().rate if k.code == "rating_satisfied_rate")

    assert (0.5, 2, 4) == (satisfied.value, satisfied.numerator, satisfied.n)


@pytest.mark.parametrize("today", [date(2026, 11, 26), date(2026, 12, 1), date(2030, 1, 1)])
def test_each_day_of_a_span_is_read_once(today: date) -> None:
    """As a day or within its month, and no month that is not over."""
    chance = random.Random(2)
    for _ in range(300):
        first = date(2026, 1, 1) + timedelta(days=chance.randint(0, 400))
        last = first + timedelta(days=chance.randint(0, 500))
        read = [day for stretch in stretches(first, last, today=today) for day in _days(stretch)]

        assert read == [first + timedelta(days=n) for n in range((last - first).days + 1)]
        months = [s.last for s in stretches(first, last, today=today) if s.period == "month"]
        assert all((month.year, month.month) < (today.year, today.month) for month in months)


def _days(stretch: Stretch) -> list[date]:
    last = stretch.last
    if stretch.period == "month":
        last = (last + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return [stretch.first + timedelta(days=n) for n in range((last - stretch.first).days + 1)]


def test_every_figure_says_what_it_is_in_both_languages() -> None:
    """Name, meaning, who was asked and what silence counts as; each code once."""
    kinds = figure_kinds()
    every: list[CountKind | RateKind | TimeKind] = [*kinds.count, *kinds.rate, *kinds.time]

    assert len(every) == len({kind.code for kind in every})
    for kind in every:
        words = [
            kind.label,
            kind.definition,
            *([] if isinstance(kind, CountKind) else [kind.of, kind.silence]),
        ]
        assert all(each.zh.strip() and each.en.strip() for each in words), kind.code
        assert not any("\u4e00" <= letter <= "\u9fff" for each in words for letter in each.en), kind.code
