"""Every command that can be typed, for the tests that walk them all."""

from collections.abc import Iterator, Mapping
from importlib import import_module

import typer
from typer.core import TyperGroup

from deploy.commands import main


def _commands(group: TyperGroup, named: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Each command that can be typed, with its words."""
    for name, command in group.commands.items():
        words = (*named, name)
        if isinstance(command, TyperGroup):
            yield from _commands(command, words)
        else:
            yield words, command


def _every_command() -> Mapping[tuple[str, ...], object]:
    others = typer.Typer()
    for name in main._COMMANDS:
        import_module(f"deploy.commands.{name}").register(others)
    groups = [typer.main.get_command(main.app), typer.main.get_command(others)]
    return {
        words: one for group in groups if isinstance(group, TyperGroup) for words, one in _commands(group)
    }


#: Each with the words that are typed for it.
COMMANDS = _every_command()
