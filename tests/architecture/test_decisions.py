"""A decision has a number of its own, and whoever names one names one that is there."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import PACKAGES, ROOT, files, place

RECORDS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
#: `decision 8`, or a record's file.
_NAMED = re.compile(r"\bdecision (\d+)|\b(\d{4})-[a-z-]+\.md")
_LINKED = re.compile(r"\[decision (\d+)\]\([^)]*?(\d{4})-")
#: As CONTRIBUTING.md asks.
_MOST_LINES = 40


def _texts() -> Iterator[Path]:
    yield from files(*PACKAGES, "tests")
    yield from sorted(ROOT.glob("*.md"))
    yield from sorted((ROOT / "docs").rglob("*.md"))


def test_each_has_its_own_number() -> None:
    """Numbered in the order in which they were taken, without a gap."""
    numbers = [int(path.name[:4]) for path in RECORDS]

    assert list(range(1, len(RECORDS) + 1)) == numbers, (
        "two at once: the later one takes the next free number"
    )


def test_each_says_its_number() -> None:
    """The title begins with the number that the file's name has."""
    wrong = [
        path.name for path in RECORDS if not path.read_text("utf-8").startswith(f"# {int(path.name[:4])}. ")
    ]

    assert wrong == []


def test_each_is_short() -> None:
    """Context, decision, consequences, alternatives fit on one screen."""
    long = [path.name for path in RECORDS if len(path.read_text("utf-8").splitlines()) > _MOST_LINES]

    assert long == [], f"{_MOST_LINES} lines: what is longer belongs into the documents that follow from it"


def test_what_is_named_is_there() -> None:
    """No text names a decision that nobody took, or links to another than it says."""
    known = {int(path.name[:4]) for path in RECORDS}
    wrong = []
    for path in _texts():
        text = path.read_text("utf-8")
        named = {int(number or name) for number, name in _NAMED.findall(text)}
        linked = [pair for pair in _LINKED.findall(text) if int(pair[0]) != int(pair[1])]
        wrong += [place(path)] if named - known or linked else []

    assert wrong == []
