"""Set-up's first step, the environment: cut off at any moment, the next one makes it whole by itself."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

_SETUP = Path(__file__).parents[4] / "deploy" / "local" / "setup"
#: A Python whose environments hold itself, and whose pip writes down what it was asked: then it does what PIP says.
_PYTHON = f"""#!/bin/sh
case "$1 $2" in
    "-m venv") for last; do :; done; rm -rf "$last"; mkdir -p "$last/bin" "$last/site"
        cp "$0" "$last/bin/python"; cp "$0" "$last/bin/pip"; echo venv >>asked;;
    "-m pip") echo pip >>asked; eval "$PIP";;
    *purelib*) echo "$PWD/.venv/site";;
    --version*) echo "Python 3.11";;
    *) exec {sys.executable} "$@";;
esac
"""
#: Half of what is asked for is there, and somebody hears of it; the rest comes when they say so.
_HALF = "mkdir .venv/site/half; echo >${TMPDIR:-.}/left; echo >begun; read _ <go"


class Checkout:
    """Just what the step reads, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        place = folder / "deploy" / "local" / "setup"
        place.mkdir(parents=True)
        for name in ("environment.sh", "find_python.sh"):
            shutil.copyfile(_SETUP / name, place / name)
        (folder / "requirements").mkdir()
        for name in ("pip.txt", "dev.txt"):
            (folder / "requirements" / name).write_text("", encoding="ascii")
        (folder / "pyproject.toml").write_text("", encoding="ascii")
        self._python = folder / "a-python"
        self._python.write_text(_PYTHON, encoding="ascii")
        self._python.chmod(0o755)

    def begin(self, pip: str = ":") -> "subprocess.Popen[str]":
        """The step, under way, in a process group of its own."""
        return subprocess.Popen(
            ["/bin/sh", "deploy/local/setup/environment.sh"],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHON": str(self._python), "PIP": pip},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def make(self, pip: str = ":") -> tuple[int, str]:
        """How the step ended, and what it said."""
        process = self.begin(pip)
        said = process.communicate()[1]
        return process.returncode, said

    def asked(self) -> list[str]:
        """What was asked of Python since the last time."""
        file = self.folder / "asked"
        lines = file.read_text(encoding="ascii").split() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def half_made(self) -> "subprocess.Popen[str]":
        """The step, while its pip has done half of its work."""
        for name in ("begun", "go"):
            os.mkfifo(self.folder / name)
        process = self.begin(_HALF)
        (self.folder / "begun").read_text(encoding="ascii")
        return process


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_what_is_finished_is_left_alone(checkout: Checkout) -> None:
    assert 0 == checkout.make()[0]
    assert ["venv", "pip", "pip", "pip"] == checkout.asked()
    assert (0, "") == checkout.make()
    assert [] == checkout.asked()


def test_packages_are_compiled_and_their_tests_are_not(tmp_path: Path) -> None:
    """Wherever the checkout lies: below a folder `tests`, say."""
    checkout = Checkout(tmp_path / "tests" / "huiyin")
    files = " ".join(f".venv/site/{name}" for name in ("one/module.py", "one/tests/module.py"))
    made = f"mkdir -p .venv/site/one/tests; touch {files}"

    assert 0 == checkout.make(pip=made)[0]
    site = checkout.folder / ".venv" / "site"
    compiled = [each.parent.parent.relative_to(site).as_posix() for each in site.rglob("*.pyc")]
    assert ["one"] == compiled


def test_one_that_was_killed_is_made_anew(checkout: Checkout) -> None:
    """With its pip, which leaves half of a package, and files of its own: the next would stumble over the one for good."""
    process = checkout.half_made()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    checkout.asked()

    status, said = checkout.make()

    assert 0 == status
    assert "half made: making it anew" in said
    assert ["venv", "pip", "pip", "pip"] == checkout.asked()
    assert not (checkout.folder / ".venv/site/half").exists()
    assert [] == [*checkout.folder.rglob("left")]


def test_nobody_works_beside_the_pip_of_one_that_was_killed(checkout: Checkout) -> None:
    with checkout.half_made() as process:
        process.kill()
    following = checkout.begin()
    assert following.stderr is not None
    assert "another set-up is at work here" in following.stderr.readline()
    assert ["venv", "pip"] == checkout.asked()

    (checkout.folder / "go").write_text("\n", encoding="ascii")

    following.communicate()
    assert 0 == following.returncode
    assert ["venv", "pip", "pip", "pip"] == checkout.asked()


def test_an_environment_that_pip_did_not_touch_stays(checkout: Checkout) -> None:
    """Where there is no index in reach it works as it did, and is not thrown away for one that cannot be made."""
    checkout.make()
    (checkout.folder / "pyproject.toml").write_text("another", encoding="ascii")
    checkout.asked()

    status, said = checkout.make(pip="exit 1")

    assert 1 == status
    assert "a package index within reach" in said
    assert 0 == checkout.make()[0]
    assert ["pip"] * 4 == checkout.asked()


def test_one_that_pip_left_in_the_middle_is_made_anew(checkout: Checkout) -> None:
    """On a full disk, say."""
    checkout.make()
    (checkout.folder / "pyproject.toml").write_text("another", encoding="ascii")
    assert 1 == checkout.make(pip="mkdir .venv/site/half; exit 1")[0]
    checkout.asked()

    assert 0 == checkout.make()[0]
    assert ["venv", "pip", "pip", "pip"] == checkout.asked()


def test_where_nothing_can_be_written_it_says_so(checkout: Checkout) -> None:
    (checkout.folder / ".build").write_text("a file", encoding="ascii")
    status, said = checkout.make()

    assert 1 == status
    assert f"nothing can be written in {checkout.folder}" in said
    assert "remedy: " in said
