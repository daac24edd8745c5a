"""Where measurements are made: Postgres and Kafka of our own in a temporary directory, and our processes on them.

Everything ends with the measurement, and with this process however that ends.
"""

import asyncio
import json
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import SecretStr

from deploy.bench.cpu import CpuTimes, cpu_times
from deploy.bench.figures import say
from deploy.bench.http import UnexpectedAnswer
from deploy.database.pool import connect
from deploy.local import prepare
from deploy.local.embedded.files import scratch_folder, tail_of
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.ports import free_ports
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.local.embedded.process import Child, spawn
from deploy.local.partitions import few_partitions
from deploy.local.running import DEMO_APP
from deploy.local.supervisor import start_together
from deploy.messaging.client.client import client_options
from deploy.settings import Settings
from schemas.errors import HuiyinError

R = TypeVar("R")

#: The consumers and the relay: the way of a message once it is on Kafka.
CHAIN = ("intake", "routing", "handlers", "sla", "relay")
#: All of that and the sweeper, a process each, as `huiyin up` starts them.
BEHIND_THE_WEB = (*CHAIN, "sweep")
#: The same in one process (`WORKERS=together`).
TOGETHER = ("work",)
_WORDS = {
    "web": ("serve",),
    "relay": ("relay",),
    "sweep": ("sweep",),
    "work": ("work", *BEHIND_THE_WEB),
}
#: What a process that is to end is sent, and how long it may take (project choice: more than `runtime.STOP_SECONDS`).
_END = ((signal.SIGTERM, 30.0),)
#: Lines of a log that are shown: of a process that was profiled, and of each when a measurement fails (project choices).
_PROFILE_LINES, _LOG_LINES = 60, 15


class MeasurementFailed(HuiyinError):
    """What was to be measured did not happen."""

    code = "measurement-failed"
    en = "{problem}. The logs end with:\n{logs}"
    zh = "{problem}。日志末尾：\n{logs}"


#: Of the measured server (project choice: three cities at once, each of six processes with up to ten, and who looks on).
_CONNECTIONS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Postgres and Kafka, started for one measurement."""

    directory: Path
    postgres: EmbeddedPostgres
    kafka: EmbeddedKafka

    @property
    def pids(self) -> dict[str, Sequence[int]]:
        """The process ids of everything that is measured, by name."""
        pid = self.postgres.pid
        return {"postgres": () if pid is None else (pid,), "kafka": self.kafka.pids}


@contextmanager
def servers() -> Iterator[Servers]:
    """Fresh servers in a temporary directory, which goes with them."""
    with scratch_folder("bench") as directory:
        postgres, kafka = EmbeddedPostgres(directory / "postgres"), EmbeddedKafka(directory / "kafka")
        postgres.directory.mkdir()
        (postgres.directory / "postgresql.local.conf").write_text(f"max_connections = {_CONNECTIONS}\n")
        say("starting Postgres and Kafka")
        try:
            start_together((postgres, kafka))
            yield Servers(directory=directory, postgres=postgres, kafka=kafka)
        finally:
            kafka.stop()
            postgres.stop()


class Installation:
    """One database and one set of topics on the servers, and processes of ours that work on them."""

    def __init__(self, on: Servers, name: str, **more: str) -> None:
        self.name = name
        self.directory = on.directory / name
        self.directory.mkdir()
        self.settings = Settings(
            database_url=on.postgres.url.rpartition("/")[0] + f"/{name}",
            **on.kafka.client_settings(),
            topic_prefix=name,
            secret_key=SecretStr(secrets.token_hex(32)),
            host="127.0.0.1",
            port=free_ports(1)[0],
            mini_apps={DEMO_APP: SecretStr(secrets.token_hex(32))},
            **few_partitions(Settings()),
        )
        self.environment = {
            **_environment(self.settings),
            **on.kafka.login(),
            "HUIYIN_DATA": str(self.directory),
            # Its callers are a demo's.
            "HUIYIN_DEMO": "true",
            **more,
        }
        self._on = on
        self._children: dict[str, Child] = {}

    async def prepare(self, *, demo: bool = False) -> None:
        """Make the database, its schema and the topics; with `demo`, the accounts and tokens, too."""
        connection = await asyncpg.connect(self._on.postgres.url)
        try:
            await connection.execute(f"CREATE DATABASE {self.name}")
        finally:
            await connection.close()
        await prepare.prepare(self.settings, self.demo_file, demo=demo)

    @property
    def demo_file(self) -> Path:
        """Where `prepare` writes accounts and tokens."""
        return self.directory / "demo.json"

    def start(self, *names: str, profiled: str | None = None) -> None:
        """Start these processes of ours; the one called `profiled` tells where its time went when it ends."""
        for name in names:
            words = ("-m", "deploy", *_WORDS.get(name, ("work", name)))
            self.start_python(name, *(("-m", "deploy.bench.profiled", *words) if name == profiled else words))

    def start_python(self, name: str, *words: str) -> None:
        """Start this Python with these arguments and our settings."""
        self._children[name] = spawn(
            (sys.executable, *words),
            death_signal=signal.SIGTERM,
            log_file=self._log(name),
            environment=self.environment,
        )

    async def stop(self) -> None:
        """End our processes, those that take messages in first."""
        children, self._children = self._children, {}
        for name, child in children.items():
            await asyncio.to_thread(child.end, _END)
            if _is_profile(tail := tail_of(self._log(name), _PROFILE_LINES)):
                sys.stderr.write(tail + "\n")

    def cpu(self) -> CpuTimes:
        """Processor time of our processes, of the servers, and of this very process as `load`."""
        ours = {name: (child.pid,) for name, child in self._children.items()}
        found = cpu_times({**ours, **self._on.pids})
        return CpuTimes({**found.seconds, "load": time.process_time()})

    def memory(self, name: str) -> int:
        """Bytes that this process of ours has to itself, with its part of what it shares."""
        rollup = Path(f"/proc/{self._children[name].pid}/smaps_rollup").read_text(encoding="ascii")
        (pss,) = [line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:")]
        return int(pss) * 1024

    async def until(
        self, what: str, is_so: Callable[[], Awaitable[bool]], *, seconds: float, every: float = 0.05
    ) -> None:
        """Return once it is so.

        Raises:
            MeasurementFailed: not in time, or a process of ours has ended; shows the logs.
        """
        deadline = time.monotonic() + seconds
        while not await is_so():
            dead = [name for name, child in self._children.items() if not child.is_alive()]
            if dead or time.monotonic() > deadline:
                problem = f"{', '.join(dead)} ended" if dead else f"{what}: not within {seconds:g} s"
                raise MeasurementFailed(problem=problem, logs=self._logs())
            await asyncio.sleep(every)

    async def failing_loudly(self, work: Awaitable[R]) -> R:
        """The result of `work`.

        Raises:
            MeasurementFailed: an answer was not the expected one or did not come; shows the logs.
        """
        try:
            return await work
        except (UnexpectedAnswer, TimeoutError, OSError) as error:
            raise MeasurementFailed(problem=f"{type(error).__name__} {error}", logs=self._logs()) from error

    def _log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def _logs(self) -> str:
        logs = sorted(self.directory.glob("*.log"))
        return "\n".join(f"{log.stem}: {tail_of(log, _LOG_LINES)}" for log in logs if log.stat().st_size)


def _environment(settings: Settings) -> dict[str, str]:
    """What makes a process of ours read the same settings."""
    return {
        "DATABASE_URL": settings.database_url,
        "TOPIC_PREFIX": settings.topic_prefix,
        "HUIYIN_SECRET_KEY": settings.secret_key.get_secret_value(),
        "HUIYIN_HOST": settings.host,
        "HUIYIN_PORT": str(settings.port),
        "HUIYIN_LOG_LEVEL": "warning",
        "MINI_APPS": json.dumps(settings.mini_app_secrets),
        "OTEL_EXPORTER_OTLP_ENDPOINT": "",
    }


def _is_profile(tail: str) -> bool:
    return "function calls" in tail


@asynccontextmanager
async def open_installation(
    on: Servers, name: str, *, demo: bool = False, **more: str
) -> AsyncIterator[Installation]:
    """A prepared installation; whatever was started in it ends with it."""
    found = Installation(on, name, **more)
    await found.prepare(demo=demo)
    try:
        yield found
    finally:
        await found.stop()


class Ends:
    """How many records there are on topics: a question that costs the broker next to nothing."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def count(self, topic: str) -> int:
        """Records ever written to `topic`."""
        partitions = self._consumer.partitions_for_topic(topic) or ()
        ends: Mapping[TopicPartition, int] = await self._consumer.end_offsets(
            [TopicPartition(topic, number) for number in partitions]
        )
        return sum(ends.values())


@asynccontextmanager
async def topic_ends(settings: Settings, *topics: str) -> AsyncIterator[Ends]:
    """Looks at the ends of these topics."""
    consumer = AIOKafkaConsumer(*topics, **client_options(settings), enable_auto_commit=False)
    await consumer.start()
    try:
        yield Ends(consumer)
    finally:
        await consumer.stop()


async def count(settings: Settings, query: str) -> int:
    """The one number that a query gives."""
    async with connect(settings) as db:
        return int(await db.fetchval(query))
