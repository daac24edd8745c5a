"""Databases beside ours: made for a restored copy, compared, exchanged, removed."""

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from deploy import clock
from deploy.database.metadata import SCHEMAS
from deploy.database.pool import Connection, connect
from deploy.database.turns import OnWait, log_waiting, telling
from deploy.settings import Settings
from schemas.errors import HuiyinError

#: How long a restore waits for the last client to be gone (project choice: as long as Postgres waits itself).
_FAREWELL_SECONDS = 5.0
#: Behind our database's name, and before some digits: one that is being restored.
_RESTORED = "_restored_"
#: Behind our database's name, and before the time to the microsecond: one that a restore put aside.
BEFORE = "_before_"
#: Before some digits: one in which a backup is proved (by arithmetic: 32 bits in hexadecimal).
_CHECK = "huiyin_check_"
_DIGITS = 8
#: "HUCK" in ASCII, so that nobody else takes the same advisory lock; its second half is the digits of such a database's
#: name. Whoever made it holds it until they are done with it.
_LOCK = 0x4855434B


class DatabaseInUse(HuiyinError):
    """Somebody is connected to the database that is to be replaced."""

    en = "{count} connections to the database are open: stop everything first (huiyin down)"
    zh = "数据库仍有 {count} 个连接：请先停止所有进程（huiyin down）"


class DatabaseNotEmpty(HuiyinError):
    """There is something that a restore would put aside."""

    en = "the database has {cases} cases. With --replace it is kept beside the restored one, under another name"
    zh = "数据库中已有 {cases} 个件。加上 --replace 将其改名保留，再换上备份"


def named(settings: Settings, name: str) -> Settings:
    """These settings as the owner, with another database of the same server."""
    owner = settings.as_owner.database_url
    return settings.model_copy(
        update={
            "database_url": urlsplit(owner)._replace(path=f"/{name}").geturl(),
            "migration_database_url": "",
        }
    )


def name_of(settings: Settings) -> str:
    """The name of the settings' database."""
    return urlsplit(settings.database_url).path.lstrip("/")


@asynccontextmanager
async def scratch(settings: Settings, on_wait: OnWait = log_waiting) -> AsyncIterator[Settings]:
    """An empty database that is removed at the end; if we are killed before, the next backup or restore removes it.

    Raises:
        asyncpg.InsufficientPrivilegeError: the owner may make none.
    """
    await drop_left_over(settings, on_wait)
    async with _made(settings.as_owner, _CHECK) as name:
        try:
            yield named(settings, name)
        finally:
            await drop(settings, name, on_wait)


@asynccontextmanager
async def to_restore_into(settings: Settings, on_wait: OnWait = log_waiting) -> AsyncIterator[str]:
    """The name of an empty database beside the settings' one, whose place it may take; whoever fails drops it."""
    await drop_left_over(settings, on_wait)
    # Not by a connection to ours, which is renamed in the end and must have no company then.
    async with _made(named(settings, "postgres"), f"{name_of(settings)}{_RESTORED}") as name:
        yield name


@asynccontextmanager
async def _made(by: Settings, beginning: str) -> AsyncIterator[str]:
    """A new database; while this is open nobody takes it for a leftover. `by`: whom to connect as, and to what."""
    digits = secrets.token_hex(_DIGITS // 2)
    async with connect(by) as db:
        # Before there is the database: nobody who looks for leftovers finds this one without.
        await db.execute("SELECT pg_advisory_lock($1, ('x' || $2)::bit(32)::int)", _LOCK, digits)
        await db.execute(f'CREATE DATABASE "{beginning}{digits}" TEMPLATE template0')
        yield f"{beginning}{digits}"


async def left_over(db: Connection) -> Sequence[str]:
    """Databases that backups, or restores of this database, left that were killed: each is a whole copy."""
    left = await db.fetch(
        """
        SELECT datname FROM pg_database
        WHERE pg_get_userbyid(datdba) = current_user
          AND left(datname::text, -8) IN ($1, current_database()::text || $2::text) AND right(datname, 8) ~ '^[0-9a-f]{8}$'
          AND NOT EXISTS (
            SELECT FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid::bigint = $3
              AND lpad(to_hex(objid::bigint), 8, '0') = right(datname, 8)
          )
        ORDER BY datname
        """,
        _CHECK,
        _RESTORED,
        _LOCK,
    )
    return [row["datname"] for row in left]


async def drop_left_over(settings: Settings, on_wait: OnWait) -> None:
    """Remove what was left by backups and restores that were killed: nobody else would, and each is as large as a copy."""
    async with connect(settings.as_owner) as db:
        left = await left_over(db)
    for name in left:
        await drop(settings, name, on_wait)


async def rows_of_tables(db: Connection) -> Mapping[str, int]:
    """How many rows each table of ours has."""
    tables = await db.fetch(
        """
        SELECT format('%I.%I', schemaname, tablename) AS quoted, schemaname || '.' || tablename AS name
        FROM pg_tables WHERE schemaname = ANY ($1) ORDER BY 2
        """,
        SCHEMAS,
    )
    return {
        row["name"]: await db.fetchval(f"SELECT count(*) FROM {row['quoted']}")  # noqa: S608  quoted by Postgres
        for row in tables
    }


async def put_in_place(settings: Settings, restored: str) -> str:
    """Give the restored database the name of the settings' one, which keeps its data under the name returned.

    Raises:
        DatabaseInUse: somebody is connected to it, and stays.
    """
    name = name_of(settings)
    aside = f"{name}{BEFORE}{clock.now():%Y%m%d_%H%M%S_%f}"
    async with connect(named(settings, "postgres")) as db:
        async for attempt in _patiently():
            with attempt:
                await _refuse_company(db, name)
        async with db.transaction():
            await db.execute(f'ALTER DATABASE "{name}" RENAME TO "{aside}"')
            await db.execute(f'ALTER DATABASE "{restored}" RENAME TO "{name}"')
    return aside


def _patiently() -> AsyncRetrying:
    """Tries until whoever hung up is gone in Postgres' eyes too: a backend outlives its connection for a moment."""
    return AsyncRetrying(
        retry=retry_if_exception_type(DatabaseInUse),
        wait=wait_fixed(0.1),
        stop=stop_after_delay(_FAREWELL_SECONDS),
        reraise=True,
    )


async def _refuse_company(db: Connection, name: str) -> None:
    """Postgres' own workers (autovacuum) are no company: it sends them away itself when a database is renamed.

    Raises:
        DatabaseInUse: a client is connected.
    """
    count = await db.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'", name
    )
    if count:
        raise DatabaseInUse(count=count)


async def drop(settings: Settings, name: str, on_wait: OnWait = log_waiting) -> None:
    """Remove a database that was not finished: every session of the server must hear of it."""
    async with (
        connect(settings.as_owner) as db,
        connect(settings.as_owner) as another,
        telling(another, on_wait),
    ):
        await db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
