"""`huiyin backup` and `huiyin restore`: whole copies, made while everything runs and proved at once."""

import asyncio
import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from deploy.audit.anchoring import directory_of
from deploy.backup.making import make_backup
from deploy.backup.restoring import finish_restore, folders_left, forgotten_since, look_into, restore_backup
from deploy.commands.data_directory import DATA
from deploy.commands.progress import show_line
from deploy.commands.speech import say, told
from deploy.local.embedded.files import DirectoryLock
from deploy.local.embedded.kafka_node import made_by_brokers
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.local.running import KEY_FILE, kept_secret, settings_here
from deploy.settings import DEFAULT_DATA, Settings
from intake.store.forgetting import Forgotten
from schemas.bilingual import Bilingual, plain
from schemas.errors import HuiyinError

#: Cases that one printed command names (project choice: one that is open again stops these alone).
_AT_ONCE = 20
_File = Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False)]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
_Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]
_Replace = Annotated[
    bool, typer.Option("--replace", help="Also where there are cases: they are kept under another name.")
]


class FileExists(HuiyinError):
    """A backup would be written over."""

    en = "{file} exists; choose another name, or --force"
    zh = "{file} 已存在；请换一个名字，或加上 --force"


class NoFileOfItsOwn(HuiyinError):
    """A backup takes its name at the end, and would put an end to a device or a pipe."""

    en = "{file} is a device, a pipe or a folder: name a file, which the backup becomes once it is whole"
    zh = "{file} 是设备、管道或目录：请给出文件名，备份完整之后才会成为这个文件"


class StillRunning(HuiyinError):
    """A restore would pull the database from under what runs."""

    en = "everything must be stopped first: huiyin down --data {data}"
    zh = "请先停止：huiyin down --data {data}"


class NothingThere(HuiyinError):
    """There is no data of ours to copy."""

    en = "nothing was ever started in {data}, and DATABASE_URL names no database"
    zh = "{data} 从未启动过，也没有设置 DATABASE_URL"


class NoSecret(HuiyinError):
    """Without the master secret a backup neither opens nor closes."""

    en = "HUIYIN_SECRET_KEY is not set, and there is no {file}: put the one there under which the copy was made"
    zh = "未设置 HUIYIN_SECRET_KEY，也没有 {file}：请放入备份时使用的密钥"


def backup(file: _File, data: DATA = DEFAULT_DATA, force: _Force = False, as_json: _Json = False) -> None:
    """Write everything but Kafka's records into FILE, encrypted under the master secret, and prove it by restoring it.

    Keep HUIYIN_SECRET_KEY (or DATA/secret.key) elsewhere: without it nobody opens the file.
    """
    if file.exists() and not file.is_file():
        raise NoFileOfItsOwn(file=file)
    if file.exists() and not force:
        raise FileExists(file=file)
    settings = _settings(data)
    if not settings.database_url and not _own(settings).exists():
        raise NothingThere(data=data)
    with _database(settings) as settings:
        made = asyncio.run(make_backup(settings, file, _folders(settings), _tell, _wait))
        left_out = _left_out(settings)
    manifest = made.manifest
    found = {
        "file": str(file), "bytes": file.stat().st_size, "made_at": manifest.made_at.isoformat(),
        "cases": manifest.cases, "schema": manifest.schema, "key": manifest.key, "verified": made.is_proved,
        "left_out": [place.en for place in left_out],
    }  # fmt: skip
    sys.stdout.write(json.dumps(found) + "\n" if as_json else _as_text(found, left_out))


def restore(
    file: _File, data: DATA = DEFAULT_DATA, replace: _Replace = False, as_json: _Json = False
) -> None:
    """Bring the copy in FILE back, whole or not at all; then start, and run `huiyin reconcile`.

    What was there is kept: the database under another name, files beside theirs.
    """
    settings = _settings(data)
    if settings.database_url and not Settings().database_url:
        raise StillRunning(data=shlex.quote(str(data)))
    # Before anything is made or started for it.
    manifest = look_into(settings, file)
    # Nobody starts anything here meanwhile, nor restores another copy: both would share the folders of its files.
    with DirectoryLock(settings.data), _database(settings) as settings:
        aside = asyncio.run(restore_backup(settings, file, _tell, replace=replace, on_wait=_wait))
        forgotten = asyncio.run(forgotten_since(settings, aside))
    found = {
        "cases": manifest.cases, "made_at": manifest.made_at.isoformat(), "kept_as": aside,
        "forgotten": sorted({each.case_id for each in forgotten}),
    }  # fmt: skip
    text = told(
        "已恢复：{cases} 个件，截至 {made_at}；原有内容保留为 {kept_as}\n",
        "restored: {cases} cases as of {made_at}; what was there is kept as {kept_as}\n",
    )
    sys.stdout.write(json.dumps(found) + "\n" if as_json else text.format(**found))
    say(*_to_start(data))
    for line in _to_forget_again(forgotten):
        say(*line)


def _to_start(data: Path) -> tuple[str, str]:
    """What is to be done next: on a new machine no Kafka is there, and `up --existing` begins none."""
    is_there = Settings().kafka_bootstrap_servers or all(
        file.exists() for file in made_by_brokers(data / "kafka", brokers=1)
    )
    if is_there:
        return "现在启动，然后运行：huiyin reconcile", "start it now, then run: huiyin reconcile"
    return (
        f"{data / 'kafka'} 中没有 Kafka：备份之后的来件只在其中，如曾有过，请先放回或挂载磁盘；"
        "新机器上用 huiyin up（不加 --existing）启动，会新建。然后运行：huiyin reconcile",
        f"no Kafka is in {data / 'kafka'}: what was sent after the copy is on it alone, so where one was, put it back or "
        "mount its disk first; on a new machine huiyin up, without --existing, begins it. Then run: huiyin reconcile",
    )


@contextmanager
def finishing(settings: Settings) -> Iterator[None]:
    """What it wraps is followed by `finish`, and nobody else works in the directory where files were left aside."""
    with DirectoryLock(settings.data) if folders_left(settings.data) else nullcontext():
        yield
        finish(settings)


def finish(settings: Settings) -> None:
    """Put the files of a restore in place that was killed before it did, and say so; the directory is the caller's alone."""
    for folder in asyncio.run(finish_restore(settings)):
        say(
            f"中断的恢复已完成：文件已就位于 {folder}",
            f"finished a restore that was killed: its files are in {folder}",
        )


def _to_forget_again(forgotten: Sequence[Forgotten]) -> Iterator[tuple[str, str]]:
    """Commands for whoever is back that was forgotten after the copy."""
    for keeps_files, option in ((False, ""), (True, " --keep-files")):
        cases = sorted({each.case_id for each in forgotten if each.keeps_files is keeps_files})
        for some in (cases[first : first + _AT_ONCE] for first in range(0, len(cases), _AT_ONCE)):
            command = f"huiyin forget {' '.join(some)}{option} --reason …"
            yield (
                f"备份之后删除过个人信息的 {len(some)} 件又恢复了；reconcile 之后请再次删除：{command}",
                f"of {len(some)} cases the citizens, forgotten after the copy, are back; after reconcile: {command}",
            )


def _as_text(found: dict[str, Any], left_out: list[Bilingual]) -> str:
    proved = told("已试恢复一次，可用", "restored once to prove it")
    unproved = told("未验证：所有者无权新建数据库", "NOT proved: the owner may make no database")
    proof = proved if found["verified"] else unproved
    text = told(
        "{file}：{cases} 个件，{bytes} 字节；{proof}\n", "{file}: {cases} cases, {bytes} bytes; {proof}\n"
    ).format(**found, proof=proof)
    line = told("不在其中，请另行复制：{0}\n", "not in it, copy it too: {0}\n")
    return text + "".join(line.format(told(place.zh, place.en)) for place in left_out)


def _folders(settings: Settings) -> list[Path]:
    return [settings.attachment_folder, directory_of(settings)]


def _left_out(settings: Settings) -> list[Bilingual]:
    """Files that lie elsewhere: whoever keeps that place copies them."""
    elsewhere = [str(each) for each in _folders(settings) if not each.is_relative_to(settings.data)]
    bucket = settings.attachments_bucket
    named = [Bilingual(zh=f"存储桶 {bucket}", en=f"bucket {bucket}")] if bucket else []
    return [*map(plain, elsewhere), *named]


def _settings(data: Path) -> Settings:
    settings = settings_here(data).model_copy(update={"data": data.absolute()})
    return settings.model_copy(update={"secret_key": _secret(settings, data)})


def _own(settings: Settings) -> Path:
    return settings.data / "postgres"


@contextmanager
def _database(settings: Settings) -> Iterator[Settings]:
    """The settings with the database to copy; where nothing runs here, our own Postgres is started for as long."""
    if settings.database_url:
        yield settings
        return
    with EmbeddedPostgres(_own(settings)) as postgres:
        yield settings.model_copy(
            update={"database_url": postgres.application_url, "migration_database_url": postgres.url}
        )


def _secret(settings: Settings, data: Path) -> SecretStr:
    found = settings.secret_key if settings.secret_key.get_secret_value() else kept_secret(data)
    if found is None:
        raise NoSecret(file=data / KEY_FILE)
    return found


def _wait(said: Bilingual) -> None:
    say(said.zh, said.en)


def _tell(name: str, done: int) -> None:
    show_line(f"{name}{told('：', ': ')}{done / 1024**2:,.1f} MiB")


def register(app: typer.Typer) -> None:
    """Add `huiyin backup` and `huiyin restore`."""
    app.command()(backup)
    app.command()(restore)
