"""Up to where each consumer has seen its partitions written, and since when: what a server that was put back has not."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from schemas.ports import Database

Place = tuple[str, int]


class KnownEnd(NamedTuple):
    """One partition, as its consumer knows it."""

    record_offset: int
    #: When it was seen to end there.
    seen_at: datetime
    #: Since when this consumer handles what it handles today; None where it handled other events before.
    since: datetime | None


async def read(
    db: Database, consumer: str, handles: str, places: Sequence[Place]
) -> Mapping[Place, KnownEnd]:
    """Those of the partitions that the consumer has seen. `handles`: which events it does, as `store` got it."""
    rows = await db.fetch(
        """
        SELECT k.topic, k.partition, k.record_offset, k.seen_at, CASE WHEN k.handles = $2 THEN k.since END AS since
        FROM deploy.known_end AS k JOIN unnest($3::text[], $4::int[]) AS asked (topic, partition) USING (topic, partition)
        WHERE k.consumer = $1
        """,
        consumer,
        handles,
        [topic for topic, _ in places],
        [partition for _, partition in places],
    )
    return {
        (row["topic"], row["partition"]): KnownEnd(row["record_offset"], row["seen_at"], row["since"])
        for row in rows
    }


async def store(db: Database, consumer: str, handles: str, ends: Mapping[Place, int]) -> None:
    """Write down where the partitions end now, also where that is earlier than before."""
    await db.execute(
        """
        INSERT INTO deploy.known_end AS k (consumer, handles, topic, partition, record_offset)
        SELECT $1, $2, * FROM unnest($3::text[], $4::int[], $5::bigint[])
        ON CONFLICT (consumer, topic, partition) DO UPDATE SET
            record_offset = excluded.record_offset, seen_at = now(), handles = excluded.handles,
            since = CASE WHEN k.handles = excluded.handles THEN k.since ELSE now() END
        """,
        consumer,
        handles,
        [topic for topic, _ in ends],
        [partition for _, partition in ends],
        list(ends.values()),
    )


async def forget(db: Database, topics: Sequence[str]) -> Sequence[str]:
    """Forget where these topics ended, since they are made anew; returns those of which anything was known."""
    rows = await db.fetch(
        """
        WITH gone AS (DELETE FROM deploy.known_end WHERE topic = ANY($1::text[]) RETURNING topic, record_offset)
        SELECT DISTINCT topic FROM gone WHERE record_offset > 0 ORDER BY topic
        """,
        list(topics),
    )
    return [row["topic"] for row in rows]
