"""What each process last said of itself: how `/readyz`, `/metrics` and `huiyin status` see the others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from schemas.ports import Database


async def store_beat(db: Database, *, name: str, host: str, pid: int, health: str, metrics: str) -> None:
    """This process lives, as of the database's present moment. `health`: JSON; `metrics`: Prometheus text."""
    # One row for each process; a fresh `beat_at` means alive.
    await db.execute(
        """
        INSERT INTO deploy.process (name, host, pid, beat_at, health, metrics)
        VALUES ($1, $2, $3, now(), $4::jsonb, $5)
        ON CONFLICT (name, host) DO UPDATE SET
            pid = excluded.pid, beat_at = excluded.beat_at, health = excluded.health, metrics = excluded.metrics
        """,
        name,
        host,
        pid,
        health,
        metrics,
    )


async def youngest_beats(db: Database) -> Sequence[Any]:
    """The youngest of each name: with several machines, one living process of a kind is enough.

    `name`, `health`, `metrics`, and how long ago it was in `silent_seconds`.
    """
    return await db.fetch(
        """
        SELECT DISTINCT ON (name) name, health, metrics,
               extract(epoch FROM now() - beat_at)::float8 AS silent_seconds
        FROM deploy.process ORDER BY name, beat_at DESC
        """
    )


async def living_clocks(db: Database, silent_seconds: float) -> Sequence[tuple[str, str, str]]:
    """Of every process that was heard of so lately: its name, its host, and what it said of itself (JSON)."""
    rows = await db.fetch(
        """
        SELECT name, host, health FROM deploy.process
        WHERE beat_at > now() - make_interval(secs => $1) ORDER BY name, host
        """,
        silent_seconds,
    )
    return [tuple(row) for row in rows]


async def forget_silent(db: Database, before: datetime) -> None:
    """Forget processes that have not been heard of since then: they were renamed, or their machine is gone."""
    await db.execute("DELETE FROM deploy.process WHERE beat_at < $1", before)
