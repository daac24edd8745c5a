"""A bar chart as geometry; the template draws it as SVG."""

from collections.abc import Sequence
from typing import NamedTuple

_ROW = 36
_LABEL = 190
_WIDTH = 720
_FIGURES = 60


class Row(NamedTuple):
    """One department: overdue and nearly due, and where the two bars stand (pixels)."""

    label: str
    overdue: int
    near: int
    y: int
    overdue_width: int
    near_width: int


class Chart(NamedTuple):
    """Rows and the size that holds them (pixels)."""

    rows: Sequence[Row]
    width: int
    height: int
    label_width: int


def bars(counts: Sequence[tuple[str, int, int]]) -> Chart:
    """A row for each (label, overdue, near), to one scale; whatever is not nothing is at least visible."""
    most = max((overdue + near for _, overdue, near in counts), default=0)
    rows = [
        Row(label, overdue, near, number * _ROW, _pixels(overdue, most), _pixels(near, most))
        for number, (label, overdue, near) in enumerate(counts)
    ]
    return Chart(rows=rows, width=_WIDTH, height=max(len(rows), 1) * _ROW, label_width=_LABEL)


def _pixels(part: int, most: int) -> int:
    room = _WIDTH - _LABEL - _FIGURES
    return max(round(room * part / most), 2) if part else 0
