"""Bars as shares of the longest; the template draws them."""

from collections.abc import Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One department: overdue and nearly due, and how long the two parts of its bar are (per cent)."""

    label: str
    overdue: int
    near: int
    overdue_width: int
    near_width: int


def bars(counts: Sequence[tuple[str, int, int]]) -> Sequence[Row]:
    """A row for each (label, overdue, near), to one scale; whatever is not nothing is at least visible."""
    most = max((overdue + near for _, overdue, near in counts), default=0)
    return [
        Row(label, overdue, near, _share(overdue, most), _share(near, most))
        for label, overdue, near in counts
    ]


def _share(part: int, most: int) -> int:
    return max(round(98 * part / most), 1) if part else 0
