"""How it stands with Postgres, Kafka and each of our processes, and the metrics that they all report."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import msgspec
from prometheus_client import generate_latest

from deploy.database import outbox
from deploy.database.beats import youngest_beats
from deploy.database.pool import TRANSIENT
from deploy.messaging.client import open_admin
from deploy.observability import metrics
from deploy.observability.merged import merge
from deploy.processes.runtime import BEAT_SECONDS, Process
from deploy.settings import Settings

#: A process that was silent for this long counts as gone (project choice: a few beats may be late on a busy machine).
SILENT_SECONDS = 5 * BEAT_SECONDS
#: How long a check may take (project choice: less than a probe waits for its answer).
_CHECK_SECONDS = 3.0
#: What waits for Kafka for longer is a trouble (project choice: a relay that died, froze or lost Kafka is back by then).
LATE_SECONDS = 60.0
#: Processes without which the city does not work.
EXPECTED = ("intake", "routing", "handlers", "sla", "relay", "sweep")


async def checks(process: Process, kafka: "KafkaProbe") -> dict[str, dict[str, Any]]:
    """Postgres, Kafka, and every process that should be there: a stuck consumer shows as not ok."""
    postgres, answer = await asyncio.gather(_postgres(process), kafka.check())
    found: dict[str, dict[str, Any]] = {"kafka": answer}
    if isinstance(postgres, str):
        return found | {"postgres": {"ok": False, "reason": postgres}}
    rows, oldest_seconds = postgres
    return found | of_processes(rows) | {"postgres": {"ok": True}, "outbox": _outbox(oldest_seconds)}


def of_processes(rows: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """How each process without which the city does not work says that it is. `rows`: see `youngest_beats`."""
    beats = {part: row for row in rows for part in row["name"].split("+")}
    return {name: _beat(beats.get(name)) for name in EXPECTED}


def _outbox(oldest_seconds: float) -> dict[str, Any]:
    """Measured here, and not by the relay: one that stands still would say nothing."""
    is_late = oldest_seconds > LATE_SECONDS
    reason = f"events have waited for Kafka for {oldest_seconds:.0f} s: the relay sends nothing"
    return {"ok": not is_late, "reason": reason if is_late else ""}


def _beat(row: Any) -> dict[str, Any]:
    if row is None or row["silent_seconds"] > SILENT_SECONDS:
        return {"ok": False, "reason": "silent"}
    health = msgspec.json.decode(row["health"])
    told = {"ok": bool(health.get("ok")), "reason": health.get("reason", ""), "lag": health.get("lag", {})}
    return told | ({"warning": health["warning"]} if health.get("warning") else {})


async def _postgres(process: Process) -> Any:
    """What every process said of itself, and the age of the oldest event that waits; or why Postgres did not answer."""
    try:
        async with asyncio.timeout(_CHECK_SECONDS), process.pool.acquire() as db:
            oldest_seconds = await outbox.oldest_seconds(db)
            metrics.OUTBOX_AGE.set(oldest_seconds)
            return await youngest_beats(db), oldest_seconds
    except TRANSIENT as error:
        return type(error).__name__


class KafkaProbe:
    """Asks Kafka whether it is there, over one connection that stays open while it answers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open = AsyncExitStack()
        self._admin: Any = None

    async def check(self) -> dict[str, Any]:
        """Whether Kafka answers, and if not, which error says so. One at a time."""
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                if self._admin is None:
                    self._admin = await self._open.enter_async_context(open_admin(self._settings))
                await self._admin.describe_cluster()
        except Exception as error:  # noqa: BLE001  a health check reports whatever goes wrong
            await self.close()
            return {"ok": False, "reason": type(error).__name__}
        return {"ok": True}

    async def close(self) -> None:
        """Leave Kafka; the next check comes back to it."""
        self._admin = None
        await self._open.aclose()


async def all_metrics(process: Process) -> bytes:
    """Every living process's metrics, each sample labelled with its process; made beside the event loop."""
    found = await _postgres(process)
    rows = () if isinstance(found, str) else found[0]
    others = {row["name"]: row for row in rows if row["name"] != process.name}
    texts = {name: row["metrics"] for name, row in others.items() if row["silent_seconds"] <= SILENT_SECONDS}
    return await asyncio.to_thread(lambda: _merged(process.name, texts))


def _merged(own: str, texts: dict[str, str]) -> bytes:
    return merge({own: generate_latest(metrics.REGISTRY).decode(), **texts}).encode()
