"""What is no defect becomes one sentence; a defect keeps its traceback."""

from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError

from deploy.commands import main
from deploy.commands.refusals import sentence_of

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
    ],
)
def test_files_and_servers_that_are_away(error: Exception, said: str) -> None:
    """Each with what it is about."""
    assert said in str(sentence_of(error))


def test_a_defect_is_not_hidden() -> None:
    """Whoever mends it needs the traceback."""
    assert sentence_of(KeyError("case")) is None


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
