"""How far each consumer has read, in event time: the sweeper judges nothing later than that."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from schemas.ports import Database

# Whoever writes may still say something of the moment when they began. A transaction that has written nothing yet may do
# so for a while; one that never writes (a backup) must not hold up everybody's deadlines (project choices: what a person
# or a batch waits for at most, and six times that).
_SINCE = """
SELECT LEAST(now(), min(xact_start)) - interval '50 milliseconds' FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  AND (xact_start > now() - interval '10 seconds'
       OR backend_xid IS NOT NULL AND xact_start > now() - interval '60 seconds')
"""


async def all_on_kafka_before(db: Database, topics: Sequence[str]) -> datetime:
    """The moment before which all events of these topics are on Kafka: no transaction or outbox row holds one back."""
    # In this order: what is committed in between is in the outbox, or has left it.
    since: datetime = await db.fetchval(_SINCE)
    waiting: datetime | None = await db.fetchval(
        "SELECT min(at) FROM deploy.outbox WHERE topic = ANY($1)", list(topics)
    )
    return since if waiting is None else min(since, waiting)


async def store_progress(
    db: Database,
    consumer: str,
    reached: Mapping[tuple[str, int], datetime],
    partitions: Mapping[str, int],
) -> None:
    """What the consumer has handled, by topic and partition; forgets what is no partition of its topics any more.

    What a crash of Postgres takes back says less than is true, until it is said again: it waits for no disk.
    """
    await db.execute(
        """
        WITH gone AS (
            DELETE FROM deploy.progress AS p WHERE consumer = $1 AND NOT EXISTS (
                SELECT 1 FROM unnest($5::text[], $6::int[]) AS t (topic, partitions)
                WHERE t.topic = p.topic AND p.partition < t.partitions)
        )
        INSERT INTO deploy.progress (consumer, topic, partition, reached)
        SELECT $1, said.* FROM unnest($2::text[], $3::int[], $4::timestamptz[]) AS said,
            (SELECT set_config('synchronous_commit', 'off', true)) AS soon
        ON CONFLICT (consumer, topic, partition) DO UPDATE SET reached = excluded.reached
        """,
        consumer,
        [topic for topic, _ in reached],
        [partition for _, partition in reached],
        list(reached.values()),
        list(partitions),
        list(partitions.values()),
    )


async def reached_by(db: Database, consumer: str) -> datetime | None:
    """The moment before which every event is handled on all partitions; None before the consumer has reported."""
    reached: datetime | None = await db.fetchval(
        "SELECT min(reached) FROM deploy.progress WHERE consumer = $1", consumer
    )
    return reached
