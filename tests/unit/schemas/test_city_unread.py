"""A city's file that cannot be read is one fault: of what it has nobody knows anything."""

import shutil
from pathlib import Path

import pytest

from schemas.checked_city import check_city

_SHIPPED = Path(__file__).parents[3] / "schemas" / "data"


@pytest.mark.parametrize(
    ("file", "is_there"),
    [
        ("departments.toml", True),
        ("departments.toml", False),
        ("regions.toml", True),
        ("taxonomy.toml", False),
        ("subcategories.toml", True),
        # A city may go without it, unless it has items: three hundred of them would be faults of one remedy.
        ("subcategories.toml", False),
    ],
)
def test_what_cannot_be_read_is_the_one_fault(tmp_path: Path, file: str, is_there: bool) -> None:
    """Nobody is told to add to it what stands in it already."""
    folder = Path(shutil.copytree(_SHIPPED, tmp_path / "city"))
    if is_there:
        (folder / file).write_text("broken = ", encoding="utf-8")
    else:
        (folder / file).unlink()

    failed = [one for one in check_city(folder).findings if one.state == "fail"]

    assert [(file, None)] == [(one.file, one.facts.get("entry")) for one in failed]
