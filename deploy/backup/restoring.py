"""Bringing a backup back: beside what is there, and into its place when it is whole."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from deploy import clock
from deploy.audit.restores import remember_restore, restores
from deploy.backup.contents import Tell, unpacked
from deploy.backup.databases import (
    BEFORE,
    DatabaseNotEmpty,
    drop,
    name_of,
    named,
    put_in_place,
    rows_of_tables,
    to_restore_into,
)
from deploy.backup.manifest import Manifest, backup_key, fingerprint, read_manifest
from deploy.backup.sealed_file import BackupUnreadable, SealedReader
from deploy.database.migrate import SchemaIsNewer, is_newer, migrate, newest_revision
from deploy.database.pool import Connection, connect
from deploy.database.turns import OnWait, log_waiting
from deploy.files.durable import make_all_durable, make_durable
from deploy.local.embedded.files import write_whole
from deploy.local.prepare_once import forget_prepared
from deploy.settings import Settings
from intake.store.forgetting import Forgotten, forgotten_cases
from schemas.errors import HuiyinError, Unusable

#: Ends the name of a folder whose files are not in place yet.
_UNFINISHED = ".restored"
#: Stands behind the name of a folder that was put aside, before the time to the microsecond.
_BEFORE = ".before-"
#: Names the epoch of a restore whose files are not in place yet: whether the database is in place, that epoch in it tells.
_EPOCH = ".restoring"


class OtherKey(HuiyinError):
    """Another master secret made the backup: what is sealed in it could not be read."""

    en = "the backup was made under another HUIYIN_SECRET_KEY (its fingerprint is {wanted}, this one's {found})"
    zh = "备份使用了另一个 HUIYIN_SECRET_KEY（指纹 {wanted}，当前为 {found}）"


class FilesNotInPlace(HuiyinError):
    """The database is restored; files beside it could not be moved."""

    en = (
        "the database is the restored one (the former is kept as {aside}), but {restored} could not take the place of "
        "{folder}: {reason}. Mend that, or move it there yourself; then start: huiyin up (your own servers: huiyin migrate)"
    )
    zh = (
        "数据库已恢复（原库保留为 {aside}），但无法将 {restored} 换为 {folder}：{reason}。"
        "请排除该原因，或手动移动；然后启动：huiyin up（自备服务器时：huiyin migrate）"
    )


class EarlierNotFinished(HuiyinError):
    """A restore that was killed before could not be finished, as `earlier` says; the new one has not begun."""

    en = (
        "nothing of this restore was begun, for an earlier one was killed before its end. {earlier}. Once all "
        "of that is done you may restore once more instead of starting"
    )
    zh = "本次恢复尚未开始：此前的恢复曾中断。{earlier}。完成上述各步后，也可不启动而重新恢复"


class YoungerNotAdded(FilesNotInPlace):
    """Everything of the copy is in its place; files that came after it could not be put beside its own."""

    en = (
        "the database is the restored one (the former is kept as {aside}) and {folder} is in its place, but files that came "
        "after the copy could not be added from {former}: {reason}. Mend that and copy them: cp -an {former}/. "
        "{folder}/; then start: huiyin up (your own servers: huiyin migrate)"
    )
    zh = (
        "数据库已恢复（原库保留为 {aside}），{folder} 已就位，但备份之后的文件无法从 {former} 补入：{reason}。"
        "请排除该原因并复制：cp -an {former}/. {folder}/；然后启动：huiyin up（自备服务器时：huiyin migrate）"
    )


class NotOnDisk(FilesNotInPlace):
    """Everything is in its place, but the disk does not say that it has kept it."""

    en = (
        "the database is the restored one (the former is kept as {aside}) and {folder} is in its place, but the disk did "
        "not confirm its files: {reason}. Look at the disk; then start: huiyin up (your own servers: huiyin migrate)"
    )
    zh = (
        "数据库已恢复（原库保留为 {aside}），{folder} 已就位，但磁盘未确认其文件已写入：{reason}。"
        "请检查磁盘；然后启动：huiyin up（自备服务器时：huiyin migrate）"
    )


def look_into(settings: Settings, file: Path) -> Manifest:
    """What the backup says of itself, if it can be restored here.

    Raises:
        BackupUnreadable, OtherKey, SchemaIsNewer: it cannot.
    """
    with file.open("rb") as opened:
        try:
            manifest = read_manifest(SealedReader(opened, file.name).first_line)
        except (msgspec.MsgspecError, ValueError) as error:
            raise BackupUnreadable(
                file=file.name, reason=Unusable(zh="首行被改动过", en="its first line was changed")
            ) from error
    if manifest.key != fingerprint(settings):
        raise OtherKey(wanted=manifest.key, found=fingerprint(settings))
    if is_newer(manifest.schema):
        raise SchemaIsNewer(found=manifest.schema, known=newest_revision())
    return manifest


async def restore_backup(
    settings: Settings, file: Path, tell: Tell, *, replace: bool, on_wait: OnWait = log_waiting
) -> str:
    """Bring it back whole; what was there stays under the database's name that is returned, and files under theirs.

    Raises:
        BackupUnreadable, OtherKey, SchemaIsNewer, DatabaseNotEmpty, DatabaseInUse, ToolFailed: everything is as before.
        EarlierNotFinished: so it is; one that was killed before could not be finished.
        FilesNotInPlace, YoungerNotAdded, NotOnDisk: the database is the restored one; the message says what files lack.
    """
    manifest = look_into(settings, file)
    if not replace:
        await _check_empty(settings)
    # What another left aside belongs to the database that is there: that one would lose it, should this end in vain.
    try:
        await finish_restore(settings)
    except FilesNotInPlace as error:
        raise EarlierNotFinished(earlier=error) from error
    _forget_files(settings)
    async with to_restore_into(settings, on_wait) as restored:
        try:
            beside = named(settings, restored)
            moves = _read(beside.database_url, settings, file, tell)
            # Before it takes the place: what cannot be brought to this release's schema changes nothing.
            await migrate(beside, on_wait)
            write_whole(settings.data / _EPOCH, await remember_restore(beside, manifest.made_at))
            make_durable(settings.data / _EPOCH)
            # The application's role gets its rights last: should we be killed before, the next start gives it them.
            forget_prepared(settings.data)
            aside = await put_in_place(settings, restored)
        except BaseException:
            await drop(settings, restored, on_wait)
            _forget_files(settings)
            raise
    _put_files_in_place(moves, aside, settings)
    # The application's role gets its rights.
    await migrate(settings, on_wait)
    return aside


async def forgotten_since(settings: Settings, aside: str) -> Sequence[Forgotten]:
    """Whom the database that was set aside forgot, and the restored one has still, or again once it was reconciled."""
    async with connect(named(settings, aside)) as former, connect(settings.as_owner) as restored:
        known = set(await forgotten_cases(restored))
        return [each for each in await forgotten_cases(former) if each not in known]


async def _check_empty(settings: Settings) -> None:
    async with connect(settings.as_owner) as db:
        cases = (await rows_of_tables(db)).get("intake.case", 0)
    if cases:
        raise DatabaseNotEmpty(cases=cases)


def _read(url: str, settings: Settings, file: Path, tell: Tell) -> dict[Path, Path]:
    """Everything in the backup: the database into `url`, the files beside their places; which go where."""
    moves: dict[Path, Path] = {}
    with file.open("rb") as opened:
        reader = SealedReader(opened, file.name).unlock(backup_key(settings))
        for name, data in unpacked(url, reader, tell):
            folder = _folder(settings.data, name, file)
            beside = settings.data / f".{folder}{_UNFINISHED}"
            moves[beside] = settings.data / folder
            _write(beside / Path(name).relative_to(folder), data)
    # Before the database takes its place: from then on they belong to it, whatever becomes of this machine.
    for beside in moves:
        make_all_durable(beside)
    return moves


def _forget_files(settings: Settings) -> None:
    """No file of a restore that failed, this one or an earlier one, comes in with those of the next."""
    for folder in folders_left(settings.data):
        shutil.rmtree(folder)
    (settings.data / _EPOCH).unlink(missing_ok=True)


def folders_left(data: Path) -> Sequence[Path]:
    """Where files lie that a killed restore brought back, and that are not in their place."""
    return sorted(data.glob(f".*{_UNFINISHED}"))


def _place_of(restored: Path) -> Path:
    """Where a folder belongs whose files are not in place yet."""
    return restored.with_name(restored.name.removeprefix(".").removesuffix(_UNFINISHED))


async def is_in_place(db: Connection, data: Path) -> bool:
    """Whether the database is the restored one that the folders left in `data` belong to."""
    epoch = data / _EPOCH
    return epoch.exists() and epoch.read_text(encoding="utf-8") in [each.epoch for each in await restores(db)]


def _folder(data: Path, name: str, file: Path) -> str:
    place = (data / name).resolve()
    if not place.is_relative_to(data.resolve()) or len(Path(name).parts) < 2:
        raise BackupUnreadable(
            file=file.name,
            reason=Unusable(
                zh=f"其中有数据目录之外的文件：{name}",
                en=f"it names a file outside the data directory: {name}",
            ),
        )
    return Path(name).parts[0]


def _write(path: Path, data: Iterator[bytes]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("wb") as out:
        path.chmod(0o600)
        for each in data:
            out.write(each)


async def finish_restore(settings: Settings) -> Sequence[Path]:
    """Put the files of a restore in place that was killed behind its database; the folders, none where there is nothing.

    Nobody else may work in the data directory.

    Raises:
        FilesNotInPlace, YoungerNotAdded, NotOnDisk: one could not be moved, younger files not be put into it, or kept.
    """
    moves = {folder: _place_of(folder) for folder in folders_left(settings.data)}
    if not moves:
        return []
    async with connect(settings.as_owner) as db:
        if not await is_in_place(db, settings.data):
            return []
        aside = await db.fetchval(_NEWEST_ASIDE, f"{name_of(settings)}{BEFORE}")
    _put_files_in_place(moves, str(aside), settings)
    return [*moves.values()]


_NEWEST_ASIDE = "SELECT max(datname::text) FROM pg_database WHERE starts_with(datname::text, $1)"


def _put_files_in_place(moves: Mapping[Path, Path], aside: str, settings: Settings) -> None:
    attachments = settings.attachment_folder
    for restored, folder in moves.items():
        has_younger = folder.absolute() == attachments
        try:
            former = _put_in_place(restored, folder, has_younger=has_younger)
        except OSError as error:
            raise FilesNotInPlace(
                aside=aside, restored=restored, folder=folder, reason=error.strerror
            ) from error
        try:
            if former and has_younger:
                # What a web on servers of your own was writing meanwhile.
                _add_younger(former, folder)
        except OSError as error:
            raise YoungerNotAdded(aside=aside, former=former, folder=folder, reason=error.strerror) from error
        try:
            make_all_durable(folder)
        except OSError as error:
            raise NotOnDisk(aside=aside, folder=folder, reason=error.strerror) from error
    (settings.data / _EPOCH).unlink(missing_ok=True)


def _put_in_place(restored: Path, folder: Path, *, has_younger: bool) -> Path | None:
    """Where the folder lies aside whose place it took."""
    former = _former(folder)
    if former and has_younger:
        # Before anything is moved: whoever is killed has left the restored folder whole, or the former in place.
        _add_younger(former, restored)
    if folder.exists():
        former = folder.with_name(f"{folder.name}{_BEFORE}{clock.now():%Y%m%d-%H%M%S-%f}")
        folder.rename(former)
    restored.rename(folder)
    return former


def _former(folder: Path) -> Path | None:
    """What the restored folder takes the place of: also what a killed restore put aside, and nothing in its place."""
    if folder.exists():
        return folder
    before = folder.parent.glob(f"{folder.name}{_BEFORE}*")
    return max(
        before, key=lambda each: (each.name.rpartition(_BEFORE)[2][:1].isdecimal(), each.name), default=None
    )


def _add_younger(former: Path, restored: Path) -> None:
    """Attachments that came after the copy lie among its own, too: what names them Kafka may still have."""
    for file in former.rglob("*"):
        place = restored / file.relative_to(former)
        if file.is_file() and not place.exists():
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _link(file, place)


def _link(file: Path, place: Path) -> None:
    try:
        os.link(file, place)
    except OSError:
        # The file system knows no links, or no more of them. Half of one would pass for all of it.
        shutil.copy2(file, half := place.with_name(f".{place.name}{_UNFINISHED}"))
        half.replace(place)
