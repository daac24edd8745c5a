"""Departments in bands (分档) rather than one ranking: with how many cases, and between what the share may lie."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from math import sqrt
from typing import Literal, NamedTuple

import msgspec

from sla.core.figure_kinds import Rate, Share, figure_kinds

#: The interval lies above the share of all, below it, or across it; or there are too few cases to say anything.
Band = Literal["above", "within", "below", "few"]
_ORDER: tuple[Band, ...] = ("above", "within", "below", "few")


class TierRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How departments are banded, as `sla/data/tiers.toml` says it with its reasons."""

    rates: tuple[str, ...]
    least_n: int
    deviations: float


@cache
def tier_rule() -> TierRule:
    """What the file says; every rate that it names is a figure."""
    text = (resources.files("sla") / "data" / "tiers.toml").read_text(encoding="utf-8")
    rule = msgspec.toml.decode(text, type=TierRule)
    if unknown := set(rule.rates) - {kind.code for kind in figure_kinds().rate}:
        raise ValueError(f"no such rates: {sorted(unknown)}")
    return rule


class ShareInterval(NamedTuple):
    """Between what the share of all such cases may lie."""

    low: float
    high: float


def wilson(part: int, whole: int, deviations: float) -> ShareInterval:
    """Wilson's score interval of `part` in `whole`, to four digits; of nothing all is possible.

    Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927).
    """
    if not whole:
        return ShareInterval(0.0, 1.0)
    share, square = part / whole, deviations**2 / whole
    middle = share + square / 2
    half = sqrt(square * (share * (1 - share) + square / 4))
    # The ends are exactly 0 and 1 where nobody or everybody is in it; the sum of floats is not.
    low = 0.0 if part == 0 else (middle - half) / (1 + square)
    high = 1.0 if part == whole else (middle + half) / (1 + square)
    return ShareInterval(round(low, 4), round(high, 4))


class BandedShare(msgspec.Struct, frozen=True, kw_only=True):
    """In which band a share lies, with how many cases, and between what the share of all such cases may lie."""

    band: Band
    value: float | None
    n: int
    low: float
    high: float


class TierStanding(BandedShare, frozen=True, kw_only=True):
    """Where a department stands with one rate; and without what is left out (不纳入考核), beside the others without."""

    key: str | None
    without: BandedShare


def banded(share: Share, of_all: Share, rule: TierRule) -> BandedShare:
    """The band of a group, compared with all groups together."""
    low, high = wilson(share.numerator, share.n, rule.deviations)
    band: Band = "within"
    if share.n < rule.least_n or of_all.value is None:
        band = "few"
    elif low > of_all.value:
        band = "above"
    elif high < of_all.value:
        band = "below"
    return BandedShare(band=band, value=share.value, n=share.n, low=low, high=high)


def _standing(key: str | None, rate: Rate, of_all: Rate, rule: TierRule) -> TierStanding:
    both = banded(rate, of_all, rule), banded(rate.beside, of_all.beside, rule)
    return TierStanding(key=key, **msgspec.structs.asdict(both[0]), without=both[1])


def standings(
    groups: Iterable[tuple[str, Mapping[str, Rate]]], total: Mapping[str, Rate]
) -> Mapping[str, Sequence[TierStanding]]:
    """Of every banded rate where each group stands; whoever has no name, as what nobody leads, stands in no band."""
    rule, named = tier_rule(), [(key, rates) for key, rates in groups if key]
    return {
        code: in_bands([(key, rates[code]) for key, rates in named], total[code], rule) for code in rule.rates
    }


def in_bands(rates: Iterable[tuple[str | None, Rate]], of_all: Rate, rule: TierRule) -> list[TierStanding]:
    """Each group with any case, band by band; within a band in the order of their codes, which ranks nobody."""
    found = [_standing(key, rate, of_all, rule) for key, rate in rates if rate.n]
    return sorted(found, key=lambda each: (_ORDER.index(each.band), each.key or ""))
