"""A server that runs and answers nothing, and one that is only slow."""

import threading
from collections.abc import Sequence

from deploy.local.supervisor.silence import SilenceWatch

_PID = 4711


class Server:
    """One process that answers when told to."""

    def __init__(self) -> None:
        self.is_silent = True
        self.heard = threading.Event()

    def start(self) -> None:
        """Runs already."""

    def is_alive(self) -> bool:
        """It is."""
        return True

    def silent(self) -> Sequence[int]:
        """Its process."""
        return (_PID,) if self.is_silent else ()

    def check(self) -> None:
        """All is there."""

    def stop(self, timeout_seconds: float = 60) -> None:
        """Nothing to stop."""


def _look(silence: SilenceWatch, server: Server, now: float) -> Sequence[int]:
    """Ask, and look once the answer is there."""
    server.heard.clear()
    silence.look(now)
    assert server.heard.wait(10)
    return silence.look(now)


def test_one_that_is_silent_for_long_is_named() -> None:
    """Not before: an answer that is late is no silence."""
    server = Server()
    silence = SilenceWatch(server, 45, server.heard.set)
    silence.begin(100)

    assert silence.look(101) == ()
    assert [_look(silence, server, now) for now in (110, 140, 154)] == [[], [], []]
    assert [_PID] == _look(silence, server, 164)


def test_an_answer_ends_the_silence() -> None:
    """It counts from the next question that stays without answer."""
    server = Server()
    silence = SilenceWatch(server, 45, server.heard.set)
    _look(silence, server, 100)
    server.is_silent = False
    _look(silence, server, 130)
    server.is_silent = True

    assert [_look(silence, server, now) for now in (150, 180)] == [[], []]
    assert [_PID] == _look(silence, server, 195)


def test_a_start_ends_the_silence() -> None:
    """A server that was just started owes no answer for the time before."""
    server = Server()
    silence = SilenceWatch(server, 45, server.heard.set)
    _look(silence, server, 100)
    silence.begin(140)

    assert [] == _look(silence, server, 150)
