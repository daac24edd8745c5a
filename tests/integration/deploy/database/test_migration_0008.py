"""What was public without anybody's yes is out of sight after the migration, and nothing of it is lost."""

from typing import Any

from alembic import command
from sqlalchemy import Connection, text

from deploy.database.metadata import SCHEMAS
from deploy.database.migrate import alembic_config, in_database, migrate
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.stack import fresh_database

_CASE = "00000000-0000-0000-0000-000000000001"


def _fill(connection: Connection) -> tuple[str | None, str | None]:
    for name in SCHEMAS:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
    command.upgrade(alembic_config(connection), "0007")
    connection.execute(
        text(
            "INSERT INTO intake.published (case_id, tracking_code, title, text, response, category, department,"
            " replied_at, search) VALUES (:id, 'T', '路灯', '坏了', '修好了', 'lighting', 'housing', now(), '')"
        ),
        {"id": _CASE},
    )
    connection.execute(
        text(
            "INSERT INTO intake.case (case_id, tracking_code, access_code_hash, channel, source, content_hash, language,"
            " title, text, confidential, publish, received_at, registered_at) VALUES"
            " (:id, 'T', '', 'web', 'web', '', 'zh-Hans', '路灯', '坏了', false, true, now(), now())"
        ),
        {"id": _CASE},
    )
    return None, None


async def test_published_answers_wait_for_their_citizens(postgres_server: EmbeddedPostgres) -> None:
    """Kept aside whole; the case says that nobody allowed it."""
    settings = Settings(
        database_url=await fresh_database(postgres_server.url),
        secret_key="a secret for tests only, long enough",
    )
    await in_database(settings, _fill)
    await migrate(settings)
    found: list[Any] = []

    def read(connection: Connection) -> tuple[str | None, str | None]:
        found.append(connection.execute(text("SELECT count(*) FROM intake.published")).scalar())
        found.append(connection.execute(text("SELECT title, response FROM intake.withheld")).one())
        found.append(connection.execute(text("SELECT publish FROM intake.case")).scalar())
        return None, None

    await in_database(settings, read)

    assert [0, ("路灯", "修好了"), False] == found
