"""Rate limits for each address, counted together by all web processes.

Each process counts by itself, and settles with the others in Postgres once a twentieth of a limit is spent (decision 17).
Without Postgres it goes on counting alone.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final, Protocol

import structlog
from cachetools import LRUCache

from deploy.database import rate_limits
from deploy.database.coalescing import Coalescer
from deploy.database.pool import TRANSIENT, Pool
from deploy.database.rate_limits import Spending
from schemas.errors import TooMany, Unauthenticated
from schemas.http import Limit
from schemas.tried_secrets import TriedSecret

log = structlog.get_logger()

#: How often a minute, for one address (project choices: a school or an office behind one address is not stopped, a script
#: is). Submissions are set by `submissions_per_minute`.
PER_MINUTE: Final[Mapping[Limit, int]] = {
    Limit.FOLLOWING: 600,
    Limit.READING: 300,
    Limit.SUGGESTIONS: 240,
    Limit.SIGN_IN: 30,
    Limit.FORMS: 600,
    Limit.UPLOADS: 120,
    Limit.DOWNLOADS: 300,
}
#: Wrong access codes a minute of one case, from one address (project choice: nobody mistypes so often), and from all
#: addresses together: of 2**40 codes that is 144,000 a day at most, one chance in a million within a week.
GUESSES_PER_MINUTE = 10
GUESSES_OF_ONE_CASE = 100
#: Wrong codes of whatever cases from one address, and those that nobody was ever given (project choices: many behind one
#: address mistype; 172,800 a day open one case of all in 17,000 years).
GUESSES_OF_ONE_ADDRESS = 120
UNKNOWN_CODES_PER_MINUTE = 120
#: How long one token waits for others from its address that are looked at (project choice: each takes milliseconds, unless
#: Postgres hangs; shorter than a page waits for Postgres).
_PLACE_SECONDS = 5.0
#: Tokens a minute that nobody has, from one address (project choice: a system whose token was revoked asks every two
#: seconds at most).
WRONG_TOKENS_PER_MINUTE = 30
#: Addresses remembered at most for each limit: the longest unseen go first (project choice: some 20 MB of memory).
_REMEMBERED = 50_000
#: Addresses of which it is remembered what they are: every request asks several times (project choice).
_RECENT = 1024
#: The share of a limit that a process lets pass before it settles: so inexact is the limit for each process more
#: (project choice: a twentieth, five in a hundred).
_PORTIONS = 20
#: How long Postgres may take to say what is left, and how long we count alone after it did not (project choices: a busy
#: machine needs no more, and a dead database then costs one request in five seconds so much).
_SETTLE_SECONDS = 1.0
_ALONE_SECONDS = 5.0


class SharedLimits(Protocol):
    """Where the processes settle what each caller has spent."""

    async def spend(self, limit: str, caller: str, *, per_minute: int, tokens: int) -> float | None:
        """Take so many, and tell how many are left; None where nobody can say."""


class Limits:
    """A token bucket for each limit and address, full at first, filling up again over a minute."""

    def __init__(
        self,
        shared: SharedLimits,
        *,
        submissions_per_minute: int,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        per_minute = {**PER_MINUTE, Limit.SUBMISSIONS: submissions_per_minute}
        self._buckets = {limit: _Buckets(limit, often, shared, timer) for limit, often in per_minute.items()}
        self._guesses = _Buckets("guesses", GUESSES_PER_MINUTE, shared, timer)
        self._of_address = _Buckets("guesses-of-address", GUESSES_OF_ONE_ADDRESS, shared, timer)
        self._of_case = _Buckets("guesses-of-case", GUESSES_OF_ONE_CASE, shared, timer)
        self._unknown = _Buckets("unknown-codes", UNKNOWN_CODES_PER_MINUTE, shared, timer)
        #: Who opened which case from where.
        self._opened: LRUCache[str, None] = LRUCache(_REMEMBERED)
        self._tokens = _Buckets("wrong-tokens", WRONG_TOKENS_PER_MINUTE, shared, timer)

    async def count(self, limit: Limit, address: str) -> None:
        """One request from there.

        Raises:
            TooMany: not now. This machine itself is never limited: behind a proxy, name it in `trusted_proxies`.
        """
        if not is_this_machine(address):
            await self._buckets[limit].take(caller_of(address))

    def give_back(self, limit: Limit, address: str) -> None:
        """What `count` took: it was nothing that is limited."""
        if not is_this_machine(address):
            self._buckets[limit].give_back(caller_of(address))

    async def count_guess(self, guess: TriedSecret, address: str, device: str | None) -> None:
        """Look whether a code from there may be looked at, and count it where it is wrong.

        Each case is counted apart: who guesses at one keeps nobody from another. What all addresses together guess at a
        case, and one address at all cases, stops only those who never opened it from there, or in this browser (`device`).

        Raises:
            TooMany: with the seconds to wait. Right codes are then refused as wrong ones are: nobody learns which it was.
        """
        caller = caller_of(address)
        if not guess.of:
            await self._unknown.take(caller)
            return
        whose = f"{device or caller} {guess.of}"
        await self._guesses.take(whose, is_free=guess.is_right)
        if not (guess.is_right and (device or whose in self._opened)):
            await self._of_address.take(caller, is_free=guess.is_right)
            await self._of_case.take(guess.of, is_free=guess.is_right)
        if guess.is_right:
            self._opened[whose] = None

    @asynccontextmanager
    async def showing_unknown_token(self, address: str) -> AsyncIterator[None]:
        """Look whose a token is that was nobody's yet; invented, it counts, as each costs a query.

        In this process no more of one address look at once than may still be wrong; the others wait for these, a while.

        Raises:
            TooMany: with the seconds to wait; never this machine, see `count`.
        """
        if is_this_machine(address):
            yield
            return
        caller = caller_of(address)
        async with self._tokens.one_of_few(caller):
            try:
                yield
            except Unauthenticated:
                await self._tokens.spend(caller)
                raise


class SharedInPostgres:
    """Settles in Postgres; what is settled at the same time goes in one statement."""

    def __init__(self, pool: Pool, secret: bytes, timer: Callable[[], float] = time.monotonic) -> None:
        self._pool = pool
        self._secret = secret
        self._timer = timer
        self._alone_until = 0.0
        self._settling = Coalescer(self._settle)

    async def spend(self, limit: str, caller: str, *, per_minute: int, tokens: int) -> float | None:
        """As `SharedLimits.spend`, in one row of Postgres."""
        if self._timer() < self._alone_until:
            return None
        hashed = hashlib.blake2b(caller.encode(), key=self._secret, digest_size=16).digest()
        try:
            async with asyncio.timeout(_SETTLE_SECONDS):
                return await self._settling.get(Spending(limit, hashed, per_minute, tokens))
        except TRANSIENT as error:
            self._alone_until = self._timer() + _ALONE_SECONDS
            log.warning("limits.counted-alone", error=type(error).__name__)
            return None

    async def _settle(self, spendings: Sequence[Spending]) -> Mapping[Spending, float]:
        async with asyncio.timeout(_SETTLE_SECONDS), self._pool.acquire() as db:
            return await rate_limits.spend(db, spendings)


@dataclass(slots=True, kw_only=True)
class _Bucket:
    tokens: float
    at: float
    #: Taken here, and not known to the others.
    unsettled: int = 0
    #: One at a time: no more than a portion passes before it is settled, however many come at once.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    #: How many are counted only once they have looked, and look now.
    looking: int = 0
    #: Somebody waits for one of these to end.
    ended: asyncio.Event | None = None

    def end_look(self) -> None:
        """One of those who look has ended, and who waits for it is told."""
        self.looking -= 1
        if self.ended is not None:
            self.ended.set()
            self.ended = None


class _Buckets:
    """The buckets of one limit, one for each caller."""

    def __init__(self, name: str, per_minute: int, shared: SharedLimits, timer: Callable[[], float]) -> None:
        self._name = name
        self._per_minute = per_minute
        self._portion = max(1, per_minute // _PORTIONS)
        self._shared = shared
        self._timer = timer
        self._known: LRUCache[str, _Bucket] = LRUCache(_REMEMBERED)

    async def take(self, caller: str, *, is_free: bool = False) -> None:
        """One, in turn; what is free waits its turn as well, and is refused as the others are."""
        bucket = self._bucket(caller)
        async with bucket.turn:
            self.check(caller)
            if is_free:
                return
            await self._spend(caller, bucket)
            if bucket.tokens < 0:
                # The others had spent it; a refusal costs nothing.
                self.give_back(caller)
                raise self._too_many(bucket.tokens)

    def give_back(self, caller: str) -> None:
        bucket = self._bucket(caller)
        bucket.tokens = min(self._per_minute, bucket.tokens + 1)
        bucket.unsettled -= 1

    def check(self, caller: str) -> None:
        bucket = self._bucket(caller)
        if bucket.tokens < 1:
            raise self._too_many(bucket.tokens)

    @asynccontextmanager
    async def one_of_few(self, caller: str) -> AsyncIterator[None]:
        bucket = self._bucket(caller)
        try:
            async with asyncio.timeout(_PLACE_SECONDS):
                await self._wait_for_place(caller, bucket)
        except TimeoutError as error:
            raise self._too_many(bucket.tokens) from error
        bucket.looking += 1
        try:
            yield
        finally:
            bucket.end_look()

    async def _wait_for_place(self, caller: str, bucket: _Bucket) -> None:
        """Wait until there is a token that nobody who looks now may come to owe."""
        self.check(caller)
        while bucket.looking > bucket.tokens - 1:
            bucket.ended = bucket.ended or asyncio.Event()
            await bucket.ended.wait()
            self.check(caller)

    async def spend(self, caller: str) -> None:
        bucket = self._bucket(caller)
        async with bucket.turn:
            await self._spend(caller, bucket)

    async def _spend(self, caller: str, bucket: _Bucket) -> None:
        # Some at once may all have looked before the first was counted: the debt is paid by waiting, a while at most.
        bucket.tokens = max(-self._per_minute, bucket.tokens - 1)
        # What has filled up again since, while nobody could be told, need not be told any more.
        bucket.unsettled = min(bucket.unsettled + 1, round(self._per_minute - bucket.tokens + 0.5))
        if bucket.unsettled >= self._portion:
            left = await self._shared.spend(
                self._name, caller, per_minute=self._per_minute, tokens=bucket.unsettled
            )
            if left is not None:
                bucket.tokens, bucket.at, bucket.unsettled = left, self._timer(), 0

    def _bucket(self, caller: str) -> _Bucket:
        """With what it holds at this moment."""
        now = self._timer()
        bucket = self._known.get(caller)
        if bucket is None:
            bucket = self._known[caller] = _Bucket(tokens=self._per_minute, at=now)
        bucket.tokens = min(self._per_minute, bucket.tokens + (now - bucket.at) * self._per_minute / 60)
        bucket.at = now
        return bucket

    def _too_many(self, tokens: float) -> TooMany:
        return TooMany(retry_after_seconds=max(1, round((1 - tokens) * 60 / self._per_minute + 0.5)))


@lru_cache(maxsize=_RECENT)
def caller_of(address: str) -> str:
    """Whom an address stands for: an IPv6 network of 64 bits is one connection (RFC 6177), an IPv4 address is itself."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if not isinstance(ip, IPv6Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return f"{IPv6Address(int(ip) >> 64 << 64)}/64"


@lru_cache(maxsize=_RECENT)
def is_this_machine(address: str) -> bool:
    """Whether that is a loopback address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return (mapped or ip).is_loopback
