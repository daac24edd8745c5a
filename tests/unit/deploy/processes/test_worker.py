"""What keeps a worker from its work, and what does not."""

from typing import Any

import pytest

from deploy import composition
from deploy.processes.runtime import Process
from deploy.processes.worker import _refresh_models
from deploy.settings import Settings
from routing.core.judgement import Judges

_POOL: Any = None


async def _refuse(*_: object) -> None:
    raise ValueError("the model's labels are no categories of this city: pond")


async def _fail(*_: object) -> None:
    raise ConnectionError


async def test_a_model_that_cannot_be_loaded_keeps_no_message_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Promoted for another city, or damaged: the consumers start, and the word lists decide."""
    monkeypatch.setattr(composition, "refresh_judges", _refuse)
    judges = Judges()

    await _refresh_models(Process(name="routing", settings=Settings(), pool=_POOL), judges)

    assert judges.active is None


async def test_a_database_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows then which model is to decide: the start tries again."""
    monkeypatch.setattr(composition, "refresh_judges", _fail)

    with pytest.raises(ConnectionError):
        await _refresh_models(Process(name="routing", settings=Settings(), pool=_POOL), Judges())
