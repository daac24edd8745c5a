"""A backup of a real database, made, proved, and brought back; nothing is half done where it fails."""

import asyncio
import errno
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from deploy.backup.databases import (
    DatabaseInUse,
    DatabaseNotEmpty,
    drop,
    left_over,
    name_of,
    scratch,
    to_restore_into,
)
from deploy.backup.making import BackupUnderWay, _unfinished, make_backup, verify
from deploy.backup.manifest import read_manifest
from deploy.backup.postgres_tools import ToolFailed
from deploy.backup.restoring import FilesNotInPlace, OtherKey, restore_backup
from deploy.backup.sealed_file import BackupUnreadable, SealedReader
from deploy.commands.copy_check import check_copies
from deploy.database.migrate import SchemaIsNewer
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.stack import eventually, fresh_database

_CASE = """
INSERT INTO intake.nonce (app, nonce, at) VALUES ($1, 'n', now())
"""


def tell(_name: str, _done: int) -> None:
    """Nobody watches."""


@pytest.fixture
async def settings(postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path) -> Settings:
    """A migrated database with one row that says whose it is, and a file beside it."""
    url = await fresh_database(postgres_server.url, like=migrated)
    settings = Settings(database_url=url, data=tmp_path / "data", secret_key="0123456789abcdef" * 4)
    await _put(settings, "canary-app")
    attachment = settings.data / "attachments" / "ab" / "one"
    attachment.parent.mkdir(parents=True)
    attachment.write_bytes(b"picture" * 1000)
    return settings


async def _run(settings: Settings, statement: str, *args: object) -> list[asyncpg.Record]:
    db = await asyncpg.connect(settings.database_url)
    try:
        return list(await db.fetch(statement, *args))
    finally:
        await db.close()


async def _put(settings: Settings, name: str) -> None:
    await _run(settings, _CASE, name)


async def _names(settings: Settings) -> list[str]:
    return [row["app"] for row in await _run(settings, "SELECT app FROM intake.nonce ORDER BY app")]


async def _backup(settings: Settings, file: Path) -> None:
    await make_backup(settings, file, [settings.data / "attachments"], tell)


async def test_what_was_copied_comes_back_and_what_was_there_is_kept(
    settings: Settings, tmp_path: Path
) -> None:
    """The database under its own name, the later one beside it, and so the files."""
    file, picture = tmp_path / "b", settings.data / "attachments" / "ab" / "one"
    await _backup(settings, file)
    await _put(settings, "later")
    picture.write_bytes(b"changed")

    kept = await restore_backup(settings, file, tell, replace=True)

    assert await _names(settings) == ["canary-app"]
    beside = settings.model_copy(
        update={"database_url": settings.database_url.replace(name_of(settings), str(kept))}
    )
    assert await _names(beside) == ["canary-app", "later"]
    assert picture.read_bytes() == b"picture" * 1000
    assert [each.read_bytes() for each in settings.data.glob("attachments.before-*/ab/one")] == [b"changed"]


@pytest.mark.parametrize("has_links", [True, False])
async def test_attachments_of_after_the_copy_lie_among_its_own(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    """What names them Kafka may still have: `reconcile` finds them there. The former folder keeps them, too."""
    file, folder = tmp_path / "b", settings.data / "attachments"
    await _backup(settings, file)
    younger = folder / "cd" / "two"
    younger.parent.mkdir()
    younger.write_bytes(b"later")
    if not has_links:
        monkeypatch.setattr("os.link", _refuse)

    await restore_backup(settings, file, tell, replace=True)

    assert [b"picture" * 1000, b"later"] == [each.read_bytes() for each in sorted(folder.rglob("*/*"))]
    assert [b"later"] == [each.read_bytes() for each in settings.data.glob("attachments.before-*/cd/two")]


def _refuse(_path: Path, _target: Path) -> Path:
    raise OSError(errno.EXDEV, "Invalid cross-device link")


async def test_a_backup_is_proved_and_is_nobody_s_to_read(settings: Settings, tmp_path: Path) -> None:
    """It is restored once beside ours; the file is its owner's alone and shows no word of the database."""
    file = tmp_path / "b"

    made = await make_backup(settings, file, [settings.data / "attachments"], tell)

    assert made.is_proved
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"canary-app" not in file.read_bytes()
    with file.open("rb") as opened:
        assert read_manifest(SealedReader(opened, "b").first_line).rows["intake.nonce"] == 1
    assert not await _run(settings, "SELECT datname FROM pg_database WHERE datname LIKE 'huiyin_check_%'")


#: Makes a backup into argv[1], and is killed once it tells argv[2].
_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from deploy.backup.making import make_backup
from deploy.settings import Settings

def tell(what, done):
    if what == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(make_backup(Settings(), Path(sys.argv[1]), [], tell))
"""


async def _killed_at(settings: Settings, file: Path, moment: str) -> None:
    environment = {
        **os.environ, "DATABASE_URL": settings.database_url, "HUIYIN_DATA": str(settings.data),
        "HUIYIN_SECRET_KEY": settings.secret_key.get_secret_value(),
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _KILLED, str(file), moment, env=environment
    )
    assert -signal.SIGKILL == await process.wait()


def _files(folder: Path) -> Mapping[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


async def _left_over(settings: Settings) -> Sequence[str]:
    async with connect(settings) as db:
        return await left_over(db)


async def test_what_backups_left_that_were_killed_goes_with_the_next(
    settings: Settings, tmp_path: Path
) -> None:
    """None has its name before it is proved; half a file and a whole copy in a database stay behind, and not for long."""
    for name, moment in {"writing": "database", "proving": "checking database"}.items():
        await _killed_at(settings, tmp_path / name, moment)
    left = [*_files(tmp_path)]
    await eventually(lambda: _left_over(settings))
    found = await check_copies(settings)

    await _backup(settings, tmp_path / "whole")

    assert [".proving.unfinished-backup"] == left, "that of the first went with the second"
    assert "warn" == found.state
    assert ["whole"] == [*_files(tmp_path)]
    assert not await _left_over(settings)
    assert "ok" == (await check_copies(settings)).state


async def test_a_restore_removes_the_copy_of_a_backup_that_was_killed(
    settings: Settings, tmp_path: Path
) -> None:
    """The database in which it proved itself; one of another name stays."""
    await _backup(settings, tmp_path / "b")
    for name in ("huiyin_check_0123abcd", "huiyin_check_by_hand"):
        await _run(settings, f'CREATE DATABASE "{name}"')

    await restore_backup(settings, tmp_path / "b", tell, replace=True)
    found = await _run(
        settings, "SELECT datname FROM pg_database WHERE starts_with(datname, 'huiyin_check_')"
    )
    await _run(settings, 'DROP DATABASE "huiyin_check_by_hand"')

    assert ["huiyin_check_by_hand"] == [row["datname"] for row in found]


async def test_a_backup_leaves_another_that_runs_alone(settings: Settings, tmp_path: Path) -> None:
    """Its database and its half a file are in use; the same file is refused, and comes to no harm; ended, it leaves none."""
    with suppress(InterruptedError), _unfinished(tmp_path / "other"):
        async with scratch(settings) as beside:
            await _backup(settings, tmp_path / "b")
            assert not await _left_over(settings)
            assert await _run(beside, "SELECT 1")
        with pytest.raises(BackupUnderWay, match=r"other\.unfinished-backup is there"):
            await _backup(settings, tmp_path / "other")
        assert {"b", ".other.unfinished-backup"} == set(_files(tmp_path))
        raise InterruptedError

    assert ["b"] == [*_files(tmp_path)]


async def test_a_share_without_locks_or_readable_folders_takes_a_backup(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has its name, is proved by the handle that wrote it, and nothing is left beside it."""

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    def unreadable(_: Path) -> None:
        raise PermissionError(errno.EACCES, "a folder that nobody may read")

    monkeypatch.setattr("fcntl.flock", no_locks)
    monkeypatch.setattr("deploy.backup.making.make_durable", unreadable)
    made = await make_backup(settings, tmp_path / "shared.copy", [], tell)

    assert made.is_proved
    assert ["shared.copy"] == list(_files(tmp_path))


async def test_what_is_not_proved_does_not_take_the_place_of_what_was(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The former backup stays, and nothing beside it."""

    async def refuse(_settings: Settings, _file: object, _tell: object, called: str) -> bool:
        raise BackupUnreadable(file=called, reason="it is not the same")

    (tmp_path / "b").write_bytes(b"the former")
    monkeypatch.setattr("deploy.backup.making.verify", refuse)
    with pytest.raises(BackupUnreadable, match=r"^b\b"):
        await _backup(settings, tmp_path / "b")

    assert {"b": b"the former"} == _files(tmp_path)


async def test_a_changed_backup_is_worth_nothing_and_changes_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    """Neither proved nor restored; the database is as it was, and nothing half-made is left."""
    file = tmp_path / "b"
    await _backup(settings, file)
    whole = file.read_bytes()
    file.write_bytes(whole[:-30])

    with pytest.raises((BackupUnreadable, ToolFailed)), file.open("rb") as opened:
        await verify(settings, opened, tell, "b")
    with pytest.raises((BackupUnreadable, ToolFailed)):
        await restore_backup(settings, file, tell, replace=True)

    assert await _names(settings) == ["canary-app"]
    left = await _run(settings, "SELECT datname FROM pg_database WHERE datname LIKE '%_restored_%'")
    assert not left
    assert ["attachments"] == [each.name for each in settings.data.iterdir()]


async def test_files_of_a_restore_that_was_killed_stay_out(settings: Settings, tmp_path: Path) -> None:
    """The folder that it left behind holds files of another copy: they do not come in with this one's."""
    file = tmp_path / "b"
    await _backup(settings, file)
    stale = settings.data / ".attachments.restored" / "ab" / "of-another-copy"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"?")

    await restore_backup(settings, file, tell, replace=True)

    assert ["one"] == [each.name for each in (settings.data / "attachments" / "ab").iterdir()]


async def test_the_database_of_a_restore_that_was_killed_goes_with_the_next(
    settings: Settings, tmp_path: Path
) -> None:
    """It is as large as the copy, and nobody else knows of it; another city's, beside ours, stays."""
    file, left = tmp_path / "b", f"{name_of(settings)}_restored_0123abcd"
    others = [f"{name_of(settings)}_restored_by_hand", f"x{left}"]
    await _backup(settings, file)
    for each in (left, *others):
        await _run(settings, f'CREATE DATABASE "{each}"')

    await restore_backup(settings, file, tell, replace=True)
    found = await _run(
        settings, "SELECT datname FROM pg_database WHERE datname LIKE '%_restored_%' ORDER BY 1"
    )

    assert sorted(others) == [row["datname"] for row in found]
    for each in others:
        await _run(settings, f'DROP DATABASE "{each}"')


async def test_a_backup_removes_what_a_killed_restore_left_and_leaves_one_that_runs(
    settings: Settings, tmp_path: Path
) -> None:
    """The rule is the same whoever comes next: without its maker's lock it is nobody's."""
    left = f"{name_of(settings)}_restored_0123abcd"
    await _run(settings, f'CREATE DATABASE "{left}"')
    async with to_restore_into(settings) as under_way:
        assert not await _left_over(settings), "a restore removes them, too"
        await _run(settings, f'CREATE DATABASE "{left}"')
        await _backup(settings, tmp_path / "b")
        found = await _run(settings, "SELECT datname FROM pg_database WHERE datname LIKE '%_restored_%'")
        await drop(settings, under_way)

    assert [under_way] == [row["datname"] for row in found]


async def test_what_cannot_be_restored_here_is_refused_in_a_sentence(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another key, a later release's schema, a database that somebody uses, one that has cases."""
    file = tmp_path / "b"
    await _backup(settings, file)
    other = settings.model_copy(update={"secret_key": Settings(secret_key="f0123456789abcde" * 4).secret_key})

    with pytest.raises(OtherKey, match="another HUIYIN_SECRET_KEY"):
        await restore_backup(other, file, tell, replace=True)
    db = await asyncpg.connect(settings.database_url)
    with pytest.raises(DatabaseInUse, match="1 connections"):
        await restore_backup(settings, file, tell, replace=True)
    await db.close()
    monkeypatch.setattr("deploy.backup.restoring.is_newer", lambda _: True)
    with pytest.raises(SchemaIsNewer):
        await restore_backup(settings, file, tell, replace=True)

    assert await _names(settings) == ["canary-app"]


async def test_who_is_just_leaving_does_not_stop_a_restore(settings: Settings, tmp_path: Path) -> None:
    """A connection that ends while the restore looks is waited for."""
    file = tmp_path / "b"
    await _backup(settings, file)
    db = await asyncpg.connect(settings.database_url)
    leaving = asyncio.get_running_loop().create_task(_leave_when_looked_at(settings, db))

    await restore_backup(settings, file, tell, replace=True)
    await leaving

    assert await _names(settings) == ["canary-app"]


async def _leave_when_looked_at(settings: Settings, db: asyncpg.Connection) -> None:
    """Close the connection once the restore has asked who is connected."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%client backend%' AND pid <> pg_backend_pid()"
    await eventually(lambda: db.fetchval(asked))
    await db.close()


async def test_cases_are_put_aside_only_when_asked(settings: Settings, tmp_path: Path) -> None:
    """Without --replace a database with cases is left alone."""
    file = tmp_path / "b"
    await _backup(settings, file)
    await _run(settings, _REGISTERED)

    with pytest.raises(DatabaseNotEmpty, match="1 cases"):
        await restore_backup(settings, file, tell, replace=False)


_REGISTERED = """
INSERT INTO intake.case (case_id, tracking_code, channel, source, content_hash, language, title, text, confidential,
    publish, received_at, registered_at)
VALUES (gen_random_uuid(), 'HY1', 'web', 'web', '', 'zh', 't', 't', false, false, now(), now())
"""


async def test_a_copy_that_cannot_be_migrated_changes_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is brought to this release's schema before it takes the place."""
    file = tmp_path / "b"
    await _backup(settings, file)
    await _put(settings, "later")

    async def refuse(_: Settings) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr("deploy.backup.restoring.migrate", refuse)
    with pytest.raises(RuntimeError):
        await restore_backup(settings, file, tell, replace=True)

    assert await _names(settings) == ["canary-app", "later"]
    assert not await _run(settings, "SELECT datname FROM pg_database WHERE datname LIKE '%_restored_%'")


async def test_files_that_cannot_be_moved_are_named(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is the restored one by then: the message says under which name the former one is kept."""
    file = tmp_path / "b"
    await _backup(settings, file)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", _refuse)
        with pytest.raises(FilesNotInPlace, match=r"_before_.*attachments.*cross-device"):
            await restore_backup(settings, file, tell, replace=True)
