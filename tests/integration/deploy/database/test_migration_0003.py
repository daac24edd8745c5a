"""Views from before the column get what their citizens could do until then."""

from alembic import command
from sqlalchemy import Connection, text

from deploy.database.metadata import SCHEMAS
from deploy.database.migrate import alembic_config, in_database, migrate
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.stack import fresh_database

#: State and what was used, and what the citizen may do after the migration.
_VIEWS: tuple[tuple[str | None, str, set[str] | None], ...] = (
    (None, "", None),
    ("in_review", "", None),
    ("assigned", "", {"supplement", "withdrawal"}),
    ("reopened", "objected_at", {"supplement", "withdrawal"}),
    ("in_progress", "withdrawal_at", {"supplement"}),
    ("replied", "", {"supplement"}),
    ("closed", "", {"rating", "objection"}),
    ("closed", "objected_at", {"rating"}),
    ("merged", "", set()),
)


def _fill(connection: Connection) -> tuple[str | None, str | None]:
    for name in SCHEMAS:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
    command.upgrade(alembic_config(connection), "0002")
    for number, (state, used, _) in enumerate(_VIEWS):
        connection.execute(
            text(
                "INSERT INTO intake.view (case_id, state, objected_at, withdrawal_at) VALUES (:id, :state,"
                " CASE WHEN :used = 'objected_at' THEN now() END, CASE WHEN :used = 'withdrawal_at' THEN now() END)"
            ),
            {"id": f"00000000-0000-0000-0000-{number:012}", "state": state, "used": used},
        )
    return None, None


async def test_what_the_citizen_may_do_is_filled_in(postgres_server: EmbeddedPostgres) -> None:
    """By the state that the view shows; nothing is written where no department has the case."""
    settings = Settings(database_url=await fresh_database(postgres_server.url))
    await in_database(settings, _fill)
    await migrate(settings)
    found: list[set[str] | None] = []

    def read(connection: Connection) -> tuple[str | None, str | None]:
        rows = connection.execute(text("SELECT citizen_may FROM intake.view ORDER BY case_id"))
        found.extend(None if may is None else set(may) for (may,) in rows)
        return None, None

    await in_database(settings, read)

    assert [may for _, _, may in _VIEWS] == found
