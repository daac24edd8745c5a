"""Making a backup while everything runs: one snapshot of the database, the files after it, the proof, then its name."""

import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from io import BufferedRandom, BufferedReader
from pathlib import Path
from typing import IO

import asyncpg
import msgspec

from deploy import clock
from deploy.backup import postgres_tools, sections
from deploy.backup.contents import DATABASE, Tell, told, unpacked
from deploy.backup.databases import rows_of_tables, scratch
from deploy.backup.manifest import Manifest, backup_key, fingerprint, read_manifest
from deploy.backup.sealed_file import BackupUnreadable, SealedReader, SealedWriter
from deploy.database.pool import PATIENT, Connection, connect
from deploy.database.turns import OnWait, log_waiting
from deploy.files.durable import make_durable
from deploy.local.embedded.holders import holder_of
from deploy.settings import Settings
from schemas.errors import HuiyinError, Unusable

# Read and written at once: more is no faster (project choice).
_PIECE_BYTES = 256 * 1024
#: Ends the name of a file that is no backup yet.
_UNFINISHED = ".unfinished-backup"
#: What file systems answer that know of no locks.
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP)
#: What folders answer that nobody may read, and file systems that keep names by themselves.
_NO_FOLDER = (errno.EACCES, errno.EPERM, errno.EINVAL)


class BackupUnderWay(HuiyinError):
    """Another backup of that name is being written."""

    en = "{unfinished} is there: {holder} writes it just now, or another user's backup was killed; then remove it"
    zh = "{unfinished} 已存在：{holder}正在写入；若是其他用户中断的备份所留，请将其删除"


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that lies under its name."""

    manifest: Manifest
    #: False where the owner may make no database to restore it into.
    is_proved: bool


async def make_backup(
    settings: Settings, file: Path, folders: Sequence[Path], tell: Tell, on_wait: OnWait = log_waiting
) -> Made:
    """Write the backup and prove it; only then it has its name. What killed ones left, here and in the server, goes.

    `folders`: below the data directory. `tell`: what, bytes so far. `on_wait`: whom it waits for.

    Raises:
        BackupUnderWay, BackupUnreadable, ToolFailed, OSError: nothing new is there; what had the name has it still.
    """
    _forget_unfinished(file.parent)
    with _unfinished(file) as out:
        manifest = await _write(settings, out, folders, tell)
        out.flush()
        os.fsync(out.fileno())
        is_proved = await verify(
            settings, out, lambda name, done: tell(f"checking {name}", done), file.name, on_wait
        )
        _give_name(out, file)
    return Made(manifest=manifest, is_proved=is_proved)


def _forget_unfinished(directory: Path) -> None:
    """Remove what our killed backups left there; one that runs holds its file's lock."""
    for path in directory.glob(f".*{_UNFINISHED}"):
        # One that is in use, gone meanwhile, or that cannot be asked hinders nobody's backup.
        with suppress(OSError):
            if path.stat().st_uid == os.geteuid():
                with path.open("r+b") as left:
                    fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink(missing_ok=True)


@contextmanager
def _unfinished(file: Path) -> Iterator[BufferedRandom]:
    """A new file beside it that its owner alone may read; whoever fails leaves none."""
    path = file.with_name(f".{file.name}{_UNFINISHED}")
    with _created(path, file) as out:
        _lock(out)
        if not os.fstat(out.fileno()).st_nlink:  # another backup took it for a leftover, before the lock
            raise BackupUnderWay(unfinished=path, holder=holder_of(path))
        try:
            yield out
        except BaseException:
            path.unlink(missing_ok=True)
            raise


@contextmanager
def _told_of(file: Path) -> Iterator[None]:
    """What the system refuses of the unfinished file is told of the one that was asked for."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error


def _lock(out: IO[bytes]) -> None:
    """While it is written nobody takes it for a leftover; where there are no locks nobody removes any."""
    try:
        fcntl.flock(out, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise


def _give_name(out: IO[bytes], file: Path) -> None:
    with _told_of(file):
        Path(out.name).rename(file)
    try:
        make_durable(file)
    except OSError as error:
        # It has its name, and its content is on the disk.
        if error.errno not in _NO_FOLDER:
            raise


def _created(path: Path, file: Path) -> BufferedRandom:
    try:
        with _told_of(file):
            return open(path, "x+b", opener=lambda name, flags: os.open(name, flags, 0o600))
    except FileExistsError as error:
        raise BackupUnderWay(unfinished=path, holder=holder_of(path)) from error


async def _write(settings: Settings, out: IO[bytes], folders: Sequence[Path], tell: Tell) -> Manifest:
    # Before the snapshot: an anchor that is older than this tells of nothing that the copy lacks.
    made_at = clock.now()
    async with (
        connect(settings.as_owner, PATIENT) as db,
        db.transaction(isolation="repeatable_read", readonly=True),
    ):
        snapshot = await db.fetchval("SELECT pg_export_snapshot()")
        manifest = await _manifest(settings, db, made_at)
        writer = SealedWriter(out, backup_key(settings), manifest.line())
        _add(writer, DATABASE, postgres_tools.dump(settings.as_owner.database_url, snapshot), tell)
    # After the snapshot: whatever a row of it names was written before the row.
    for path in _files(settings.data, folders):
        _add(writer, path.relative_to(settings.data).as_posix(), _content(path), tell)
    sections.end(writer)
    writer.close()
    return manifest


async def _manifest(settings: Settings, db: Connection, made_at: datetime) -> Manifest:
    schema = await db.fetchval("SELECT version_num FROM deploy.alembic_version")
    return Manifest(made_at=made_at, schema=schema, key=fingerprint(settings), rows=await rows_of_tables(db))


def _add(writer: SealedWriter, name: str, data: Iterator[bytes], tell: Tell) -> None:
    sections.begin(writer, name)
    for each in told(data, name, tell):
        sections.piece(writer, each)
    sections.end(writer)


def _files(data: Path, folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_relative_to(data):
            yield from sorted(path for path in folder.rglob("*") if path.is_file())


def _content(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while data := file.read(_PIECE_BYTES):
                yield data
    except FileNotFoundError:
        return  # swept meanwhile: no row of the snapshot names it


async def verify(
    settings: Settings,
    file: BufferedReader | BufferedRandom,
    tell: Tell,
    called: str,
    on_wait: OnWait = log_waiting,
) -> bool:
    """Restore the database in the backup beside ours, compare it row by row's number, and remove it again.

    `file`: read from its beginning, and by this handle alone, since some shares let nobody else read what is locked.
    `called`: how messages name it. False where the owner may make no database: nothing was compared.

    Raises:
        BackupUnreadable, ToolFailed: the backup is worth nothing.
    """
    try:
        async with scratch(settings, on_wait) as beside:
            file.seek(0)
            reader = SealedReader(file, called).unlock(backup_key(settings))
            manifest = read_manifest(reader.first_line)
            for _ in unpacked(beside.database_url, reader, tell):
                pass
            async with connect(beside) as db:
                found = await rows_of_tables(db)
    except asyncpg.InsufficientPrivilegeError:
        return False
    differing = sorted(name for name, count in manifest.rows.items() if found.get(name) != count)
    if differing:
        tables = ", ".join(differing)
        reason = Unusable(
            zh=f"恢复出的副本在这些表中不同：{tables}", en=f"the restored copy differs in {tables}"
        )
        raise BackupUnreadable(file=called, reason=reason)
    return True
