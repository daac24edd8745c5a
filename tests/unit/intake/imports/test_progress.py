"""How far an import came."""

from pathlib import Path

import msgspec
import pytest

from intake.imports.progress import ImportProgress, load, path_of, put_aside, save, sha256_of
from schemas.words import Channel


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of one row."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "路灯坏了"}', encoding="utf-8")
    return path


def _beginning(file: Path, **more: object) -> ImportProgress:
    given = {"channel": Channel.HOTLINE, "source": "f", "file_sha256": sha256_of(file)} | more
    return ImportProgress(**given)  # type: ignore[arg-type]  # the tests name fields that exist


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


def test_progress_belongs_to_content_channel_source_and_choice(file: Path) -> None:
    """However far it came; whoever changes one of them starts anew."""
    known = msgspec.structs.replace(_beginning(file), rows=1)

    assert known.is_of(_beginning(file))
    assert not known.is_of(_beginning(file, channel=Channel.WEB))
    assert not known.is_of(_beginning(file, source="g"))
    assert not known.is_of(_beginning(file, choice="sheet 2"))
    file.write_text('{"text": "又坏了"}', encoding="utf-8")
    assert not known.is_of(_beginning(file))


def test_what_a_crash_left_is_written_over(tmp_path: Path) -> None:
    """Lines beyond what is known to be done are those that are written now; the file is its owner's alone."""
    path = tmp_path / "a.rejected.jsonl"
    known = put_aside(path, [b"one\n"], 0)
    put_aside(path, [b"two, before the crash\n"], known)

    assert len(b"one\ntwo\n") == put_aside(path, [b"two\n"], known)
    assert known == put_aside(path, [], known)
    assert b"one\ntwo\n" == path.read_bytes()
    assert 0o600 == path.stat().st_mode & 0o777


def test_what_was_taken_away_meanwhile_leaves_no_hole(tmp_path: Path) -> None:
    """Somebody moved the rows that were put aside, to mend them, before the import went on."""
    path = tmp_path / "a.rejected.jsonl"
    known = put_aside(path, [b"one\n"], 0)
    path.unlink()

    assert len(b"two\n") == put_aside(path, [b"two\n"], known)
    assert b"two\n" == path.read_bytes()
