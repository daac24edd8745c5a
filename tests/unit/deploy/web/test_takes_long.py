"""Which routes may take longer than people wait for a page: whatever makes a file, and figures of many cases."""

import inspect
from functools import partial
from typing import Any

import pytest

from deploy.docgen.reference import every_route
from schemas.http import Download

#: Counted over all cases of the days that were asked for.
_FIGURES = (
    "/api/v1/sla/figures", "/watch/figures", "/api/v1/sla/figures/cases", "/watch/figures/cases",
    "/api/v1/review/drift", "/review/drift", "/api/v1/review/knowledge", "/review/knowledge",
)  # fmt: skip


def _returned(answer: Any) -> str:
    function = answer.func if isinstance(answer, partial) else answer
    return str(inspect.signature(function).return_annotation)


def test_whoever_takes_a_file_along_waits_for_it() -> None:
    """It would be cut off after as long each time, however often it is asked for."""
    files = [
        each for each in every_route() if each.method == "GET" and Download.__name__ in _returned(each.answer)
    ]

    assert {"/watch/export", "/watch/reports/{number}", "/review/knowledge.csv"} <= {
        each.path for each in files
    }
    assert [] == [each.path for each in files if not each.takes_long]


@pytest.mark.parametrize("path", _FIGURES)
def test_so_does_whoever_asks_for_figures(path: str) -> None:
    """Of a year of a large city."""
    (route,) = (each for each in every_route() if (each.method, each.path) == ("GET", path))

    assert route.takes_long
