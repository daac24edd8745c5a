"""A city's folder as its files stand there."""

import shutil
from pathlib import Path

from schemas.checked_city import check_city
from schemas.city import load_city
from schemas.city_form import CODE

_SHIPPED = Path(__file__).parents[3] / "schemas" / "data"


def test_what_an_editor_puts_before_a_file_is_none_of_it(tmp_path: Path) -> None:
    """Windows marks UTF-8 so, and nobody sees it: the first line was called wrong."""
    folder = Path(shutil.copytree(_SHIPPED, tmp_path / "city"))
    for file in folder.glob("*.toml"):
        file.write_text(file.read_text(encoding="utf-8"), encoding="utf-8-sig")

    assert [] == [one for one in check_city(folder).findings if one.state == "fail"]
    assert load_city(folder).department


def test_a_code_leaves_room_in_a_topics_name() -> None:
    """Kafka takes 249 characters: what is longer is refused before a process starts with it."""
    assert CODE.fullmatch("a" * 100)
    assert not CODE.fullmatch("a" * 101)
