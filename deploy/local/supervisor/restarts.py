"""When a process that died is started again, and when it counts as failed."""

from dataclasses import dataclass, field

from deploy.processes.lives import FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS, pause_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """Growing pauses up to `slow_seconds`; failed after more than `limit` deaths within `window_seconds` (project choices).

    The window is long: what waits a minute for a server and then gives up dies as surely as what ends at once.
    `trusted_seconds`: a failed process has recovered when it has run so long, and twice as long as each of its last lives
    that was shorter than the window.
    `frozen_seconds`: how long a process may stand still before it is ended: longer than a leader's lease, so that a second
    one has taken over by then.
    `silent_seconds`: how long a server may run and answer nothing before it is ended: longer than a pause that it makes by
    itself, for its memory or for a slow disk.
    """

    limit: int = 3
    window_seconds: float = 600
    first_seconds: float = FIRST_PAUSE_SECONDS
    slow_seconds: float = LAST_PAUSE_SECONDS
    trusted_seconds: float = 60
    frozen_seconds: float = 12
    silent_seconds: float = 45


@dataclass(slots=True)
class Restarts:
    """The deaths of one process; times are seconds of one monotonic clock."""

    policy: RestartPolicy = field(default_factory=RestartPolicy)
    #: Parts that share the process: it dies of each one's troubles, and is given what each would have by itself.
    parts: int = 1
    count: int = 0
    has_failed: bool = False
    #: When it died, and how long it had lived.
    _deaths: list[tuple[float, float]] = field(default_factory=list)

    def died(self, now: float, lived_seconds: float = 0) -> float:
        """Notes a death; the seconds to wait before the next start."""
        self.count += 1
        self._deaths = [death for death in self._deaths if death[0] > now - self.policy.window_seconds]
        self._deaths.append((now, lived_seconds))
        if len(self._deaths) > self.policy.limit * self.parts:
            self.has_failed = True
        doublings = (len(self._deaths) - 1) // self.parts
        return pause_seconds(doublings, first=self.policy.first_seconds, longest=self.policy.slow_seconds)

    def ran_until(self, now: float, started: float) -> bool:
        """Whether a failed process has now run for so long that it is trusted again."""
        if self.has_failed and now - started >= self.seconds_to_trust():
            self.has_failed = False
            self._deaths.clear()
            return True
        return False

    def seconds_to_trust(self) -> float:
        """How long a failed process must run to be trusted again; a life as long as the window tells nothing of that."""
        lives = (lived for _, lived in self._deaths if lived < self.policy.window_seconds)
        longest = max(lives, default=0.0)
        return max(self.policy.trusted_seconds, 2 * longest)
