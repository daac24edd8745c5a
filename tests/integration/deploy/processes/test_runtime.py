"""How a process ends that finds another database than it needs."""

from structlog.testing import capture_logs

from deploy.database.pool import open_pool
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.processes import runtime
from deploy.processes.runtime import Process
from deploy.settings import Settings
from tests.stack import fresh_database


async def test_whoever_forgot_to_migrate_is_told_so(postgres_server: EmbeddedPostgres) -> None:
    """In one sentence with its remedy, and the goodbye to a table that is not there hides it behind no other error."""
    settings = Settings(database_url=await fresh_database(postgres_server.url))
    async with open_pool(settings) as pool:
        process = Process(name="relay", settings=settings, pool=pool)

        async def main(_: Process) -> None:
            async with pool.acquire() as db:
                await db.fetch("SELECT * FROM deploy.outbox")

        with capture_logs() as lines:
            async with runtime._beating(process):
                await runtime._until_done(process, main)

    (told,) = [line for line in lines if line["event"] == "process.failed"]
    assert told["reason"].endswith('relation "deploy.outbox" does not exist). Remedy: run huiyin migrate')
    assert process.failure is told["exc_info"]
