"""`python -m deploy.local.new_migration "what changes"`: write the next migration from what the tables declare.

Read what it wrote: it knows nothing of triggers and data, and the release before must go on working beside it.
"""

import asyncio
import subprocess
import sys
from pathlib import Path

from alembic import command
from sqlalchemy import Connection, text

from deploy.database.metadata import SCHEMAS
from deploy.database.migrate import MIGRATIONS, alembic_config, in_database
from deploy.local.embedded.files import scratch_folder
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings


def _write(connection: Connection) -> tuple[str | None, str | None]:
    for name in SCHEMAS:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
    config = alembic_config(connection)
    command.upgrade(config, "head")
    number = _next_number()
    command.revision(config, message=sys.argv[1], autogenerate=True, rev_id=number)
    # Alembic writes lines of any length.
    argv = [sys.executable, "-m", "ruff", "format", "--quiet", *map(str, _written(number))]
    subprocess.run(argv, check=True)  # noqa: S603  our own words and names
    return None, None


def _next_number() -> str:
    return f"{len(_written('[0-9]')) + 1:04d}"


def _written(number: str) -> list[Path]:
    """The migrations whose names begin so."""
    return sorted(MIGRATIONS.glob(f"versions/{number}*.py"))


def main() -> None:
    """Against an empty embedded Postgres, brought to the newest revision first."""
    with (
        scratch_folder("migration") as directory,
        EmbeddedPostgres(directory / "postgres") as postgres,
    ):
        asyncio.run(in_database(Settings(database_url=postgres.url), _write))


if __name__ == "__main__":
    main()
