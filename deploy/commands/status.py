"""`huiyin status`: processes, lag and outbox of what runs on this machine."""

import asyncio
import json
import shlex
import sys
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError

from deploy import composition
from deploy.commands.speech import padded, told
from deploy.database import outbox
from deploy.database.beats import known_beats
from deploy.database.in_time import within
from deploy.database.pool import TRANSIENT, connect
from deploy.local.running import settings_here
from deploy.local.supervisor import State, Status, read_state
from deploy.local.supervisor.state import ProcessState, ProcessStatus
from deploy.messaging.consuming.groups import group_id, topic_names
from deploy.messaging.topics.topics import lags
from deploy.observability.disk import free_bytes, short_at
from deploy.processes.health import reasons_of
from deploy.processes.lives import parts_of
from deploy.processes.runtime import SILENT_SECONDS
from deploy.settings import Settings
from schemas.bilingual import Bilingual
from schemas.errors import HuiyinError

#: How long Kafka and Postgres may take to say how it stands, unless more is asked for (project choice).
ASK_SECONDS = 10.0


class NothingRuns(HuiyinError):
    """No `up` was ever started there, or what it wrote is gone."""

    en = (
        "nothing was ever started in {data}, or its files are gone: then put them back (or mount their disk) before "
        "anything else. Start what is new: huiyin up --data {data}"
    )
    zh = "{data} 从未启动过，或其中的数据已不在：如曾启动过，请先放回数据（或挂载磁盘）。全新启动：huiyin up --data {data}"


def show(data: Path, *, as_json: bool, wait_seconds: float = ASK_SECONDS) -> None:
    """Print it; exit status 0 when everything runs, 3 otherwise.

    Raises:
        NothingRuns: there is nothing to show.
    """
    found = _found(data, wait_seconds)
    if as_json:
        sys.stdout.write(json.dumps(_in_english(found), ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write(_as_text(found))
    if found["state"] != Status.RUNNING:
        raise SystemExit(3)


def report(data: Path) -> dict[str, Any]:
    """What `huiyin status --json` prints: the fields that docs promise to scripts."""
    return _in_english(_found(data, ASK_SECONDS))


def _in_english(found: Mapping[str, Any]) -> dict[str, Any]:
    """As scripts read it, whatever the terminal speaks."""
    return {**found, "troubles": [trouble.en for trouble in found["troubles"]]}


def _found(data: Path, wait_seconds: float) -> dict[str, Any]:
    """The same, with each trouble in both languages."""
    state = read_state(data.absolute() / "state.json")
    if state is None:
        raise NothingRuns(data=shlex.quote(str(data)))
    seen = _ended if state.status is Status.STOPPED else _seen
    state = replace(state, processes=tuple(seen(process) for process in state.processes))
    found = state.to_json()
    found["processes"] = [part for process in found["processes"] for part in _row_of_each_part(process)]
    for name in ("supervisor", "why", "why_zh"):
        found.pop(name, None)
    if not state.can_be_asked:
        return found | _unasked() | {"troubles": [state.why] if state.why.en else []}
    settings = settings_here(data).model_copy(update={"data": data})
    found |= asyncio.run(measured(settings, wait_seconds))
    found["troubles"] = [*_of_the_disk(settings), *of_the_dying(state), *found["troubles"]]
    if found["troubles"] and found["state"] == Status.RUNNING:
        # Every process is alive: one of them, or one of the servers, is frozen, cut off or stuck.
        found["state"] = Status.DEGRADED
    return found


def _row_of_each_part(process: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each part of one process, with the pid they share, as scripts know it where each has its own."""
    said = {name: value for name, value in process.items() if name != "id"}
    return [said | {"name": part} for part in parts_of(process["name"])]


def _of_the_disk(settings: Settings) -> Sequence[Bilingual]:
    """That no message is taken for want of room: all processes live, and those that die of it cannot write down why."""
    if (place := short_at(settings)) is None:
        return ()
    left = free_bytes(place) // 1024**2
    return [
        Bilingual(
            zh=f"{place} 所在磁盘仅剩 {left} MiB：不受理新的诉求；请腾出空间，其余不必处理",
            en=f"the disk of {place} has {left} MiB left: no message is taken. Make room; nothing else is to be done",
        )
    ]


def of_the_dying(state: State) -> list[Bilingual]:
    """What does not run just now, and what it said last."""
    return [
        Bilingual(
            zh=f"{process.name} {_PROCESS_ZH[process.state]}，已重启 {process.restarts} 次："
            f"{process.last_error.zh or '未说明原因'}",
            en=f"{process.name} {process.state.value}, {process.restarts} restarts: "
            f"{process.last_error.en or 'no reason said'}",
        )
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


async def measured(settings: Settings, wait_seconds: float = ASK_SECONDS) -> dict[str, Any]:
    """Lag, outbox and troubles, as Kafka and Postgres say within that time; what they do not say is a trouble."""
    found = _unasked()
    # Before anybody is asked: on a busy machine our own imports took the time that Kafka and Postgres have.
    named = groups(settings)
    # Side by side: what one of them has said is known, however long the other takes.
    unsaid = await asyncio.gather(
        _unsaid("Postgres", _ask_postgres(settings, found), wait_seconds),
        _unsaid("Kafka", _ask_kafka(settings, named, found["lag"]), wait_seconds),
    )
    for asked, error in {asked: error for asked, error in unsaid if error is not None}.items():
        found["trouble"] = type(error).__name__
        found["troubles"].append(_unanswered(asked, error, wait_seconds, settings.data))
    return found


async def _unsaid(asked: str, asking: Awaitable[None], seconds: float) -> tuple[str, Exception | None]:
    """Whom it was asked of, and why it was not answered, if so."""
    try:
        await within(seconds, asking)
    except (KafkaError, *TRANSIENT) as error:
        return asked, error
    return asked, None


async def _ask_postgres(settings: Settings, found: dict[str, Any]) -> None:
    found["outbox"], found["troubles"] = await _in_database(settings)


async def _ask_kafka(settings: Settings, known: Mapping[str, Any], lag: dict[str, int]) -> None:
    async with aclosing(lags(settings, known)) as told_lags:
        async for each in told_lags:
            lag.update([each])


def _unanswered(asked: str, error: Exception, wait_seconds: float, data: Path) -> Bilingual:
    kind, typed = type(error).__name__, shlex.quote(str(data))
    if not isinstance(error, TimeoutError):
        return Bilingual(
            zh=f"{asked} 没有响应（{kind}）；请看：huiyin doctor --data {typed}",
            en=f"{asked} does not answer ({kind}); see: huiyin doctor --data {typed}",
        )
    longer = f"huiyin status --data {typed} --wait {max(60, round(6 * wait_seconds))}"
    return Bilingual(
        zh=f"{asked} 在 {wait_seconds:g} 秒内没有全部答复，已知的如上；机器繁忙时可多等：{longer}；"
        f"或看：huiyin doctor --data {typed}",
        en=f"{asked} did not say all within {wait_seconds:g} s; what is known is shown. On a busy machine wait longer: "
        f"{longer}; or see: huiyin doctor --data {typed}",
    )


async def _in_database(settings: Settings) -> tuple[dict[str, Any], list[Bilingual]]:
    """The outbox, and which processes say that they are not well, or nothing at all."""
    async with connect(settings) as db:
        rows, seconds = await outbox.state(db)
        unwell = reasons_of(await known_beats(db, SILENT_SECONDS))
    troubles = [Bilingual(zh=f"{name}：{why.zh}", en=f"{name}: {why.en}") for name, why in unwell.items()]
    return {"rows": rows, "oldest_seconds": round(seconds, 3)}, troubles


def groups(settings: Settings) -> Mapping[str, Any]:
    """Every consumer group of ours and the topics it reads."""
    return {group_id(each, settings): topic_names(each, settings) for each in composition.consumer_groups()}


#: In English a state goes by its name in `--json`.
_STATUS_ZH = {
    Status.STARTING: "启动中",
    Status.RUNNING: "运行中",
    Status.DEGRADED: "运行不全",
    Status.STOPPED: "已停止",
}
_PROCESS_ZH = {
    ProcessStatus.RUNNING: "运行中",
    ProcessStatus.RESTARTING: "重启中",
    ProcessStatus.FAILED: "反复失败",
    ProcessStatus.STOPPED: "已停止",
}


def _as_text(found: Mapping[str, Any]) -> str:
    lines = [f"{told(_STATUS_ZH[found['state']], found['state'])}  {found['url']}", ""]
    lines += [_line_of(process) for process in found["processes"]]
    if (rows := found["outbox"]["rows"]) is not None:
        seconds = found["outbox"]["oldest_seconds"]
        waiting = told(
            f"  发件箱：{rows} 条，最早的已等待 {seconds} 秒", f"  outbox: {rows} rows, oldest {seconds} s"
        )
        lines += ["", waiting]
    if found.get("troubles"):
        lines += ["", *(f"  ! {told(trouble.zh, trouble.en)}" for trouble in found["troubles"])]
    lines += [
        told(f"  {group} 待处理：{number}", f"  lag {group}: {number}")
        for group, number in found["lag"].items()
    ]
    return "\n".join(lines) + "\n"


def _line_of(process: Mapping[str, Any]) -> str:
    line = f"  {process['name']:<10} {told(_PROCESS_ZH[process['state']], process['state'])}"
    if process["pid"] is None:
        return line
    restarts = process["restarts"]
    return f"{padded(line, 24)} pid {process['pid']}  {told(f'重启 {restarts} 次', f'restarts {restarts}')}"
