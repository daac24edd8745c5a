"""The file store: where its disk is full, and how much is unpacked at once."""

import asyncio
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest

from deploy.files import store
from deploy.files.store import Files, files_of
from deploy.settings import Settings

#: Keeps a file under a limit of its size, which the system refuses as it refuses one on a full disk.
_KEEPS_TOO_MUCH = """
import asyncio, os, resource, sys
from io import BytesIO
from pathlib import Path
from deploy.files.store import files_of
from deploy.settings import Settings
from schemas.errors import NoRoomLeft

async def main():
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))
    try:
        await files_of(Settings(data=Path(sys.argv[1]))).keep("2026-11-27/one", BytesIO(bytes(512 * 1024)))
    except NoRoomLeft as refusal:
        print(refusal.facts["retry_after_seconds"], flush=True)
    os._exit(0)

asyncio.run(main())
"""


def test_a_store_without_room_promises_none_in_five_seconds(tmp_path: Path) -> None:
    """Somebody has to make room first: whoever sent it is told so, and nothing of the file stays."""
    done = subprocess.run(
        [sys.executable, "-c", _KEEPS_TOO_MUCH, str(tmp_path)], capture_output=True, text=True, check=True
    )

    assert "60\n" == done.stdout
    assert [] == [each for each in tmp_path.rglob("*") if each.is_file()]


#: Keeps a file whose second half never comes; says when it would be read.
_KEEPS_HALF = """
import asyncio, sys, threading
from io import BytesIO
from pathlib import Path
from deploy.files.store import files_of
from deploy.settings import Settings

class Half(BytesIO):
    def read(self, size=-1):
        if self.tell() > 8 * 1024 * 1024:
            print("half", flush=True)
            threading.Event().wait()
        return super().read(size)

asyncio.run(files_of(Settings(data=Path(sys.argv[1]))).keep("2026-11-27/one", Half(bytes(32 * 1024 * 1024))))
"""


async def test_half_a_file_of_a_killed_process_is_found(tmp_path: Path) -> None:
    """Under whatever name the library writes it; nothing that stands whole is taken for one."""
    files = files_of(Settings(data=tmp_path))
    await files.keep("2026-11-27/whole", BytesIO(b"whole"))
    keeping = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _KEEPS_HALF, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert keeping.stdout is not None
    assert b"half\n" == await keeping.stdout.readline()
    keeping.kill()
    await keeping.wait()
    folder = tmp_path / "attachments" / "2026-11-27"
    left = [*folder.iterdir()]

    assert 1 == await files.forget_unfinished("2026-11-27")
    assert 2 == len(left)
    assert ["whole"] == [each.name for each in folder.iterdir()]


async def test_half_a_file_that_cannot_be_removed_keeps_no_other(tmp_path: Path) -> None:
    """What else was left goes; it is tried again with the next sweep."""
    folder = tmp_path / "attachments" / "2026-11-27"
    for name in ("a#1", "b#2"):
        (folder / name).mkdir(parents=True)
    (folder / "c#3").touch()

    assert 1 == await files_of(Settings(data=tmp_path)).forget_unfinished("2026-11-27")
    assert {"a#1", "b#2"} == {each.name for each in folder.iterdir()}


_PHOTOGRAPH, _LARGE = 4032 * 3024, 8160 * 6120


class Pictures:
    """Those that are being unpacked, until they are told to be done."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.under_way: list[int] = []
        self.may_end = asyncio.Event()

    async def unpack(self, pixels: int) -> None:
        """One of them."""
        async with self._files.unpacking(pixels):
            self.under_way.append(pixels)
            await self.may_end.wait()
            self.under_way.remove(pixels)


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pictures:
    """None so far; how often memory was given back stands in `tmp_path`."""
    given = tmp_path / "given"
    given.touch()
    monkeypatch.setattr(store, "give_back", lambda: given.write_text(given.read_text() + "x"))
    return Pictures(files_of(Settings(data=tmp_path)))


async def test_two_large_pictures_wait_for_one_another(pictures: Pictures, tmp_path: Path) -> None:
    """Each takes hundreds of megabytes: the second begins when the first has given back what it took."""
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(pictures.unpack(_LARGE))
        await _settle()
        first = list(pictures.under_way)
        pictures.may_end.set()

    assert [_LARGE] == first
    assert "xx" == (tmp_path / "given").read_text()


async def test_a_photograph_waits_for_no_large_picture(pictures: Pictures) -> None:
    """Nor does it for those that wait for it, which have no place meanwhile."""
    async with asyncio.TaskGroup() as group:
        for pixels in (_LARGE, _LARGE, _LARGE, _PHOTOGRAPH):
            group.create_task(pictures.unpack(pixels))
        await _settle()
        under_way = list(pictures.under_way)
        pictures.may_end.set()

    assert [_LARGE, _PHOTOGRAPH] == under_way


async def test_two_photographs_wait_for_no_other(pictures: Pictures) -> None:
    """There are two places."""
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(pictures.unpack(_PHOTOGRAPH))
        await _settle()
        under_way = list(pictures.under_way)
        pictures.may_end.set()

    assert [_PHOTOGRAPH, _PHOTOGRAPH] == under_way


async def _settle() -> None:
    """Whoever may begin has begun: nothing here waits for anything but its turn."""
    for _ in range(10):
        await asyncio.sleep(0)
