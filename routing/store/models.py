"""Learned models and what classifiers thought: kept so that every worker finds them, and that people can judge them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from routing.core.classify import OtherClassifier
from schemas.ports import Database


class Running(NamedTuple):
    """A version that workers are to load."""

    version: str
    #: `active` or `shadow`.
    state: str


class StoredModel(NamedTuple):
    """A version, and how often people decided as it thought."""

    version: str
    #: `active`, `shadow` or `retired`.
    state: str
    learned_at: datetime | None
    learned_by: str
    promoted_at: datetime | None
    #: As JSON; empty for the rules.
    learned: str
    #: Cases that a dispatcher dispatched after it had an opinion; of them, with its department and with its category.
    decided: int
    same_lead: int
    same_category: int
    #: Of them: it was sure, and the person chose another department.
    overruled: int


async def keep_opinions(db: Database, thought: Sequence[tuple[str, Sequence[OtherClassifier]]]) -> None:
    """What each classifier thought of these cases."""
    rows = [(case_id, each) for case_id, beside in thought for each in beside]
    if not rows:
        return
    await db.execute(
        """INSERT INTO routing.opinion (case_id, model, category, lead, sure)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bool[])
        ON CONFLICT DO NOTHING""",
        [case_id for case_id, _ in rows],
        [each.model for _, each in rows],
        [each.category for _, each in rows],
        [each.lead for _, each in rows],
        [each.sure for _, each in rows],
    )


async def running(db: Database) -> list[Running]:
    """The active version and the one in its shadow, where there are any."""
    rows = await db.fetch("SELECT version, state FROM routing.model WHERE state IN ('active', 'shadow')")
    return [Running(str(row["version"]), row["state"]) for row in rows]


async def numbers_of(db: Database, version: str) -> bytes | None:
    """The stored model; None where there is no such version."""
    found = await db.fetchval("SELECT numbers FROM routing.model WHERE version = $1::int", int(version))
    return bytes(found) if found is not None else None


async def add_shadow(db: Database, learned: str, numbers: bytes, by: str, at: datetime) -> str:
    """A new version, in the shadow of the active one; the shadow before it retires."""
    await _lock(db)
    await db.execute("UPDATE routing.model SET state = 'retired' WHERE state = 'shadow'")
    version = await db.fetchval(
        """INSERT INTO routing.model (state, learned_at, learned_by, learned, numbers)
        VALUES ('shadow', $1, $2, $3::jsonb, $4) RETURNING version""",
        at,
        by,
        learned,
        numbers,
    )
    return str(version)


async def promote(db: Database, version: str, at: datetime) -> bool:
    """Let this version decide from now on; False where there is none."""
    await _lock(db)
    if await numbers_of(db, version) is None:
        return False
    await db.execute(
        "UPDATE routing.model SET state = 'retired' WHERE state = 'active' AND version <> $1::int",
        int(version),
    )
    await db.execute(
        "UPDATE routing.model SET state = 'active', promoted_at = $2 WHERE version = $1::int",
        int(version),
        at,
    )
    return True


async def deciding(db: Database) -> str | None:
    """Which version decides, nobody else's to change until the transaction ends; None: the rules."""
    await _lock(db)
    found = await db.fetchval("SELECT version FROM routing.model WHERE state = 'active'")
    return str(found) if found is not None else None


async def roll_back(db: Database) -> str | None:
    """Back to what decided before the active version: its number, or None for the rules."""
    await _lock(db)
    await db.execute("UPDATE routing.model SET state = 'retired', promoted_at = NULL WHERE state = 'active'")
    found = await db.fetchval(
        """UPDATE routing.model SET state = 'active' WHERE version = (
            SELECT version FROM routing.model WHERE promoted_at IS NOT NULL ORDER BY promoted_at DESC LIMIT 1)
        RETURNING version"""
    )
    return str(found) if found is not None else None


async def _lock(db: Database) -> None:
    """Two who change what is running wait for each other; readers do not."""
    await db.execute("LOCK TABLE routing.model IN SHARE ROW EXCLUSIVE MODE")


# A dispatcher's word on the department counts, whatever it was about: a first dispatch, or a return. The rules decide
# while no version does.
_KEPT = """
SELECT coalesce(m.version::text, o.model) AS version,
    coalesce(m.state, CASE WHEN bool_or(m.state = 'active') OVER () THEN 'retired' ELSE 'active' END) AS state, m.learned_at,
    coalesce(m.learned_by, '') AS learned_by, m.promoted_at, coalesce(m.learned::text, '') AS learned,
    coalesce(o.decided, 0)::int AS decided, coalesce(o.same_lead, 0)::int AS same_lead,
    coalesce(o.same_category, 0)::int AS same_category, coalesce(o.overruled, 0)::int AS overruled
FROM routing.model AS m FULL JOIN (
    SELECT p.model, count(*) AS decided, count(*) FILTER (WHERE p.lead = c.lead) AS same_lead,
        count(*) FILTER (WHERE p.category = c.category) AS same_category,
        count(*) FILTER (WHERE p.sure AND p.lead <> c.lead) AS overruled
    FROM routing.opinion AS p JOIN routing.case AS c USING (case_id)
    WHERE c.state = 'routed' AND c.decided_by <> 'rules' GROUP BY p.model
) AS o ON o.model = m.version::text
ORDER BY m.version NULLS FIRST
"""


async def kept(db: Database) -> list[StoredModel]:
    """Every version, the rules first where they ran beside a model; then the oldest."""
    return [StoredModel(**dict(row)) for row in await db.fetch(_KEPT)]


class ChosenCategory(NamedTuple):
    """A message whose category a dispatcher chose."""

    title: str
    text: str
    category: str


async def decided(db: Database) -> list[ChosenCategory]:
    """What dispatchers decided, masked as it is everywhere: lessons."""
    rows = await db.fetch(
        """SELECT title, text, category FROM routing.case
        WHERE state = 'routed' AND decided_by IS NOT NULL AND decided_by <> 'rules' ORDER BY case_id"""
    )
    return [ChosenCategory(**dict(row)) for row in rows]
