"""How a batch is split so that a step sees a case once."""

from collections import defaultdict

import hypothesis.strategies as st
from hypothesis import given

from deploy.messaging.consuming.waves import waves
from deploy.messaging.records.envelope import Received
from schemas.ids import EventId
from tests.unit.deploy.records import supplemented


def _batch(cases: list[int]) -> list[Received]:
    """One event after another, each numbered by its place in the batch."""
    return [
        Received(None, EventId(str(place)), supplemented(number, version=place), None)
        for place, number in enumerate(cases)
    ]


@given(st.lists(st.integers(0, 5), max_size=40))
def test_no_case_twice_in_a_wave(cases: list[int]) -> None:
    """A bulk statement may touch each row once."""
    for wave in waves(_batch(cases)):
        ids = [received.event.case_id for received in wave]
        assert len(ids) == len(set(ids))


@given(st.lists(st.integers(0, 5), max_size=40))
def test_order_per_case_and_nothing_lost(cases: list[int]) -> None:
    """Wave after wave, each case's events come in their order, every one of them once."""
    batch = _batch(cases)
    waved = [received for wave in waves(batch) for received in wave]
    order = defaultdict(list)
    for received in waved:
        order[received.event.case_id].append(received.event.version)

    assert sorted(range(len(cases))) == sorted(received.event.version for received in waved)
    assert all(versions == sorted(versions) for versions in order.values())


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_as_few_waves_as_can_be(cases: list[int]) -> None:
    """As many as the busiest case has events: each wave costs statements."""
    assert max(cases.count(number) for number in cases) == len(list(waves(_batch(cases))))
