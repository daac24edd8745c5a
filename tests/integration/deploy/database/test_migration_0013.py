"""Hashes from before get their key, so that what they were of is found as before and by nobody else."""

import hashlib
from typing import Any

from alembic import command
from sqlalchemy import Connection, text

from deploy.composition import intake_keys
from deploy.database.metadata import SCHEMAS
from deploy.database.migrate import alembic_config, in_database, migrate
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.stack import fresh_database

_CASE = "00000000-0000-0000-0000-000000000001"
_CONTENT, _KEY, _ADDED = (hashlib.sha256(word).digest() for word in (b"content", b"key", b"added"))


def _fill(connection: Connection) -> tuple[str | None, str | None]:
    for name in SCHEMAS:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
    command.upgrade(alembic_config(connection), "0012")
    for number, key in enumerate((_KEY, None), start=1):
        connection.execute(
            text(
                "INSERT INTO intake.case (case_id, tracking_code, access_code_hash, channel, source, key_hash, content_hash,"
                " language, title, text, confidential, publish, received_at, registered_at) VALUES"
                " (:id, :code, '', 'web', 'web', :key, :content, 'zh-Hans', '路灯', '坏了', false, true, now(), now())"
            ),
            {"id": f"{_CASE[:-1]}{number}", "code": str(number), "key": key, "content": _CONTENT},
        )
    connection.execute(
        text(
            "INSERT INTO intake.supplement (case_id, content_hash, at, text) VALUES (:id, :added, now(), 'x')"
        ),
        {"id": _CASE, "added": _ADDED},
    )
    return None, None


async def test_kept_hashes_get_their_key(postgres_server: EmbeddedPostgres) -> None:
    """As intake makes them; a case without a key stays without."""
    settings = Settings(
        database_url=await fresh_database(postgres_server.url),
        secret_key="a secret for tests only, long enough",
    )
    await in_database(settings, _fill)
    await migrate(settings)
    found: list[Any] = []

    def read(connection: Connection) -> tuple[str | None, str | None]:
        cases = connection.execute(text("SELECT content_hash, key_hash FROM intake.case ORDER BY case_id"))
        found.extend(tuple(row) for row in cases)
        found.append(connection.execute(text("SELECT content_hash FROM intake.supplement")).scalar())
        return None, None

    await in_database(settings, read)
    keyed = intake_keys(settings).keyed

    assert [(keyed(_CONTENT), keyed(_KEY)), (keyed(_CONTENT), None), keyed(_ADDED)] == found
