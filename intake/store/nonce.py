"""The nonces that mini-apps have used: a signed request works once."""

from datetime import datetime, timedelta

from schemas.ports import Database


async def use_nonce(db: Database, app: str, nonce: str, now: datetime, kept_for: timedelta) -> bool:
    """Note that the nonce was used; False where it had been used before. Also prunes a few that are too old to matter."""
    # Two rows go for one that comes, so that the table never grows beyond the window.
    await db.execute(
        """
        DELETE FROM intake.nonce WHERE (app, nonce) IN (
            SELECT app, nonce FROM intake.nonce WHERE at < $1 ORDER BY at LIMIT 2 FOR UPDATE SKIP LOCKED)
        """,
        now - kept_for,
    )
    # The primary key decides between two requests at the same moment: the second waits for the first.
    added = await db.fetchval(
        "INSERT INTO intake.nonce (app, nonce, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true",
        app,
        nonce,
        now,
    )
    return added is not None


async def forget_nonce(db: Database, app: str, nonce: str) -> None:
    """It was used for nothing: the same request may come again."""
    # By the primary key.
    await db.execute("DELETE FROM intake.nonce WHERE app = $1 AND nonce = $2", app, nonce)
