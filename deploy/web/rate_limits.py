"""How often one address may do what costs us, or what could be guessing. Counted per process, in memory."""

import time
from ipaddress import ip_address

from cachetools import LRUCache

from schemas.errors import TooMany

#: Addresses remembered at most: the longest unseen go first (project choice: some 10 MB of memory).
_REMEMBERED = 50_000
#: Wrong codes from one address in a minute, before it has to wait (project choice: nobody mistypes so often).
GUESSES_PER_MINUTE = 10


class Limits:
    """Two token buckets for each address: submissions, and wrong guesses."""

    def __init__(self, *, submissions_per_minute: int) -> None:
        self._submissions = _Buckets(submissions_per_minute)
        self._guesses = _Buckets(GUESSES_PER_MINUTE)

    def count_submission(self, address: str) -> None:
        """One submission from there.

        Raises:
            TooMany: not now. This machine itself is never limited: behind a proxy, name it in `trusted_proxies`.
        """
        if not _is_this_machine(address):
            self._submissions.take(address)

    def check_guesses(self, address: str) -> None:
        """Refuse an address that guessed wrong too often.

        Raises:
            TooMany: with the seconds to wait.
        """
        self._guesses.peek(address)

    def count_wrong_guess(self, address: str) -> None:
        """One wrong code from there."""
        self._guesses.spend(address)


class _Buckets:
    """One token bucket for each address: full at first, filling up again over a minute."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        #: address → (tokens left, when that was)
        self._left: LRUCache[str, tuple[float, float]] = LRUCache(_REMEMBERED)

    def take(self, address: str) -> None:
        self.peek(address)
        self.spend(address)

    def peek(self, address: str) -> None:
        tokens = self._tokens(address)
        if tokens < 1:
            seconds = (1 - tokens) * 60 / self._per_minute
            raise TooMany(retry_after_seconds=max(1, round(seconds + 0.5)))

    def spend(self, address: str) -> None:
        # Many at once may all have looked before the first was counted: the debt is paid by waiting, a while at most.
        self._left[address] = (max(-self._per_minute, self._tokens(address) - 1), time.monotonic())

    def _tokens(self, address: str) -> float:
        if address not in self._left:
            return float(self._per_minute)
        tokens, at = self._left[address]
        return min(self._per_minute, tokens + (time.monotonic() - at) * self._per_minute / 60)


def _is_this_machine(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
