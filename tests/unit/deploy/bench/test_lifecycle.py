"""What `bench lifecycle` reports: rates of cities that took turns, beside a bare one, and what one lifecycle costs."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

from deploy.bench.lifecycle import LifecycleOptions, MeasuredCity, figures

_OPTIONS = LifecycleOptions(seconds=10.0, at_once=64)
_COSTS = {"1": {"web": 9.8, "load": 6.2}}


def _city(cases: int, done: int, **used: float) -> MeasuredCity:
    citizens: Any = SimpleNamespace(waits={"assign": [0.04, 0.05, 0.9]})
    installation: Any = None
    return MeasuredCity(
        cases=cases, installation=installation, citizens=citizens, finished=done, seconds=10.0,
        used=Counter(used),
    )  # fmt: skip


def test_rates_are_held_against_the_first_city_and_the_bare_one() -> None:
    """Flatness: the last size by the first. Share: the first size by the bare city, which has as many old cases."""
    found = figures(
        [_city(10_000, 1000), _city(1_000_000, 960)], _city(10_000, 2000, web=1.0), _COSTS, _OPTIONS
    )

    assert 0.96 == found["flatness"]
    assert [100.0, 96.0] == [size["lifecycles_per_second"] for size in found["sizes"]]
    assert (200.0, 0.5, 0.5) == (found["ceiling_per_second"], found["share_of_ceiling"], found["ratio"])
    assert 200.0 == found["yardstick_per_second"]
    assert "without our code" in found["yardstick"]
    assert _COSTS == found["cpu_ms_per_lifecycle"]


def test_one_size_has_no_flatness_and_no_bare_city_no_ratio() -> None:
    """Nothing is said that was not measured."""
    found = figures([_city(1000, 10)], None, _COSTS, _OPTIONS)

    assert found["flatness"] is None
    assert not {"ceiling_per_second", "share_of_ceiling", "yardstick", "ratio"} & found.keys()


def test_a_lifecycle_costs_what_all_that_were_finished_took() -> None:
    """By process; in microseconds beside the size, in milliseconds where clients are compared."""
    size = figures([_city(1000, 100, web=0.5)], None, _COSTS, _OPTIONS)["sizes"][0]

    assert {"web": 5000.0} == size["cpu_us_per_lifecycle"]
    assert ({"assign": 900.0}, {"assign": 50.0}) == (size["p95_ms"], size["p50_ms"])
    assert (64, 10.0) == (size["at_once"], size["seconds"])
