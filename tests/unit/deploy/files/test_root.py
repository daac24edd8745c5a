"""A folder of files that vanishes under a process: nothing is kept, found or forgotten in what stands in its place."""

import errno
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from deploy.files.store import Files, files_of
from deploy.settings import Settings
from schemas.errors import Unavailable

BLOB = "2026-11-27/one"


async def _sent() -> AsyncIterator[bytes]:
    yield b"a"


async def _arrives(files: Files) -> None:
    async with files.arriving(_sent()):
        pass


async def _lists(files: Files) -> None:
    assert [page async for page in files.list_day("2026-11-27")]


_DONE: dict[str, Callable[[Files], Any]] = {
    "arriving": _arrives, "kept": lambda files: files.keep(BLOB, BytesIO(b"a")), "opened": lambda files: files.open(BLOB),
    "forgotten": lambda files: files.forget([BLOB]), "listed": _lists,
}  # fmt: skip


@pytest.mark.parametrize("is_made_before", [False, True])
@pytest.mark.parametrize("done", _DONE)
async def test_nothing_is_done_in_the_place_of_what_vanished(
    tmp_path: Path, done: str, is_made_before: bool
) -> None:
    """Its disk is gone and an empty mount point is left, whether the process had kept a file there or not."""
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    files = files_of(Settings(data=data))
    if is_made_before:
        await files.keep(BLOB, BytesIO(b"a"))
    data.rename(elsewhere)
    data.mkdir()

    with pytest.raises(Unavailable):
        await _DONE[done](files)
    assert [] == list(data.iterdir())

    data.rmdir()
    with pytest.raises(Unavailable):
        await _DONE[done](files)
    assert not data.exists()

    elsewhere.rename(data)
    for each in ("arriving", "kept", "opened", "listed", "forgotten"):
        await _DONE[each](files)


def _on_another_disk(path: Path) -> Path:
    """A folder that lies on another disk than `path`: memory, unless that is where `path` lies."""
    places = (Path("/dev/shm"), Path("/var/tmp"))  # noqa: S108  whatever lies there is another disk
    return next(place for place in places if place.stat().st_dev != path.stat().st_dev)


async def test_a_folder_whose_disk_alone_is_gone_takes_nothing(tmp_path: Path) -> None:
    """What it was mounted on is there, and empty."""
    with tempfile.TemporaryDirectory(dir=_on_another_disk(tmp_path)) as disk:
        folder = tmp_path / "attachments"
        folder.symlink_to(disk)
        files = files_of(Settings(data=tmp_path))
        await files.keep(BLOB, BytesIO(b"a"))
        folder.unlink()
        folder.mkdir()

        with pytest.raises(Unavailable):
            await files.keep(BLOB, BytesIO(b"a"))
        assert [] == list(folder.iterdir())


async def test_a_restored_folder_is_the_processs_own(tmp_path: Path) -> None:
    """A web goes on beside a restore, which puts the folder aside and another in its place."""
    folder = tmp_path / "attachments"
    folder.mkdir()
    files = files_of(Settings(data=tmp_path))
    folder.rename(tmp_path / "attachments.before")
    with pytest.raises(Unavailable):
        await files.keep(BLOB, BytesIO(b"a"))
    (tmp_path / "restored").mkdir()
    (tmp_path / "restored").rename(folder)

    await files.keep(BLOB, BytesIO(b"a"))
    assert await files.open(BLOB) is not None


async def test_a_folder_that_is_made_later_is_the_processs_own(tmp_path: Path) -> None:
    """Nothing was there of it, nor of the way to it, when it began."""
    files = files_of(Settings(data=tmp_path / "not" / "yet"))

    await files.keep(BLOB, BytesIO(b"a"))
    assert await files.open(BLOB) is not None


@pytest.mark.parametrize("number", [errno.EACCES, errno.ELOOP, errno.EIO, errno.ESTALE, errno.ENOTCONN])
@pytest.mark.parametrize("is_made_before", [False, True])
async def test_a_folder_that_cannot_be_looked_at_stops_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, is_made_before: bool
) -> None:
    """A web takes messages without it; files once it can be looked at, and from then on it is the process's own."""
    folder = tmp_path / "attachments"
    if is_made_before:
        await files_of(Settings(data=tmp_path)).keep(BLOB, BytesIO(b"a"))
    look = Path.stat

    def hindered(self: Path, **how: bool) -> os.stat_result:
        if self == folder:
            raise OSError(number, os.strerror(number))
        return look(self, **how)

    with monkeypatch.context() as while_hindered:
        while_hindered.setattr(Path, "stat", hindered)
        files = files_of(Settings(data=tmp_path))
        for done in _DONE.values():
            with capture_logs() as said, pytest.raises(Unavailable):
                await done(files)
            assert [("files.unseen", str(folder), os.strerror(number))] == [
                (line["event"], line["folder"], line["reason"]) for line in said
            ]

    for each in ("arriving", "kept", "opened", "listed", "forgotten"):
        await _DONE[each](files)


async def test_the_folder_of_arrivals_is_made_anew_by_itself(tmp_path: Path) -> None:
    """Nothing stays in it: whoever tidies up, or copies without what is hidden, takes it away."""
    await _arrives(files_of(Settings(data=tmp_path)))
    files = files_of(Settings(data=tmp_path))
    (tmp_path / "attachments/.arriving").rmdir()

    await _arrives(files)
    assert (tmp_path / "attachments/.arriving").is_dir()


async def test_operators_are_told_what_takes_no_file(tmp_path: Path) -> None:
    """A folder that was copied back, or mounted anew: the log, `/readyz` and the doctor say it, and what to do."""
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    await files_of(Settings(data=data)).keep(BLOB, BytesIO(b"a"))
    files = files_of(Settings(data=data))
    assert await files.trouble() is None
    data.rename(elsewhere)
    shutil.copytree(elsewhere, data)

    with capture_logs() as said, pytest.raises(Unavailable):
        await _arrives(files)
    trouble = await files.trouble()

    assert [("files.gone", f"{data}/attachments")] == [(line["event"], line["folder"]) for line in said]
    assert trouble is not None
    assert f"{data}/attachments is not the folder of files any more" in trouble.in_both().en
    assert await files_of(Settings(data=data)).trouble() is None
