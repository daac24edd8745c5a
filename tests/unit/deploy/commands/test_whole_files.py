"""A file that a command writes is whole, or what it was before."""

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

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
