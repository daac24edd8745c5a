"""What lay on our topics before an upgrade to a release that signs: it is believed unsigned, and nothing after it.

Marked once, by offset: a record's time is what its sender says, its offset is the broker's.
"""

from collections.abc import Sequence

from deploy.database.pool import Connection, Pool, connect
from deploy.messaging.client.client import open_admin, open_reader
from deploy.messaging.records.signature import FirstSigned
from deploy.messaging.topics.topics import partitions_of
from deploy.settings import Settings
from schemas import topics


async def mark_first_signed(settings: Settings) -> None:
    """Remember where each of our topics ends, unless that was done before; all of them must be there.

    Raises:
        KafkaError: Kafka is away.
    """
    names = [topics.topic_name(short, settings.topic_prefix) for short in topics.ALL]
    async with connect(settings) as db:
        if not await _is_marked(db, names):
            await _mark(db, await _ends(settings, names))


async def _is_marked(db: Connection, names: Sequence[str]) -> bool:
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT FROM deploy.first_signed WHERE topic = ANY($1::text[]))", names
        )
    )


async def _ends(settings: Settings, names: Sequence[str]) -> Sequence[tuple[str, int, int]]:
    async with open_admin(settings) as admin:
        partitions = [found for every in (await partitions_of(admin, names)).values() for found in every]
    async with open_reader(settings, partitions) as reader:
        ends = await reader.end_offsets(partitions)
    return [(partition.topic, partition.partition, end) for partition, end in ends.items()]


async def _mark(db: Connection, ends: Sequence[tuple[str, int, int]]) -> None:
    columns = [list(column) for column in zip(*ends, strict=True)]
    # Whoever marks first is right: a second mark, later, would let in what outsiders wrote between.
    await db.execute(
        """
        INSERT INTO deploy.first_signed (topic, partition, record_offset)
        SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[]) ON CONFLICT DO NOTHING
        """,
        *columns,
    )


async def first_signed(settings: Settings, pool: Pool) -> FirstSigned:
    """The marks that still matter: Kafka keeps no record, and the inbox no id, for longer than `INBOX_DAYS`."""
    async with pool.acquire() as db:
        rows = await db.fetch(
            """
            SELECT topic, partition, record_offset FROM deploy.first_signed
            WHERE record_offset > 0 AND marked_at > now() - make_interval(days => $1)
            """,
            settings.inbox_days,
        )
    return {(row["topic"], row["partition"]): row["record_offset"] for row in rows}
