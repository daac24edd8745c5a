"""What becomes of records that cannot pass.

What fails through us, or was written by our own slices, is a dead letter, every one of them; too many stop the
consumer, for a bad release must not bury a whole topic. What outsiders wrote and nobody can accept is their affair: it
stops nothing. Copies of it are kept within an allowance; beyond that it is counted, and lies where they wrote it.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence

import structlog

from deploy.messaging.dead.dead_letters import DeadLetter, DeadLetters
from deploy.observability import metrics

log = structlog.get_logger()

#: Records over which dead letters are counted against the limit (project choice: two full batches).
WINDOW_RECORDS = 1000
#: Kept of outsiders' refused records by one consumer, for each reason: at once, and again each day. With nine reasons
#: and the seven days that they lie there that is half a GiB at the most (project choice).
BUDGET_BYTES = 8 * 1024 * 1024
_DAY_SECONDS = 24 * 3600.0
#: A small letter costs the topic this much, with our own headers and Kafka's (project choice).
_LEAST_BYTES = 1024
#: Between two lines in the log about what outsiders wrote, who must not be able to fill our disk with it (project choice).
_SAY_SECONDS = 10.0


class TooManyDeadLetters(Exception):
    """More records failed than data can explain: stop, keep the offsets, let a person see."""


class DeadLetterPolicy:
    """Keeps one consumer's dead letters, and knows when there are too many."""

    def __init__(self, group: str, dead_letters: DeadLetters, limit: int) -> None:
        self._group = group
        self._dead_letters = dead_letters
        self._limit = limit
        self._recent = Recent()
        self._budgets: dict[str, ByteBudget] = {}
        self._said_at = -_SAY_SECONDS

    async def put(self, letters: Sequence[DeadLetter], records: int) -> None:
        """Keep the dead letters of a batch of `records` records: all of ours, outsiders' within their allowance.

        Raises:
            TooManyDeadLetters: of the last records too many failed through us; none of these was kept.
            KafkaError: Kafka has not taken them.
        """
        ours = [letter for letter in letters if letter.is_ours]
        failed = self._recent.add(records, len(ours))
        if ours and failed > self._limit:
            raise TooManyDeadLetters(f"{failed} of the last records, the last for {ours[-1].reason}")
        if not letters:
            return
        kept = [letter for letter in letters if letter.is_ours or self._has_room_for(letter)]
        await self._dead_letters.store(kept)
        for letter in ours:
            metrics.DEAD_LETTERS.labels(self._group, letter.reason).inc()
        self._tell_of_refused([letter for letter in letters if not letter.is_ours], len(kept) - len(ours))

    def _has_room_for(self, letter: DeadLetter) -> bool:
        allowance = self._budgets.setdefault(letter.reason, ByteBudget(BUDGET_BYTES))
        is_kept = allowance.spend(max(letter.size, _LEAST_BYTES))
        metrics.REFUSED_RECORDS.labels(self._group, letter.reason, "yes" if is_kept else "no").inc()
        return is_kept

    def _tell_of_refused(self, letters: Sequence[DeadLetter], kept: int) -> None:
        now = time.monotonic()
        if not letters or now - self._said_at < _SAY_SECONDS:
            return
        self._said_at = now
        last = letters[-1].record
        log.warning(
            "consumer.refuses",
            group=self._group,
            reasons=dict(Counter(letter.reason for letter in letters)),
            kept=kept,
            last=f"{last.topic} {last.partition}/{last.offset}",
        )


class ByteBudget:
    """Bytes that may be spent at once, and that come again over a day."""

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._left = float(most)
        self._now = now
        self._looked_at = now()

    def spend(self, size: int) -> bool:
        """Spend `size` bytes; False, and nothing is spent, where fewer are left."""
        now = self._now()
        came = (now - self._looked_at) * self._most / _DAY_SECONDS
        self._left, self._looked_at = min(self._most, self._left + came), now
        if self._left < size:
            return False
        self._left -= size
        return True


class Recent:
    """How many of the last `WINDOW_RECORDS` records became dead letters, whole batches counted."""

    def __init__(self) -> None:
        self._batches: deque[tuple[int, int]] = deque()
        self._records = 0
        self._dead = 0

    def add(self, records: int, dead: int) -> int:
        """One more batch; returns the dead letters among the last records."""
        self._batches.append((records, dead))
        self._records += records
        self._dead += dead
        while self._records - self._batches[0][0] >= WINDOW_RECORDS:
            oldest_records, oldest_dead = self._batches.popleft()
            self._records -= oldest_records
            self._dead -= oldest_dead
        return self._dead
