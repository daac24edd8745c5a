"""Files on their way in: never whole in memory, and nothing stays of one that did not arrive."""

import asyncio
import contextlib
import errno
import hashlib
import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from deploy.files import arriving
from deploy.files.arriving import Arrivals
from deploy.files.root import Root
from deploy.observability.disk import Room
from deploy.settings import Settings
from schemas.errors import Unavailable

_MIB = 1024 * 1024


async def pieces(count: int, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    """So many, each by itself, as a network brings them."""
    for _ in range(count):
        await asyncio.sleep(0)
        yield bytes(size)


_ROOM = Room(Settings())


def held(folder: Path) -> list[Path]:
    """What the folder shows."""
    return list(folder.iterdir())


async def test_what_arrived_is_what_was_sent(tmp_path: Path) -> None:
    """Its bytes, how many, and their hash; the folder shows none of it, before or after."""

    async def sent() -> AsyncIterator[bytes]:
        for number in range(1000):
            yield str(number).encode() * 100

    whole = b"".join([piece async for piece in sent()])
    async with Arrivals(tmp_path, _ROOM, Root(tmp_path)).arriving(sent()) as arrived:
        arrived.file.seek(0)

        assert whole == arrived.file.read()
        assert (len(whole), hashlib.sha256(whole).digest()) == (arrived.size, arrived.sha256)
        assert [] == held(tmp_path)
    assert [] == held(tmp_path)


async def test_two_hundred_at_once_take_little_memory(tmp_path: Path) -> None:
    """What is in memory is a piece of each, not the files."""
    arrivals = Arrivals(tmp_path, _ROOM, Root(tmp_path))

    async def one() -> int:
        async with arrivals.arriving(pieces(32)) as arrived:
            return arrived.size

    tracemalloc.start()
    try:
        sizes = await asyncio.gather(*(one() for _ in range(200)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert {2 * _MIB} == set(sizes)
    assert peak < 120 * _MIB, "400 MiB came in"


async def test_more_than_there_is_room_for_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 instead of file handles that run out; who comes after the others have gone is taken."""
    monkeypatch.setattr(arriving, "MOST_AT_ONCE", 1)
    arrivals = Arrivals(tmp_path, _ROOM, Root(tmp_path))
    async with arrivals.arriving(pieces(1)):
        with pytest.raises(Unavailable):
            async with arrivals.arriving(pieces(1)):
                raise AssertionError
    async with arrivals.arriving(pieces(1)) as arrived:
        assert 64 * 1024 == arrived.size


async def test_a_full_disk_is_said_so(tmp_path: Path) -> None:
    """Try again later; whatever else goes wrong is a defect, and shows as one."""

    async def until(error: OSError) -> AsyncIterator[bytes]:
        yield b"x"
        raise error

    for error, seen in (
        (OSError(errno.ENOSPC, "no room"), Unavailable),
        (OSError(errno.EIO, "broken"), OSError),
    ):
        with pytest.raises(seen):
            async with Arrivals(tmp_path, _ROOM, Root(tmp_path)).arriving(until(error)):
                raise AssertionError


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """No database is away: whoever reads the log learns which folder it is, and why."""
    folder = tmp_path / "attachments"
    folder.write_bytes(b"no folder")

    with capture_logs() as said, pytest.raises(Unavailable) as refused:
        async with Arrivals(folder, _ROOM, Root(folder)).arriving(pieces(1)):
            raise AssertionError

    assert "file store" == refused.value.facts["dependency"]
    assert [("files.unwritable", str(folder), os.strerror(errno.EEXIST))] == [
        (line["event"], line["folder"], line["reason"]) for line in said
    ]


_RECEIVES_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from deploy.files.arriving import Arrivals
from deploy.files.root import Root
from deploy.observability.disk import Room
from deploy.settings import Settings

async def endless():
    for number in range(10**9):
        if number == 100:
            print("half", flush=True)
        await asyncio.sleep(0.001)
        yield bytes(64 * 1024)

async def main():
    folder = Path(sys.argv[1])
    async with Arrivals(folder, Room(Settings()), Root(folder)).arriving(endless()):
        pass

asyncio.run(main())
"""


def test_a_process_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    """kill -9 in the middle of a file: no half of it, no temporary name."""
    child = subprocess.Popen(
        [sys.executable, "-c", _RECEIVES_FOR_EVER, str(tmp_path)], stdout=subprocess.PIPE
    )
    with contextlib.closing(child.stdout) as said:  # type: ignore[type-var]  # it is a pipe
        assert b"half\n" == said.readline()  # type: ignore[union-attr]  # as above
        os.kill(child.pid, signal.SIGKILL)
        child.wait()

    assert [] == held(tmp_path)
