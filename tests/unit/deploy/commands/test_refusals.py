"""What is no defect becomes one sentence; a defect keeps its traceback."""

import os
from pathlib import Path

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    OffsetOutOfRangeError,
    UnknownTopicOrPartitionError,
)
from asyncpg import DataError, DiskFullError, UndefinedColumnError, UndefinedTableError
from typer import BadParameter
from typer.exceptions import TyperException
from typer.testing import CliRunner

from deploy.commands import dead_letters, main
from deploy.commands.backup import NoFileOfItsOwn, backup
from deploy.commands.refusals import sentence_of, status_of
from deploy.local.embedded.errors import DataGone, ServerFailed
from deploy.settings import Settings
from schemas.errors import BadInput, FieldError

_SECRET = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileNotFoundError(2, "No such file or directory", "/nowhere/copy"), "/nowhere/copy: No such file"),
        (PermissionError(13, "Permission denied", Path("/x")), "/x: Permission denied"),
        (OSError(28, "No space left on device"), "no room to write (No space left on device)"),
        (OSError(27, "File too large"), "no room to write (File too large)"),
        (ConnectionRefusedError(111, "refused"), "does not answer (ConnectionRefusedError)"),
        (KafkaConnectionError("gone"), "does not answer (KafkaConnectionError)"),
        (TimeoutError(), "does not answer (TimeoutError)"),
        (OSError(22, "Invalid argument"), "does not answer (OSError: [Errno 22] Invalid argument)"),
        (DiskFullError("could not extend file"), "the disk that Postgres writes to is full: make room"),
        (UndefinedColumnError('column "x" does not exist'), "run huiyin migrate"),
        (UndefinedTableError('relation "x" does not exist'), "run huiyin migrate"),
        (OSError(9, "Bad file descriptor"), "not all of the report could be written"),
    ],
)
def test_files_and_servers_that_are_away(error: Exception, said: str) -> None:
    """Each with what it is about."""
    assert said in str(sentence_of(error))


def test_a_wrong_field_is_named_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nobody learns what to correct: `huiyin export --from` after `--to`."""
    wrong = BadInput(
        [FieldError("to", "不能早于开始", "It is before the beginning."), FieldError("by", "无", "None.")]
    )

    assert "to: It is before the beginning.; by: None." == sentence_of(wrong)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "to：不能早于开始；by：无" == sentence_of(wrong)


def test_data_that_is_gone_has_a_status_of_its_own() -> None:
    """Whatever restarts a city by itself is told not to: it would begin with an empty one, on the bare mount point."""
    assert 4 == status_of(DataGone(directory=Path("/data")))
    assert 1 == status_of(ServerFailed(server="postgres", problem="ended", log="log", tail=""))


def test_bytes_of_another_encoding_are_refused_as_typed() -> None:
    """A name that a terminal of GBK sends reaches Postgres or a file as halves of characters."""
    with pytest.raises(UnicodeEncodeError) as halves:
        b"\xc3\xfb".decode(errors="surrogateescape").encode()
    from_postgres = DataError("invalid input for query argument $1")
    from_postgres.__cause__ = halves.value

    for error in (halves.value, from_postgres):
        assert "no UTF-8 text" in str(sentence_of(error))
        assert 2 == status_of(error)


def test_a_defect_is_not_hidden() -> None:
    """Whoever mends it needs the traceback."""
    with pytest.raises(UnicodeEncodeError) as no_sign:
        "投诉".encode("latin-1")

    assert sentence_of(KeyError("case")) is None
    assert sentence_of(no_sign.value) is None


@pytest.mark.parametrize(
    ("error", "zh", "en"),
    [
        (
            TyperException("No such command 'exprot'. Did you mean 'export', 'report'?"),
            "没有命令 exprot（是否为：export, report）",
            "Did you mean 'export', 'report'? See",
        ),
        (
            TyperException("Missing option '-c' / '--city'. Choose from: 'a', 'b'"),
            "缺少 -c / --city；",
            "'a', 'b'.",
        ),
        (
            TyperException("Missing option '--role'. Choose from:\n\ta,\n\tb."),
            "缺少 --role；",
            "'--role'. Choose from: a, b. See",
        ),
        (
            BadParameter("Value error, 'x' is not one of 'a', 'b'."),
            "'x' 应为以下之一：a, b；",
            "value: 'x' is not",
        ),
        (BadParameter("Input should be greater than 0"), "必须大于 0；", "greater than 0."),
        (BadParameter("Input should be a valid thing"), "应为：a valid thing；", "a valid thing."),
        (
            BadParameter("Input should be a valid integer", param_hint="'FILE[:SHEET] (csv|xlsx)'"),
            "'FILE[:SHEET] (csv|xlsx)' 的值不可用：应为整数；",
            "FILE[:SHEET]",
        ),
        (
            BadParameter("Input should be a valid number", param_hint="'--share' (env var: 'SHARE')"),
            "'--share' 的值不可用：应为数字；",
            "'SHARE'",
        ),
    ],
)
def test_what_was_typed_wrongly_is_said_whole(
    monkeypatch: pytest.MonkeyPatch, error: Exception, zh: str, en: str
) -> None:
    """Each part of the library's sentence in one language, however options are called."""
    for language, said in (("zh_CN.UTF-8", zh), ("C.UTF-8", en)):
        monkeypatch.setenv("LC_ALL", language)
        assert said in str(sentence_of(error))
        assert "Value error" not in str(sentence_of(error))


@pytest.mark.parametrize(
    ("typed", "secret", "status", "said"),
    [
        (("lost", "list"), _SECRET, 1, "does not answer (ConnectionRefusedError)"),
        (("models", "list"), _SECRET, 1, "does not answer (ConnectionRefusedError)"),
        (
            ("backup", "/nowhere/copy"),
            _SECRET,
            1,
            "/nowhere/copy: No such file or directory",
        ),
        (("restore", "/nowhere/copy"), _SECRET, 1, "/nowhere/copy: No such file or directory"),
        (("reconcile", "--older-than", "9" * 20), _SECRET, 2, "less than or equal to 31622400"),
        (("audit", "verify"), "", 2, "HUIYIN_SECRET_KEY must have at least 32 characters"),
    ],
)
def test_no_command_ends_with_a_traceback(
    typed: tuple[str, ...],
    secret: str,
    status: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where nothing listens or a folder is missing: one line, exit status 1; where a setting is wrong, 2."""
    monkeypatch.setattr("sys.argv", ["huiyin", *typed])
    monkeypatch.setenv("HUIYIN_DATA", str(tmp_path))
    monkeypatch.setenv("HUIYIN_SECRET_KEY", secret)
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/huiyin")

    with pytest.raises(SystemExit) as ended:
        main.main()

    assert status == ended.value.code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_that_no_machine_has_is_named(port: str) -> None:
    """Before anything is started."""
    done = CliRunner().invoke(main.app, ["up", "--port", port])

    assert 2 == done.exit_code
    assert "--port" in done.output


@pytest.mark.parametrize("error", [OffsetOutOfRangeError, UnknownTopicOrPartitionError])
def test_a_letter_that_is_not_there_is_named(
    error: type[KafkaError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka answers well where it has none to delete, others being quicker."""

    async def found(*_: object) -> list[str]:
        return ["0-999"]

    async def refuses(*_: object) -> None:
        raise error

    monkeypatch.setattr(dead_letters, "_found", found)
    monkeypatch.setattr(dead_letters, "_dropped", refuses)
    monkeypatch.setattr(dead_letters, "settings_here", Settings)

    with pytest.raises(dead_letters.NoSuchLetter, match="0-999"):
        dead_letters.drop("0-999")


def test_a_backup_puts_an_end_to_no_device_or_pipe(tmp_path: Path) -> None:
    """Not even with --force: what is whole takes the name of what was there, and there would be no /dev/null any more."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(NoFileOfItsOwn):
        backup(pipe, data=tmp_path, force=True)

    assert pipe.is_fifo()
