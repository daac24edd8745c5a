"""How it stands with Postgres, Kafka and each of our processes, and the metrics that they all report."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from deploy.database.beats import youngest_beats
from deploy.database.pool import TRANSIENT
from deploy.messaging.client import open_admin
from deploy.observability import metrics
from deploy.processes.runtime import BEAT_SECONDS, Process

#: A process that was silent for this long counts as gone (project choice: a few beats may be late on a busy machine).
SILENT_SECONDS = 5 * BEAT_SECONDS
#: How long a check may take (project choice: less than a probe waits for its answer).
_CHECK_SECONDS = 3.0
#: Processes without which the city does not work.
EXPECTED = ("intake", "routing", "handlers", "sla", "relay", "sweep")


async def checks(process: Process) -> dict[str, dict[str, Any]]:
    """Postgres, Kafka, and every process that should be there: a stuck consumer shows as not ok."""
    postgres, kafka = await asyncio.gather(_postgres(process), _kafka(process))
    found: dict[str, dict[str, Any]] = {"kafka": kafka}
    if isinstance(postgres, str):
        return found | {"postgres": {"ok": False, "reason": postgres}}
    beats = {part: row for row in postgres for part in row["name"].split("+")}
    for name in EXPECTED:
        found[name] = _beat(beats.get(name))
    return found | {"postgres": {"ok": True}}


def _beat(row: Any) -> dict[str, Any]:
    if row is None or row["silent_seconds"] > SILENT_SECONDS:
        return {"ok": False, "reason": "silent"}
    health = msgspec.json.decode(row["health"])
    return {"ok": bool(health.get("ok")), "reason": health.get("reason", ""), "lag": health.get("lag", {})}


async def _postgres(process: Process) -> Any:
    try:
        async with asyncio.timeout(_CHECK_SECONDS), process.pool.acquire() as db:
            return await youngest_beats(db)
    except TRANSIENT as error:
        return type(error).__name__


async def _kafka(process: Process) -> dict[str, Any]:
    try:
        async with asyncio.timeout(_CHECK_SECONDS), open_admin(process.settings) as admin:
            await admin.describe_cluster()
    except Exception as error:  # noqa: BLE001  a health check reports whatever goes wrong
        return {"ok": False, "reason": type(error).__name__}
    return {"ok": True}


async def all_metrics(process: Process) -> bytes:
    """Every living process's metrics, each sample labelled with its process."""
    texts = {process.name: generate_latest(metrics.REGISTRY).decode()}
    rows = await _postgres(process)
    if not isinstance(rows, str):
        texts |= {
            r["name"]: r["metrics"]
            for r in rows
            if r["silent_seconds"] <= SILENT_SECONDS and r["name"] != process.name
        }
    registry = CollectorRegistry()
    registry.register(_Merged(texts))
    return generate_latest(registry)


class _Merged:
    """The families of several processes as one."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def collect(self) -> Sequence[Metric]:
        families: dict[str, Metric] = {}
        for name, text in self._texts.items():
            for family in text_string_to_metric_families(text):
                merged = families.setdefault(
                    family.name, Metric(family.name, family.documentation, family.type)
                )
                for sample in family.samples:
                    merged.samples.append(sample._replace(labels={**sample.labels, "process": name}))
        return list(families.values())
