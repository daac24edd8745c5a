"""Finds servers that run and answer nothing: stopped by SIGSTOP, or hanging."""

import threading
from collections.abc import Callable, Sequence

from deploy.local.supervisor.spec import Server

#: So often is a server asked before it counts as silent (project choice: one answer that is late is no silence).
_QUESTIONS = 6


class SilenceWatch:
    """Of one server, asked in a thread beside the loop: an answer may take seconds, or not come."""

    def __init__(self, server: Server, seconds: float, wake: Callable[[], None]) -> None:
        self._server = server
        self._seconds = seconds
        self._wake = wake
        self._asked_at = 0.0
        self._asking: threading.Event | None = None
        self._answer: Sequence[int] = ()
        #: Since when each of its processes has answered nothing.
        self._since: dict[int, float] = {}

    def look(self, now: float) -> Sequence[int]:
        """Its processes that have answered nothing for so long."""
        if self._asking is None:
            if now >= self._asked_at + self._seconds / _QUESTIONS:
                self._ask(now)
            return ()
        if not self._asking.is_set():
            return ()
        self._asking = None
        self._since = {pid: self._since.get(pid, self._asked_at) for pid in self._answer}
        return [pid for pid, since in self._since.items() if now - since >= self._seconds]

    def begin(self, now: float) -> None:
        """It was started: whatever it has not answered before counts no more."""
        self._asked_at, self._since = now, {}

    def seconds_to_next_look(self, now: float) -> float | None:
        """Until it is asked again; None while it is being asked, for the answer wakes the loop."""
        if self._asking is not None:
            return None
        return max(0.0, self._asked_at + self._seconds / _QUESTIONS - now)

    def _ask(self, now: float) -> None:
        self._asked_at, self._asking = now, threading.Event()
        threading.Thread(
            target=self._ask_server, args=(self._asking,), name="ask server", daemon=True
        ).start()

    def _ask_server(self, answered: threading.Event) -> None:
        self._answer = ()
        try:
            self._answer = self._server.silent()
        finally:
            answered.set()
            self._wake()
