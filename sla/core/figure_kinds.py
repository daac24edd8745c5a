"""The figures as data: what each is called, what it divides by what, who was asked, and what silence counts as."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

import msgspec

from schemas.bilingual import Bilingual
from sla.core.figures import rate
from sla.core.measures import Measure, Sums, left_out

#: The ninth decile, beside the median: one case in ten takes longer (by definition).
_P90 = 0.9


class CountKind(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that says how many cases there are."""

    code: Measure
    label: Bilingual
    definition: Bilingual


class RateKind(msgspec.Struct, frozen=True, kw_only=True):
    """A share of cases, or of what people said."""

    code: str
    label: Bilingual
    numerator: Measure
    denominator: Measure
    definition: Bilingual
    of: Bilingual
    silence: Bilingual
    #: Only values of at least so much are in the numerator.
    least: int | None = None

    def of_sums(self, sums: Sums) -> "Rate":
        """The share with what it is made of."""
        part, whole = sums.n(self.numerator, least=self.least), sums.n(self.denominator)
        others = part - sums.n(left_out(self.code, self.numerator), least=self.least)
        of = whole - sums.n(left_out(self.code, self.denominator))
        without = Share(value=rate(others, of), numerator=others, n=of)
        return Rate(value=rate(part, whole), numerator=part, n=whole, without=without)


class TimeKind(msgspec.Struct, frozen=True, kw_only=True):
    """How long something takes, or how many had a hand in it."""

    code: str
    label: Bilingual
    measure: Measure
    definition: Bilingual
    of: Bilingual
    silence: Bilingual
    scale: int = 1

    def of_sums(self, sums: Sums) -> "Spread":
        """Median and ninth decile with the n."""
        median, p90 = (sums.percentile(self.measure, share) for share in (0.5, _P90))
        return Spread(median=self._scaled(median), p90=self._scaled(p90), n=sums.n(self.measure))

    def _scaled(self, value: float | None) -> float | None:
        return None if value is None else round(value / self.scale, 2)


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """`numerator` of `n`; None of nothing."""

    value: float | None
    numerator: int
    n: int


class Rate(Share, frozen=True, kw_only=True):
    """The share of all, and beside it the same without the cases that are left out (不纳入考核)."""

    #: Of reports from before cases could be left out it is the same.
    without: Share | None = None

    def __post_init__(self) -> None:
        if self.without is None:
            same = Share(value=self.value, numerator=self.numerator, n=self.n)
            msgspec.structs.force_setattr(self, "without", same)

    @property
    def beside(self) -> Share:
        """The share without the cases that are left out; the same one where none is."""
        return self if self.without is None else self.without

    @property
    def excluded(self) -> int:
        """How many cases are left out of the rate."""
        return self.n - self.beside.n


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Median and ninth decile of `n` values; None of nothing."""

    median: float | None
    p90: float | None
    n: int


class FigureKinds(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, in the order in which they are shown."""

    count: tuple[CountKind, ...]
    rate: tuple[RateKind, ...]
    time: tuple[TimeKind, ...]


def kinds_by_code() -> Mapping[str, CountKind | RateKind | TimeKind]:
    """Every figure by its code."""
    kinds = figure_kinds()
    every: tuple[CountKind | RateKind | TimeKind, ...] = (*kinds.count, *kinds.rate, *kinds.time)
    return {str(kind.code): kind for kind in every}


@cache
def figure_kinds() -> FigureKinds:
    """The figures that `sla/data/figures.toml` defines."""
    text = (resources.files("sla") / "data" / "figures.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=FigureKinds)
