"""`bench stream`: how long until everybody who listens has seen an alert, and what a listener costs the web."""

import asyncio
import json
import resource
import time
from collections.abc import Sequence
from typing import Any

import uvloop

from deploy.bench.environment import Installation, MeasurementFailed, Servers, open_installation, servers
from deploy.bench.figures import milliseconds, say
from deploy.bench.intake import serving
from deploy.database.pool import connect

#: Alerts in a run, and how far apart. Project choice: a busy city's sweeps, one after another.
_ALERTS = 10
_PAUSE_SECONDS = 2.0
#: After this long an alert counts as lost, and the measurement as failed (project choice).
_LOST_SECONDS = 60.0
_PATH = b"/api/v1/sla/stream"
#: Listeners that come at once: as many as the web's socket lets wait (project choice).
_AT_ONCE = 100
#: Sockets of one process, with room for everything else that it has open (project choice).
_FILES_BESIDE = 512


def measure(listeners: int) -> dict[str, Any]:
    """What `huiyin bench stream --json` prints."""
    _allow_files(listeners + _FILES_BESIDE)
    with servers() as on:
        return uvloop.run(_measure(on, listeners))


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted, hard)), hard))


async def _measure(on: Servers, listeners: int) -> dict[str, Any]:
    async with open_installation(on, "stream", demo=True) as installation:
        token = json.loads(installation.demo_file.read_text(encoding="utf-8"))["tokens"]["supervisor"]
        async with serving(installation, "web"):
            idle, found = installation.memory("web"), {}
            say("one listener alone")
            alone = await _listened(installation, 1, token, b"?only=changes", idle)
            for name, query in (("changes", b"?only=changes"), ("alerts", b"")):
                say(f"{listeners} listeners, {name}")
                found[name] = await _listened(installation, listeners, token, query, idle)
    waited, yardstick = found["changes"]["seen_ms"]["p95"], alone["seen_ms"]["p95"]
    return {
        "listeners": listeners,
        "idle_mb": round(idle / 1e6, 1),
        **found,
        "yardstick": "the same alerts of one listener alone, p95, before",
        "yardstick_ms": yardstick,
        "ratio": round(waited / yardstick, 2),
    }


async def _listened(
    installation: Installation, listeners: int, token: str, query: bytes, idle: int
) -> dict[str, Any]:
    everybody = [_Listener() for _ in range(listeners)]
    for start in range(0, listeners, _AT_ONCE):
        coming = everybody[start : start + _AT_ONCE]
        await asyncio.gather(
            *(one.connect(installation.settings.port, _PATH + query, token) for one in coming)
        )
    memory, before = installation.memory("web"), installation.cpu()
    began, waits = time.perf_counter(), []
    for number in range(_ALERTS):
        waits += await _one_alert(installation, everybody, number)
        await asyncio.sleep(_PAUSE_SECONDS)
    seconds = time.perf_counter() - began
    spent = installation.cpu().since(before)
    for one in everybody:
        one.close()
    return {
        "seen_ms": milliseconds(waits),
        "kb_per_listener": round((memory - idle) / listeners / 1000, 1),
        "cpu_share": {name: round(each / seconds, 3) for name, each in spent.items()},
    }


async def _one_alert(
    installation: Installation, everybody: Sequence["_Listener"], number: int
) -> list[float]:
    """Seconds from the alert's commit until each has read of it."""
    raised = [one.raise_flag() for one in everybody]
    async with connect(installation.settings) as db:
        await db.execute(
            """INSERT INTO sla.alert (case_id, clock, deadline_version, level, department, due_at, raised_at)
               VALUES (gen_random_uuid(), 'reply', $1, 'missed', 'housing', now(), now())""",
            number,
        )
    told_at = time.perf_counter()
    try:
        async with asyncio.timeout(_LOST_SECONDS):
            return [await each - told_at for each in raised]
    except TimeoutError:
        missing = sum(not each.done() for each in raised)
        raise MeasurementFailed(problem=f"{missing} listeners saw nothing", logs="") from None


class _Listener:
    """One line, read as it comes."""

    def __init__(self) -> None:
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._seen: asyncio.Future[float] | None = None

    def raise_flag(self) -> "asyncio.Future[float]":
        """A future that has the moment of the next event once it comes."""
        self._seen = asyncio.get_running_loop().create_future()
        return self._seen

    async def connect(self, port: int, path: bytes, token: str) -> None:
        """Return once the server says that it is listened to."""
        reader, self._writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
        head = b"GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n"
        self._writer.write(head % (path, token.encode()))
        async with asyncio.timeout(_LOST_SECONDS):
            while b"listening" not in (line := await reader.readline()):
                if not line:
                    raise MeasurementFailed(problem="a listener was turned away", logs="")
        self._reading = asyncio.create_task(self._read(reader), name="listener")

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line.startswith(b"event:") and self._seen is not None and not self._seen.done():
                self._seen.set_result(time.perf_counter())

    def close(self) -> None:
        """Hang up, and read nothing more."""
        if self._reading is not None:
            self._reading.cancel()
        if self._writer is not None:
            self._writer.close()
