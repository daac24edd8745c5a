"""`huiyin status`: processes, lag and outbox of what runs on this machine."""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError

from deploy import composition
from deploy.database import outbox
from deploy.database.beats import known_beats
from deploy.database.pool import TRANSIENT, connect, open_pool
from deploy.local.running import settings_here
from deploy.local.supervisor import State, Status, read_state
from deploy.local.supervisor.state import ProcessState, ProcessStatus
from deploy.messaging.broker import group_id, topic_names
from deploy.messaging.topics import lag_of
from deploy.processes.health import of_processes
from deploy.processes.lives import parts_of
from deploy.processes.runtime import SILENT_SECONDS
from deploy.settings import Settings
from schemas.errors import HuiyinError

#: How long Kafka and Postgres may take to say how it stands (project choice).
_ASK_SECONDS = 10.0


class NothingRuns(HuiyinError):
    """No `up` was ever started there."""

    en = "nothing was ever started in {data}. Start it: huiyin up --data {data}"
    zh = "{data} 从未启动过。启动：huiyin up --data {data}"


def show(data: Path, *, as_json: bool) -> None:
    """Print it; exit status 0 when everything runs, 3 otherwise.

    Raises:
        NothingRuns: there is nothing to show.
    """
    found = report(data)
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n" if as_json else _as_text(found))
    if found["state"] != Status.RUNNING:
        raise SystemExit(3)


def report(data: Path) -> dict[str, Any]:
    """What `huiyin status --json` prints: the fields that docs promise to scripts."""
    state = read_state(data.absolute() / "state.json")
    if state is None:
        raise NothingRuns(data=data)
    seen = _ended if state.status is Status.STOPPED else _seen
    state = replace(state, processes=tuple(seen(process) for process in state.processes))
    found = state.to_json()
    found["processes"] = [part for process in found["processes"] for part in _row_of_each_part(process)]
    found.pop("supervisor", None)
    if state.status is Status.STOPPED:
        return found | _unasked()
    found |= asyncio.run(measured(settings_here(data)))
    found["troubles"] = [*of_the_dying(state), *found["troubles"]]
    if found["troubles"] and found["state"] == Status.RUNNING:
        # Every process is alive: one of them, or one of the servers, is frozen, cut off or stuck.
        found["state"] = Status.DEGRADED
    return found


def _row_of_each_part(process: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each part of one process, with the pid they share, as scripts know it where each has its own."""
    said = {name: value for name, value in process.items() if name != "id"}
    return [said | {"name": part} for part in parts_of(process["name"])]


def of_the_dying(state: State) -> list[str]:
    """What does not run just now, and what it said last."""
    return [
        f"{process.name} {process.state.value}, {process.restarts} restarts: {process.last_error or 'no reason said'}"
        for process in state.processes
        if process.state not in (ProcessStatus.RUNNING, ProcessStatus.STOPPED)
        and state.status is not Status.STARTING
    ]


def _ended(process: ProcessState) -> ProcessState:
    """What the last look of a supervisor that is gone says now; one that outlived it is shown as it was."""
    if process.id is not None and process.id.is_running():
        return process
    return replace(process, state=ProcessStatus.STOPPED, id=None)


def _seen(process: ProcessState) -> ProcessState:
    """What was said to run and is gone: on a full disk its supervisor starts it again and cannot write that down."""
    if process.state is not ProcessStatus.RUNNING or process.id is None or process.id.is_running():
        return process
    return replace(process, state=ProcessStatus.RESTARTING, id=None)


def _unasked() -> dict[str, Any]:
    """The figures' fields, where nobody could be asked."""
    return {"lag": {}, "outbox": {"rows": None, "oldest_seconds": None}, "troubles": []}


async def measured(settings: Settings) -> dict[str, Any]:
    """Lag, outbox and troubles, as Kafka and Postgres say; what they do not say is empty, and a trouble."""
    found = _unasked()
    for name in composition.SLICES:
        # Before anybody is asked: on a busy machine our own imports took the time that Kafka and Postgres have.
        import_module(f"{name}.subscribers")
    try:
        async with asyncio.timeout(_ASK_SECONDS):
            found["outbox"], found["troubles"] = await _in_database(settings)
            found["lag"] = await lag_of(settings, await groups(settings))
    except (KafkaError, *TRANSIENT) as error:
        found["trouble"] = type(error).__name__
        unanswered = f"Kafka or Postgres does not answer ({found['trouble']}); see: huiyin doctor"
        found["troubles"] = [*found["troubles"], unanswered]
    return found


async def _in_database(settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """The outbox, and which processes say that they are not well, or nothing at all."""
    async with connect(settings) as db:
        rows, seconds = await outbox.state(db)
        beats = of_processes(await known_beats(db, SILENT_SECONDS))
    unwell = [f"{name}: {beat['reason']}" for name, beat in beats.items() if not beat["ok"]]
    return {"rows": rows, "oldest_seconds": round(seconds, 3)}, unwell


async def groups(settings: Settings) -> Mapping[str, Any]:
    """Every consumer group of ours and the topics it reads."""
    async with open_pool(settings, size=1) as pool:
        subscriptions = await composition.subscriptions(settings, pool, composition.SLICES, secrets=False)
    return {group_id(found, settings): topic_names(found, settings) for found in subscriptions}


def _as_text(found: Mapping[str, Any]) -> str:
    lines = [f"{found['state']}  {found['url']}", ""]
    lines += [_line_of(process) for process in found["processes"]]
    if found["outbox"]["rows"] is not None:
        lines += [
            "",
            f"  outbox: {found['outbox']['rows']} rows, oldest {found['outbox']['oldest_seconds']} s",
        ]
    if found.get("troubles"):
        lines += ["", *(f"  ! {trouble}" for trouble in found["troubles"])]
    lines += [f"  lag {group}: {number}" for group, number in found["lag"].items()]
    return "\n".join(lines) + "\n"


def _line_of(process: Mapping[str, Any]) -> str:
    line = f"  {process['name']:<10} {process['state']}"
    if process["pid"] is None:
        return line
    return f"{line:<24} pid {process['pid']}  restarts {process['restarts']}"
