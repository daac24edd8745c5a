"""Several slices in one process: what ends one of them, and what ends all."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from pydantic import SecretStr

from deploy.processes import parts
from deploy.processes.parts import keep_parts
from deploy.processes.runtime import AsksAnew, Process
from deploy.settings import Settings
from schemas.errors import Misconfigured

_POOL: Any = None
NAMES = ("intake", "routing")


class Hung(Exception):
    """What nothing but the end of the process helps against."""


class Lives:
    """What became of each part: how often it began, and what it does."""

    def __init__(self) -> None:
        self.begun: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.now: dict[str, Process] = {}
        #: Parts that fail before they begin.
        self.failing: set[str] = set()
        self._changed = asyncio.Event()

    async def main(self, part: Process) -> None:
        """Work until told to stop."""
        self.now[part.name] = part
        self.begun[part.name] += 1
        self._changed.set()
        if part.name in self.failing:
            raise ConnectionError
        part.begun.set()
        await part.stopping.wait()
        self.ended[part.name] += 1

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return once it is so."""
        async with asyncio.timeout(10):
            while not is_so():
                self._changed.clear()
                await asyncio.wait({asyncio.ensure_future(self._changed.wait())}, timeout=0.01)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that failed is begun anew soon."""
    monkeypatch.setattr(parts, "pause_seconds", lambda _doublings: 0.01)


def _process(**settings: Any) -> Process:
    return Process(name="intake+routing", settings=Settings(**settings), pool=_POOL)


@asynccontextmanager
async def _kept(process: Process, lives: Lives) -> AsyncIterator["asyncio.Future[None]"]:
    keeping = asyncio.ensure_future(keep_parts(process, NAMES, lives.main, fatal=(Hung,)))
    try:
        await lives.until(lambda: len(lives.begun) == len(NAMES))
        yield keeping
    finally:
        process.stopping.set()
        async with asyncio.timeout(10):
            await keeping


def _fail(part: Process, error: BaseException) -> "asyncio.Future[Any]":
    return asyncio.ensure_future(part.end(error))


async def test_one_that_fails_is_begun_anew_while_the_others_go_on() -> None:
    """Its own life is new; nobody else's ended, and the process is well again once it is."""
    process, lives = _process(), Lives()
    async with _kept(process, lives):
        first = lives.now["routing"]
        telling = _fail(first, ValueError("poison"))
        await lives.until(lambda: lives.begun["routing"] == 2)

        assert {"intake": 1, "routing": 2} == lives.begun
        assert lives.now["routing"] is not first
        assert (0, False) == (lives.ended["intake"], process.stopping.is_set())
    telling.cancel()

    assert process.failure is None


def _has_begun(lives: Lives, times: int) -> bool:
    return lives.begun["routing"] == times


async def test_what_asks_to_be_begun_anew_has_not_failed() -> None:
    """As when a calendar was imported: it is well, and its first failure afterwards is its first."""
    process, lives = _process(), Lives()
    async with _kept(process, lives):
        for times in range(2, 7):
            await lives.until(lambda: lives.now["routing"].begun.is_set())
            lives.now["routing"].note_failure(AsksAnew())
            await lives.until(partial(_has_begun, lives, times))

            assert process.said()["ok"]
        process.stopping.set()

    assert process.failure is None


async def test_what_is_not_well_is_named_until_it_says_otherwise() -> None:
    """By the part's name, without what the error quotes; a part that works is told to be well."""
    process, lives = _process(), Lives()
    async with _kept(process, lives):
        lives.failing = {"routing"}
        telling = _fail(lives.now["routing"], ValueError("a citizen's words"))
        await lives.until(lambda: lives.begun["routing"] == 3)
        said = process.said()
    telling.cancel()

    assert (False, "routing: ConnectionError") == (said["ok"], said["reason"])
    assert (True, False) == (said["parts"]["intake"]["ok"], said["parts"]["routing"]["ok"])


async def test_the_process_ends_where_none_is_left_that_works() -> None:
    """Kafka or Postgres is away for all, or the process itself is broken: then a fresh one is made."""
    process, lives = _process(), Lives()
    lives.failing = set(NAMES)
    async with _kept(process, lives) as keeping:
        async with asyncio.timeout(10):
            await keeping

        assert process.stopping.is_set()
        assert isinstance(process.failure, ConnectionError)


async def test_what_hangs_ends_the_process() -> None:
    """A thread that does not come back is freed by nothing else; the others are stopped, not killed."""
    process, lives = _process(), Lives()
    async with _kept(process, lives) as keeping:
        telling = _fail(lives.now["routing"], Hung())
        async with asyncio.timeout(10):
            await keeping
    telling.cancel()

    assert isinstance(process.failure, Hung)
    assert {"intake": 1, "routing": 1} == lives.ended


async def test_a_process_that_is_told_to_stop_stops_all_and_begins_none() -> None:
    """Also one that waits to be begun anew."""
    process, lives = _process(), Lives()
    async with _kept(process, lives):
        lives.failing = {"routing"}
        telling = _fail(lives.now["routing"], ValueError())
        await lives.until(lambda: lives.begun["routing"] > 2)
    telling.cancel()
    begun = lives.begun["routing"]
    await asyncio.sleep(0.05)

    assert (1, begun) == (lives.ended["intake"], lives.begun["routing"])
    assert process.failure is None


async def test_it_has_begun_once_all_have() -> None:
    """The first beat waits for the last of them, as `up` does."""
    process, lives = _process(), Lives()
    held = asyncio.Event()

    async def slow(part: Process) -> None:
        if part.name == "routing":
            await held.wait()
        await lives.main(part)

    keeping = asyncio.ensure_future(keep_parts(process, NAMES, slow, fatal=()))
    await lives.until(lambda: "intake" in lives.begun)
    early = process.begun.is_set()
    held.set()
    async with asyncio.timeout(10):
        await process.begun.wait()
        process.stopping.set()
        await keeping

    assert not early


async def test_each_slice_comes_to_kafka_as_its_own_user() -> None:
    """Where passwords are given for them; elsewhere all share the one that the settings name."""
    secrets = {"intake": SecretStr("one")}
    process, lives = _process(kafka_part_passwords=secrets, kafka_sasl_username="all"), Lives()
    async with _kept(process, lives):
        users = {name: part.settings.kafka_sasl_username for name, part in lives.now.items()}
        password = lives.now["intake"].settings.kafka_sasl_password.get_secret_value()

    assert {"intake": "intake", "routing": "all"} == users
    assert "one" == password


async def test_what_others_feed_stops_last() -> None:
    """The relay sends what the slices said while they drained."""
    process, stopped = _process(), []

    async def main(part: Process) -> None:
        part.begun.set()
        await part.stopping.wait()
        await asyncio.sleep(0 if part.name == "intake" else 0.02)
        stopped.append(part.name)

    keeping = asyncio.ensure_future(keep_parts(process, NAMES, main, fatal=(), last=("intake",)))
    async with asyncio.timeout(10):
        await process.begun.wait()
        process.stopping.set()
        await keeping

    assert ["routing", "intake"] == stopped


@pytest.mark.parametrize("end", [None, asyncio.CancelledError()])
async def test_one_that_ends_unasked_is_begun_anew(end: BaseException | None) -> None:
    """It returned, or a library let its own cancellation out: nothing would work, and nobody would be told."""
    process, lives = _process(), Lives()
    ends = [end]

    async def main(part: Process) -> None:
        if part.name == "routing" and ends:
            part.begun.set()
            lives.begun[part.name] += 1
            if (error := ends.pop()) is not None:
                raise error
            return
        await lives.main(part)

    keeping = asyncio.ensure_future(keep_parts(process, NAMES, main, fatal=()))
    await lives.until(lambda: lives.begun["routing"] == 2)
    process.stopping.set()
    await keeping

    assert process.failure is None


async def test_what_worked_beside_one_that_failed_stops() -> None:
    """Otherwise two would send the same notices, and a third after the next failure."""
    process, lives = _process(), Lives()
    beside: list[Process] = []

    async def main(part: Process) -> None:
        if part.name == "routing" and not beside:
            beside.append(part)
            part.begun.set()
            raise ValueError
        await lives.main(part)

    keeping = asyncio.ensure_future(keep_parts(process, NAMES, main, fatal=()))
    await lives.until(lambda: lives.begun["routing"] == 1)

    assert beside[0].stopping.is_set()
    assert not lives.now["routing"].stopping.is_set()
    process.stopping.set()
    await keeping


async def test_a_wrong_setting_is_named_in_its_sentence() -> None:
    """As where the part is a process: health says which setting, and why it cannot be used."""
    process, lives = _process(), Lives()
    async with _kept(process, lives):
        telling = _fail(lives.now["routing"], Misconfigured(name="ROUTING_DIRECTORY", fault="no folder"))
        await lives.until(lambda: not process.said()["ok"])
        reason = process.said()["reason"]
    telling.cancel()

    assert "ROUTING_DIRECTORY" in reason
    assert "no folder" in reason
