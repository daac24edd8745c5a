"""What each process last said of itself: how `/readyz`, `/metrics` and `huiyin status` see the others.

A row for each replica, which is a running process: its machine and its pid. The column is called `host` since releases that
kept one row for each kind and machine; they read and write beside this one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from schemas.ports import Database


async def store_beat(
    db: Database,
    *,
    name: str,
    replica: str,
    pid: int,
    health: str,
    metrics: str | None,
    silent_seconds: float,
) -> datetime:
    """This process lives, as of the database's present moment, which is returned.

    `health`: JSON; `metrics`: Prometheus text, None where what was said last still serves. A beat that a crash of
    Postgres takes back is followed by the next one: none waits for the disk.

    Others' beats that are ahead by more than `silent_seconds` become as old as they are ahead: the clock was set back since,
    whoever lives beats again, and who died by then does not come to life when the clock gets there once more.
    """
    # One row for each process; a fresh `beat_at` means alive. Nobody waits for a row that another writes.
    moment: datetime = await db.fetchval(
        """
        WITH ahead AS (
            SELECT name, host FROM deploy.process
            WHERE beat_at > now() + make_interval(secs => $5) AND (name, host) <> ($1, $2) FOR UPDATE SKIP LOCKED
        ), aged AS (
            UPDATE deploy.process AS p SET beat_at = now() - (p.beat_at - now())
            FROM ahead WHERE (p.name, p.host) = (ahead.name, ahead.host)
        )
        INSERT INTO deploy.process (name, host, pid, beat_at, health, metrics)
        SELECT $1, $2, $3, now(), $4::jsonb, coalesce($6, '')
        FROM (SELECT set_config('synchronous_commit', 'off', true)) AS soon
        ON CONFLICT (name, host) DO UPDATE SET
            pid = excluded.pid, beat_at = excluded.beat_at, health = excluded.health,
            metrics = coalesce($6, process.metrics)
        RETURNING clock_timestamp()
        """,
        name,
        replica,
        pid,
        health,
        silent_seconds,
        metrics,
    )
    return moment


async def known_beats(db: Database, silent_seconds: float) -> Sequence[Any]:
    """Of each name every process that was heard of so lately; else the one that was heard last.

    `name`, `replica`, `health`, `metrics`, and how long ago it was in `silent_seconds`; the youngest first. A beat of the
    future is as old as it is ahead: the clock was set back since, and who lives has beaten again.
    """
    return await db.fetch(
        """
        SELECT name, host AS replica, health, metrics, silent_seconds FROM (
            SELECT name, host, health, metrics, silent_seconds,
                   row_number() OVER (PARTITION BY name ORDER BY silent_seconds) AS place
            FROM (SELECT *, abs(extract(epoch FROM now() - beat_at))::float8 AS silent_seconds
                  FROM deploy.process) AS aged) AS beat
        WHERE place = 1 OR silent_seconds <= $1 ORDER BY name, silent_seconds
        """,
        silent_seconds,
    )


async def living_clocks(db: Database, silent_seconds: float) -> Sequence[tuple[str, str, str]]:
    """Name, replica and last report (JSON) of every process that was heard of lately."""
    rows = await db.fetch(
        """
        SELECT name, host, health FROM deploy.process
        WHERE abs(extract(epoch FROM now() - beat_at)) < $1 ORDER BY name, host
        """,
        silent_seconds,
    )
    return [tuple(row) for row in rows]


async def forget(db: Database, *, name: str, replica: str) -> None:
    """Forget a process that stops: it is not missing, it has gone."""
    await db.execute("DELETE FROM deploy.process WHERE name = $1 AND host = $2", name, replica)


async def forget_silent(db: Database, before: datetime) -> None:
    """Forget processes that have not been heard of since then: they died, were renamed, or their machine is gone."""
    await db.execute("DELETE FROM deploy.process WHERE beat_at < $1", before)
