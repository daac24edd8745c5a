"""Builds indexes on tables in use without blocking those who write.

`CREATE INDEX` lets nobody write into its table until it is done, and a migration holds what it locks until all of it is
done: a city of a million cases would take no message meanwhile. So a migration leaves an index of a large table out, and
`migrate` builds whatever the tables declare and the database lacks `CONCURRENTLY`, once the new schema is there. What was
interrupted is built by the next `migrate`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from alembic import op
from sqlalchemy import Index, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

from deploy.database.metadata import metadata
from deploy.database.pool import PATIENT, Connection, connect
from deploy.database.turns import OnWait, log_waiting, take_turn
from deploy.settings import Settings

log = structlog.get_logger()

#: "HUIDX" in ASCII, so that nobody else takes the same advisory lock. Not the migrations': whoever waits for that in a
#: statement would be waited for by the building.
INDEX_LOCK = 0x4855494458
#: Project choice: an index of so much is built in some tenths of a second.
SMALL_BYTES = 16 * 1024 * 1024


def create_index(name: str, table: str, columns: Sequence[Any], *, schema: str, **options: Any) -> None:
    """For migrations: `op.create_index` on a table that is in use; one that is large gets it after the migration."""
    if _bytes_of(f'{schema}."{table}"') <= SMALL_BYTES:
        op.create_index(name, table, list(columns), schema=schema, **options)


def _bytes_of(table: str) -> int:
    found = op.get_bind().execute(text("SELECT pg_relation_size(to_regclass(:table))"), {"table": table})
    return int(found.scalar() or 0)


async def build_missing(settings: Settings, on_wait: OnWait = log_waiting) -> Sequence[str]:
    """Build what the tables declare and the database lacks, while others write; returns the names. One at a time."""
    async with connect(settings.as_owner, PATIENT) as db:
        await take_turn(db, INDEX_LOCK, on_wait)
        missing = await missing_indexes(db)
        for name, statement in missing.items():
            log.info("index_building", index=name)
            # One that was interrupted is there, and of no use.
            await db.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", timeout=None)
            await db.execute(statement, timeout=None)
    return tuple(missing)


async def missing_indexes(db: Connection) -> Mapping[str, str]:
    """Declared indexes that the database lacks or cannot use, and what builds each."""
    rows = await db.fetch(
        """
        SELECT format('%I.%I', n.nspname, c.relname) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE i.indisvalid
        """
    )
    usable = {row[0] for row in rows}
    return {name: statement for name, statement in _declared().items() if name not in usable}


def _declared() -> Mapping[str, str]:
    return {
        f"{table.schema}.{index.name}": _statement(index)
        for table in metadata().sorted_tables
        for index in sorted(table.indexes, key=lambda each: str(each.name))
    }


def _statement(index: Index) -> str:
    plain = str(CreateIndex(index).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]  # theirs
    return plain.replace(" INDEX ", " INDEX CONCURRENTLY ", 1)
