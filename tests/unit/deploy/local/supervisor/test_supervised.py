"""An embedded server that does not start again, and the ports of our processes."""

import os
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from deploy.local.embedded.errors import ServerFailed
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.process import Child
from deploy.local.supervisor.restarts import RestartPolicy
from deploy.local.supervisor.spec import ProcessSpec, SupervisorEvent
from deploy.local.supervisor.supervised import Begin, SupervisedProcess, SupervisedServer
from deploy.local.up import NoRoom, UpOptions, _ensure_room, _specs, up
from deploy.processes.lives import EXIT_ANEW
from schemas.bilingual import Bilingual


class Dead:
    """A server that has died, and whose disk has no room for another start."""

    def __init__(self, why: Exception) -> None:
        self._why = why

    def start(self) -> None:
        """Fails."""
        raise self._why

    def is_alive(self) -> bool:
        """It is not."""
        return False

    def silent(self) -> tuple[int, ...]:
        """Nothing runs."""
        return ()

    def check(self) -> None:
        """All is there."""

    def stop(self, timeout_seconds: float = 60) -> None:
        """Nothing to stop."""


#: What Postgres writes where its write-ahead log has no room; others knock meanwhile.
_POSTGRES_LOG = """:
2026-11-27 06:00:00 UTC [1] @ LOG:  redo starts at 0/155C8F8
2026-11-27 06:00:01 UTC [1] @ PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device
2026-11-27 06:00:01 UTC [2] a@b FATAL:  the database system is starting up
2026-11-27 06:00:02 UTC [1] @ LOG:  database system is shut down"""


def _server_failed(tail: str) -> ServerFailed:
    return ServerFailed(server="Postgres", problem="did not start", log="/d/postgres.log", tail=tail)


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (OSError(28, "No space left on device"), "[Errno 28] No space left on device"),
        (
            _server_failed(_POSTGRES_LOG),
            "Postgres did not start. Its log is /d/postgres.log: 2026-11-27 06:00:01 UTC [1] @ "
            'PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device',
        ),
        (
            _server_failed(":\n\njava.io.IOException: No space\n\tat kafka.Log\n"),
            "Postgres did not start. Its log is /d/postgres.log: java.io.IOException: No space",
        ),
        (_server_failed(":\nwhatever"), "Postgres did not start. Its log is /d/postgres.log: whatever"),
        (_server_failed(":\n"), "Postgres did not start. Its log is /d/postgres.log"),
    ],
)
def test_a_server_that_does_not_start_says_why(why: Exception, said: str) -> None:
    """In the state that `huiyin status` shows, in one line with the reason, not in its events alone."""
    tried, events = threading.Event(), list[SupervisorEvent]()
    server = SupervisedServer("kafka", Dead(why), RestartPolicy(), events.append, tried.set)
    server.look(0.0)
    server.look(60.0)
    assert tried.wait(10)

    assert said == server.states()[0].last_error.en
    assert ["died", "died"] == [event.kind.value for event in events]


def test_why_a_server_does_not_start_is_kept_in_both_languages() -> None:
    """Whoever asks `huiyin status` may read Chinese; what the server itself says stays as it says it."""
    failed = ServerFailed(
        server=Bilingual(zh="Kafka 节点 1", en="Kafka broker 1"),
        problem=Bilingual(zh="以 1 退出", en="ended with 1"),
        log="/d/kafka.log",
        tail=":\njava.io.IOException: No space\n",
    )
    tried = threading.Event()
    server = SupervisedServer("kafka", Dead(failed), RestartPolicy(), lambda _: None, tried.set)
    server.look(0.0)
    server.look(60.0)
    assert tried.wait(10)

    said = server.states()[0].last_error
    assert "Kafka 节点 1 以 1 退出。日志：/d/kafka.log: java.io.IOException: No space" == said.zh
    assert "Kafka broker 1 ended with 1. Its log is /d/kafka.log: java.io.IOException: No space" == said.en


def _no_room(*_: object, **__: object) -> Child:
    raise OSError(28, "No space left on device")


def _ended(*_: object, **__: object) -> Child:
    return cast(
        "Child", SimpleNamespace(pid=1, exit_status=-9, is_alive=lambda: False, is_frozen=lambda: False)
    )


@pytest.mark.parametrize(
    ("begin", "said"),
    [
        (
            _no_room,
            Bilingual(
                zh="无法启动：No space left on device", en="cannot be started: No space left on device"
            ),
        ),
        (_ended, Bilingual(zh="退出状态 -9", en="ended with -9")),
    ],
)
def test_why_a_process_does_not_run_is_kept_in_both_languages(
    begin: Begin, said: Bilingual, tmp_path: Path
) -> None:
    """Where its own log says nothing."""
    spec = ProcessSpec(name="relay", argv=("relay",))
    process = SupervisedProcess(spec, tmp_path, RestartPolicy(), lambda _: None, begin)
    process.look(0.0)
    process.look(10.0)

    assert said == process.states()[0].last_error


@pytest.mark.parametrize(
    ("status", "lived", "told"),
    [
        (EXIT_ANEW, 60.0, ["started", "starts anew", "started"]),
        (EXIT_ANEW, 1.0, ["started", "died"]),
        (1, 60.0, ["started", "died"]),
    ],
)
def test_what_asks_to_be_started_anew_has_not_failed(
    status: int, lived: float, told: list[str], tmp_path: Path
) -> None:
    """It starts at once, and no death of it is counted; what asks as soon as it lives is counted."""
    children = [
        SimpleNamespace(pid=2, id=None, is_alive=lambda: True, is_frozen=lambda: False),
        SimpleNamespace(pid=1, exit_status=status, is_alive=lambda: False, is_frozen=lambda: False),
    ]
    events = list[SupervisorEvent]()
    spec = ProcessSpec(name="web", argv=("web",))
    begin = cast("Begin", lambda *_, **__: children.pop())
    process = SupervisedProcess(spec, tmp_path, RestartPolicy(), events.append, begin)
    process.look(0.0)
    process.look(lived)

    assert told == [event.kind.value for event in events]
    (state,) = process.states()
    assert (told.count("died"), "died" not in told) == (state.restarts, not state.last_error.en)


@pytest.mark.parametrize(("workers", "processes"), [("together", 3), ("apart", 8)])
@pytest.mark.parametrize("first", [9100, 0])
def test_each_process_listens_on_a_port_of_its_own(
    first: int, workers: str, processes: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One after the other from METRICS_PORT on, the web first; without it none listens."""
    monkeypatch.setenv("METRICS_PORT", str(first))
    expected = [first + at if first else 0 for at in range(processes)]

    specs = _specs({}, tmp_path, None, demo=True, workers=workers)

    assert expected == [int(spec.env["METRICS_PORT"]) for spec in specs]
    assert "web" == specs[0].name
    assert 8 == sum(spec.parts for spec in specs), "whatever they share, each part has its chances"


def test_each_process_has_a_user_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The sweeper, which writes the audit's anchors, has one, too; only commands are the administrator's."""
    monkeypatch.setattr(
        EmbeddedKafka,
        "login",
        lambda _, user: {"KAFKA_SASL_USERNAME": user, "KAFKA_SASL_PASSWORD": f"of {user}"},
    )
    roles = ("web", "intake", "routing", "handlers", "sla", "relay", "sweep")
    expected = {role: (role, f"of {role}") for role in roles} | {"demo": ("", "")}

    specs = _specs({}, tmp_path, EmbeddedKafka(tmp_path / "kafka"), demo=True)

    told = {spec.name: (spec.env["KAFKA_SASL_USERNAME"], spec.env["KAFKA_SASL_PASSWORD"]) for spec in specs}
    assert expected == told


@pytest.mark.parametrize("on", ["", "kafka", "postgres"])
def test_where_no_message_would_be_taken_nothing_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on: str
) -> None:
    """It says how much room is missing and where, also on a server's own disk, instead of waiting to be ready for ever."""
    data = tmp_path / "data"
    (data / on).mkdir(parents=True)

    def statvfs(place: Path) -> SimpleNamespace:
        return SimpleNamespace(f_bavail=(100 if place == data / on else 9000) * 256, f_frsize=4096)

    monkeypatch.setattr(os, "statvfs", statvfs)
    options = UpOptions(data=data, port=None, demo=False, brokers=1)
    with pytest.raises(NoRoom, match=r"only 100 MiB are free .* below 512"):
        up(options, detach=False)

    assert {data / on} >= set(data.iterdir())


def test_a_disk_of_nothing_but_logs_hinders_no_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where both servers have disks of their own, messages are taken: see `Room`."""
    for name in ("kafka", "postgres"):
        (tmp_path / name).mkdir()

    def statvfs(place: Path) -> SimpleNamespace:
        return SimpleNamespace(f_bavail=(100 if place == tmp_path else 9000) * 256, f_frsize=4096)

    monkeypatch.setattr(os, "statvfs", statvfs)

    _ensure_room(tmp_path)
