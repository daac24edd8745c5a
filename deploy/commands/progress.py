"""How far a command is, on stderr: a bar on a terminal, a line now and then in a log."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import typer
from rich.console import Console
from rich.progress import Progress

from deploy.commands.speech import told

# Project choice: a log of an hour holds some hundred lines, and who follows it sees that something moves.
LOG_EVERY_SECONDS = 30.0


class SpacedLines:
    """Lines for a log, at most one in `LOG_EVERY_SECONDS`."""

    def __init__(self, say: Callable[[str], None], now: Callable[[], float] = monotonic) -> None:
        self._say = say
        self._now = now
        self._next = now() + LOG_EVERY_SECONDS

    def __call__(self, text: str) -> None:
        if self._now() >= self._next:
            self._next = self._now() + LOG_EVERY_SECONDS
            self._say(text)


_for_a_log = SpacedLines(lambda text: typer.echo(text, err=True))


@contextmanager
def showing(what: str) -> Iterator[Callable[[float], None]]:
    """Yields what is told of the share done, 0 to 1."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=1.0)

        def tell(share: float) -> None:
            bar.update(task, completed=share)
            _in_a_log(f"{what}{told('：', ': ')}{share:.0%}")

        yield tell


def show_line(text: str) -> None:
    """One line that is written over, of what has no known end."""
    if sys.stderr.isatty():
        typer.echo(f"\r{text}\x1b[K", nl=False, err=True)
    else:
        _for_a_log(text)


def show_rows(name: str, done: int, total: int) -> None:
    """How many rows of a file are done, for a log; a total of 0 is not known. A terminal has its bar."""
    known = told(f"{name}：{done:,} / {total:,} 行", f"{name}: {done:,} of {total:,} rows")
    _in_a_log(known if total else told(f"{name}：{done:,} 行", f"{name}: {done:,} rows"))


def _in_a_log(text: str) -> None:
    if not sys.stderr.isatty():
        _for_a_log(text)
