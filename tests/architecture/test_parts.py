"""`make test` leaves no test out, and runs none twice."""

from collections import Counter
from pathlib import Path

from tests.architecture.source import ROOT

_LINES = (ROOT / "tests" / "parts.txt").read_text(encoding="utf-8").splitlines()
PARTS = [line.split()[1:] for line in _LINES if line.startswith("pytest ")]


def _files(part: list[str]) -> set[Path]:
    left_out = [ROOT / word.partition("=")[2] for word in part if word.startswith("--ignore=")]
    found = {path for word in part if word[0] != "-" for path in (ROOT / word).rglob("test_*.py")}
    return {path for path in found if not any(path.is_relative_to(folder) for folder in left_out)}


def test_every_test_is_in_one_part() -> None:
    """A new folder of tests is in one of the lines, and in no two."""
    counts = Counter(path for part in PARTS for path in _files(part))

    assert [] == [path for path in (ROOT / "tests").rglob("test_*.py") if counts[path] != 1]
