"""Letters by e-mail that name a case, and what became of each: none is taken twice, however often it is found."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from schemas.ports import Database

#: Project choice: a letter lies in an inbox until it could be put away; who mends a mailbox only after a year finds it read.
KEPT_FOR = timedelta(days=365)


class TakenBefore(NamedTuple):
    """A letter that was taken before: when it was added to a case; None: it was not."""

    added_at: datetime | None


async def claim_letter(db: Database, names: Sequence[bytes], now: datetime) -> TakenBefore | None:
    """Claim this letter until the unit ends; None: it is ours. Otherwise what became of it when it was taken.

    `names`: what it is known by under the present secret, and under former ones. Also forgets a few that are too old.
    """
    # Two rows go for one that comes, so that the table never grows beyond the window.
    await db.execute(
        """
        DELETE FROM intake.letter WHERE letter IN (
            SELECT letter FROM intake.letter WHERE at < $1 ORDER BY at LIMIT 2 FOR UPDATE SKIP LOCKED)
        """,
        now - KEPT_FOR,
    )
    # The primary key decides between two processes at the same moment: the second waits for the first.
    is_claimed = await db.fetchval(
        """
        INSERT INTO intake.letter (letter, at, was_added)
        SELECT $1, $2, false WHERE NOT EXISTS (SELECT FROM intake.letter WHERE letter = ANY ($3::bytea[]))
        ON CONFLICT DO NOTHING RETURNING true
        """,
        names[0],
        now,
        list(names),
    )
    return None if is_claimed else TakenBefore(await _added_at(db, names))


async def _added_at(db: Database, names: Sequence[bytes]) -> datetime | None:
    # By the primary key.
    at: datetime | None = await db.fetchval(
        "SELECT min(at) FROM intake.letter WHERE letter = ANY ($1::bytea[]) AND was_added", list(names)
    )
    return at


async def mark_added(db: Database, name: bytes) -> None:
    """This letter, which the unit claimed, is an addition to a case."""
    # By the primary key.
    await db.execute("UPDATE intake.letter SET was_added = true WHERE letter = $1", name)
