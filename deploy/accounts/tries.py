"""Failed sign-ins of each name: the more there are, the longer the pause. All the SQL about it.

Shared by all web processes. It never locks: a pause is a minute at most, and a device that signed in with the name
before has a count of its own, which no stranger can run up.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from schemas.errors import TooMany
from schemas.ports import Database

#: Project choices: so many tries are free, then a second, doubled with each, a minute at most; forgotten after a day.
#: Guessing at one name so comes to 1,440 tries a day, and to not one more from however many addresses.
_FREE: Final = 5
_LONGEST: Final = timedelta(minutes=1)
KEPT: Final = timedelta(days=1)

_PAUSE: Final = (
    "CASE WHEN tried.tries < $3 THEN interval '0'"
    " ELSE least($4, interval '1 second' * power(2, least(tried.tries - $3, 30))) END"
)


async def note_try(db: Database, whose: bytes, now: datetime) -> None:
    """Count one try, before its password is looked at: so many at once are as many.

    A try that is further ahead than any pause lasts holds nobody up: the clock was set back since.

    Raises:
        TooMany: the pause after the last wrong one is not over; it costs nothing to ask.
    """
    if await db.fetchval(
        f"""
        INSERT INTO deploy.sign_in_try AS tried (whose, tries, last_at) VALUES ($1, 1, $2)
        ON CONFLICT (whose) DO UPDATE SET
            tries = CASE WHEN tried.last_at < $5 THEN 1 ELSE tried.tries + 1 END, last_at = $2
        WHERE tried.last_at + {_PAUSE} <= $2 OR tried.last_at > $2 + $4
        RETURNING true
        """,  # noqa: S608  a constant of ours
        whose,
        now,
        _FREE,
        _LONGEST,
        now - KEPT,
    ):
        return
    left: timedelta = await db.fetchval(
        f"SELECT tried.last_at + {_PAUSE} - $2::timestamptz FROM deploy.sign_in_try AS tried"  # noqa: S608  as above
        " WHERE whose = $1",
        whose,
        now,
        _FREE,
        _LONGEST,
    ) or timedelta(seconds=1)
    raise TooMany(retry_after_seconds=max(1, round(left.total_seconds() + 0.5)))


async def forget_tries(db: Database, whose: bytes) -> None:
    """Forget the failed tries of a name whose right password was given."""
    await db.execute("DELETE FROM deploy.sign_in_try WHERE whose = $1", whose)


async def forget_old_tries(db: Database, now: datetime) -> None:
    """Forget whom nobody tried for a day."""
    await db.execute("DELETE FROM deploy.sign_in_try WHERE last_at < $1", now - KEPT)


def whose_tries(secret: bytes, name: str) -> bytes:
    """What the tries of a name are kept under: people type passwords where the name belongs, and nobody shall read them."""
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), key=secret, digest_size=16).digest()
