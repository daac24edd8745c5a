"""A file that a command writes is whole, or what it was before."""

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from deploy.commands import whole_files
from deploy.commands.whole_files import whole_file, write_whole

_KILLED_HALF_WAY = """
import os, signal, sys
from pathlib import Path
from deploy.commands.whole_files import whole_file

with whole_file(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a former run wrote."""
    path = tmp_path / "cases.csv"
    path.write_bytes(b"former")
    return path


def test_a_full_disk_leaves_what_was_there(path: Path) -> None:
    """And nothing beside it."""
    with pytest.raises(OSError, match="No space left"):
        _write_until_full(path)

    assert b"former" == path.read_bytes()
    assert [path] == list(path.parent.iterdir())


def _write_until_full(path: Path) -> None:
    with whole_file(path) as file:
        file.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_was_killed_half_way_is_written_by_the_next(path: Path) -> None:
    """kill -9: the name holds what it held, and the next run leaves nothing over."""
    killed = subprocess.run([sys.executable, "-c", _KILLED_HALF_WAY, str(path)], check=False)

    assert -signal.SIGKILL == killed.returncode
    assert b"former" == path.read_bytes()
    write_whole(path, b"latter")
    assert b"latter" == path.read_bytes()
    assert [path] == list(path.parent.iterdir())


@pytest.mark.parametrize("name", ["诉" * 85, "c" * 255, "c" * 235])
def test_a_name_as_long_as_any_may_be_is_written(tmp_path: Path, name: str) -> None:
    """The unfinished file's is no longer, and one that was left over is removed."""
    path = tmp_path / name
    subprocess.run([sys.executable, "-c", _KILLED_HALF_WAY, str(path)], check=False)
    assert 1 == len(_unfinished_in(tmp_path))

    write_whole(path, b"latter")

    assert [path] == list(tmp_path.iterdir())
    assert b"latter" == path.read_bytes()


def test_what_is_refused_is_told_of_the_file_that_was_asked_for(tmp_path: Path) -> None:
    """Not of the one beside it that nobody knows."""
    path = tmp_path / "nowhere" / "cases.csv"

    with pytest.raises(FileNotFoundError) as refused:
        write_whole(path, b"")

    assert str(path) == refused.value.filename


def test_another_s_trouble_stays_its_own(path: Path) -> None:
    """A database that does not answer is no fault of the file."""
    with pytest.raises(ConnectionRefusedError) as refused, whole_file(path):
        raise ConnectionRefusedError(errno.ECONNREFUSED, "nobody listens")

    assert refused.value.filename is None


def test_who_may_read_it_and_where_it_leads_stay(path: Path) -> None:
    """A file that its owner alone may read is not opened to others; a link is followed."""
    path.chmod(0o600)
    link = path.with_name("link.csv")
    link.symlink_to(path)

    write_whole(link, b"latter")

    assert link.is_symlink()
    assert (b"latter", 0o600) == (path.read_bytes(), path.stat().st_mode & 0o777)


def test_a_pipe_is_written_to_as_it_comes(tmp_path: Path) -> None:
    """It has no end to wait for, and nothing takes its name."""
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()

    write_whole(pipe, b"told")

    reader.join()
    assert [b"told"] == read
    assert pipe.is_fifo()


def test_nobody_else_reads_it_while_it_is_written(path: Path) -> None:
    """Of a file that is there whoever might read that, of a new one its writer alone; nor what a kill leaves over."""
    path.chmod(0o600)
    new = path.with_name("new.csv")

    with whole_file(path), whole_file(new):
        modes = {file.name.split(".")[1]: file.stat().st_mode & 0o777 for file in _unfinished_in(path.parent)}

    assert {"cases": 0o600, "new": 0o600} == modes
    assert 0o666 & ~whole_files._umask() == new.stat().st_mode & 0o777


def test_a_file_in_its_way_is_not_written_through(path: Path) -> None:
    """Whoever lays a link where the unfinished file might be does not get what is written."""
    other = path.with_name("other")
    path.with_name(".cases.csv.unfinished").symlink_to(other)

    write_whole(path, b"latter")

    assert (b"latter", False) == (path.read_bytes(), other.exists())


def test_two_that_write_one_name_do_not_tear_it(path: Path) -> None:
    """Each writes a file of its own, and the last to end is what stands."""
    with whole_file(path) as first, whole_file(path) as second:
        first.write(b"the first")
        second.write(b"second")

    assert b"the first" == path.read_bytes()
    assert [path] == list(path.parent.iterdir())


def test_what_pipes_are_called_is_opened_as_it_is() -> None:
    """`--out >(gzip)` and `--out /dev/stdout | cat`: their links lead to names that are no files."""
    program = "import sys; from pathlib import Path; from deploy.commands.whole_files import write_whole; "
    program += "write_whole(Path(sys.argv[1]), b'told')"

    told = subprocess.run([sys.executable, "-c", program, "/dev/stdout"], check=True, capture_output=True)

    assert b"told" == told.stdout


@pytest.mark.parametrize("refused", [errno.EBUSY, errno.EXDEV])
def test_a_file_that_cannot_be_replaced_is_written_over(
    path: Path, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    """One that is mounted alone; nothing is left beside it."""

    def refuse(unfinished: Path, target: Path) -> None:
        raise OSError(refused, os.strerror(refused), str(unfinished), None, str(target))

    monkeypatch.setattr(Path, "replace", refuse)

    write_whole(path, b"latter")

    assert b"latter" == path.read_bytes()
    assert [path] == list(path.parent.iterdir())


@pytest.mark.parametrize("refused", [errno.EACCES, errno.EROFS])
def test_in_a_folder_that_takes_no_file_one_that_is_there_is_written_over(
    path: Path, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    """What breaks off leaves what was there; one that is not there is refused by its name."""

    def refuse(**_: object) -> None:
        raise OSError(refused, os.strerror(refused), "beside")

    monkeypatch.setattr(whole_files, "mkstemp", refuse)

    with pytest.raises(OSError, match="No space left"):
        _write_until_full(path)
    assert b"former" == path.read_bytes()
    write_whole(path, b"latter")
    assert b"latter" == path.read_bytes()
    with pytest.raises(OSError, match=r"new\.csv") as told:
        write_whole(path.with_name("new.csv"), b"")
    assert refused == told.value.errno


def _unfinished_in(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.name.endswith(".unfinished")]
