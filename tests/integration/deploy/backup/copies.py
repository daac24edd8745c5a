"""Copies and what is in them, as the tests of backups make and read them."""

import errno
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from deploy.backup.making import make_backup
from deploy.settings import Settings

_CASE = """
INSERT INTO intake.nonce (app, nonce, at) VALUES ($1, 'n', now())
"""


def tell(_name: str, _done: int) -> None:
    """Nobody watches."""


async def run(settings: Settings, statement: str, *args: object) -> list[asyncpg.Record]:
    """What the statement finds, by a connection of its own."""
    db = await asyncpg.connect(settings.database_url)
    try:
        return list(await db.fetch(statement, *args))
    finally:
        await db.close()


async def put(settings: Settings, name: str) -> None:
    """Add a row that says whose database this is."""
    await run(settings, _CASE, name)


async def names(settings: Settings) -> list[str]:
    """Whose rows are in the database, in order."""
    return [row["app"] for row in await run(settings, "SELECT app FROM intake.nonce ORDER BY app")]


async def backup(settings: Settings, file: Path) -> None:
    """Make a copy of the database and of its attachments."""
    await make_backup(settings, file, [settings.data / "attachments"], tell)


def refuse_move(_path: Path, _target: Path) -> Path:
    """Stands in for a move, or a link, to another file system."""
    raise OSError(errno.EXDEV, "Invalid cross-device link")


def files(folder: Path) -> Mapping[str, bytes]:
    """What lies in the folder, by name."""
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}
