"""The city's wishes for how much the machine has to be right, each with who said so and why."""

from datetime import datetime, timedelta

import msgspec

from routing.core.precision import ModelFigures, NewWish, Wish
from schemas.ports import Database

#: One wish at a time: "WISH", which no other advisory lock here uses.
_LOCK = 0x57495348


async def newest(db: Database) -> float | None:
    """What is wished now; None where nobody ever said."""
    found: float | None = await db.fetchval(
        "SELECT precision FROM routing.precision_wish ORDER BY id DESC LIMIT 1"
    )
    return found


async def of(db: Database, limit: int) -> list[Wish]:
    """The wishes, the newest first."""
    rows = await db.fetch(
        "SELECT precision, reason, decided_by, at FROM routing.precision_wish ORDER BY id DESC LIMIT $1",
        limit,
    )
    return [Wish(**dict(row)) for row in rows]


async def add(
    db: Database, wish: NewWish, by: str, at: datetime, *, again_after: timedelta = timedelta()
) -> None:
    """Wish this from now on; workers find it within seconds. The same form, sent twice within that time, is one wish."""
    # One at a time, so that of two presses the second sees the first.
    await db.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    await db.execute(
        """INSERT INTO routing.precision_wish (precision, reason, decided_by, at)
        SELECT $1, $2, $3, $4 WHERE NOT EXISTS (
            SELECT FROM (SELECT * FROM routing.precision_wish ORDER BY id DESC LIMIT 1) AS last
            WHERE precision = $1 AND reason = $2 AND decided_by = $3 AND at > $5)""",
        wish.precision,
        wish.reason.strip(),
        by,
        at,
        at - again_after,
    )


async def measured(db: Database) -> ModelFigures | None:
    """What is known of the active model: its labels, and what each precision costs; None where the word lists decide."""
    known = await db.fetchval("SELECT learned::text FROM routing.model WHERE state = 'active'")
    return None if known is None else msgspec.json.decode(known, type=ModelFigures)


async def received(db: Database, now: datetime, days: int) -> int:
    """How many cases came within so many days."""
    # The index of moments.
    count: int = await db.fetchval(
        "SELECT count(*) FROM routing.case WHERE received_at >= $1", now - timedelta(days=days)
    )
    return count
