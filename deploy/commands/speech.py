"""Prints in the terminal's language: reports on stdout, everything else on stderr."""

from unicodedata import east_asian_width

import typer

from deploy.settings import callers_language


def told(zh: str, en: str) -> str:
    """Of a text in both languages the one that the terminal reads."""
    return callers_language().choose(zh, en)


def tell(zh: str, en: str) -> None:
    """Write a line of the report on stdout."""
    typer.echo(told(zh, en))


def say(zh: str, en: str) -> None:
    """Write a line on stderr, beside the report."""
    typer.echo(told(zh, en), err=True)


def padded(text: str, columns: int) -> str:
    """The text with blanks behind it, as wide as that on a terminal: of Chinese each character takes two columns."""
    wide = sum(east_asian_width(each) in "WF" for each in text)
    return text + " " * max(0, columns - len(text) - wide)
