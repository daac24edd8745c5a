"""The later steps of set-up, cut off at any moment: what they left is never taken for what they make."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.setup import assets, browser, tools
from deploy.local.up import _kept_secret


class Killed(BaseException):
    """Stands in for the end of the process: nothing that tidies up after an error sees it coming."""


def test_half_of_the_assets_is_not_taken_for_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The former ones' stamp goes first: a removal that is cut off may leave it for last."""
    stamp = tmp_path / "vendor" / ".stamp"
    stamp.parent.mkdir()
    stamp.write_text("of the release before", encoding="ascii")
    monkeypatch.setattr(assets, "VENDOR", stamp.parent)
    monkeypatch.setattr(assets, "_STAMP", stamp)
    monkeypatch.setattr(assets, "_fetched", lambda: tmp_path)

    def cut_off(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr(shutil, "rmtree", cut_off)
    with pytest.raises(Killed):
        assets.main()
    assert not stamp.exists()


@pytest.mark.parametrize("step", ["venv", "pip"])
def test_an_environment_that_was_cut_off_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], step: str
) -> None:
    """Also after its Python is there; a finished one is left alone until its lock file says something else."""
    lock_file, environment = tmp_path / "locked.txt", tmp_path / "environment"
    lock_file.write_text("one", encoding="ascii")
    asked: list[str] = []

    def run(command: list[str | Path], *_: object) -> None:
        asked.append(str(command[2]))
        if command[2] == "venv":
            (environment / "bin").mkdir(parents=True, exist_ok=True)
            (environment / "bin" / "python").touch()
        if command[2] == cut_off_in:
            raise Killed

    monkeypatch.setattr(tools, "run_quietly", run)
    cut_off_in = step
    with pytest.raises(Killed):
        tools.install_locked(lock_file, environment)
    cut_off_in, asked[:] = "", []

    for _ in range(2):
        assert environment / "bin" == tools.install_locked(lock_file, environment)
    assert ["venv", "pip"] == asked
    assert "making it anew" in capsys.readouterr().err
    lock_file.write_text("another", encoding="ascii")
    tools.install_locked(lock_file, environment)
    assert ["venv", "pip", "venv", "pip"] == asked


def test_one_set_up_at_a_time_and_what_it_started_counts(tmp_path: Path) -> None:
    """Its npm goes on when it is killed, and would write where the next one does; what it left half done goes then."""
    ours = f"from pathlib import Path; from deploy.local.setup import tools; tools.BUILD = Path({str(tmp_path)!r})"
    begin = f"{ours}; tools.take_turn(); print('turn', flush=True); "
    child = (
        "tools.run_quietly(['sh', '-c', 'echo > ${TMPDIR:-.}/left; echo > began; read _ < go'], tools.BUILD)"
    )
    for name in ("began", "go"):
        os.mkfifo(tmp_path / name)
    with _started(begin + child) as first:
        (tmp_path / "began").read_text(encoding="ascii")
        first.kill()

    with _started(begin) as second:
        assert second.stderr is not None
        assert "another set-up is at work here" in second.stderr.readline()
        (tmp_path / "go").write_text("\n", encoding="ascii")
        assert ("turn\n", "") == second.communicate()
    assert [] == [*tmp_path.rglob("left")]


def _started(code: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_packages_that_were_cut_off_halfway_are_finished_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then apt refuses everything, and says how to mend it to nobody who reads it."""
    asked: list[str] = []

    def run(command: list[str | Path], *_: object) -> None:
        asked.append(" ".join(map(str, command)))

    monkeypatch.setattr(browser, "run_quietly", run)
    monkeypatch.setattr(browser, "missing_packages", lambda: ["chromium"])
    monkeypatch.setattr(browser, "_as_installer", lambda: ["as-root"])
    browser.main()

    assert ["as-root dpkg --configure -a", "as-root apt-get --quiet --yes update"] == asked[:2]
    assert 3 == len(asked)


def test_no_half_of_a_secret_is_left_on_a_full_disk(tmp_path: Path) -> None:
    """The next start would take an empty file for the secret, and no process would start with it."""
    file = tmp_path / "secret.key"
    code = (
        "import resource, sys; from pathlib import Path; from deploy.local.up import _kept_secret; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY)); _kept_secret(Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True, check=False)

    assert "OSError" in done.stderr
    assert not file.exists()
    secret = _kept_secret(file)
    assert 64 == len(secret)
    assert secret == _kept_secret(file)
