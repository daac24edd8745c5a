"""The alerts that docs name ask of a counter's growth in the one way that misses nothing, and sees no growth in a gap."""

import re

import pytest

from deploy.observability.metrics import SERIES
from tests.architecture.source import ROOT

_DOCS = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
#: An expression that looks back, and the counters in it with their labels.
_LOOKS_BACK = re.compile(r"`([^`\n]*(?:\boffset\b|\[\d+[mh]\])[^`\n]*)`")
_COUNTER = re.compile(r"huiyin_\w+_total(?:\{[^}]*\})?")
_GROWTH = "({0} - last_over_time({0}[1h] offset 10m) >= 0 or {0})"

#: A counter's samples by the minute.
_Samples = dict[int, float]


def _expressions() -> list[tuple[str, str]]:
    return [
        (file.name, found)
        for file in _DOCS
        for found in _LOOKS_BACK.findall(file.read_text(encoding="utf-8"))
    ]


def test_every_alert_asks_for_growth_in_the_same_way() -> None:
    """Of a counter that there is."""
    found = [(file, said) for file, said in _expressions() if "huiyin_" in said]

    assert found
    for file, said in found:
        counters = set(_COUNTER.findall(said))
        assert 1 == len(counters), (file, said)
        (counter,) = counters
        assert _GROWTH.format(counter) in said, (file, said)
        assert counter.partition("{")[0] in SERIES


def _growth(samples: _Samples, minute: int) -> float:
    """What the expression says then, by the rules of PromQL: 0 where it finds nothing."""
    before = [samples[at] for at in range(minute - 70, minute - 9) if at in samples]
    if minute not in samples:
        return 0
    grown = samples[minute] - before[-1] if before else -1
    return grown if grown >= 0 else samples[minute]


def _steady(value: float, *minutes: tuple[int, int]) -> _Samples:
    return {at: value for first, last in minutes for at in range(first, last)}


@pytest.mark.parametrize(
    ("samples", "fires"),
    [
        (_steady(5, (0, 200)), set()),
        # The first of a series.
        (_steady(1, (100, 200)), set(range(100, 110))),
        # One more.
        (_steady(5, (0, 100)) | _steady(6, (100, 200)), set(range(100, 110))),
        # Gaps of 3 and of 50 minutes: nothing happened.
        (_steady(5, (0, 100), (103, 200)), set()),
        (_steady(5, (0, 100), (150, 200)), set()),
        # One more in a gap.
        (_steady(5, (0, 100)) | _steady(6, (130, 200)), set(range(130, 140))),
        # Begun anew under the same labels, with less; and what had no labels, at 0.
        (_steady(5, (0, 100)) | _steady(1, (130, 200)), set(range(130, 140))),
        (_steady(5, (0, 100)) | _steady(0, (101, 200)), set()),
    ],
)
def test_what_the_expression_says_of_a_counter(samples: _Samples, fires: set[int]) -> None:
    """Growth for ten minutes; nothing after a gap."""
    began = 70  # there is an hour and ten minutes to look back at

    assert fires == {minute for minute in range(began, 200) if _growth(samples, minute) > 0}
