"""What was written is read; what was cut, changed, moved or made under another key is not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.backup.sealed_file import BackupUnreadable, SealedReader, SealedWriter

KEY, OTHER = b"k" * 32, b"o" * 32
_CHUNK = 64 * 1024


def _write(path: Path, *parts: bytes) -> bytes:
    with path.open("wb") as file:
        writer = SealedWriter(file, KEY, b'{"cases": 3}')
        for part in parts:
            writer.write(part)
        writer.close()
    return path.read_bytes()


def _read(path: Path, size: int, key: bytes = KEY) -> bytes:
    with path.open("rb") as file:
        return SealedReader(file, "b").unlock(key).read(size)


@given(sizes=st.lists(st.integers(min_value=0, max_value=3 * _CHUNK), max_size=4))
def test_whatever_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> None:
    """In pieces of any length, also of the chunks' own."""
    path = tmp_path_factory.mktemp("backup") / "b"
    parts = [bytes([number + 1]) * size for number, size in enumerate(sizes)]

    _write(path, *parts)

    assert _read(path, sum(sizes)) == b"".join(parts)


def test_its_first_line_is_readable_without_the_key(tmp_path: Path) -> None:
    """Whose backup it is shows before anybody is asked for a secret; nothing else does."""
    whole = _write(tmp_path / "b", b"secret text" * 100)

    with (tmp_path / "b").open("rb") as file:
        assert SealedReader(file, "b").first_line == b'{"cases": 3}'
    assert b"secret text" not in whole


@pytest.mark.parametrize("size", [10, _CHUNK, 2 * _CHUNK + 5])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, size: int) -> None:
    """Also between two chunks."""
    path = tmp_path / "b"
    whole = _write(path, b"x" * size)
    head = whole.index(b"\n") + 1
    ends = {head, head + 1, len(whole) - 1, *range(head, len(whole), _CHUNK + 20)} - {len(whole)}

    for end in ends:
        path.write_bytes(whole[:end])
        with pytest.raises(BackupUnreadable):
            _read(path, size)


def test_changed_bytes_another_key_and_exchanged_chunks_are_refused(tmp_path: Path) -> None:
    """Whichever it is, the first line included."""
    path = tmp_path / "b"
    whole = _write(path, b"a" * _CHUNK, b"b" * _CHUNK, b"c")
    head = whole.index(b"\n") + 1
    one = _CHUNK + 20
    exchanged = whole[:head] + whole[head + one : head + 2 * one] + whole[head : head + one]
    broken = [
        whole.replace(b'"cases": 3', b'"cases": 4'),
        whole[:-1] + bytes([whole[-1] ^ 1]),
        exchanged + whole[head + 2 * one :],
        whole[: head + one] + whole[head:],
        b"PK\x03\x04 something else\n",
        b"",
    ]

    for changed in broken:
        path.write_bytes(changed)
        with pytest.raises(BackupUnreadable):
            _read(path, 2 * _CHUNK + 1)
    path.write_bytes(whole)
    with pytest.raises(BackupUnreadable, match="another HUIYIN_SECRET_KEY"):
        _read(path, 1, OTHER)
