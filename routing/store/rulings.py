"""The catalogue of rulings: only ever added to; one that was withdrawn says by whom."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from routing.core.decisions.catalogue import KeptRuling, Ruling, RulingMade
from schemas.ids import CaseId
from schemas.ports import Database

#: One writer at a time: "RULE", which no other advisory lock here uses.
_LOCK = 0x52554C45


async def lock(db: Database) -> None:
    """Until the transaction ends nobody else writes or withdraws one: of two that contradict, one is refused."""
    await db.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def in_force(db: Database) -> list[Ruling]:
    """All that were not withdrawn, the oldest first."""
    # The table whole: a city has some hundreds.
    rows = await db.fetch(
        """SELECT id, words, category, region, department, decided_by, at, over_special FROM routing.ruling AS r
        WHERE NOT EXISTS (SELECT FROM routing.ruling_end AS e WHERE e.ruling_id = r.id) ORDER BY id"""
    )
    return [msgspec.convert(dict(row), Ruling) for row in rows]


async def add(db: Database, made: RulingMade, by: str, at: datetime) -> int:
    """Keep the ruling; answers with its number."""
    number: int = await db.fetchval(
        """INSERT INTO routing.ruling (words, category, region, department, case_id, version, decided_by, at, over_special)
        VALUES ($1, $2, $3, $4, $5::uuid, $6, $7, $8, $9) RETURNING id""",
        made.words,
        made.category,
        made.region,
        made.department,
        made.case_id,
        made.version,
        by,
        at,
        made.over_special,
    )
    return number


async def end(db: Database, number: int, by: str, at: datetime) -> bool:
    """Withdraw one that holds; False where somebody did already."""
    done = await db.fetchval(
        """INSERT INTO routing.ruling_end (ruling_id, withdrawn_by, at) VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING RETURNING ruling_id""",
        number,
        by,
        at,
    )
    return done is not None


async def origin(db: Database, number: int) -> tuple[CaseId, int] | None:
    """The case that it came from, and which version of that was decided on; None where there is no such ruling."""
    row = await db.fetchrow("SELECT case_id::text, version FROM routing.ruling WHERE id = $1", number)
    return None if row is None else (CaseId(row["case_id"]), row["version"])


async def of_decision(db: Database, case_id: CaseId, version: int, by: str) -> Sequence[int]:
    """Those that hold of what `by` decided on that version of a case."""
    rows = await db.fetch(
        """SELECT id FROM routing.ruling AS r WHERE case_id = $1::uuid AND version = $2 AND decided_by = $3
        AND NOT EXISTS (SELECT FROM routing.ruling_end AS e WHERE e.ruling_id = r.id)""",
        case_id,
        version,
        by,
    )
    return [row["id"] for row in rows]


# Along the primary key, from its end. A case that nobody outside it may hear of is not named.
_LATEST = """
SELECT r.id, r.words, r.category, r.region, r.department, r.decided_by, r.at, r.over_special,
    CASE WHEN c.is_open THEN r.case_id::text END AS case_id, CASE WHEN c.is_open THEN c.tracking_code END AS tracking_code,
    e.withdrawn_by, e.at AS withdrawn_at
FROM routing.ruling AS r
LEFT JOIN LATERAL (SELECT tracking_code, NOT (confidential OR protected) AS is_open
    FROM routing.case AS k WHERE k.case_id = r.case_id) AS c ON true
LEFT JOIN routing.ruling_end AS e ON e.ruling_id = r.id
WHERE $1::bigint IS NULL OR r.id < $1
ORDER BY r.id DESC LIMIT $2
"""


async def latest(db: Database, before: int | None, limit: int) -> list[KeptRuling]:
    """Up to `limit` of them, withdrawn ones too, the latest first, from behind the row `before`."""
    return [msgspec.convert(dict(row), KeptRuling) for row in await db.fetch(_LATEST, before, limit)]
