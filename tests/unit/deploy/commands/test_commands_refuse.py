"""Commands that are given what they cannot use say one sentence, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from deploy.commands import dead_letters, deadline, import_, main
from deploy.local.up import DataUnwritable, UpOptions, up
from intake.imports.columns import COLUMNS


@pytest.fixture
def app() -> typer.Typer:
    """The three commands."""
    app = typer.Typer()
    for command in (dead_letters, deadline, import_):
        command.register(app)
    return app


@pytest.mark.parametrize("name", ["missing", ".", "binary"])
@pytest.mark.parametrize(
    ("language", "said"), [("zh_CN.UTF-8", "无法读取文件"), ("C.UTF-8", "cannot be read")]
)
def test_a_file_of_questions_that_cannot_be_read(
    app: typer.Typer, tmp_path: Path, name: str, language: str, said: str
) -> None:
    """Missing, a folder, no text: on stderr, exit status 2."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\x81")

    result = CliRunner().invoke(app, ["deadline", "--file", str(tmp_path / name)], env={"LC_ALL": language})

    assert 2 == result.exit_code
    assert said in result.stderr


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("a.xlsx", "不是有效的 xlsx", "no valid xlsx"),
        ("a.txt", "没有内容列", "no column for the text"),
    ],
)
def test_a_file_that_is_no_import(app: typer.Typer, tmp_path: Path, name: str, zh: str, en: str) -> None:
    """In the language of the terminal on stderr, exit status 2."""
    (tmp_path / name).write_bytes(b"no workbook")

    for language, said, other in (("zh_CN.UTF-8", zh, en), ("C.UTF-8", en, zh)):
        environment = {"HUIYIN_SECRET_KEY": "0123456789abcdef" * 4, "LC_ALL": language}
        typed = ["import", str(tmp_path / name), "--channel", "web", "--dry-run"]
        result = CliRunner().invoke(app, typed, env=environment)

        assert 2 == result.exit_code
        assert said in result.stderr
        assert other not in result.stderr


def test_the_help_of_import_names_every_column(app: typer.Typer) -> None:
    """One who has a spreadsheet learns what its columns may be called."""
    said = CliRunner().invoke(app, ["import", "--help"]).stdout

    assert [] == [column for column in COLUMNS if column not in said]


def test_a_dead_letter_that_is_not_there(app: typer.Typer) -> None:
    """The sentence names it, and where to look; Kafka is not asked about what can be no id."""
    result = CliRunner().invoke(app, ["dead-letters", "show", "abc"])

    assert "no dead letter abc; see huiyin dead-letters list" == str(result.exception)


@pytest.mark.parametrize("command", ["up", "down", "status", "doctor"])
@pytest.mark.parametrize("name", ["a", "a/below"])
def test_a_data_directory_that_is_a_file(tmp_path: Path, command: str, name: str) -> None:
    """Or lies below one: one sentence that names it, exit status 2."""
    (tmp_path / "a").write_bytes(b"")

    result = CliRunner().invoke(main.app, [command, "--data", str(tmp_path / name)])

    assert result.exit_code == 2
    assert "is a file" in " ".join(result.stderr.split())


@pytest.mark.parametrize("command", ["up", "status"])
def test_a_data_directory_in_another_encoding(tmp_path: Path, command: str) -> None:
    """Typed in a terminal of GBK, say, or read by one: one sentence with the remedy, and nothing is made."""
    typed = os.fsdecode(bytes(tmp_path) + "/城".encode("gbk"))

    result = CliRunner().invoke(main.app, [command, "--data", typed])

    assert result.exit_code == 2
    assert "LC_ALL=C.UTF-8" in result.stderr
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["up", "status"])
def test_a_data_directory_below_a_folder_in_another_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Nothing was typed at all: one stands in that folder, and servers would end in words about a codec."""
    folder = Path(os.fsdecode(bytes(tmp_path) + "/城".encode("gbk")))
    folder.mkdir()
    monkeypatch.chdir(folder)

    result = CliRunner().invoke(main.app, [command, "--data", "data"])

    assert result.exit_code == 2
    assert "LC_ALL=C.UTF-8" in result.stderr
    assert [] == list(folder.iterdir())


def test_a_data_directory_that_cannot_be_written() -> None:
    """One sentence with the reason, from the system, before anything is started."""
    with pytest.raises(DataUnwritable, match="cannot write in /proc/huiyin: "):
        up(UpOptions(data=Path("/proc/huiyin"), port=None, demo=False, brokers=1), detach=False)


def test_where_kafka_is_away_one_sentence_says_so(tmp_path: Path) -> None:
    """And nothing beside it: what its client says by itself is in no language of ours."""
    environment = {
        **os.environ, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "HUIYIN_SECRET_KEY": "0123456789abcdef" * 4, "HUIYIN_DATA": str(tmp_path), "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    program = "from deploy.commands.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "dead-letters", "list"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )

    said = "huiyin: Kafka or Postgres does not answer (KafkaConnectionError); start them: huiyin up. See: huiyin doctor\n"
    assert (1, "", said) == (done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("words", [["add", "alice", "--role", "dispatcher"], ["password", "alice"]])
def test_a_password_that_nobody_can_type_unseen_is_asked_for_elsewhere(words: list[str]) -> None:
    """In a script, say: one sentence with the option, not Python's warnings, and nothing is typed for all to see."""
    program = "from deploy.commands.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "user", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        check=False,
        start_new_session=True,
    )

    _, said, *_ = done.stderr.splitlines()
    assert (2, "") == (done.returncode, done.stdout)
    assert said.startswith(
        "huiyin: Invalid value: there is no terminal to type it at: pipe it, with --password-stdin"
    )
