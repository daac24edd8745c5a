"""Which Python set-up makes the environment with."""

import subprocess
import sys
from pathlib import Path

import pytest

_FIND_PYTHON = Path(__file__).parents[4] / "deploy" / "local" / "setup" / "find_python.sh"


class Machine:
    """A PATH of Pythons that are as quick as they say: too quick for the system's own to be chosen."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def has(self, name: str, microseconds: int, *, lacks: str = "nothing at all") -> None:
        """`lacks`: what stands in a question that this one answers with no."""
        python = self._directory / name
        python.write_text(
            f"#!/bin/sh\ncase \"$*\" in *'{lacks}'*) exit 1;; *process_time*) echo {microseconds};; "
            f'*) exec {sys.executable} "$@";; esac\n',
            encoding="utf-8",
        )
        python.chmod(0o755)

    def found(self, named: str = "") -> tuple[int, str]:
        """How the search ended, and what it printed; `named`: the PYTHON of whoever runs set-up."""
        environment = {"PATH": str(self._directory), "PYTHON": named}
        done = subprocess.run(
            ["/bin/sh", _FIND_PYTHON], env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout.strip()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_quickest_is_taken(machine: Machine) -> None:
    machine.has("python3", 20)
    machine.has("python3.13", 10)
    machine.has("python3.12", 15)

    assert (0, "python3.13") == machine.found()


def test_the_first_stays_where_another_is_hardly_quicker(machine: Machine) -> None:
    """Else chance would say what the next environment is made with."""
    machine.has("python3", 20)
    machine.has("python3.12", 19)

    assert (0, "python3") == machine.found()


def test_what_somebody_names_is_taken_whatever_it_takes(machine: Machine) -> None:
    machine.has("python3", 10)
    machine.has("python3.12", 20)

    assert (0, "python3.12") == machine.found(named="python3.12")


@pytest.mark.parametrize("lacks", ["version_info", "ensurepip"], ids=["too old", "without venv"])
def test_one_that_cannot_serve_is_passed_over(machine: Machine, lacks: str) -> None:
    machine.has("python3", 10, lacks=lacks)
    machine.has("python3.12", 20)

    assert (0, "python3.12") == machine.found()
