"""Limits answers to one sender, so that two programs do not answer each other for ever."""

from collections import deque

from cachetools import LRUCache

#: Project choices: nobody writes more letters in an hour by hand, and who gets five answers knows what they say.
LETTERS_PER_HOUR = 30
ANSWERS_PER_HOUR = 5
_HOUR_SECONDS = 3600.0
#: Senders remembered at most, the longest unseen go first (project choice: some megabytes).
_REMEMBERED = 20_000


class Senders:
    """Counts what each sender did within the last hour. A restart begins anew: what it lets pass is bounded by restarts."""

    def __init__(self, per_hour: int) -> None:
        self._per_hour = per_hour
        self._times: LRUCache[str, deque[float]] = LRUCache(_REMEMBERED)

    def may(self, sender: str, now_seconds: float) -> bool:
        """Whether another letter of this sender is within what an hour allows."""
        return len(self._lately(sender, now_seconds)) < self._per_hour

    def count(self, sender: str, now_seconds: float) -> None:
        """Count a letter of this sender."""
        self._lately(sender, now_seconds).append(now_seconds)

    def _lately(self, sender: str, now_seconds: float) -> deque[float]:
        times: deque[float] = self._times.setdefault(sender, deque())
        while times and now_seconds - times[0] >= _HOUR_SECONDS:
            times.popleft()
        return times
