"""What the doctor reads of the city's files."""

from pathlib import Path

import pytest

from deploy.commands.checks.time import check_files
from deploy.settings import Settings


async def test_only_a_citys_own_words_are_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the release beside its own city are tested before it leaves; each look at them costs seconds."""
    built: list[Settings] = []
    monkeypatch.setattr("deploy.composition.routing_rules", built.append)
    monkeypatch.setattr("deploy.composition.city_of", lambda _: None)
    ours, words, city = (
        Settings(),
        Settings(routing_directory=tmp_path),
        Settings(city_directory=tmp_path),
    )
    for each in (ours, words, city):
        assert "ok" == next(found.state for found in await check_files(each) if found.check == "words")

    assert [words, city] == built
