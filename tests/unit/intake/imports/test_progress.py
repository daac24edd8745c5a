"""How far an import came."""

from pathlib import Path

import msgspec
import pytest

from intake.imports.progress import Progress, beginning, load, path_of, save
from schemas.words import Channel


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of one row."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "路灯坏了"}', encoding="utf-8")
    return path


def _beginning(file: Path, **more: object) -> Progress:
    given = {"channel": Channel.HOTLINE, "name": "f"} | more
    return beginning(file, **given)  # type: ignore[arg-type]  # the tests name fields that exist


def test_what_was_saved_is_loaded(file: Path) -> None:
    """And nothing else is left beside the file."""
    done = msgspec.structs.replace(_beginning(file), rows=5, accepted=4, rejected=1)
    save(path_of(file), done)

    assert done == load(path_of(file))
    assert ["a.jsonl", "a.jsonl.progress.json"] == sorted(path.name for path in file.parent.iterdir())


def test_what_is_not_there_or_broken_is_no_progress(file: Path) -> None:
    """The import starts from the beginning rather than not at all."""
    assert load(path_of(file)) is None
    path_of(file).write_text("{", encoding="utf-8")

    assert load(path_of(file)) is None


def test_progress_belongs_to_content_channel_and_source(file: Path) -> None:
    """However far it came; whoever changes one of the three starts anew."""
    known = msgspec.structs.replace(_beginning(file), rows=1)

    assert known.is_of(_beginning(file))
    assert not known.is_of(_beginning(file, channel=Channel.WEB))
    assert not known.is_of(_beginning(file, name="g"))
    file.write_text('{"text": "又坏了"}', encoding="utf-8")
    assert not known.is_of(_beginning(file))
