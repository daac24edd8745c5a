"""`make test` leaves no test out, and runs none twice."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import ROOT

_LINES = (ROOT / "tests" / "parts.txt").read_text(encoding="utf-8").splitlines()
PARTS = [line.partition("pytest ")[2].split() for line in _LINES if not line.startswith("#")]


def _files(part: list[str]) -> set[Path]:
    left_out = [ROOT / word.partition("=")[2] for word in part if word.startswith("--ignore=")]
    found = {path for word in part if word[0] != "-" for path in (ROOT / word).rglob("test_*.py")}
    return {path for path in found if not any(path.is_relative_to(folder) for folder in left_out)}


def test_every_test_is_in_one_part() -> None:
    """A new folder of tests is in one of the lines, and in no two."""
    counts = Counter(path for part in PARTS for path in _files(part))

    assert [] == [path for path in (ROOT / "tests").rglob("test_*.py") if counts[path] != 1]


def test_the_document_of_tests_names_what_is_there() -> None:
    """Whoever wants to open a slow test can: names lie below `tests`, or below the folder that their line begins with."""
    lines = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8").splitlines()
    named = [path for line in lines if line.startswith("| ") for path in _named(line.split(" | ")[0])]

    assert len(named) > 20
    assert [] == [path for path in named if not path.is_dir() and not path.with_suffix(".py").is_file()]


def _named(cell: str) -> Iterator[Path]:
    folder, *names = re.findall(r"`([^`]+)`", cell) or [""]
    if not cell.startswith("| in "):
        folder, names = "", [folder, *names]
    yield from (ROOT / "tests" / folder / name for name in names)
