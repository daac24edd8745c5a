"""How well Postgres, Kafka and each of our processes are, and the metrics that all of them report."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from prometheus_client import generate_latest

from deploy.database import outbox
from deploy.database.beats import known_beats
from deploy.database.in_time import within
from deploy.database.pool import TRANSIENT
from deploy.files.root import Root
from deploy.messaging.topics.probe import KafkaProbe
from deploy.observability import disk, metrics
from deploy.observability.merged import Replica, merge
from deploy.processes.lives import parts_of
from deploy.processes.runtime import SILENT_SECONDS, Process, reason_of, unwell, well
from deploy.settings import Settings
from schemas.bilingual import Bilingual, joined, plain

#: How long a check may take (project choice: less than a probe waits for its answer).
_CHECK_SECONDS = 3.0
#: What waits for Kafka for longer is a trouble (project choice: a relay that died, froze or lost Kafka is back by then).
LATE_SECONDS = 60.0
#: Processes without which the city does not work.
EXPECTED = ("intake", "routing", "handlers", "sla", "relay", "sweep")
#: What a process says that sends notices beside its own work, when it cannot.
NOTICES = "notices"
#: What a process says that compares accounts and tokens with their log, when they differ.
ACCOUNTS = "accounts"
#: What a process says that anchors the logs, while it can write no anchor.
ANCHORS = "anchors"
#: What a process says that looks after the files, while none are taken; and the check of the web that answers.
FILES = "files"

#: Of whom `/readyz` is asked: the web that answers, or everything.
WEB, CITY = "web", "city"
#: What the web needs to take messages and to show cases.
_WEB_NEEDS = ("kafka", "postgres")


def needs_of(of: str, found: Mapping[str, Any]) -> Sequence[str] | None:
    """Which checks say whether that is ready: the web does not go because a consumer is stuck; None if there is no such.

    While Postgres is away nobody knows of the processes: then it alone is named.
    """
    if of == WEB:
        return _WEB_NEEDS
    if of == CITY:
        return tuple(found)
    if of in found:
        return (of,)
    return ("postgres",) if of in (*EXPECTED, "outbox") else None


async def checks(process: Process, kafka: KafkaProbe, files: Root) -> dict[str, dict[str, Any]]:
    """Postgres, Kafka, and every process that should be there: a stuck consumer shows as not ok.

    `files`: the folder that this process began with.
    """
    postgres, answer, trouble = await asyncio.gather(
        _postgres(process), kafka.check(), asyncio.to_thread(files.trouble)
    )
    kept = unwell(trouble.in_both()) if trouble else well()
    found: dict[str, dict[str, Any]] = {"kafka": answer, "disk": _disk(process.settings), FILES: kept}
    if isinstance(postgres, str):
        return found | {"postgres": unwell(plain(postgres))}
    rows, oldest_seconds = postgres
    return found | of_processes(rows) | {"postgres": {"ok": True}, "outbox": _outbox(oldest_seconds)}


def of_processes(rows: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """How each process without which the city does not work says that it is. `rows`: see `known_beats`."""
    return {name: _of_kind(name, replicas) for name, replicas in _living(rows).items()}


def reasons_of(rows: Sequence[Any]) -> dict[str, Bilingual]:
    """Why those of them are not well that are not. `rows`: see `known_beats`."""
    found = {name: _reason(_healths(name, replicas)) for name, replicas in _living(rows).items()}
    return {name: why for name, why in found.items() if why is not None}


def said_by_the_living(rows: Sequence[Any]) -> dict[str, Bilingual]:
    """Why those are not well that live and say so themselves. `rows`: see `known_beats`."""
    return {name: why for name, why in reasons_of(rows).items() if why is not _SILENT}


def troubles_with(what: str, rows: Sequence[Any]) -> Sequence[Bilingual]:
    """What living processes say of `FILES` or `ANCHORS`, where they look after those. `rows`: see `known_beats`."""
    living = [(name, row) for name, rows_of in _living(rows).items() for row in rows_of]
    said = [_health_of(name, row).get(what) for name, row in living]
    return list(dict.fromkeys(Bilingual(**words) for words in said if words))


def _living(rows: Sequence[Any]) -> dict[str, list[Any]]:
    living: dict[str, list[Any]] = {name: [] for name in EXPECTED}
    for row in rows:
        for part in parts_of(row["name"]):
            if part in living and row["silent_seconds"] <= SILENT_SECONDS:
                living[part].append(row)
    return living


_NO_ROOM = Bilingual(zh="磁盘将满：不受理新的诉求", en="the disk is nearly full: no message is taken")


def _disk(settings: Settings) -> dict[str, Any]:
    """Not well while no message is taken; below enough with a warning before that, and where nothing can be written."""
    free = disk.measured(settings)
    if disk.Room(settings).is_short():
        return unwell(_NO_ROOM) | {"free_bytes": free}
    low = [name for name, left in free.items() if left < disk.ENOUGH_BYTES]
    found = {"little room left": low, "cannot be written": _unwritable(settings)}
    warning = "; ".join(f"{what}: {', '.join(names)}" for what, names in found.items() if names)
    return {"ok": True, "free_bytes": free, **({"warning": warning} if warning else {})}


def _unwritable(settings: Settings) -> list[str]:
    """Each once: a folder on a disk that takes no writes is closed to us, too."""
    return list(dict.fromkeys([*disk.read_only(settings), *disk.closed(settings)]))


def _outbox(oldest_seconds: float) -> dict[str, Any]:
    """Measured here, and not by the relay: one that stands still would say nothing."""
    why = Bilingual(
        zh=f"有事件等待发往 Kafka 已 {oldest_seconds:.0f} 秒：relay 没有发送",
        en=f"events have waited for Kafka for {oldest_seconds:.0f} s: the relay sends nothing",
    )
    return unwell(why) if oldest_seconds > LATE_SECONDS else well()


def _of_kind(name: str, rows: Sequence[Any]) -> dict[str, Any]:
    """Well if one lives and every one that lives is: what a stuck one holds, the others do not do."""
    healths = _healths(name, rows)
    why = _reason(healths)
    if not rows:
        return unwell(_SILENT)
    replicas = [
        {"replica": replica, "ok": bool(health.get("ok")), "reason": health.get("reason", "")}
        for replica, health in healths.items()
    ]
    lag: Counter[str] = Counter()
    for health in healths.values():
        lag.update(health.get("lag", {}))
    # What is said in both languages is said in English here, where scripts read it.
    warnings = [
        health[said]["en"] if said == ANCHORS else health[said]
        for health in healths.values()
        for said in (ACCOUNTS, ANCHORS, "warning", NOTICES)
        if health.get(said)
    ]
    return {
        **(unwell(why) if why else well()),
        "lag": dict(lag),
        "replicas": replicas,
        **({"warning": warnings[0]} if warnings else {}),
    }


def _healths(name: str, rows: Sequence[Any]) -> dict[str, dict[str, Any]]:
    return {row["replica"]: _health_of(name, row) for row in rows}


def _health_of(name: str, row: Any) -> dict[str, Any]:
    """The health that a process reported for itself, or for one of its parts."""
    said: dict[str, Any] = msgspec.json.decode(row["health"])
    part: dict[str, Any] | None = said.get("parts", {}).get(name)
    return said if part is None else part


_SILENT = Bilingual(zh="没有动静", en="silent")


def _reason(healths: Mapping[str, Mapping[str, Any]]) -> Bilingual | None:
    """Why one of its replicas is not well; None where all are."""
    if not healths:
        return _SILENT
    said = {replica: reason_of(health) for replica, health in healths.items() if not health.get("ok")}
    if len(healths) > 1:
        said = {
            replica: Bilingual(zh=f"{replica}：{why.zh}", en=f"{replica}: {why.en}")
            for replica, why in said.items()
        }
    return joined(said.values()) if said else None


async def _postgres(process: Process) -> Any:
    """What every process reported, and the age of the oldest waiting event; or why Postgres did not answer."""
    try:
        return await within(_CHECK_SECONDS, _said_in(process))
    except TRANSIENT as error:
        return type(error).__name__


async def _said_in(process: Process) -> tuple[Sequence[Any], float]:
    async with process.pool.acquire() as db:
        oldest_seconds = await outbox.oldest_seconds(db)
        metrics.OUTBOX_AGE.set(oldest_seconds)
        return await known_beats(db, SILENT_SECONDS), oldest_seconds


async def all_metrics(process: Process) -> bytes:
    """Every living process's metrics, each sample labelled with process and replica; made beside the event loop."""
    found = await _postgres(process)
    disk.measured(process.settings)
    rows = () if isinstance(found, str) else found[0]
    own = process.name, process.replica
    texts = {
        (row["name"], row["replica"]): row["metrics"]
        for row in rows
        if row["silent_seconds"] <= SILENT_SECONDS and (row["name"], row["replica"]) != own
    }
    return await asyncio.to_thread(lambda: _merged(own, texts))


def _merged(own: Replica, texts: dict[Replica, str]) -> bytes:
    return merge({own: generate_latest(metrics.REGISTRY).decode(), **texts}).encode()
