"""`huiyin import --dry-run`: what would be read, before anything is sent."""

import asyncio
import json
import re
import shlex
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import move
from typing import Any

import msgspec
import pytest
import typer
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from deploy import clock
from deploy.commands import dead_letters, import_
from deploy.commands.refusals import sentence_of, status_of
from deploy.composition import intake_keys
from deploy.settings import Settings
from intake.imports.columns import Columns
from intake.imports.progress import ImportProgress, save
from intake.imports.run import BegunEarlier, Import
from intake.imports.tables import TableChoice
from schemas.errors import Unavailable
from schemas.words import Channel, Language
from tests.kafka_in_memory import KafkaInMemory

_ENVIRONMENT = {"HUIYIN_SECRET_KEY": "0123456789abcdef" * 4}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two messages and one row that is none, below a title."""
    path = tmp_path / "工单.csv"
    path.write_text(
        "某市热线,,\n编号,诉求内容,备注\n1,路灯坏了,急\n2,停水三天,\n3,,没有内容\n", encoding="utf-8"
    )
    return path


def _run(file: Path, *more: str) -> Result:
    return _really_run(file, "--dry-run", *(more or ("--channel", "letter")))


def _really_run(file: Path, *more: str) -> Result:
    app = typer.Typer()
    # Alone it would be the program itself.
    dead_letters.register(app)
    import_.register(app)
    return CliRunner().invoke(app, ["import", str(file), *more], env=_ENVIRONMENT)


def _task(file: Path, **more: Any) -> Import:
    keys = intake_keys(Settings(secret_key=SecretStr(_ENVIRONMENT["HUIYIN_SECRET_KEY"])))
    return Import(path=file, channel=Channel.LETTER, keys=keys, clock=clock.now, **more)


def test_a_script_reads_the_counts_and_the_sheets(file: Path) -> None:
    """Rows seen = accepted + rejected, and the exit status says that some were not taken."""
    done = _run(file, "--channel", "mini_app", "--json")
    said = json.loads(done.stdout)

    assert 3 == done.exit_code
    assert (3, 2, 1, True) == (said["rows"], said["accepted"], said["rejected"], said["dry_run"])
    (sheet,) = said["sheets"]
    assert ("工单", 3, True, 2) == (sheet["name"], sheet["rows"], sheet["read"], sheet["header_line"])
    assert {"编号": "external_id", "诉求内容": "text", "备注": None} == sheet["columns"]
    assert {"编号": "1", "诉求内容": "路灯坏了", "备注": "急"} == sheet["samples"][0]
    assert said["source"].startswith("import:sha256:")


def test_a_file_that_is_moved_while_it_is_sent_is_reported_all_the_same(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row of it was taken, or is named: no traceback says otherwise."""

    async def moved(task: Import, _: object) -> ImportProgress:
        done = msgspec.structs.replace(task.begun(), rows=2, accepted=2)
        move(task.path, task.path.with_name("moved"))
        return done

    monkeypatch.setattr(import_, "_run", moved)
    done = _really_run(file, "--channel", "letter")

    assert (0, None) == (done.exit_code, done.exception)


@pytest.mark.parametrize("source", [None, "热线"])
def test_it_says_how_rows_that_were_not_taken_are_sent_after_all(
    file: Path, capsys: pytest.CaptureFixture[str], source: str | None
) -> None:
    """With the same words."""
    columns = Columns({"来电 摘要": "text", "备用": "title"})
    task = _task(file, source=source, choice=TableChoice(columns=columns))
    task.rejected_path.write_text('{"row": 1, "data": {"来电 摘要": ""}}\n', "utf-8")
    done = msgspec.structs.replace(task.begun(), rows=3, accepted=2, rejected=1)
    import_._report(task, done, [], file.parent, as_json=False)

    said = capsys.readouterr().out
    again = f"huiyin import {shlex.quote(str(task.rejected_path))} --channel letter"
    again += f" --source {shlex.quote(source)}" if source else ""
    assert f"{again} --map '来电 摘要=text' --files {file.parent}" in said


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en_GB.UTF-8", "2 rows were imported before with another file"),
        ("zh_CN.UTF-8", "2 行已随另一份表格导入过"),
    ],
)
def test_it_says_which_rows_another_list_sent(
    file: Path, monkeypatch: pytest.MonkeyPatch, locale: str, said: str
) -> None:
    """They are no rejected ones, and not quite nothing either: the exit status says so."""

    async def known(task: Import, _: object) -> ImportProgress:
        return msgspec.structs.replace(task.begun(), rows=3, accepted=1, known=2)

    monkeypatch.setattr(import_, "_run", known)
    monkeypatch.setenv("LC_ALL", locale)
    done = _really_run(file, "--channel", "letter")
    summary = json.loads(_really_run(file, "--channel", "letter", "--json").stdout)

    assert 3 == done.exit_code
    assert said in done.stdout
    assert f"{file}.known.jsonl" in done.stdout
    assert (2, f"{file}.known.jsonl", None) == (
        summary["known"], summary["known_file"], summary["rejected_file"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("told", "language", "said"),
    [
        (signal.SIGTERM, Language.EN, "stopped: 2 rows of .* are done. Run the same command again"),
        (signal.SIGTERM, Language.ZH, "已完成 2 行。再次运行同一命令"),
        (signal.SIGINT, Language.EN, "stopped: 2 rows"),
    ],
)
def test_told_to_end_it_says_how_to_go_on(
    file: Path, monkeypatch: pytest.MonkeyPatch, told: signal.Signals, language: Language, said: str
) -> None:
    """What was done stays remembered; the exit status is that of one that stopped, and not the signal's."""
    begun = Path(f"{file}.progress.json")

    async def wait_for_ever(task: Import, _: object) -> ImportProgress:
        save(task.progress_path, msgspec.structs.replace(task.begun(), rows=2))
        signal.raise_signal(told)
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(import_, "_run", wait_for_ever)
    before = signal.getsignal(signal.SIGTERM)
    # Where the tests themselves run in a script's background, Ctrl-C is ignored.
    own = signal.signal(signal.SIGINT, signal.default_int_handler)
    stopped = _really_run(file, "--channel", "letter").exception
    signal.signal(signal.SIGINT, own)

    assert isinstance(stopped, import_.ImportStopped)
    assert re.search(said, stopped.message(language))
    assert 1 == status_of(stopped)
    assert 2 == json.loads(begun.read_bytes())["rows"]
    assert before is signal.getsignal(signal.SIGTERM)


def _stop_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def told_to_end(*_: object) -> ImportProgress:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(import_, "_run", told_to_end)


@pytest.mark.parametrize(
    "others", [{"file_sha256": "0" * 64}, {"channel": Channel.COUNTER}, {"source": "import:elsewhere"}]
)
def test_rows_of_another_import_are_none_of_this_one(
    file: Path, monkeypatch: pytest.MonkeyPatch, others: dict[str, Any]
) -> None:
    """Yesterday's file had the same name, or the same file came by another channel: it goes on from neither."""
    task = _task(file, source="desk")
    save(task.progress_path, msgspec.structs.replace(task.begun(), rows=2, **others))
    _stop_at_once(monkeypatch)
    stopped = _really_run(file, "--channel", "letter", "--source", "desk").exception

    assert isinstance(stopped, import_.ImportStopped)
    assert "stopped: 0 rows" in stopped.message(Language.EN)


@pytest.mark.parametrize(
    ("language", "said"), [(Language.EN, "it begins anew"), (Language.ZH, "试运行不发送.*从头开始")]
)
def test_a_dry_run_that_is_told_to_end_has_sent_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch, language: Language, said: str
) -> None:
    """How far the real one came is not how far this one did, and it goes on from nowhere."""
    _stop_at_once(monkeypatch)
    stopped = _run(file).exception

    assert isinstance(stopped, import_.ImportStopped)
    assert re.search(said, stopped.message(language))
    assert not re.search("rows|行。", stopped.message(language))


@pytest.mark.parametrize(
    ("language", "said"), [(Language.EN, "none becomes two cases"), (Language.ZH, "不会重复立件")]
)
def test_what_is_promised_of_going_on(file: Path, language: Language, said: str) -> None:
    """What was under way when it ended is sent again, and is one case all the same."""
    assert said in import_.ImportStopped(file=file, rows=2).message(language)


def test_sigterm_ends_one_that_ignores_ctrl_c(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As whatever a script runs in the background does."""

    async def wait_for_ever(*_: object) -> ImportProgress:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(5)
        raise AssertionError("it was ignored")

    monkeypatch.setattr(import_, "_run", wait_for_ever)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        stopped = _run(file, "--channel", "letter").exception
    finally:
        signal.signal(signal.SIGINT, before)

    assert isinstance(stopped, import_.ImportStopped)


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_comes_to_its_end(
    file: Path, monkeypatch: pytest.MonkeyPatch, told: signal.Signals
) -> None:
    """Whenever it is told: amid a callback of the loop, too, it is given up where it waits, and what it opened is closed."""
    ended = []

    async def send(*_: object) -> ImportProgress:
        asyncio.get_running_loop().call_soon(signal.raise_signal, told)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("closed")
        raise AssertionError

    monkeypatch.setattr(import_, "_run", send)
    own = signal.signal(signal.SIGINT, signal.default_int_handler)
    stopped = _really_run(file, "--channel", "letter").exception
    signal.signal(signal.SIGINT, own)

    assert isinstance(stopped, import_.ImportStopped)
    assert isinstance(
        stopped.__cause__, KeyboardInterrupt if told is signal.SIGINT else asyncio.CancelledError
    )
    assert ["closed"] == ended


@pytest.mark.parametrize(
    ("locale", "said"), [("en_GB.UTF-8", "an earlier release began"), ("zh_CN.UTF-8", "由更早的版本开始")]
)
def test_what_stops_it_is_said_in_the_terminals_language(
    file: Path, monkeypatch: pytest.MonkeyPatch, locale: str, said: str
) -> None:
    """Whatever it is: the command leaves the sentence to what says all of them."""

    async def refuse(task: Import, _: object) -> ImportProgress:
        raise BegunEarlier(file=task.path, rows=2, progress=task.progress_path)

    monkeypatch.setattr(import_, "_run", refuse)
    monkeypatch.setenv("LC_ALL", locale)
    stopped = _run(file, "--channel", "letter").exception

    assert isinstance(stopped, BegunEarlier)
    assert said in (sentence_of(stopped) or "")
    assert 1 == status_of(stopped)


def test_a_person_reads_what_every_column_was_taken_for(file: Path) -> None:
    """The header's line, the columns, the rows, the counts; every row taken is exit status 0."""
    done = _run(file, "--channel", "letter", "--map", "备注=text", "--source", "desk")

    assert 0 == done.exit_code
    assert "header in line 2" in done.stdout
    assert "诉求内容 → text" in done.stdout
    assert "内容: 停水三天" in done.stdout
    assert "3 rows: 3 would be sent, 0 rejected." in done.stdout


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--channel", "pigeon"), "pigeon"),
        (("--channel", "web", "--map", "备注"), "COLUMN=FIELD"),
        (("--channel", "web", "--map", "备注=colour"), "COLUMN=FIELD"),
        (("--channel", "web", "--map", "摘要=text"), "摘要"),
        (("--channel", "web", "--sheet", "二月"), "二月"),
    ],
)
def test_what_cannot_be_done_is_said(file: Path, more: tuple[str, ...], said: str) -> None:
    """In a sentence, exit status 2."""
    done = _run(file, *more)

    assert 2 == done.exit_code
    assert said in done.stderr


@pytest.mark.parametrize(
    ("locale", "said"), [("en_GB.UTF-8", "nothing was submitted"), ("zh_CN.UTF-8", "尚未提交")]
)
def test_without_a_database_nothing_is_sent(
    file: Path, monkeypatch: pytest.MonkeyPatch, locale: str, said: str
) -> None:
    """Nobody knows which rows another list sent; run again, it goes on."""
    kafka = KafkaInMemory()

    @asynccontextmanager
    async def publisher(_: object) -> AsyncIterator[KafkaInMemory]:
        yield kafka

    monkeypatch.setattr(import_, "kafka_publisher", publisher)
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("LC_ALL", locale)
    stopped = _really_run(file, "--channel", "letter").exception

    assert isinstance(stopped, Unavailable)
    assert said in (sentence_of(stopped) or "")
    assert (1, []) == (status_of(stopped), kafka.events)
