"""How much of each limit every caller has left, shared by all web processes. All the SQL about it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from schemas.ports import Database


class Spending(NamedTuple):
    """What one caller took from one limit since this process last said so."""

    limit: str
    #: A keyed hash of the address: Postgres learns nobody's.
    caller: bytes
    per_minute: int
    tokens: int


async def spend(db: Database, spendings: Sequence[Spending]) -> Mapping[Spending, float]:
    """Take all of it, and tell what each caller has left; below zero where it had less.

    A bucket holds a minute's worth, is full at first and fills up steadily; debts are a minute's worth at most. It fills up
    from now on, also where the clock was set back since it was last looked at.
    """
    # Always in the same order: two processes that settle the same callers never wait for one another.
    rows = await db.fetch(
        """
        INSERT INTO deploy.rate_limit AS bucket (name, caller, per_minute, tokens, at)
        SELECT name, caller, max(per_minute), max(per_minute) - sum(spent), clock_timestamp()
        FROM unnest($1::text[], $2::bytea[], $3::float8[], $4::float8[]) AS asked (name, caller, per_minute, spent)
        GROUP BY name, caller ORDER BY name, caller
        ON CONFLICT (name, caller) DO UPDATE SET
            per_minute = excluded.per_minute,
            tokens = greatest(
                -excluded.per_minute,
                excluded.tokens - excluded.per_minute + least(
                    excluded.per_minute,
                    bucket.tokens
                    + greatest(0, extract(epoch FROM excluded.at - bucket.at)::float8) * excluded.per_minute / 60
                )
            ),
            at = excluded.at
        RETURNING name, caller, tokens
        """,
        *(list(column) for column in zip(*spendings, strict=True)),
    )
    left = {(row["name"], row["caller"]): row["tokens"] for row in rows}
    return {spending: left[spending.limit, spending.caller] for spending in spendings}


async def forget_full(db: Database, before: datetime) -> None:
    """Forget callers who were not heard of since then: what they may do is whole again."""
    await db.execute("DELETE FROM deploy.rate_limit WHERE at < $1", before)
