"""The inbox: which events each consumer has handled, so that none is handled twice however often Kafka brings it."""

from collections.abc import Collection, Sequence
from datetime import datetime

import asyncpg

from schemas.ids import EventId
from schemas.ports import Database

#: Rows that one call forgets at most: a statement of a second or so, however many have become old (project choice).
_FORGET_AT_ONCE = 50_000


class HandledBefore(Exception):
    """One of these events is in the inbox already. The transaction is void; `note_handled` finds out which event it is."""


async def note_new(db: Database, consumer: str, event_ids: Sequence[EventId]) -> None:
    """Note that `consumer` handles these events, which differ and most likely are new; costs three fifths of `note_handled`.

    Raises:
        HandledBefore: one was handled before; the open transaction can only be rolled back.
    """
    # ON CONFLICT would look for each row first, and write a confirmation of it into the WAL.
    try:
        await db.execute(
            "INSERT INTO deploy.inbox (consumer, event_id) SELECT $1, unnest($2::uuid[])", consumer, event_ids
        )
    except asyncpg.UniqueViolationError as error:
        raise HandledBefore from error


async def note_handled(db: Database, consumer: str, event_ids: Sequence[EventId]) -> Collection[EventId]:
    """Note that `consumer` handles these events in the open transaction; returns those that it never handled before.

    A second transaction with the same event waits here until the first has ended.
    """
    rows = await db.fetch(
        """
        INSERT INTO deploy.inbox (consumer, event_id) SELECT $1, unnest($2::uuid[])
        ON CONFLICT DO NOTHING RETURNING event_id
        """,
        consumer,
        event_ids,
    )
    if len(rows) == len(event_ids):
        return event_ids
    return {EventId(str(row["event_id"])) for row in rows}


async def known_events(
    db: Database, consumers: Sequence[str], event_ids: Sequence[EventId]
) -> Collection[EventId]:
    """Those of the events that any of these consumers has handled."""
    # By the primary key, once for each consumer.
    rows = await db.fetch(
        """SELECT DISTINCT event_id FROM deploy.inbox
        WHERE consumer = ANY ($1::text[]) AND event_id = ANY ($2::uuid[])""",
        consumers,
        event_ids,
    )
    return {EventId(str(row["event_id"])) for row in rows}


async def forget_handled(db: Database, before: datetime) -> None:
    """Delete old rows, a bounded number at a time: Kafka no longer has these events, so none can come again."""
    await db.execute(
        """
        DELETE FROM deploy.inbox WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM deploy.inbox WHERE handled_at < $1 LIMIT $2))
        """,
        before,
        _FORGET_AT_ONCE,
    )
