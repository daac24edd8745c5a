"""What one process tells of itself on a port of its own."""

import asyncio
import http.client
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

import pytest

from deploy.local.embedded.process import wait_until
from deploy.observability import listener
from deploy.observability.listener import listening
from deploy.settings import Settings
from tests.stack import free_port


@dataclass
class Process:
    """As much of one as is told."""

    settings: Settings
    name: str = "intake"
    replica: str = "here#1"
    health: dict[str, Any] = field(default_factory=lambda: {"ok": True, "reason": ""})

    def said(self) -> dict[str, Any]:
        """How it says that it is."""
        return self.health


@pytest.fixture
def process() -> Process:
    """One with a port."""
    return Process(Settings(metrics_port=free_port()))


def _ask(process: Process, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{process.settings.metrics_port}{path}", timeout=5
        ) as got:
            return got.status, got.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_replica_tells_of_itself_alone(process: Process) -> None:
    """Well, then not well with the reason; metrics with its name; nothing else."""
    with listening(process, lambda: 0.0):
        well = _ask(process, "/readyz")
        process.health = {"ok": False, "reason": "no progress: intake"}
        unwell = _ask(process, "/readyz")
        metrics = _ask(process, "/metrics?x=1")

        assert (200, 503, 200) == (well[0], unwell[0], metrics[0])
        assert "no progress: intake" == json.loads(unwell[1])["reason"]
        assert 'huiyin_open_clocks{process="intake",replica="here#1"}' in metrics[1]
        assert (200, 404) == (_ask(process, "/healthz")[0], _ask(process, "/etc")[0])


async def test_it_answers_while_the_loop_stands_still(process: Process) -> None:
    """Off the loop: a probe hears that the process is not well instead of nothing."""
    with listening(process, lambda: 60.0):
        asking = asyncio.create_task(asyncio.to_thread(_ask, process, "/healthz"))
        await asyncio.sleep(0)
        time.sleep(0.5)  # noqa: ASYNC251  the loop is to stand still

        answered_meanwhile = _done_by_now(asking)
        assert 503 == (await asking)[0]
        assert not answered_meanwhile


def test_what_goes_wrong_is_a_line_of_the_log(
    process: Process, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its traceback inside; whoever asked and left is no fault. Nothing is printed beside the log."""
    told: list[BaseException] = [ValueError("no number"), BrokenPipeError()]
    said = []

    def fail() -> dict[str, Any]:
        raise told.pop(0)

    monkeypatch.setattr(process, "said", fail)
    monkeypatch.setattr(listener.log, "error", lambda event, **facts: said.append((event, facts)))
    monkeypatch.setattr(listener.log, "info", lambda event, **facts: said.append((event, facts)))
    with listening(process, lambda: 0.0):
        for _ in range(2):
            with pytest.raises(http.client.RemoteDisconnected):
                _ask(process, "/readyz")

    assert wait_until(lambda: len(said) == 2, 5)
    assert said == [
        ("metrics.answer-failed", {"exc_info": True}), ("metrics.asker-gone", {"error": "BrokenPipeError"}),
    ]  # fmt: skip
    assert "" == capsys.readouterr().err


def _done_by_now(task: "asyncio.Task[Any]") -> bool:
    return task.done()


def test_a_taken_port_stops_no_process(process: Process) -> None:
    """It is told, and the process goes on; without the setting there is no listener at all."""
    with listening(process, lambda: 0.0), listening(process, lambda: 0.0):
        assert 200 == _ask(process, "/healthz")[0]
    with listening(Process(Settings()), lambda: 0.0), pytest.raises(urllib.error.URLError):
        _ask(process, "/healthz")
