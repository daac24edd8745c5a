"""The application's own role: what it needs it may, and what was logged it cannot touch."""

import re
from pathlib import Path

import asyncpg
import pytest

from deploy.commands import doctor
from deploy.database.migrate import migrate
from deploy.database.pool import connect
from deploy.database.rights import APPEND_ONLY, DELETABLE
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.stack import fresh_database

ROOT = Path(__file__).parents[4]
#: Statements that only the owner ever runs: measurements load tables as no city does, and `huiyin forget` is an operator's.
_OWNERS = ("deploy/bench", "deploy/database/migrations", "intake/store/forgetting.py")


@pytest.fixture
async def settings(postgres_server: EmbeddedPostgres, migrated: str) -> Settings:
    """A migrated database, as the application reaches it."""
    owner = await fresh_database(postgres_server.url, like=migrated)
    application = postgres_server.application_url.rpartition("/")[0] + "/" + owner.rpartition("/")[2]
    return Settings(database_url=application, migration_database_url=owner)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE handlers.log SET actor = 'x'",
        "DELETE FROM handlers.log",
        "TRUNCATE handlers.log",
        "DELETE FROM handlers.case",
        "DELETE FROM intake.case",
        "UPDATE intake.case SET text = 'x'",
        "DELETE FROM routing.case",
        "DELETE FROM intake.sealed",
        "UPDATE intake.forgotten SET reason = 'x'",
        "ALTER TABLE handlers.log DISABLE TRIGGER USER",
        "DROP TRIGGER log_is_append_only ON handlers.log",
        "CREATE OR REPLACE FUNCTION handlers.refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "CREATE TABLE handlers.other (x int)",
        "DROP TABLE handlers.log",
        "SET session_replication_role = replica",
        "SET ROLE huiyin",
        "UPDATE deploy.alembic_version SET version_num = '0001'",
    ],
)
async def test_the_application_cannot_rewrite_what_was_logged(settings: Settings, statement: str) -> None:
    """Postgres refuses, for want of the right, before any trigger is asked."""
    async with connect(settings) as db:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(statement)


async def test_what_is_pruned_stays_deletable(settings: Settings) -> None:
    """Queues, sessions and what has become old."""
    async with connect(settings) as db:
        for table in DELETABLE:
            await db.execute(f"DELETE FROM {table}")  # noqa: S608  our own table


async def test_migrating_again_takes_away_a_right_that_was_given_besides(settings: Settings) -> None:
    """What an operator granted by hand in a hurry does not last."""
    async with connect(settings.as_owner) as owner:
        await owner.execute("GRANT UPDATE, DELETE ON handlers.log TO huiyin_app")
    await migrate(settings)

    async with connect(settings) as db:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute("DELETE FROM handlers.log")


@pytest.mark.parametrize(("as_owner", "state"), [(False, "ok"), (True, "warn")])
async def test_the_doctor_says_whether_the_log_could_be_rewritten(
    settings: Settings, as_owner: bool, state: str
) -> None:
    """A warning with the remedy where the application logs in as the tables' owner."""
    finding = await doctor._roles(settings.as_owner if as_owner else settings)

    assert (finding.state, "MIGRATION_DATABASE_URL" in finding.remedy.en) == (state, as_owner)


def _statements() -> str:
    files = [
        file
        for slice_ in ("deploy", "handlers", "intake", "routing", "sla")
        for file in (ROOT / slice_).rglob("*.py")
        if not file.relative_to(ROOT).as_posix().startswith(_OWNERS)
    ]
    return "\n".join(file.read_text(encoding="utf-8") for file in files).replace('"case"', "case")


def test_every_statement_of_ours_has_its_right() -> None:
    """Whoever writes a DELETE, or an UPDATE of what is only added to, must say so in deploy/database/rights.py."""
    text = _statements()
    deleted = set(re.findall(r"DELETE FROM ([a-z]+\.[a-z_]+)", text))
    updated = set(re.findall(r"UPDATE ([a-z]+\.[a-z_]+)", text))
    updated |= set(re.findall(r"INTO ([a-z]+\.[a-z_]+)(?:(?!INTO )[^\"])*?DO UPDATE", text))

    assert set(DELETABLE) == deleted
    assert not set(APPEND_ONLY) & updated
    assert {"intake.view", "handlers.case"} <= updated
