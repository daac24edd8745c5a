"""A sweeper that can write no anchor, as its health says it."""

from pathlib import Path

from deploy.database.pool import open_pool
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.processes.anchors import Turns
from deploy.processes.health import ANCHORS
from deploy.processes.runtime import Process
from deploy.settings import Settings
from tests.stack import fresh_database


async def test_a_folder_that_takes_no_anchor_is_told_of(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path
) -> None:
    """Whoever looks after the city hears of it while it lasts, and no longer."""
    folder = tmp_path / "audit"
    folder.write_bytes(b"")
    settings = Settings.model_validate(
        {
            "database_url": await fresh_database(postgres_server.url, like=migrated),
            "secret_key": "a secret for tests only - long enough",
            "audit_directory": folder,
        }
    )
    async with open_pool(settings, size=2) as pool:
        turns = Turns(process := Process(name="sweep", settings=settings, pool=pool))
        written = [await turns.write()]
        said = process.health[ANCHORS]
        folder.unlink()
        written.append(await turns.write())

    assert [False, True] == written
    assert f"no anchor can be written in {folder}" in said["en"]
    assert process.health[ANCHORS] is None
