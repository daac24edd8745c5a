"""Every kind of process: as a command of its own, begun from nothing, and while it cannot do what it is for."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from deploy.composition import SLICES
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.processes.lives import name_of
from deploy.processes.runtime import EXIT_FAILED
from deploy.processes.worker import COMPANIONS
from tests.stack import Stack, eventually, free_port, fresh_database

#: What each says that it is, and how it is begun where every machine runs what it is for (docs/operations.md).
_KINDS = {
    "web": ["serve"],
    **{name: ["work", name] for name in SLICES},
    "relay": ["relay"],
    "sweep": ["sweep"],
    "sweep+notify": ["sweep", "--notices"],
    "notify": ["notify"],
    "mail": ["mail"],
    name_of((*SLICES, *COMPANIONS)): ["work", *SLICES, *COMPANIONS],
}
#: Of kinds that begin by the same code one each: what a test asks of all costs a second of the processor for each.
_DIFFERENT = [kind for kind in _KINDS if kind not in (*SLICES[1:], "sweep")]
#: What a supervisor allows before it kills (docs/operations.md).
_STOP_SECONDS = 30.0


@asynccontextmanager
async def _begun(stack: Stack) -> AsyncIterator[dict[str, asyncio.subprocess.Process]]:
    """Every kind, each with its log beside the others; killed where a test leaves them running."""
    begun: dict[str, asyncio.subprocess.Process] = {}
    try:
        for kind, words in _KINDS.items():
            with (stack.directory / f"{kind}.log").open("wb") as log:
                begun[kind] = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "deploy", *words,
                    env={**os.environ, **stack.environment}, stdout=log, stderr=log,
                )  # fmt: skip
        yield begun
    finally:
        for process in begun.values():
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


@asynccontextmanager
async def _divided(stack: Stack) -> AsyncIterator[None]:
    """The different ones, as `huiyin up` starts them: what they say does not hang on how they loaded, which costs."""
    try:
        stack.start(*_DIFFERENT)
        yield
    finally:
        stack.stop()


async def _stack(
    postgres: EmbeddedPostgres, kafka: EmbeddedKafka, directory: Path, *, like: str = "template1"
) -> Stack:
    (directory / "letters" / "new").mkdir(parents=True)
    settings = {**kafka.login(), "MAIL_IN_URL": f"maildir://{directory / 'letters'}"}
    return Stack(directory, await fresh_database(postgres.url, like=like), settings)


async def _ended(processes: dict[str, asyncio.subprocess.Process]) -> dict[str, int]:
    async with asyncio.timeout(_STOP_SECONDS):
        return {kind: await process.wait() for kind, process in processes.items()}


async def test_each_kind_begins_by_itself_and_ends_when_told(
    postgres_server: EmbeddedPostgres, kafka_server: EmbeddedKafka, migrated: str, tmp_path: Path
) -> None:
    """All at once, in no order; each says that it is well, and SIGTERM ends it cleanly within its time."""
    stack = await _stack(postgres_server, kafka_server, tmp_path, like=migrated)
    stack.prepare()

    async def unwell() -> dict[str, object]:
        rows = await stack.sql("SELECT name, health FROM deploy.process WHERE (health ->> 'ok')::bool")
        well = {row["name"] for row in rows}
        return {kind: stack.log(kind)[-800:] for kind in _KINDS if kind not in well}

    async with _begun(stack) as begun:
        await eventually(unwell, seconds=120, every=0.5, is_done=lambda left: not left)
        for process in begun.values():
            process.send_signal(signal.SIGTERM)
        statuses = await _ended(begun)
    left = await stack.sql("SELECT name FROM deploy.process")
    stack.stop()

    assert dict.fromkeys(_KINDS, 0) == statuses
    assert [] == left, "none is missed that went as it was told"


async def test_each_kind_says_that_nobody_migrated(
    postgres_server: EmbeddedPostgres, kafka_server: EmbeddedKafka, tmp_path: Path
) -> None:
    """A fresh database and no topics: it ends at once with the remedy, for a supervisor to begin it again."""
    stack = await _stack(postgres_server, kafka_server, tmp_path)

    async def statuses() -> dict[str, int | None]:
        return {kind: stack.exit_status(kind) for kind in _DIFFERENT}

    async with _divided(stack):
        ended = await eventually(
            statuses, seconds=_STOP_SECONDS, is_done=lambda seen: None not in seen.values()
        )

    assert dict.fromkeys(_DIFFERENT, EXIT_FAILED) == ended
    assert [] == [kind for kind in _DIFFERENT if "Remedy: run huiyin migrate" not in stack.log(kind)]


async def test_each_kind_waits_for_servers_that_are_away_and_ends_when_told(tmp_path: Path) -> None:
    """It says so meanwhile; SIGTERM finds it waiting, and is no failure."""
    away = f"postgresql://huiyin@127.0.0.1:{free_port()}/huiyin"
    kafka = {"KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}"}
    (tmp_path / "letters" / "new").mkdir(parents=True)
    stack = Stack(tmp_path, away, kafka, MAIL_IN_URL=f"maildir://{tmp_path / 'letters'}")

    async def silent() -> list[str]:
        return [kind for kind in _DIFFERENT if "beat.failed" not in stack.log(kind)]

    async with _divided(stack):
        await eventually(silent, seconds=60, every=0.2, is_done=lambda left: not left)
        async with asyncio.timeout(_STOP_SECONDS):
            statuses = await asyncio.gather(
                *(asyncio.to_thread(stack.terminate, kind) for kind in _DIFFERENT)
            )

    assert dict.fromkeys(_DIFFERENT, 0) == dict(zip(_DIFFERENT, statuses, strict=True))
