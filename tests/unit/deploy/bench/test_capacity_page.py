"""The page of what one machine carries."""

from pathlib import Path
from typing import Any

from deploy.bench.capacity_page import page

_VARIANT = {"cases_per_second": 900.0, "ratio": 1.5, "cpu_us_per_case": 2000, "busy_cores": 1.9}
_FOUND: dict[str, Any] = {
    "cores": 2,
    "loop": "a loop",
    "loop_s": 0.2,
    "cases": 6000,
    "records_per_case": 8.0,
    "cases_per_second": 600.0,
    "runs": (580.0, 600.0),
    "cpu_us_per_case": {"intake": 400, "postgres": 1600},
    "busy_cores": 1.95,
    "latency_ms": {
        "1": {"p50": 50.0, "p95": 60.0, "p99": 70.0},
        "50": {"p50": 200.0, "p95": 900.0, "p99": 990.0},
        "300": {"p50": 900.0, "p95": 1001.0, "p99": 1100.0},
        "400": {},
    },
    "taken_away": {"our code": _VARIANT},
    "processes": {"2 of routing": _VARIANT | {"ratio": 0.97}},
}


def test_the_page_says_what_is_carried_and_at_what_cost() -> None:
    """The highest rate within a second for nineteen of twenty, each process's cost of a case, an event, and its share."""
    written = page(_FOUND, "2026-11-26")

    assert "**50 messages a second**" in written
    assert "| intake | 400 | 50 | 20% |" in written
    assert "| all | 2,000 | 250 |  |" in written
    assert "580 and 600 cases/s" in written


def test_where_every_rate_is_carried_no_limit_is_claimed() -> None:
    """What was not asked for may be carried, too."""
    found = _FOUND | {"latency_ms": {"50": {"p50": 200.0, "p95": 900.0, "p99": 990.0}}}

    assert "carries at least **50 messages a second**" in page(found, "2026-11-26")
    assert "carries **50 messages a second**" in page(_FOUND, "2026-11-26")


def test_a_rate_that_is_not_kept_up_with_says_so() -> None:
    """No figure stands where messages did not arrive in time."""
    assert "| 400 | not kept up with |  |  |" in page(_FOUND, "2026-11-26")


def test_variants_stand_beside_the_chain_as_it_is() -> None:
    """Rate, ratio, cost and cores of what was taken away, and of more processes."""
    written = page(_FOUND, "2026-11-26")

    assert "| our code | 900 | 1.50 | 2,000 | 1.9 |" in written
    assert "| 2 of routing | 900 | 0.97 | 2,000 | 1.9 |" in written


def test_what_grows_for_ever_stands_in_the_page_that_is_kept() -> None:
    """Nobody measures it with the rest, and the next page has it all the same."""
    made, kept = page(_FOUND, "2026-11-26"), Path("docs/capacity.md").read_text(encoding="utf-8")
    head = "## What grows for ever"

    assert made.partition(head)[2] == kept.partition(head)[2] != ""
