"""Data that seems to be gone is looked at twice before everything is stopped."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.embedded.errors import DataGone
from deploy.local.supervisor import supervisor
from deploy.local.supervisor.supervisor import twice


def _gone_for(looks: int) -> Callable[[], None]:
    """A look that finds nothing so many times."""
    left = [DataGone(directory=Path("data"))] * looks

    def look() -> None:
        if left:
            raise left.pop()

    return look


def test_one_wrong_glance_stops_nothing_and_two_stop_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look is later."""
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)

    twice(_gone_for(0))
    assert [] == waited
    twice(_gone_for(1))
    assert [supervisor._LOOK_AGAIN_SECONDS] == waited
    with pytest.raises(DataGone):
        twice(_gone_for(2))
