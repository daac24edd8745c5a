"""A broker whose clock is far behind the database's, as it is for whoever sends to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from deploy import clock
from deploy.messaging import refused_time


@contextmanager
def broker_two_hours_behind() -> Iterator[None]:
    """The database's time is two hours ahead of the broker's; what was heard of that is forgotten afterwards."""
    later = clock.now() + timedelta(hours=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refused_time, "_last", refused_time._Refusal())
        patch.setattr(clock, "now", lambda: later)
        yield
