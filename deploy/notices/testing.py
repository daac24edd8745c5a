"""A test message: whether another system takes what it is sent, tried once, and told beside its address."""

from datetime import datetime, timedelta
from uuid import uuid4

from deploy.notices.endpoints import Endpoint
from schemas.notices import Occasion
from schemas.ports import Database

#: For so long a test that was asked for is still to come (project choice: thrice what a receiver has to answer).
_UNDER_WAY = timedelta(seconds=45)


async def ask_test(db: Database, endpoint: Endpoint, now: datetime) -> None:
    """Have the address sent one, switched off or not; none beside one that was asked for just now."""
    # By its key.
    await db.execute(
        """
        WITH asked AS (
            UPDATE deploy.notice_endpoint SET test_asked_at = $7
            WHERE id = $2::uuid AND (test_asked_at IS NULL OR tested_at >= test_asked_at OR test_asked_at < $8)
            RETURNING id
        )
        INSERT INTO deploy.notice (id, occasion, audience, department, channel, endpoint_id, facts, at, send_after)
        SELECT $1::uuid, $3, $4, $5, $6, id, '{}', $7, $7 FROM asked
        """,
        str(uuid4()),
        endpoint.id,
        Occasion.TEST.value,
        endpoint.audience.value,
        endpoint.department or "",
        endpoint.channel.value,
        now,
        now - _UNDER_WAY,
    )


async def note_tested(db: Database, endpoint_id: str | None, now: datetime, failed: str) -> None:
    """Note what became of it. `failed`: why it was not taken, in a word; empty: it was."""
    await db.execute(
        "UPDATE deploy.notice_endpoint SET tested_at = $2, test_failed = $3 WHERE id = $1::uuid",
        endpoint_id,
        now,
        failed,
    )
