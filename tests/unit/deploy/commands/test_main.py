"""What the documents tell people to type is there."""

import re
import sys
from collections.abc import Mapping
from importlib import import_module

import pytest
import typer
from typer.core import TyperGroup

from deploy.commands import main
from tests.architecture.source import ROOT

_FOLDER = ROOT / "deploy" / "commands"
_DOCUMENTS = (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
#: In code, as a person types it; a second word may be a command of a group, or an argument.
_TYPED = re.compile(r"(?:^|`|\$ )huiyin ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", re.MULTILINE)


def _typed() -> set[tuple[str, str]]:
    return {pair for file in _DOCUMENTS for pair in _TYPED.findall(file.read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def commands() -> Mapping[str, object]:
    """All that a person can type, as `main` registers it."""
    others = typer.Typer()
    for name in main._COMMANDS:
        import_module(f"deploy.commands.{name}").register(others)
    return {**_of(typer.main.get_command(main.app)), **_of(typer.main.get_command(others))}


def _of(command: object) -> Mapping[str, object]:
    """The commands of a group; none of a single command."""
    return command.commands if isinstance(command, TyperGroup) else {}


def test_every_file_of_commands_is_registered() -> None:
    """A command that nobody registers is written, tested from within, and cannot be typed."""
    having = {
        file.stem for file in _FOLDER.glob("*.py") if "\ndef register(" in file.read_text(encoding="utf-8")
    }

    assert having == set(main._COMMANDS)


def test_a_command_loads_its_own_file_alone() -> None:
    """And that file registers it: whoever types it waits for no other."""
    registered: dict[str, str] = {}
    for file in main._COMMANDS:
        app = typer.Typer()
        import_module(f"deploy.commands.{file}").register(app)
        names = [one.name or getattr(one.callback, "__name__", "") for one in app.registered_commands]
        registered |= {str(name): file for name in [*names, *(group.name for group in app.registered_groups)]}

    assert registered == main._FILES
    assert ("accounts",) == main._needed(["token", "add"])
    assert main._COMMANDS == main._needed(["--help"]) == main._needed([])
    assert not main._needed(["status", "--json"])


@pytest.mark.parametrize(("name", "second"), sorted(_typed()))
def test_every_command_in_the_documents_is_there(
    commands: Mapping[str, object], name: str, second: str
) -> None:
    """Whoever types what README and docs say gets no "No such command"."""
    assert name in commands
    assert not second or second in (_of(commands[name]) or {second})


def test_ctrl_c_is_no_defect(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Also before the command itself begins: no word, and the exit status that a command has then."""

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "_check_settings", interrupted)
    monkeypatch.setattr(sys, "argv", ["huiyin", "status"])
    with pytest.raises(SystemExit) as ended:
        main.main()

    assert (130, "") == (ended.value.code, capsys.readouterr().err)
