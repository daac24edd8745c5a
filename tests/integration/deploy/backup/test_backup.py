"""A backup of a real database, made, proved, and brought back; nothing is half done where it fails."""

import asyncio
import errno
import os
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import asyncpg
import pytest

from deploy import clock
from deploy.backup import restoring
from deploy.backup.databases import (
    DatabaseInUse,
    DatabaseNotEmpty,
    name_of,
    named,
    put_in_place,
)
from deploy.backup.making import make_backup, verify
from deploy.backup.manifest import read_manifest
from deploy.backup.postgres_tools import ToolFailed
from deploy.backup.restoring import FilesNotInPlace, OtherKey, forgotten_since, restore_backup
from deploy.backup.sealed_file import BackupUnreadable, SealedReader
from deploy.commands import backup as commands
from deploy.commands.backup import _to_forget_again
from deploy.database.migrate import SchemaIsNewer
from deploy.local.embedded.errors import DirectoryInUse
from deploy.local.embedded.files import DirectoryLock
from deploy.settings import Settings
from tests.integration.deploy.backup.copies import backup, files, names, put, refuse_move, run, tell
from tests.stack import eventually


async def test_what_was_copied_comes_back_and_what_was_there_is_kept(
    settings: Settings, tmp_path: Path
) -> None:
    """The database under its own name, the later one beside it, and so the files."""
    file, picture = tmp_path / "b", settings.data / "attachments" / "ab" / "one"
    await backup(settings, file)
    await put(settings, "later")
    picture.write_bytes(b"changed")

    kept = await restore_backup(settings, file, tell, replace=True)

    assert await names(settings) == ["canary-app"]
    beside = settings.model_copy(
        update={"database_url": settings.database_url.replace(name_of(settings), str(kept))}
    )
    assert await names(beside) == ["canary-app", "later"]
    assert picture.read_bytes() == b"picture" * 1000
    assert [each.read_bytes() for each in settings.data.glob("attachments.before-*/ab/one")] == [b"changed"]


async def test_files_are_on_the_disk_before_their_database_is_in_place_and_their_names_before_it_says_so(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut behind either takes none: each file, each folder, and the data directory that names them."""
    file, data, folder = tmp_path / "b", settings.data, settings.data / "attachments"
    await backup(settings, file)
    (folder / "ab" / "younger").write_bytes(b"younger")
    waited: list[Path] = []
    sync, take_place = os.fsync, put_in_place

    def note(descriptor: int) -> None:
        waited.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        sync(descriptor)

    async def take_place_after(settings: Settings, restored: str) -> str:
        before.extend(waited)
        waited.clear()
        return await take_place(settings, restored)

    before: list[Path] = []
    monkeypatch.setattr("os.fsync", note)
    monkeypatch.setattr(restoring, "put_in_place", take_place_after)
    await restore_backup(settings, file, tell, replace=True)

    beside = data / ".attachments.restored"
    assert {beside / "ab" / "one", beside / "ab", beside, data} <= {*before}
    assert {folder / "ab" / "younger", folder / "ab", folder, data} <= {*waited}


async def test_who_was_forgotten_after_the_copy_is_named(settings: Settings, tmp_path: Path) -> None:
    """And not who was before: of them nothing is back."""
    before, after, other = sorted(str(uuid4()) for _ in range(3))
    forget = "INSERT INTO intake.forgotten VALUES ($1, now(), 'li', 'asked for it', $2)"
    await run(settings, forget, before, False)
    await backup(settings, tmp_path / "b")
    await run(settings, forget, after, False)
    await run(settings, forget, other, True)

    aside = await restore_backup(settings, tmp_path / "b", tell, replace=True)
    forgotten = await forgotten_since(settings, aside)

    assert [(after, False), (other, True)] == [(each.case_id, each.keeps_files) for each in forgotten]
    said = [line for _, line in _to_forget_again(forgotten)]
    assert [True, True] == [
        f"huiyin forget {case}" in line for case, line in zip((after, other), said, strict=True)
    ]
    assert [False, True] == ["--keep-files" in line for line in said]
    await run(named(settings, aside), "DROP TABLE intake.forgotten")
    assert [] == await forgotten_since(settings, aside)


@pytest.mark.parametrize("has_links", [True, False])
async def test_attachments_of_after_the_copy_lie_among_its_own(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    """What names them Kafka may still have: `reconcile` finds them there. The former folder keeps them, too."""
    file, folder = tmp_path / "b", settings.data / "attachments"
    await backup(settings, file)
    younger = folder / "cd" / "two"
    younger.parent.mkdir()
    younger.write_bytes(b"later")
    if not has_links:
        monkeypatch.setattr("os.link", refuse_move)

    await restore_backup(settings, file, tell, replace=True)

    assert [b"picture" * 1000, b"later"] == [each.read_bytes() for each in sorted(folder.rglob("*/*"))]
    assert [b"later"] == [each.read_bytes() for each in settings.data.glob("attachments.before-*/cd/two")]


async def test_a_backup_is_proved_and_is_nobody_s_to_read(settings: Settings, tmp_path: Path) -> None:
    """It is restored once beside ours; the file is its owner's alone and shows no word of the database."""
    file = tmp_path / "b"

    made = await make_backup(settings, file, [settings.data / "attachments"], tell)

    assert made.is_proved
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"canary-app" not in file.read_bytes()
    with file.open("rb") as opened:
        assert read_manifest(SealedReader(opened, "b").first_line).rows["intake.nonce"] == 1
    assert not await run(settings, "SELECT datname FROM pg_database WHERE datname LIKE 'huiyin_check_%'")


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
    assert ["shared.copy"] == list(files(tmp_path))


async def test_what_is_not_proved_does_not_take_the_place_of_what_was(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The former backup stays, and nothing beside it."""

    async def refuse(
        _settings: Settings, _file: object, _tell: object, called: str, _on_wait: object
    ) -> bool:
        raise BackupUnreadable(file=called, reason="it is not the same")

    (tmp_path / "b").write_bytes(b"the former")
    monkeypatch.setattr("deploy.backup.making.verify", refuse)
    with pytest.raises(BackupUnreadable, match=r"^b\b"):
        await backup(settings, tmp_path / "b")

    assert {"b": b"the former"} == files(tmp_path)


async def test_a_changed_backup_is_worth_nothing_and_changes_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    """Neither proved nor restored; the database is as it was, and nothing half-made is left."""
    file = tmp_path / "b"
    await backup(settings, file)
    whole = file.read_bytes()
    file.write_bytes(whole[:-30])

    with pytest.raises((BackupUnreadable, ToolFailed)), file.open("rb") as opened:
        await verify(settings, opened, tell, "b")
    with pytest.raises((BackupUnreadable, ToolFailed)):
        await restore_backup(settings, file, tell, replace=True)

    assert await names(settings) == ["canary-app"]
    left = await run(settings, "SELECT datname FROM pg_database WHERE datname LIKE '%_restored_%'")
    assert not left
    assert ["attachments"] == [each.name for each in settings.data.iterdir()]


async def test_what_cannot_be_restored_here_is_refused_in_a_sentence(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another key, a later release's schema, a database that somebody uses, one that has cases."""
    file = tmp_path / "b"
    await backup(settings, file)
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

    assert await names(settings) == ["canary-app"]


async def test_who_is_just_leaving_does_not_stop_a_restore(settings: Settings, tmp_path: Path) -> None:
    """A connection that ends while the restore looks is waited for."""
    file = tmp_path / "b"
    await backup(settings, file)
    db = await asyncpg.connect(settings.database_url)
    leaving = asyncio.get_running_loop().create_task(_leave_when_looked_at(settings, db))

    await restore_backup(settings, file, tell, replace=True)
    await leaving

    assert await names(settings) == ["canary-app"]


async def _leave_when_looked_at(settings: Settings, db: asyncpg.Connection) -> None:
    """Close the connection once the restore has asked who is connected."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%client backend%' AND pid <> pg_backend_pid()"
    await eventually(lambda: db.fetchval(asked))
    await db.close()


async def test_cases_are_put_aside_only_when_asked(settings: Settings, tmp_path: Path) -> None:
    """Without --replace a database with cases is left alone."""
    file = tmp_path / "b"
    await backup(settings, file)
    await run(settings, _REGISTERED)

    with pytest.raises(DatabaseNotEmpty, match="1 cases"):
        await restore_backup(settings, file, tell, replace=False)


_REGISTERED = """
INSERT INTO intake.case (case_id, tracking_code, channel, source, content_hash, language, title, text, confidential,
    publish, received_at, registered_at)
VALUES (gen_random_uuid(), 'HY1', 'web', 'web', '', 'zh', 't', 't', false, false, now(), now())
"""


async def test_a_restore_has_its_data_directory_to_itself(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one would put the files of its copy into the same folders, and nobody may start anything meanwhile."""
    file = tmp_path / "b"
    await backup(settings, file)
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("HUIYIN_SECRET_KEY", settings.secret_key.get_secret_value())
    with DirectoryLock(settings.data), pytest.raises(DirectoryInUse):
        await asyncio.to_thread(commands.restore, file, settings.data, replace=True)


async def test_a_restore_that_is_refused_has_started_and_made_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a server of its own nor a directory: where another has the directory, or there is no such copy."""
    file, data = tmp_path / "b", tmp_path / "another"
    await backup(settings, file)
    monkeypatch.setenv("HUIYIN_SECRET_KEY", settings.secret_key.get_secret_value())
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(FileNotFoundError):
        await asyncio.to_thread(commands.restore, tmp_path / "none", data)
    assert not data.exists()
    with DirectoryLock(data), pytest.raises(DirectoryInUse):
        await asyncio.to_thread(commands.restore, file, data)

    assert ["lock"] == [each.name for each in data.iterdir()]


async def test_two_restores_within_a_second_keep_what_each_put_aside(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Databases and folders: whoever tries twice, or brings two copies back by a script, loses neither."""
    file = tmp_path / "b"
    await backup(settings, file)
    second = clock.now().replace(microsecond=0)
    moments = (second + timedelta(microseconds=passed) for passed in count())
    monkeypatch.setattr("deploy.backup.databases.clock", SimpleNamespace(now=lambda: next(moments)))
    monkeypatch.setattr("deploy.backup.restoring.clock", SimpleNamespace(now=lambda: next(moments)))

    kept = [await restore_backup(settings, file, tell, replace=True) for _ in range(2)]

    assert len({*kept}) == len([*settings.data.glob("attachments.before-*")]) == 2


async def test_a_copy_that_cannot_be_migrated_changes_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is brought to this release's schema before it takes the place."""
    file = tmp_path / "b"
    await backup(settings, file)
    await put(settings, "later")

    async def refuse(*_: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr("deploy.backup.restoring.migrate", refuse)
    with pytest.raises(RuntimeError):
        await restore_backup(settings, file, tell, replace=True)

    assert await names(settings) == ["canary-app", "later"]
    assert not await run(settings, "SELECT datname FROM pg_database WHERE datname LIKE '%_restored_%'")


async def test_files_that_cannot_be_moved_are_named(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is the restored one by then: the message says under which name the former one is kept."""
    file = tmp_path / "b"
    await backup(settings, file)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse_move)
        with pytest.raises(FilesNotInPlace, match=r"_before_.*attachments.*cross-device"):
            await restore_backup(settings, file, tell, replace=True)
