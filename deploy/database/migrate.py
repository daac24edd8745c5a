"""Bringing the database to this release's schema. One at a time: an advisory lock makes the others wait."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import await_only

from deploy.database.indexes import build_missing
from deploy.database.metadata import SCHEMAS
from deploy.database.pool import PATIENT, plain_connection
from deploy.database.rights import application_role, grants_to
from deploy.database.turns import LongWait, OnWait, log_waiting, longest_here, take_turn
from deploy.settings import Settings
from schemas.errors import HuiyinError

# "HUMIG" in ASCII, so that nobody else takes the same advisory lock.
MIGRATION_LOCK = 0x48554D4947
#: How long a revision waits for a table, and everybody else behind it; and how long others have it then (project choices: a
#: page that waits is still waited for; whatever waited behind is done in less).
_LOCK_SECONDS = 2
_AGAIN_SECONDS = 3.0
MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection | None = None, settings: Settings | None = None) -> Config:
    """Alembic's configuration; there is no ini file. `settings`: for revisions that need a derived key."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    config.attributes["settings"] = settings
    return config


class SchemaIsNewer(HuiyinError):
    """A later release has migrated the database."""

    en = (
        "the database has the schema {found} of a later release; this one knows none after {known}. "
        "Start that release, or restore a copy from before the upgrade"
    )
    zh = "数据库结构 {found} 属于更新的版本；本版本只支持到 {known}。请启动新版本，或恢复升级前的备份"


async def migrate(settings: Settings, on_wait: OnWait = log_waiting) -> tuple[str | None, str | None]:
    """Upgrade to the newest revision, as the owner, let the application's role use it, and build the indexes of large
    tables beside those who use them. One that ends early has done some revisions whole; the next goes on from there.

    Returns the revisions before and after. `on_wait`: told whom it waits for.

    Raises:
        SchemaIsNewer: a later release was here; nothing is changed.
    """
    role = await application_role(settings)
    upgrade = partial(_upgrade, role=role, settings=settings, on_wait=on_wait)
    done = await in_database(settings, upgrade, on_wait)
    await build_missing(settings, on_wait)
    return done


async def in_database(
    settings: Settings,
    work: Callable[[Connection], tuple[str | None, str | None]],
    on_wait: OnWait | None = log_waiting,
) -> tuple[str | None, str | None]:
    """Run `work` as the tables' owner, over a connection that holds the migration lock until it closes.

    `on_wait`: None for one that only looks, and waits for nobody's lock.
    """
    engine = _engine(settings)
    try:
        async with engine.connect() as connection:
            if on_wait is not None:
                raw = (await connection.get_raw_connection()).driver_connection
                await take_turn(raw, MIGRATION_LOCK, on_wait)
            done = await connection.run_sync(work)
            await connection.commit()
            return done
    except DBAPIError as error:
        # What Postgres says is for who asks, as of any other connection, and not how SQLAlchemy was told of it.
        said = error.orig and error.orig.__cause__
        if isinstance(said, asyncpg.PostgresError):
            raise said from error
        raise
    finally:
        await engine.dispose()


def newest_revision() -> str | None:
    """The revision that this release needs."""
    return _scripts().get_current_head()


def is_newer(revision: str | None) -> bool:
    """Whether a later release than this one made the schema: this one does not know its revision."""
    return revision is not None and revision not in {
        script.revision for script in _scripts().walk_revisions()
    }


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config())


def present_revision(connection: Connection) -> str | None:
    """The revision that the database has."""
    context = MigrationContext.configure(connection, opts={"version_table_schema": "deploy"})
    return context.get_current_revision()


def _upgrade(
    connection: Connection, *, role: str | None, settings: Settings, on_wait: OnWait
) -> tuple[str | None, str | None]:
    for name in SCHEMAS:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
    before = present_revision(connection)
    after = newest_revision()
    if is_newer(before):
        raise SchemaIsNewer(found=before, known=after)
    if before != after:
        _upgrade_patiently(connection, settings, LongWait(on_wait))
    for statement in grants_to(role) if role is not None else ():
        connection.execute(text(statement))
    return before, after


def _upgrade_patiently(connection: Connection, settings: Settings, waiting: LongWait) -> None:
    """Upgrade; where somebody holds a table for long (a copy, an export), let all others have it between two tries.

    Whoever waits for a lock keeps everybody behind them waiting, too, who could have had the table meanwhile.
    """
    connection.execute(text(f"SET lock_timeout = '{_LOCK_SECONDS}s'"))
    while True:
        try:
            command.upgrade(alembic_config(connection, settings), "head")
            return
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != asyncpg.LockNotAvailableError.sqlstate:
                raise
            connection.rollback()
            await_only(waiting.tell_of(await_only(longest_here(connection.connection.driver_connection))))
            await_only(asyncio.sleep(_AGAIN_SECONDS))


def _engine(settings: Settings) -> AsyncEngine:
    # SQLAlchemy hands sslmode and the like on under names that asyncpg does not know: we connect ourselves.
    return create_async_engine(
        "postgresql+asyncpg://",
        # A migration may compute between two statements, and doctor looks at the schema through this, too.
        async_creator=lambda: plain_connection(settings.as_owner, PATIENT),
        poolclass=NullPool,
    )
