"""What the set-up steps share: telling what happens, and stopping with a remedy."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / ".build"
#: Within an environment of ours that was finished: the hash of what it was made of.
_STAMP = ".huiyin-stamp"


def say(text: str) -> None:
    """One line of progress, on stderr."""
    sys.stderr.write(f"setup: {text}\n")


def fail(problem: str, remedy: str) -> NoReturn:
    """Ends the set-up, saying what is missing and what to do."""
    say(problem)
    say(f"remedy: {remedy}")
    sys.exit(1)


def take_turn() -> None:
    """Waits until nobody else sets anything up here; nobody does until this process and all that it started have ended."""
    try:
        BUILD.mkdir(exist_ok=True)
        lock = os.open(BUILD / "setup.lock", os.O_WRONLY | os.O_CREAT, 0o644)
    except OSError as error:
        fail(
            f"nothing can be written in {BUILD}: {error.strerror}",
            "give this user the right to, or make room",
        )
    os.set_inheritable(lock, True)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("another set-up is at work here: waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)
    _use_own_scratch()


def _use_own_scratch() -> None:
    """Let temporary files of this set-up, and of all that it starts, lie here: what a killed one left goes with the next."""
    scratch = BUILD / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)


def run_quietly(command: Sequence[str | Path], directory: Path, text: str = "") -> None:
    """Runs a command with `text` on its stdin; its output is shown only when it fails.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    done = subprocess.run(  # noqa: S603  only our own commands
        command,
        cwd=directory,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        close_fds=False,  # should we be killed, it has our turn for as long as it works
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
        raise subprocess.CalledProcessError(done.returncode, command)


def output_of(command: Sequence[str | Path]) -> str:
    """What a command prints; empty when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  only our own
    return done.stdout.strip() if done.returncode == 0 else ""


def install_locked(lock_file: Path, environment: Path) -> Path:
    """The `bin` folder of an environment of its own, with exactly what a lock file says; half made, it is made anew."""
    stamp, wanted = environment / _STAMP, hashlib.sha256(lock_file.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
        return environment / "bin"
    if environment.is_dir():
        say(f"the environment in {environment} is half made, or an older one: making it anew")
    stamp.unlink(missing_ok=True)
    run_quietly([sys.executable, "-m", "venv", "--clear", environment], ROOT)
    pip = (environment / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run_quietly([*pip, "--require-hashes", "-r", lock_file], ROOT)
    stamp.write_text(wanted, encoding="ascii")
    return environment / "bin"
