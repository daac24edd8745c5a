"""Leadership by lease: a leader that freezes is replaced, and notices when it wakes that it no longer leads.

A lock alone is kept by a process that stands still: the kernel answers for it. So the leader of a role holds an advisory
lock, which a dead process gives back at once, and a lease with a time, which it renews. Whoever finds the lease run out
ends the session of the lock's holder: from then on that one can write nothing as leader. What it can still do is to send
to Kafka what it had read before; the holder itself looks at its own clock before each of these (`Lease.check`).
"""

import math
import secrets
import time
from typing import Any

import structlog

log = structlog.get_logger()

#: The relay's role, and the lock of its leader: "HUIYIN", which no other advisory lock here uses.
RELAY, RELAY_LOCK = "relay", 0x48554959494E
#: Project choices: so long may events stand still where a leader froze, which is far more than a busy machine's pauses;
#: three renewals may fail before that.
LEASE_SECONDS = 10.0
RENEW_SECONDS = 2.5
#: What Postgres may take to say that we lead (project choice).
_ASK_SECONDS = 5.0


class LeaseLost(ConnectionError):
    """This process stood still for so long that another one may lead: it starts over."""


def awake() -> float:
    """Seconds that also pass while this process, or the whole machine, stands still."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Lease:
    """One process's hold on a role. `connection`: its session holds the lock, and belongs to nobody else."""

    def __init__(self, connection: Any, role: str = RELAY, lock: int = RELAY_LOCK) -> None:
        self._connection = connection
        self._role, self._lock = role, lock
        self._holder = secrets.token_hex(8)
        #: By `awake`. Before we lead there is nothing that could be lost.
        self._until = self._renew_at = math.inf

    async def take(self) -> bool:
        """Try to become the leader; whether we lead from now on.

        A leader whose lease has run out loses its session, and we lead the next time.
        """
        asked_at = awake()
        if await self._connection.fetchval("SELECT pg_try_advisory_lock($1)", self._lock):
            await self._write()
            self._holds_from(asked_at)
            return True
        await self._end_whoever_froze()
        return False

    async def _write(self) -> None:
        await self._connection.execute(
            """
            INSERT INTO deploy.lease (role, holder, until)
            VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))
            ON CONFLICT (role) DO UPDATE SET holder = excluded.holder, until = excluded.until
            """,
            self._role,
            self._holder,
            LEASE_SECONDS,
            timeout=_ASK_SECONDS,
        )

    async def _end_whoever_froze(self) -> None:
        # The lock's holder, in this database. A bigint's lock has its upper half in `classid`.
        ended = await self._connection.fetchval(
            """
            SELECT bool_or(pg_terminate_backend(pid)) FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND objsubid = 1
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND classid::bigint << 32 | objid::bigint = $2
              AND EXISTS (SELECT 1 FROM deploy.lease WHERE role = $1 AND until < clock_timestamp())
            """,
            self._role,
            self._lock,
        )
        if ended:
            log.warning("lease.taken", role=self._role, reason="its holder did not renew it")

    async def keep(self) -> None:
        """Renew it, where that is due.

        Raises:
            LeaseLost: somebody else leads.
        """
        if awake() < self._renew_at:
            return
        self.check()
        asked_at = awake()
        kept = await self._connection.fetchval(
            """
            UPDATE deploy.lease SET until = clock_timestamp() + make_interval(secs => $3)
            WHERE role = $1 AND holder = $2 RETURNING true
            """,
            self._role,
            self._holder,
            LEASE_SECONDS,
            timeout=_ASK_SECONDS,
        )
        if not kept:
            raise LeaseLost
        self._holds_from(asked_at)

    def _holds_from(self, asked_at: float) -> None:
        self._until, self._renew_at = asked_at + LEASE_SECONDS, asked_at + RENEW_SECONDS

    def check(self) -> None:
        """Return while nobody else can lead.

        Raises:
            LeaseLost: our time ran out while we stood still.
        """
        if awake() > self._until:
            raise LeaseLost
