"""How far a command is, on stderr; nothing where stderr is no terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import Progress


@contextmanager
def showing(what: str) -> Iterator[Callable[[float], None]]:
    """Yields what is told of the share done, 0 to 1."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def show_line(text: str) -> None:
    """One line that is written over, of what has no known end."""
    if sys.stderr.isatty():
        typer.echo(f"\r{text}\x1b[K", nl=False, err=True)
