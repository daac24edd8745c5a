"""What the set-up steps share: telling what happens, and stopping with a remedy."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / ".build"


def say(text: str) -> None:
    """One line of progress, on stderr."""
    sys.stderr.write(f"setup: {text}\n")


def fail(problem: str, remedy: str) -> NoReturn:
    """Ends the set-up, saying what is missing and what to do."""
    say(problem)
    say(f"remedy: {remedy}")
    sys.exit(1)


def run_quietly(command: Sequence[str | Path], directory: Path, text: str = "") -> None:
    """Runs a command with `text` on its stdin; its output is shown only when it fails.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    done = subprocess.run(  # noqa: S603  only our own commands
        command, cwd=directory, input=text, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
        raise subprocess.CalledProcessError(done.returncode, command)


def output_of(command: Sequence[str | Path]) -> str:
    """What a command prints; empty when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  only our own
    return done.stdout.strip() if done.returncode == 0 else ""


def install_locked(lock_file: Path, environment: Path) -> Path:
    """The `bin` folder of an environment of its own, with exactly what a lock file says."""
    if not (environment / "bin" / "python").exists():
        run_quietly([sys.executable, "-m", "venv", environment], ROOT)
    pip: list[str | Path] = [
        environment / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    run_quietly([*pip, "--require-hashes", "-r", lock_file], ROOT)
    return environment / "bin"
