"""Staff passwords: Argon2id off the event loop, and a limit on how often somebody may try.

The limits are project choices: a person mistypes a password less than five times a minute, and a hash costs a
quarter of a second and 64 MiB, so that neither guessing nor flooding pays.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from typing import Final, TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from schemas.errors import TooMany

R = TypeVar("R")

#: Project choices: long enough that the tries below guess none; and short enough that hashing one stays cheap.
MIN_PASSWORD_CHARACTERS: Final = 10
MAX_PASSWORD_CHARACTERS: Final = 200

# Project choices: tries in a minute that no person needs, of one name from one address, and from one address (a whole
# department may share one).
_WINDOW: Final = timedelta(minutes=1)
_PER_NAME_AND_ADDRESS: Final = 5
_PER_ADDRESS: Final = 30
#: Keys remembered at most; the oldest go first (project choice: a few megabytes).
_MOST_KEYS: Final = 10_000
#: Project choices: passwords hashed at once, each in 64 MiB, and how many more may wait before one is told to come later.
_THREADS: Final = 2
_MOST_WAITING: Final = 8


class Passwords:
    """Hashes and checks on two threads of its own; turns away more than a few at once. One for a process."""

    def __init__(self) -> None:
        self._hasher = PasswordHash((Argon2Hasher(),))
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="password")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The salted Argon2 hash, the only thing that is kept of a password; made in a thread."""
        return await self._run(lambda: self._hasher.hash(password))

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether `password_hash` was made of this password.

        No hash takes as long as a wrong password, so that nobody learns who has an account.

        Raises:
            TooMany: too many people are signing in at this moment.
        """
        known = password_hash is not None
        right = await self._run(lambda: self._hasher.verify(password, password_hash or _nobody()))
        return known and right

    def close(self) -> None:
        """Let the threads end; no password is hashed or compared after this."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], R]) -> R:
        if self._waiting >= _MOST_WAITING:
            raise TooMany(retry_after_seconds=5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


class Attempts:
    """Counts tries to sign in, in this process: by name and address, and by address alone."""

    def __init__(self) -> None:
        self._tries: OrderedDict[tuple[str, ...], deque[datetime]] = OrderedDict()

    def note(self, username: str, address: str, now: datetime) -> None:
        """Count one try.

        Raises:
            TooMany: one too many; says when the next may come.
        """
        self._note((username, address), _PER_NAME_AND_ADDRESS, now)
        self._note((address,), _PER_ADDRESS, now)

    def forget(self, username: str, address: str) -> None:
        """The password was right: that name's tries from there no longer count."""
        self._tries.pop((username, address), None)

    def _note(self, key: tuple[str, ...], limit: int, now: datetime) -> None:
        tries = self._tries.setdefault(key, deque())
        self._tries.move_to_end(key)
        while tries and tries[0] <= now - _WINDOW:
            tries.popleft()
        if len(tries) >= limit:
            raise TooMany(retry_after_seconds=int((tries[0] + _WINDOW - now).total_seconds()) + 1)
        tries.append(now)
        while len(self._tries) > _MOST_KEYS:
            self._tries.popitem(last=False)


@cache
def _nobody() -> str:
    return PasswordHash((Argon2Hasher(),)).hash("nobody has this account")
