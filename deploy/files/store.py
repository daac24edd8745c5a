"""The file store: blobs in a folder of this machine, or in S3. Whole or not there, whoever dies when."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Any, TypeVar

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from deploy.files.arriving import Arrivals, ArrivedFile
from deploy.files.durable import make_durable
from deploy.files.memory import give_back
from deploy.files.root import FolderGone, FolderUnseen, Root
from deploy.observability.disk import FULL, Room, no_room
from deploy.settings import Settings
from schemas.errors import Unavailable

T = TypeVar("T")

#: Project choices. What is read and sent at once; how many files are looked into at the same time (there are rarely more
#: processors than two for them); beyond how many pixels a picture is large: an ordinary photograph of a telephone's is not.
_PIECE = 256 * 1024
_PLACES = 2
_LARGE_PIXELS = 13_000_000

#: How the library ends the name of a file that is not written whole (object_store's `local.rs`).
_UNFINISHED = re.compile(r"#\d+$")


class Files:
    """`intake.steps.filing.FileStore` over obstore. `root`: where the blobs are local, so that they can be synced."""

    def __init__(self, make_store: Callable[[], Any], arrivals: Arrivals, root: Root | None = None) -> None:
        self._make_store = make_store
        self._arrivals = arrivals
        self._folder = None if root is None else root.folder
        self._root = root
        self._places = asyncio.Semaphore(_PLACES)
        self._large = asyncio.Lock()

    @cached_property
    def _store(self) -> Any:
        """Made when first needed, so that listing routes leaves no folder behind."""
        return self._make_store()

    def arriving(self, chunks: AsyncIterator[bytes]) -> AbstractAsyncContextManager[ArrivedFile]:
        """A file, once it is here whole."""
        return self._arrivals.arriving(chunks)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One of the places of those who look into a file."""
        async with self._places:
            yield

    @asynccontextmanager
    async def unpacking(self, pixels: int) -> AsyncIterator[None]:
        """A place, and room in memory for a picture: of large ones (`_LARGE_PIXELS`) one at a time. Given back afterwards.

        A large one that waits for another has no place meanwhile: others look into their files.
        """
        async with self._large if pixels > _LARGE_PIXELS else nullcontext(), self.turn():
            try:
                yield
            finally:
                await self.off_loop(give_back)

    async def off_loop(self, work: Callable[[], T]) -> T:
        """What `work` returns, from a thread."""
        return await self._arrivals.off_loop(work)

    async def keep(self, blob: str, content: IO[bytes]) -> None:
        """Return once it lies there, synced where the folder is ours.

        Raises:
            Unavailable: the store does not take it, or there is no room.
        """
        content.seek(0)
        await self._look()
        try:
            await obstore.put_async(self._store, blob, content)
        except BaseError as error:
            raise (no_room() if _is_full(error) else Unavailable("file store")) from error
        if self._folder is not None:
            path = self._folder / blob
            await self.off_loop(lambda: make_durable(path))

    async def open(self, blob: str) -> tuple[int, AsyncIterator[bytes]] | None:
        """Its size and its bytes; None where there is no such blob.

        Raises:
            Unavailable: the store does not answer.
        """
        await self._look()
        try:
            found = await obstore.get_async(self._store, blob)
        except (NotFoundError, FileNotFoundError):
            return None
        except BaseError as error:
            raise Unavailable("file store") from error
        return found.meta["size"], _pieces(found)

    async def forget(self, blobs: Sequence[str]) -> None:
        """Remove them, those that are there.

        Raises:
            Unavailable: the store does not answer.
        """
        await self._look()
        for blob in blobs:
            try:
                await obstore.delete_async(self._store, blob)
            except (NotFoundError, FileNotFoundError):
                continue
            except BaseError as error:
                raise Unavailable("file store") from error

    async def forget_unfinished(self, day: str) -> int:
        """Remove what was being kept in our folder on that day when its process was killed; how many files.

        They are no blobs: the store neither lists nor removes them.
        """
        if self._folder is None:
            return 0
        folder = self._folder / day
        return await self.off_loop(lambda: _forget_unfinished(folder))

    async def list_day(self, day: str) -> AsyncIterator[Sequence[str]]:
        """The blobs that were kept on a day (`2026-11-26`), some at a time.

        Raises:
            Unavailable: the folder is gone.
        """
        await self._look()
        async for page in obstore.list(self._store, prefix=f"{day}/", chunk_size=500):
            yield [entry["path"] for entry in page]

    async def trouble(self) -> FolderGone | FolderUnseen | None:
        """Why our folder keeps nothing just now; None where it does, and of a bucket."""
        return None if self._root is None else await self.off_loop(self._root.trouble)

    async def _look(self) -> None:
        """Whoever finds nothing in a folder that is gone would take all of it for forgotten."""
        if self._root is not None:
            await self.off_loop(self._root.check)


def _forget_unfinished(folder: Path) -> int:
    unfinished = [each for each in folder.rglob("*#*") if _UNFINISHED.search(each.name)]
    return sum(map(_is_removed, unfinished))


def _is_removed(file: Path) -> bool:
    try:
        file.unlink()
    except OSError:
        # Gone meanwhile, a folder, or another user's: others are removed all the same, and the next sweep tries this again.
        return False
    return True


def _is_full(error: BaseError) -> bool:
    """Whether the folder's disk had no room; the library says so in its sentence alone."""
    return any(f"(os error {number})" in str(error) for number in FULL)


async def _pieces(found: Any) -> AsyncIterator[bytes]:
    async for piece in found.stream(min_chunk_size=_PIECE):
        yield bytes(piece)


def files_of(settings: Settings) -> Files:
    """The store that the settings name: a folder, or a bucket."""
    folder = settings.attachment_folder
    root = Root(folder)
    arrivals = Arrivals(folder / ".arriving", Room(settings), root)
    if settings.attachments_bucket:
        return Files(partial(_bucket, settings), arrivals)
    return Files(partial(LocalStore, folder, mkdir=True), arrivals, root)


def _bucket(settings: Settings) -> S3Store:
    given = {
        "endpoint": settings.attachments_s3_endpoint,
        "region": settings.attachments_s3_region,
        "access_key_id": settings.attachments_s3_key_id,
        "secret_access_key": settings.attachments_s3_secret.get_secret_value(),
    }
    options: dict[str, Any] = {name: value for name, value in given.items() if value}
    if settings.attachments_s3_endpoint.startswith("http://"):
        options["client_options"] = {"allow_http": True}
    return S3Store(settings.attachments_bucket, prefix="attachments", **options)
