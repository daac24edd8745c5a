"""What backups and restores leave that were killed, and who removes it."""

import asyncio
import errno
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from deploy.backup import restoring
from deploy.backup.databases import (
    drop,
    left_over,
    name_of,
    scratch,
    to_restore_into,
)
from deploy.backup.making import BackupUnderWay, _unfinished
from deploy.backup.restoring import (
    EarlierNotFinished,
    NotOnDisk,
    YoungerNotAdded,
    finish_restore,
    restore_backup,
)
from deploy.backup.sealed_file import BackupUnreadable
from deploy.commands.checks.copies import check_copies
from deploy.commands.doctor import examine
from deploy.database.pool import connect
from deploy.files.durable import make_all_durable
from deploy.local.embedded.files import DirectoryLock
from deploy.settings import Settings
from tests.integration.deploy.backup.copies import backup, files, refuse_move, run, tell
from tests.stack import eventually

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


async def _left_over(settings: Settings) -> Sequence[str]:
    async with connect(settings) as db:
        return await left_over(db)


async def test_what_backups_left_that_were_killed_goes_with_the_next(
    settings: Settings, tmp_path: Path
) -> None:
    """None has its name before it is proved; half a file and a whole copy in a database stay behind, and not for long."""
    for name, moment in {"writing": "database", "proving": "checking database"}.items():
        await _killed_at(settings, tmp_path / name, moment)
    left = [*files(tmp_path)]
    await eventually(lambda: _left_over(settings))
    found = await check_copies(settings)

    await backup(settings, tmp_path / "whole")

    assert [".proving.unfinished-backup"] == left, "that of the first went with the second"
    assert "warn" == found.state
    assert ["whole"] == [*files(tmp_path)]
    assert not await _left_over(settings)
    assert "ok" == (await check_copies(settings)).state


async def test_a_restore_removes_the_copy_of_a_backup_that_was_killed(
    settings: Settings, tmp_path: Path
) -> None:
    """The database in which it proved itself; one of another name stays."""
    await backup(settings, tmp_path / "b")
    for name in ("huiyin_check_0123abcd", "huiyin_check_by_hand"):
        await run(settings, f'CREATE DATABASE "{name}"')

    await restore_backup(settings, tmp_path / "b", tell, replace=True)
    found = await run(settings, "SELECT datname FROM pg_database WHERE starts_with(datname, 'huiyin_check_')")
    await run(settings, 'DROP DATABASE "huiyin_check_by_hand"')

    assert ["huiyin_check_by_hand"] == [row["datname"] for row in found]


async def test_a_backup_leaves_another_that_runs_alone(settings: Settings, tmp_path: Path) -> None:
    """Its database and its half a file are in use; the same file is refused, and comes to no harm; ended, it leaves none."""
    with suppress(InterruptedError), _unfinished(tmp_path / "other"):
        async with scratch(settings) as beside:
            await backup(settings, tmp_path / "b")
            assert not await _left_over(settings)
            assert await run(beside, "SELECT 1")
        with pytest.raises(BackupUnderWay, match=r"other\.unfinished-backup is there"):
            await backup(settings, tmp_path / "other")
        assert {"b", ".other.unfinished-backup"} == set(files(tmp_path))
        raise InterruptedError

    assert ["b"] == [*files(tmp_path)]


async def test_files_of_a_restore_that_was_killed_stay_out(settings: Settings, tmp_path: Path) -> None:
    """The folder that it left behind holds files of another copy: they do not come in with this one's."""
    file = tmp_path / "b"
    await backup(settings, file)
    stale = settings.data / ".attachments.restored" / "ab" / "of-another-copy"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"?")

    await restore_backup(settings, file, tell, replace=True)

    assert ["one"] == [each.name for each in (settings.data / "attachments" / "ab").iterdir()]


class Killed(BaseException):
    """Stands in for the end of the process: nothing that tidies up after an error sees it coming."""


async def _killed_behind_its_database(
    settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restore whose database is in place, and none of its files."""

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(restoring, "_put_files_in_place", killed)
        with pytest.raises(Killed):
            await restore_backup(settings, file, tell, replace=True)


async def test_a_restore_that_was_killed_before_its_files_were_in_place_is_told_of(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is the restored one, without our processes' rights: the next start gives them, and moves the files."""
    file, prepared = tmp_path / "b", settings.data / "prepared"
    await backup(settings, file)
    prepared.touch()

    await _killed_behind_its_database(settings, file, monkeypatch)
    found = await check_copies(settings)
    is_prepared = prepared.exists()
    with DirectoryLock(settings.data):
        assert "ok" == (await check_copies(settings)).state, "one that runs"
    younger = settings.data / "attachments" / "ab" / "younger"
    younger.write_bytes(b"younger")
    moved = await finish_restore(settings)

    assert not is_prepared
    assert "warn" == found.state
    assert str(settings.data / ".attachments.restored") in found.found.en
    assert {"one", "younger"} == {each.name for each in (settings.data / "attachments" / "ab").iterdir()}
    assert [settings.data / "attachments"] == moved
    assert "ok" == (await check_copies(settings)).state
    assert [] == await finish_restore(settings)


async def test_a_restore_that_was_killed_between_its_moves_loses_no_younger_file(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The former folder is aside, and none in its place: the next start, or restore, takes younger files from there."""
    file = tmp_path / "b"
    await backup(settings, file)
    (settings.data / "attachments" / "ab" / "younger").write_bytes(b"younger")
    rename = Path.rename

    def killed(self: Path, target: Path) -> Path:
        if self.name.endswith(".restored"):
            raise Killed
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killed)
        with pytest.raises(Killed):
            await restore_backup(settings, file, tell, replace=True)
    restored, folder = settings.data / ".attachments.restored", settings.data / "attachments"

    assert not folder.exists()
    assert {"one", "younger"} == {each.name for each in (restored / "ab").iterdir()}

    assert [folder] == await finish_restore(settings)
    assert {"one", "younger"} == {each.name for each in (folder / "ab").iterdir()}

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killed)
        with pytest.raises(Killed):
            await restore_backup(settings, file, tell, replace=True)
    await restore_backup(settings, file, tell, replace=True)

    assert {"one", "younger"} == {each.name for each in (settings.data / "attachments" / "ab").iterdir()}


async def test_files_of_a_restore_that_was_killed_while_it_read_belong_to_no_database(
    settings: Settings,
) -> None:
    """Nothing was restored: the advice is to do it once more, and a database that was left is named beside them."""
    left = f"{name_of(settings)}_restored_0123abcd"
    (settings.data / ".attachments.restored").mkdir(parents=True)
    await run(settings, f'CREATE DATABASE "{left}"')

    found = await check_copies(settings)
    assert [] == await finish_restore(settings), "nothing of it comes in"
    await run(settings, f'DROP DATABASE "{left}"')

    assert left in found.found.en
    assert ".attachments.restored" in found.found.en
    assert "huiyin restore FILE" in found.remedy.en


async def test_doctor_looks_for_files_in_the_directory_that_it_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in the one of the settings."""
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    (settings.data / ".attachments.restored").mkdir(parents=True)

    found = next(each for each in await examine(settings.data) if each.check == "copies")

    assert str(settings.data / ".attachments.restored") in found.found.en


async def test_the_database_of_a_restore_that_was_killed_goes_with_the_next(
    settings: Settings, tmp_path: Path
) -> None:
    """It is as large as the copy, and nobody else knows of it; another city's, beside ours, stays."""
    file, left = tmp_path / "b", f"{name_of(settings)}_restored_0123abcd"
    others = [f"{name_of(settings)}_restored_by_hand", f"x{left}"]
    await backup(settings, file)
    for each in (left, *others):
        await run(settings, f'CREATE DATABASE "{each}"')

    await restore_backup(settings, file, tell, replace=True)
    found = await run(
        settings, "SELECT datname FROM pg_database WHERE datname LIKE '%_restored_%' ORDER BY 1"
    )

    assert sorted(others) == [row["datname"] for row in found]
    for each in others:
        await run(settings, f'DROP DATABASE "{each}"')


async def test_a_backup_removes_what_a_killed_restore_left_and_leaves_one_that_runs(
    settings: Settings, tmp_path: Path
) -> None:
    """The rule is the same whoever comes next: without its maker's lock it is nobody's."""
    left = f"{name_of(settings)}_restored_0123abcd"
    await run(settings, f'CREATE DATABASE "{left}"')
    async with to_restore_into(settings) as under_way:
        assert not await _left_over(settings), "a restore removes them, too"
        await run(settings, f'CREATE DATABASE "{left}"')
        await backup(settings, tmp_path / "b")
        found = await run(settings, "SELECT datname FROM pg_database WHERE datname LIKE '%_restored_%'")
        await drop(settings, under_way)

    assert [under_way] == [row["datname"] for row in found]


async def test_a_restore_in_vain_takes_nothing_from_one_that_was_killed(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files lie aside and belong to the database that is there: they are put in their place first."""
    file, half = tmp_path / "b", tmp_path / "half"
    await backup(settings, file)
    half.write_bytes(file.read_bytes()[:-100])

    await _killed_behind_its_database(settings, file, monkeypatch)
    shutil.rmtree(settings.data / "attachments")
    with pytest.raises(BackupUnreadable):
        await restore_backup(settings, half, tell, replace=True)

    assert ["one"] == [each.name for each in (settings.data / "attachments" / "ab").iterdir()]
    assert [] == [*settings.data.glob(".*restored")]


async def test_a_restore_that_cannot_finish_a_killed_one_says_that_it_has_not_begun(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database that it names is the other's."""
    file = tmp_path / "b"
    await backup(settings, file)
    await _killed_behind_its_database(settings, file, monkeypatch)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse_move)
        with pytest.raises(
            EarlierNotFinished, match=r"nothing of this restore was begun.*attachments"
        ) as told:
            await restore_backup(settings, file, tell, replace=True)
    await restore_backup(settings, file, tell, replace=True)

    assert "本次恢复尚未开始" in told.value.in_both().zh
    assert ["one"] == [each.name for each in (settings.data / "attachments" / "ab").iterdir()]


def _adds_before(folder: Path, *, younger: bool = False) -> Callable[[Path, Path], None]:
    """Adds files until the folder has its name; then it is full. `younger`: one more is written behind the first time."""
    add = restoring._add_younger

    def add_before(former: Path, restored: Path) -> None:
        if restored == folder:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        add(former, restored)
        if younger:
            (former / "ab" / "younger").write_bytes(b"younger")

    return add_before


async def test_younger_files_that_cannot_be_added_to_what_is_in_place_are_named_where_they_lie(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The restored folder has its own name by then: the advice names no folder that is gone, and its command helps."""
    file, folder = tmp_path / "b", settings.data / "attachments"
    await backup(settings, file)

    with monkeypatch.context() as patched:
        patched.setattr(restoring, "_add_younger", _adds_before(folder, younger=True))
        with pytest.raises(YoungerNotAdded, match="No space left") as told:
            await restore_backup(settings, file, tell, replace=True)
    words = str(told.value)
    command = words[words.index("cp -a") : words.index("; then start")]
    await (await asyncio.create_subprocess_exec(*shlex.split(command))).wait()

    assert ".restored" not in words
    assert {"one": b"picture" * 1000, "younger": b"younger"} == files(folder / "ab")


async def test_younger_files_that_an_earlier_restore_could_not_add_are_told_of_by_the_next(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The earlier folder has its place by then: nothing is left over that a third restore would find."""
    file, folder = tmp_path / "b", settings.data / "attachments"
    await backup(settings, file)
    await _killed_behind_its_database(settings, file, monkeypatch)

    with monkeypatch.context() as patched:
        patched.setattr(restoring, "_add_younger", _adds_before(folder))
        with pytest.raises(
            EarlierNotFinished, match=r"nothing of this restore.*No space left.*cp -an"
        ) as told:
            await restore_backup(settings, file, tell, replace=True)

    assert "cp -an" in told.value.in_both().zh


async def test_a_disk_that_confirms_nothing_is_told_of_with_what_is_in_place(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system over the network says only then that it has no room."""
    file, folder = tmp_path / "b", settings.data / "attachments"
    await backup(settings, file)
    confirm = make_all_durable

    def full(path: Path) -> None:
        if path == folder:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
        confirm(path)

    with monkeypatch.context() as patched:
        patched.setattr(restoring, "make_all_durable", full)
        with pytest.raises(NotOnDisk, match=r"_before_.*is in its place.*quota"):
            await restore_backup(settings, file, tell, replace=True)


def test_what_a_restore_put_aside_goes_before_what_people_did(tmp_path: Path) -> None:
    """The newest by its time; a folder with a name of its own only where there is no other."""
    by_hand = tmp_path / "attachments.before-restore"
    by_hand.mkdir()
    assert by_hand == restoring._former(tmp_path / "attachments")

    for time in ("20261128-070000-000001", "20261127-070000"):
        (tmp_path / f"attachments.before-{time}").mkdir()
    assert tmp_path / "attachments.before-20261128-070000-000001" == restoring._former(
        tmp_path / "attachments"
    )
