"""Percentiles and the report."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.bench.figures import milliseconds, percentile, report


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_a_percentile_is_a_value_that_enough_others_do_not_exceed(values: list[float], share: float) -> None:
    """Nearest rank: one of the values, with at least that share at or below it."""
    found = percentile(values, share)

    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) * (1 - 1e-12)


def test_percentiles_of_a_hundred_values_are_their_ranks() -> None:
    """1 to 100: the 99th percentile is 99."""
    values = [float(value) for value in range(1, 101)]

    assert 50.0 == percentile(values, 0.5)
    assert 99.0 == percentile(values, 0.99)
    assert {"p50": 50_000.0, "p95": 95_000.0, "p99": 99_000.0} == milliseconds(values)


def test_nothing_measured_has_no_percentile() -> None:
    """An empty run must not look like a fast one."""
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)
    assert {} == milliseconds([])


def test_the_report_is_json_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    """One object, nothing else on stdout."""
    found = {"cases_per_second": 12.5, "latency_ms": {"50": {"p50": 1.0}}}

    report(found, as_json=True)

    assert found == json.loads(capsys.readouterr().out)


def test_the_report_is_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """Nested figures have their whole name."""
    report({"sizes": [{"cases": 10_000, "p95_ms": {"sign": 3.5}}]}, as_json=False)

    lines = capsys.readouterr().out.splitlines()
    assert ["sizes.1.cases", "10,000"] == lines[0].split()
    assert ["sizes.1.p95_ms.sign", "3.5"] == lines[1].split()
