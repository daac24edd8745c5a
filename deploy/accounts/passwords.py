"""Staff passwords: Argon2id off the event loop, in turns. A hash costs a quarter of a second and 64 MiB."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final, TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from deploy.accounts.queue import FairQueue

R = TypeVar("R")

#: Project choices: long enough that the tries below guess none; and short enough that hashing one stays cheap.
MIN_PASSWORD_CHARACTERS: Final = 10
MAX_PASSWORD_CHARACTERS: Final = 200

#: Project choice: passwords hashed at once, each in 64 MiB.
_THREADS: Final = 2


class Passwords:
    """Hashes and checks on two threads of its own, one caller after the other. One for a process."""

    def __init__(self) -> None:
        self._hasher = PasswordHash((Argon2Hasher(),))
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="password")
        self._queue = FairQueue(_THREADS)

    async def hash(self, password: str) -> str:
        """The salted Argon2 hash, the only thing that is kept of a password; made in a thread."""
        return await self._in_thread(lambda: self._hasher.hash(password))

    async def matches(
        self, password: str, password_hash: str | None, *, caller: str = "", is_known: bool = False
    ) -> bool:
        """Whether `password_hash` was made of this password; checks take turns (`FairQueue`).

        No hash takes as long as a wrong password, so that nobody learns who has an account.

        Raises:
            TooMany: too many wait already.
        """
        known = password_hash is not None
        right = await self._queue.run(
            caller,
            lambda: self._in_thread(lambda: self._hasher.verify(password, password_hash or _nobody())),
            is_known=is_known,
        )
        return known and right

    def close(self) -> None:
        """Let the threads end; no password is hashed or compared after this."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, work: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


@cache
def _nobody() -> str:
    return PasswordHash((Argon2Hasher(),)).hash("nobody has this account")
