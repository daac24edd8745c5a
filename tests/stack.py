"""Our own processes, as `huiyin up` starts them, on servers that a test controls."""

import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import asyncpg

from deploy.local.embedded.process import Child
from deploy.local.supervisor import ForkServer
from deploy.settings import Settings

T = TypeVar("T")

ALL = ("web", "intake", "routing", "handlers", "sla", "relay", "sweep")
#: The same with all slices in one process: a fourth of the imports.
FEW = ("web", "intake+routing+handlers+sla", "relay", "sweep")
_ARGV = {
    **{name: [name] for name in ("relay", "sweep", "mail", "notify")},
    "web": ["serve"],
    "sweep+notify": ["sweep", "--notices"],
}


async def eventually(
    look: Callable[[], Awaitable[T]],
    *,
    seconds: float = 60,
    every: float = 0.05,
    is_done: Callable[[T], bool] = bool,
) -> T:
    """What `look` sees once `is_done` says that it is there.

    Raises:
        AssertionError: not in time; shows what was seen last.
    """
    deadline = time.monotonic() + seconds
    while True:
        seen = await look()
        if is_done(seen):
            return seen
        assert time.monotonic() < deadline, f"not within {seconds} s; last seen: {seen!r}"
        await asyncio.sleep(every)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def _forks() -> ForkServer:
    """What processes of ours are divided from, as under `huiyin up`; from nothing each loads for a second."""
    forks = ForkServer(Path(tempfile.mkdtemp(prefix="huiyin-tests-")) / "forked.log")
    forks.begin()
    return forks


def begun(words: Sequence[str], log_file: Path, environment: Mapping[str, str]) -> Child:
    """The process `huiyin WORDS`, as `huiyin up` begins it: divided from one that has loaded."""
    _forks().wait()
    return _forks().spawn(
        (sys.executable, "-m", "deploy", *words),
        death_signal=signal.SIGKILL,
        log_file=log_file,
        environment=environment,
    )


def settings_in(environment: Mapping[str, str]) -> Settings:
    """What a process of ours reads from that environment, and nothing of this one's but mini-apps, which have none."""
    names = {
        str(field.validation_alias or name).upper(): name for name, field in Settings.model_fields.items()
    }
    values: dict[str, Any] = {names[key]: text for key, text in environment.items() if key in names}
    return Settings(**values | {"mini_apps": {}})


class Stack:
    """Processes of ours against one database and one topic prefix."""

    def __init__(self, directory: Path, database_url: str, kafka: Mapping[str, str], **settings: str) -> None:
        self.directory = directory
        self.database_url = database_url
        self.port = free_port()
        self.prefix = f"t{secrets.token_hex(4)}"
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "DATABASE_URL": database_url,
            **kafka,
            "TOPIC_PREFIX": self.prefix,
            # As `huiyin up` has it.
            "TOPIC_PARTITIONS": "4",
            "DEPARTMENT_PARTITIONS": "1",
            "HUIYIN_SECRET_KEY": "a secret for tests only, long enough",
            "HUIYIN_PORT": str(self.port),
            "HUIYIN_DEMO": "true",
            "MINI_APPS": json.dumps({"demo-app": "mini-app-secret-for-tests"}),
            "SUBMISSIONS_PER_MINUTE": "100000",
            "HUIYIN_DATA": str(directory),
            "SESSION_TIMEOUT_MS": "6000",
            **settings,
        }
        self._processes: dict[str, Child] = {}
        self._pool: Any = None
        self.demo: dict[str, Any] = {}

    def command(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `huiyin WORDS` against this stack."""
        done = subprocess.run(
            [sys.executable, "-m", "deploy", *words],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert not check or done.returncode == 0, done.stderr[-4000:]
        return done

    def prepare(self) -> None:
        """Schema, topics, demo accounts and tokens."""
        child = self._begun("prepare", "prepare", "--demo", "--data", str(self.directory))
        is_done = child.wait(120)
        if not is_done:
            child.end(((signal.SIGKILL, 5),))
        assert is_done, self.log("prepare")[-4000:]
        assert child.exit_status == 0, self.log("prepare")[-4000:]
        self.demo = json.loads((self.directory / "demo.json").read_text(encoding="utf-8"))

    def start(self, *names: str) -> None:
        """Start these processes, each with its log in the directory; `intake#2` is one more `intake`."""
        for name in names or ALL:
            kind = name.partition("#")[0]
            self._processes[name] = self._begun(name, *_ARGV.get(kind, ["work", *kind.split("+")]))

    def _begun(self, name: str, *words: str) -> Child:
        return begun(words, self.directory / f"{name}.log", self.environment)

    def kill(self, name: str) -> None:
        """kill -9."""
        self._processes.pop(name).end(((signal.SIGKILL, 5),))

    def terminate(self, name: str) -> int:
        """SIGTERM, and its exit status."""
        process = self._processes.pop(name)
        process.send(signal.SIGTERM)
        assert process.wait(40), f"{name} does not end"
        status = process.exit_status
        assert status is not None
        return status

    def is_running(self, name: str) -> bool:
        """Whether it has not ended by itself."""
        return self._processes[name].is_alive()

    def exit_status(self, name: str) -> int | None:
        """How it ended; None while it runs."""
        return self._processes[name].exit_status

    def revive(self) -> None:
        """Start again what ended by itself: what `huiyin up` does."""
        for name in [name for name in self._processes if not self.is_running(name)]:
            self.start(name)

    def stop(self) -> None:
        """Stop everything; a process that does not end within its time is killed."""
        for process in self._processes.values():
            process.send(signal.SIGTERM)
        for process in self._processes.values():
            if not process.wait(40):
                process.end(())
        self._processes.clear()
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None

    def log(self, name: str) -> str:
        """What a process has said."""
        return (self.directory / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    async def ready(self, seconds: float = 180) -> None:
        """Return once `/readyz/city` says yes."""

        async def look() -> Mapping[str, Any]:
            try:
                async with (
                    aiohttp.ClientSession() as session,
                    session.get(f"{self.url}/readyz/city") as answer,
                ):
                    return {"status": answer.status, **await answer.json()}
            except aiohttp.ClientError as error:
                return {
                    "status": 0,
                    "error": str(error),
                    "logs": {n: self.log(n)[-800:] for n in self._processes},
                }

        await eventually(look, seconds=seconds, every=0.2, is_done=lambda seen: seen["status"] == 200)

    async def sql(self, query: str, *args: object) -> list[Any]:
        """Rows of a query against the database."""
        if self._pool is None:
            # Whoever waits asks twenty times a second, and a new connection costs more than any answer.
            self._pool = asyncpg.create_pool(
                self.database_url, min_size=0, max_size=4, statement_cache_size=0
            )
            await self._pool
        return list(await self._pool.fetch(query, *args))

    async def number(self, query: str, *args: object) -> int:
        """The one number that a query gives."""
        return int((await self.sql(query, *args))[0][0])

    @property
    def password(self) -> str:
        """Every demo account's."""
        return str(self.demo["accounts"][0]["password"])

    def token(self, who: str) -> dict[str, str]:
        """The header that speaks for a role or a department."""
        tokens = self.demo["tokens"]
        return {"Authorization": f"Bearer {tokens['departments'].get(who) or tokens[who]}"}


@asynccontextmanager
async def running(stack: Stack, *names: str) -> AsyncIterator[Stack]:
    """The stack, prepared and ready, with these processes; stopped in the end."""
    stack.prepare()
    stack.start(*names)
    try:
        await stack.ready()
        yield stack
    finally:
        stack.stop()


async def fresh_database(server_url: str, *, like: str = "template1") -> str:
    """A new database on a server: an empty one, or a copy of one that nobody is connected to; its address."""
    name = f"t{secrets.token_hex(6)}"
    template = like.rpartition("/")[2]
    # Files that are copied are not written down page by page first: where nothing waits for the disk, half the work.
    how = "wal_log" if template == "template1" else "file_copy"
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY {how}")
    finally:
        await connection.close()
    return server_url.rpartition("/")[0] + f"/{name}"
