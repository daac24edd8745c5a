"""Several slices, the relay and the sweeper in one process: each starts, fails and restarts by itself.

Alone, each costs a city with little to do its own interpreter, pool, beat and wake-ups
(docs/decisions/0038-one-process-behind-the-web.md). A part that fails loses nothing, as a process that fails does not:
nothing is acknowledged before it is durable.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence

import structlog

from deploy.access import AccessDenied
from deploy.processes.lives import pause_seconds
from deploy.processes.runtime import AsksAnew, EndedUnasked, Process, is_cancelled, told_of, unwell
from schemas.bilingual import Bilingual, plain
from schemas.errors import Misconfigured
from schemas.words import Language

log = structlog.get_logger()

#: One that lived for so long is trusted again (project choice: longer than a start that waits in vain).
_TRUSTED_SECONDS = 120.0


#: Works for one part of a process until the part that it is given is to stop.
PartMain = Callable[[Process], Awaitable[None]]


async def keep_parts(
    process: Process,
    names: Sequence[str],
    main: PartMain,
    *,
    fatal: tuple[type[BaseException], ...],
    last: Collection[str] = (),
) -> None:
    """Run `main` for each of `names` until the process stops; begin anew whichever fails. Those of `last` stop last.

    The process ends as a whole where one fails with an error that is `fatal`, or where none is left that works: then it is
    not one slice's trouble, and a fresh process may help.
    """
    parts = [_Part(process, name, main, fatal) for name in names]
    keeping = {part: process.beside(part.keep(parts), part.name) for part in parts}
    beginning = process.beside(_begin(process, parts), "beginning")
    try:
        await process.stopping.wait()
    finally:
        beginning.cancel()
        for turn in ([part for part in parts if (part.name in last) is is_last] for is_last in (False, True)):
            for part in turn:
                part.now.stopping.set()
            await asyncio.gather(*(keeping[part] for part in turn), return_exceptions=True)
        await asyncio.gather(beginning, return_exceptions=True)


async def _begin(process: Process, parts: Sequence["_Part"]) -> None:
    """The process has begun when all of its parts have."""
    await asyncio.gather(*(part.begun.wait() for part in parts))
    process.begun.set()


class _Part:
    """One share of the process, through all of its lives."""

    def __init__(
        self, process: Process, name: str, main: PartMain, fatal: tuple[type[BaseException], ...]
    ) -> None:
        self.name = name
        self._process = process
        self._main = main
        self._fatal = fatal
        self._failures = 0
        #: Set since its first life has begun to work.
        self.begun = asyncio.Event()
        self.now = self._new_life()

    @property
    def is_down(self) -> bool:
        """Whether it has failed, and has not begun to work again since."""
        return self._failures > 0 and not self.now.begun.is_set()

    async def keep(self, parts: Sequence["_Part"]) -> None:
        """One life after the other, until the process stops.

        Raises:
            BaseException: what ended it, where the process is to end by that.
        """
        while not self._process.stopping.is_set():
            started = time.monotonic()
            await self._live()
            if (error := self.now.failure) is None:
                return
            if isinstance(error, AsksAnew):
                self.now = self._new_life()
                continue
            self._failures = 1 if time.monotonic() - started > _TRUSTED_SECONDS else self._failures + 1
            self.now = self._new_life()
            self.now.health |= unwell(_reason(error))
            if isinstance(error, self._fatal) or all(part.is_down for part in parts):
                raise error
            await self._process.pause(pause_seconds(self._failures - 1))

    async def _live(self) -> None:
        watching = asyncio.create_task(self._notice_begin(), name=f"beginning of {self.name}")
        try:
            await self._main(self.now)
            if not self.now.stopping.is_set():
                self.now.note_failure(EndedUnasked())
        except Exception as raised:  # noqa: BLE001  whatever it is ends this part alone, and is told
            self.now.note_failure(raised)
        except asyncio.CancelledError:
            if is_cancelled():
                raise
            self.now.note_cut_off()
        finally:
            watching.cancel()
            # What works beside it goes by this, and must not go on beside the next life.
            self.now.stopping.set()
        if (failure := self.now.failure) is not None and not isinstance(failure, AsksAnew):
            log.critical("part.failed", part=self.name, **told_of(failure))

    async def _notice_begin(self) -> None:
        await self.now.begun.wait()
        self.begun.set()

    def _new_life(self) -> Process:
        process = self._process
        settings = process.settings.of_part(self.name)
        life = Process(name=self.name, settings=settings, pool=process.pool, replica=process.replica)
        process.parts[self.name] = life
        if process.stopping.is_set():
            life.stopping.set()
        return life


def _reason(error: BaseException) -> Bilingual:
    """What went wrong, in words that hold no secret."""
    name = type(error).__name__
    if not isinstance(error, Misconfigured | AccessDenied):
        return plain(name)
    zh, en = error.message(Language.ZH), error.message(Language.EN)
    return Bilingual(zh=f"{name}：{zh}", en=f"{name}: {en}")
