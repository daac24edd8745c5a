"""A city's folder as its files stand there."""

import shutil
from pathlib import Path

from schemas.checked_city import check_city
from schemas.city import load_city

_SHIPPED = Path(__file__).parents[3] / "schemas" / "data"


def test_what_an_editor_puts_before_a_file_is_none_of_it(tmp_path: Path) -> None:
    """Windows marks UTF-8 so, and nobody sees it: the first line was called wrong."""
    folder = Path(shutil.copytree(_SHIPPED, tmp_path / "city"))
    for file in folder.glob("*.toml"):
        file.write_text(file.read_text(encoding="utf-8"), encoding="utf-8-sig")

    assert [] == [one for one in check_city(folder).findings if one.state == "fail"]
    assert load_city(folder).department
