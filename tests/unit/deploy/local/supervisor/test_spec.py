"""Starting servers together."""

import threading

import pytest

from deploy.local.embedded.errors import ServerFailed
from deploy.local.supervisor.spec import start_together


class _Server:
    def __init__(self, meeting: threading.Barrier, problem: str = "") -> None:
        self.meeting = meeting
        self.problem = problem
        self.is_stopped = False

    def start(self) -> None:
        self.meeting.wait(timeout=5)
        if self.problem:
            raise ServerFailed(server="Test", problem=self.problem, log="-", tail="")

    def is_alive(self) -> bool:
        return not self.is_stopped

    def silent(self) -> tuple[int, ...]:
        return ()

    def check(self) -> None:
        return None

    def stop(self, timeout_seconds: float = 60) -> None:
        self.is_stopped = True


def test_servers_start_at_the_same_time() -> None:
    """Each waits here until the other has begun."""
    meeting = threading.Barrier(2)
    servers = [_Server(meeting), _Server(meeting)]
    start_together(servers)

    assert all(server.is_alive() for server in servers)


def test_one_that_fails_stops_the_others() -> None:
    """A start succeeds whole or leaves nothing."""
    meeting = threading.Barrier(2)
    servers = [_Server(meeting), _Server(meeting, problem="does not want to")]
    with pytest.raises(ServerFailed, match="does not want to"):
        start_together(servers)

    assert all(server.is_stopped for server in servers)


def test_nothing_to_start_is_fine() -> None:
    """With servers of the operator's own, none is ours."""
    start_together([])
