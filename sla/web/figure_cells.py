"""The cells of a figure in a table: a rate with what it divides, and the band of a department."""

from collections.abc import Mapping, Sequence
from typing import Any

from sla.core.figure_kinds import Rate
from sla.core.tiers import TierStanding


def rate_cells(rate: Rate) -> Mapping[str, Any]:
    """A rate's cells: of all cases, and without those that are left out."""
    without = rate.beside
    return {
        "value": rate.value, "numerator": rate.numerator, "n": rate.n, "value_without": without.value,
        "numerator_without": without.numerator, "n_without": without.n, "p90": None,
    }  # fmt: skip


#: Of a figure that is in no band.
_IN_NO_BAND: Mapping[str, Any] = dict.fromkeys(("band", "low", "high", "band_without"))


def band_cells(standing: TierStanding | None) -> Mapping[str, Any]:
    """In which band (分档) a department stands, between what the rate may lie, and the band without what is left out."""
    if standing is None:
        return _IN_NO_BAND
    return {
        "band": standing.band, "low": standing.low, "high": standing.high, "band_without": standing.without.band,
    }  # fmt: skip


def standing_in(
    tiers: Mapping[str, Sequence[TierStanding]], code: str, key: str | None
) -> TierStanding | None:
    """Where this department stands with this figure; None: in no band."""
    return next((each for each in tiers.get(code, ()) if key and each.key == key), None)


#: Of a figure that is no rate.
NOT_A_RATE: Mapping[str, Any] = {"value_without": None, "numerator_without": None, "n_without": None}
