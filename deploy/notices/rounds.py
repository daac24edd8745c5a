"""Up to which round each audience was told, so that a round nobody sent is told with the next."""

from datetime import datetime

from schemas.notices import Audience
from schemas.ports import Database


async def begin(db: Database, audience: Audience, since: datetime) -> datetime:
    """Up to when the audience was told, held until the transaction ends; before the first round of all `since`."""
    await db.execute(
        "INSERT INTO deploy.notice_round (audience, at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        audience.value,
        since,
    )
    told: datetime = await db.fetchval(
        "SELECT at FROM deploy.notice_round WHERE audience = $1 FOR UPDATE", audience.value
    )
    return told


async def end(db: Database, audience: Audience, at: datetime) -> None:
    """The audience was told of all that came up to then."""
    await db.execute("UPDATE deploy.notice_round SET at = $2 WHERE audience = $1", audience.value, at)
