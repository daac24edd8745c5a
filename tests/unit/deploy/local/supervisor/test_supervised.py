"""An embedded server that does not start again, and the ports of our processes."""

import threading
from pathlib import Path

import pytest

from deploy.local.supervisor.restarts import RestartPolicy
from deploy.local.supervisor.spec import SupervisorEvent
from deploy.local.supervisor.supervised import SupervisedServer
from deploy.local.up import _specs


class Dead:
    """A server that has died, and whose disk has no room for another start."""

    def start(self) -> None:
        """Fails."""
        raise OSError(28, "No space left on device")

    def is_alive(self) -> bool:
        """It is not."""
        return False

    def stop(self, timeout_seconds: float = 60) -> None:
        """Nothing to stop."""


def test_a_server_that_does_not_start_says_why() -> None:
    """In the state that `huiyin status` shows, not in its events alone."""
    tried, events = threading.Event(), list[SupervisorEvent]()
    server = SupervisedServer("kafka", Dead(), RestartPolicy(), events.append, tried.set)
    server.look(0.0)
    server.look(60.0)
    assert tried.wait(10)

    assert "No space left on device" in server.states()[0].last_error
    assert ["died", "died"] == [event.kind.value for event in events]


@pytest.mark.parametrize(("first", "expected"), [("9100", list(range(9100, 9108))), ("0", [0] * 8)])
def test_each_process_listens_on_a_port_of_its_own(
    first: str, expected: list[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One after the other from METRICS_PORT on, the web first; without it none listens."""
    monkeypatch.setenv("METRICS_PORT", first)

    specs = _specs({}, tmp_path, None, demo=True)

    assert expected == [int(spec.env["METRICS_PORT"]) for spec in specs]
    assert "web" == specs[0].name
