"""How many pages of Postgres a request touches: it swings with nothing, where a time swings with whatever else runs."""

from pathlib import Path

from deploy.database.pool import Connection
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.local.embedded.postgres_home import as_superuser, home_for

_EXTENSION = "pg_stat_statements"
#: More different statements than a measurement makes: none is forgotten in its midst (project choice).
_STATEMENTS = 10_000


def count_touched(postgres: EmbeddedPostgres) -> None:
    """Have the server count the pages that statements touch; it is started anew."""
    postgres.stop()
    as_superuser(home_for(postgres.directory), f"CREATE EXTENSION IF NOT EXISTS {_EXTENSION}")
    _overrides(postgres.directory).write_text(
        f"shared_preload_libraries = '{_EXTENSION}'\n{_EXTENSION}.max = {_STATEMENTS}\n", encoding="ascii"
    )
    postgres.start()


def _overrides(directory: Path) -> Path:
    return directory / "postgresql.local.conf"


async def touched(db: Connection, database: str) -> int:
    """Pages of tables and indexes that the statements of that database touched so far. `db`: of any other."""
    found: int = await db.fetchval(
        """
        SELECT coalesce(sum(shared_blks_hit + shared_blks_read), 0)::bigint FROM pg_stat_statements
        WHERE dbid = (SELECT oid FROM pg_database WHERE datname = $1)
        """,
        database,
    )
    return found
