"""A database to copy, with a file beside it."""

from pathlib import Path

import pytest

from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.integration.deploy.backup.copies import put
from tests.stack import fresh_database


@pytest.fixture
async def settings(postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path) -> Settings:
    """A migrated database with one row that says whose it is, and a file beside it."""
    url = await fresh_database(postgres_server.url, like=migrated)
    settings = Settings(database_url=url, data=tmp_path / "data", secret_key="0123456789abcdef" * 4)
    await put(settings, "canary-app")
    attachment = settings.data / "attachments" / "ab" / "one"
    attachment.parent.mkdir(parents=True)
    attachment.write_bytes(b"picture" * 1000)
    return settings
