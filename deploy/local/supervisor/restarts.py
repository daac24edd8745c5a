"""When a process that died is started again, and when it counts as failed."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """Growing pauses; after `limit` deaths within `window_seconds`, one attempt every `slow_seconds`.

    `frozen_seconds`: how long a process may stand still before it is ended (project choice: longer than a leader's lease,
    so that a second one has taken over by then).
    """

    limit: int = 5
    window_seconds: float = 60
    first_seconds: float = 0.25
    slow_seconds: float = 30
    frozen_seconds: float = 12


@dataclass(slots=True)
class Restarts:
    """The deaths of one process; times are seconds of one monotonic clock."""

    policy: RestartPolicy = field(default_factory=RestartPolicy)
    count: int = 0
    has_failed: bool = False
    _deaths: list[float] = field(default_factory=list)

    def died(self, now: float) -> float:
        """Notes a death; the seconds to wait before the next start."""
        self.count += 1
        self._deaths = [death for death in self._deaths if death > now - self.policy.window_seconds]
        self._deaths.append(now)
        if len(self._deaths) > self.policy.limit:
            self.has_failed = True
        if self.has_failed:
            return self.policy.slow_seconds
        return float(min(self.policy.slow_seconds, self.policy.first_seconds * 2 ** (len(self._deaths) - 1)))

    def ran_until(self, now: float, started: float) -> bool:
        """Whether a failed process has now run for a whole window, and so is trusted again."""
        if self.has_failed and now - started >= self.policy.window_seconds:
            self.has_failed = False
            self._deaths.clear()
            return True
        return False
