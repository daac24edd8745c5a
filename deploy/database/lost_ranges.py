"""Records that Kafka deleted unread: noted when found, until an operator accepts the loss.

So are those that a server which was put back from before has no more, under the server's name: no consumer stops for them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from schemas.ports import Database

#: Under these names stands what no consumer waits for: records that Kafka had and has no more, and those that Postgres knew.
KAFKA, POSTGRES = "kafka", "postgres"


class LostRange(NamedTuple):
    """Of one consumer and partition, from `from_offset` to before `to_offset`."""

    consumer: str
    topic: str
    partition: int
    from_offset: int
    to_offset: int

    def __str__(self) -> str:
        return f"{self.consumer}: {self.topic}[{self.partition}] {self.from_offset}–{self.to_offset - 1}"


async def note(db: Database, lost: Sequence[LostRange]) -> Sequence[LostRange]:
    """Write them down; returns those that nobody has accepted."""
    columns = [list(column) for column in zip(*lost, strict=True)]
    await db.execute(
        """
        INSERT INTO deploy.lost_range (consumer, topic, partition, from_offset, to_offset)
        SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bigint[]) ON CONFLICT DO NOTHING
        """,
        *columns,
    )
    return [each for each in await open_ranges(db, lost[0].consumer) if each in set(lost)]


async def note_put_back(db: Database, lost: LostRange, since: datetime | None = None) -> bool:
    """Write down what a server has no more; False where that stands there already, of those found after `since`."""
    done: str = await db.execute(
        """
        INSERT INTO deploy.lost_range (consumer, topic, partition, from_offset, to_offset)
        SELECT $1, $2, $3::int, $4::bigint, $5::bigint WHERE NOT EXISTS (
            SELECT FROM deploy.lost_range
            WHERE consumer = $1 AND topic = $2 AND partition = $3 AND from_offset <= $4 AND to_offset >= $5
              AND ($6::timestamptz IS NULL OR found_at > $6))
        ON CONFLICT (consumer, topic, partition, from_offset, to_offset)
        DO UPDATE SET found_at = now(), accepted_at = NULL, accepted_by = NULL
        """,
        *lost,
        since,
    )
    return done.endswith(" 1")


async def open_ranges(db: Database, consumer: str | None = None) -> Sequence[LostRange]:
    """Those that nobody has accepted, of one consumer or of all."""
    rows = await db.fetch(
        """
        SELECT consumer, topic, partition, from_offset, to_offset FROM deploy.lost_range
        WHERE accepted_at IS NULL AND ($1::text IS NULL OR consumer = $1)
        ORDER BY consumer, topic, partition, from_offset
        """,
        consumer,
    )
    return [LostRange(*row) for row in rows]


async def accept(db: Database, consumer: str | None, by: str) -> Sequence[LostRange]:
    """Let the consumer, or all of them, go on behind what is lost; returns the ranges."""
    rows = await db.fetch(
        """
        UPDATE deploy.lost_range SET accepted_at = now(), accepted_by = $2
        WHERE accepted_at IS NULL AND ($1::text IS NULL OR consumer = $1)
        RETURNING consumer, topic, partition, from_offset, to_offset
        """,
        consumer,
        by,
    )
    return [LostRange(*row) for row in rows]


async def last_handled(db: Database, consumer: str) -> datetime | None:
    """When the consumer last handled an event, as far as the inbox reaches back."""
    for days in _LOOK_BACK_DAYS:
        rows = await db.fetch(_LAST_HANDLED, consumer, days)
        found: datetime | None = rows[0]["at"]
        if found is not None:
            return found
    return None


#: A consumer that lives has handled something lately: what is younger than that is read first, by the index over ages
#: (project choices; the last is longer than any inbox remembers).
_LOOK_BACK_DAYS = (0.05, 1.0, 7.0, 10_000.0)
_LAST_HANDLED = """
    SELECT max(handled_at) AS at FROM deploy.inbox
    WHERE consumer = $1 AND handled_at > now() - make_interval(secs => $2 * 86400)
"""
