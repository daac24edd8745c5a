"""The help of every command in a Chinese terminal."""

import contextlib
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import typer
from typer import rich_utils

from deploy.commands import help_zh, main
from tests.unit.deploy.commands.every_command import COMMANDS

_CHINESE = re.compile("[\u4e00-\u9fff]")


def _helps() -> Iterator[str]:
    """All that help says: of groups, commands, options and arguments."""
    every: list[Any] = [typer.main.get_command(main.app), *_groups(), *COMMANDS.values()]
    for command in every:
        if not command.hidden:
            yield command.help
            yield from (param.help for param in command.params if getattr(param, "help", None))


def _groups() -> Iterator[Any]:
    others = typer.Typer(add_completion=False)
    others.callback()(lambda: None)
    for name in main._COMMANDS:
        import_module(f"deploy.commands.{name}").register(others)
    command: Any = typer.main.get_command(others)
    yield from (each for each in command.commands.values() if hasattr(each, "commands"))


def test_every_help_has_its_chinese() -> None:
    """Whoever adds an option or changes what it says adds it in Chinese; nothing is kept that no command says."""
    helps = set(_helps())

    assert set() == helps - set(help_zh.words())
    assert {"Show this message and exit."} == set(help_zh.words()) - helps


@pytest.mark.parametrize("typed", [["import", "--help"], ["--help"], ["audit"]], ids=" ".join)
def test_help_is_whole_and_chinese(
    typed: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is cut off where a line ends; no frame of the library's is in English."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.setenv("COLUMNS", "80")
    own = typer.Typer(add_completion=False, no_args_is_help=True, help=main.app.info.help)
    own.callback()(lambda: None)
    monkeypatch.setattr(main, "app", own)
    monkeypatch.setattr("sys.argv", ["huiyin", *typed])
    for name in ("ARGUMENTS_PANEL_TITLE", "OPTIONS_PANEL_TITLE", "COMMANDS_PANEL_TITLE", "DEFAULT_STRING"):
        monkeypatch.setattr(rich_utils, name, getattr(rich_utils, name))
    for name in ("ENVVAR_STRING", "REQUIRED_LONG_STRING", "_make_rich_text"):
        monkeypatch.setattr(rich_utils, name, getattr(rich_utils, name))
    with contextlib.suppress(SystemExit):
        main.main()

    said = "".join(capsys.readouterr())
    assert "用法：" in said
    assert "显示此说明。" in said
    assert "…" not in said
    assert not [
        word for word in ("Usage", "Options", "Arguments", "Commands", "required", "default") if word in said
    ]


def test_the_chinese_is_chinese() -> None:
    """No sentence of it is half English."""
    assert [] == [zh for zh in help_zh.words().values() if not _CHINESE.search(zh)]
