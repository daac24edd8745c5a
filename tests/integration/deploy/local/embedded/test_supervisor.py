"""The supervisor with real processes: restarts, the order of the end, and what is left when it is killed."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.commands.checks.data import check_data
from deploy.commands.status import _found
from deploy.local.embedded.process import ProcessId, wait_until
from deploy.local.supervisor import State, Status, bring_down, read_state, start_detached
from deploy.local.supervisor.detach import NotStarted, NotStopped
from deploy.local.supervisor.state import ProcessState, ProcessStatus
from deploy.settings import Settings
from tests.integration.deploy.local.embedded.conftest import copy_of_postgres

_SLEEP = "import time; time.sleep(600)"
_STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(600)
"""
_TELLS_ITS_END = """
import os, signal, sys, time
def end(*_):
    with open(os.environ["ENDS"], "a") as file: file.write(sys.argv[1] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(600)
"""
#: What `huiyin up` does, with processes given as JSON: [name, code, stop_turn, stop_seconds].
_UP = """
import json, os, sys, time
from pathlib import Path
from deploy.local.embedded.files import DirectoryLock
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.local.supervisor import ProcessSpec, RestartPolicy, Supervisor, announce, start_together
from deploy.local.terminal import say
data, processes, with_postgres = Path(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3] == "postgres"
specs = [
    ProcessSpec(name=name, argv=(sys.executable, "-c", code, name), env={"ENDS": str(data / "ends")},
                stop_turn=turn, stop_seconds=seconds)
    for name, code, turn, seconds in processes
]
tell = lambda event: say("", f"{event.kind} {event.process} {event.detail and event.detail.en}")
with DirectoryLock(data) as lock:
    servers = {"postgres": EmbeddedPostgres(data / "postgres")} if with_postgres else {}
    announce(data / "state.json", {"url": "here"}, servers)
    if sys.argv[3] == "slow":
        time.sleep(600)  # a server that does not come up
    start_together(list(servers.values()))
    policy = RestartPolicy(limit=2, window_seconds=60, first_seconds=0.05, frozen_seconds=0.5,
                           silent_seconds=1)
    Supervisor(specs, data / "state.json", tell, servers=servers, facts={"url": "here"}, policy=policy,
               lock=lock).run()
"""
_Process = tuple[str, str, int, float]


@pytest.fixture
def with_postgres(made: Path, tmp_path: Path) -> Path:
    """A data directory whose Postgres was made before."""
    copy_of_postgres(made, tmp_path / "postgres")
    return tmp_path


def _command(data: Path, processes: list[_Process], servers: str = "") -> tuple[str, ...]:
    return (sys.executable, "-c", _UP, str(data), json.dumps(processes), servers)


@contextmanager
def _up(data: Path, *processes: _Process, servers: str = "") -> Iterator["subprocess.Popen[bytes]"]:
    data.mkdir(exist_ok=True)
    with (data / "up.log").open("wb") as log:
        supervisor = subprocess.Popen(_command(data, list(processes), servers), stdout=log, stderr=log)
    try:
        yield supervisor
    finally:
        supervisor.send_signal(signal.SIGTERM)
        supervisor.wait(30)


def _state_when(data: Path, condition: Callable[[State], bool]) -> State:
    """The first state that fulfils the condition."""

    def is_so() -> bool:
        state = read_state(data / "state.json")
        return state is not None and condition(state)

    assert wait_until(is_so, 20), (data / "up.log").read_text(encoding="utf-8")
    state = read_state(data / "state.json")
    assert state is not None
    return state


def _is_running(state: State) -> bool:
    return state.status is Status.RUNNING


def _process(state: State, name: str) -> ProcessState:
    return next(process for process in state.processes if process.name == name)


def _id(state: State, name: str) -> ProcessId:
    found = _process(state, name).id
    assert found is not None
    return found


def _is_up(data: Path, name: str) -> bool:
    log = data / "logs" / f"{name}.log"
    return log.exists() and "up" in log.read_text(encoding="utf-8")


def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    """Another pid, one restart more, and all is well."""
    with _up(tmp_path, ("serve", _SLEEP, 0, 5)):
        before = _id(_state_when(tmp_path, _is_running), "serve")
        before.send(signal.SIGKILL)
        after = _state_when(
            tmp_path, lambda state: _process(state, "serve").restarts == 1 and _is_running(state)
        )

    assert before != _id(after, "serve")
    stopped = read_state(tmp_path / "state.json")
    assert stopped is not None
    assert Status.STOPPED is stopped.status
    assert [process.pid for process in stopped.processes] == [None]


def test_a_process_that_stands_still_is_replaced(tmp_path: Path) -> None:
    """SIGSTOP: it lives and does nothing, so it is ended and started anew, and told."""
    with _up(tmp_path, ("relay", _SLEEP, 0, 5)):
        before = _id(_state_when(tmp_path, _is_running), "relay")
        before.send(signal.SIGSTOP)
        after = _state_when(
            tmp_path, lambda state: _process(state, "relay").restarts == 1 and _is_running(state)
        )

    assert before != _id(after, "relay")
    assert "killed relay it stood still" in (tmp_path / "up.log").read_text(encoding="utf-8")


def _limit_files(process: ProcessId, size: int) -> None:
    """Let nothing that it writes become larger: a disk without room, for it alone."""
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size if size >= 0 else hard, hard))


def test_a_disk_without_room_stops_nobody(tmp_path: Path) -> None:
    """The supervisor cannot write its state, starts what dies all the same, and writes it when there is room again."""
    with _up(tmp_path, ("relay", _SLEEP, 0, 5)) as supervisor:
        state = _state_when(tmp_path, _is_running)
        before = _id(state, "relay")
        _limit_files(state.supervisor, 0)
        before.send(signal.SIGKILL)
        assert wait_until(lambda: not before.is_running(), 10)
        # Its own log cannot grow either: what is seen is that it lives and has a child.
        assert wait_until(lambda: _has_another_child(supervisor.pid, before), 20)
        assert _process(_state_when(tmp_path, lambda _: True), "relay").restarts == 0
        _limit_files(state.supervisor, -1)
        after = _state_when(tmp_path, lambda state: _process(state, "relay").restarts == 1)

        assert _id(after, "relay").is_running()
        assert supervisor.poll() is None


def _has_another_child(parent: int, before: ProcessId) -> bool:
    children = Path(f"/proc/{parent}/task").glob("*/children")
    pids = [int(pid) for file in children for pid in file.read_text(encoding="ascii").split()]
    return any(pid != before.pid and ProcessId.of(pid) is not None for pid in pids)


def test_a_process_that_keeps_dying_degrades_the_whole(tmp_path: Path) -> None:
    """It is called failed; the others run on; its log and the log of events say why."""
    with _up(tmp_path, ("serve", _SLEEP, 0, 5), ("relay", "raise SystemExit('no broker')", 0, 5)):
        state = _state_when(
            tmp_path,
            lambda state: any(process.state is ProcessStatus.FAILED for process in state.processes),
        )

        assert ProcessStatus.FAILED is _process(state, "relay").state
        assert Status.DEGRADED is state.status
        assert ProcessStatus.RUNNING is _process(state, "serve").state
        assert "no broker" == _process(state, "relay").last_error.en
        assert "no broker" in (tmp_path / "logs/relay.log").read_text(encoding="utf-8")
    assert "failed relay ended with 1" in (tmp_path / "up.log").read_text(encoding="utf-8")


def test_a_program_that_does_not_exist_is_a_failure_with_a_reason(tmp_path: Path) -> None:
    """Not an exception in the supervisor."""
    with _up(tmp_path, ("serve", "import os; os.execv('/missing', ['missing'])", 0, 5)):
        _state_when(tmp_path, lambda state: state.status is Status.DEGRADED)

    assert "No such file" in (tmp_path / "logs/serve.log").read_text(encoding="utf-8")


def test_processes_end_in_turns(tmp_path: Path) -> None:
    """What feeds goes first, what is fed goes last."""
    names = ("relay", "work", "serve")
    with _up(tmp_path, *((name, _TELLS_ITS_END, 2 - turn, 5) for turn, name in enumerate(names))):
        assert wait_until(lambda: all(_is_up(tmp_path, name) for name in names), 10)

    assert (tmp_path / "ends").read_text(encoding="utf-8").split() == ["serve", "work", "relay"]


def test_a_process_that_will_not_end_is_killed(tmp_path: Path) -> None:
    """The end is bounded."""
    with _up(tmp_path, ("stubborn", _STUBBORN, 0, 0.3)):
        assert wait_until(lambda: _is_up(tmp_path, "stubborn"), 10)
        process = _id(_state_when(tmp_path, _is_running), "stubborn")

    assert not process.is_running()
    assert "killed stubborn" in (tmp_path / "up.log").read_text(encoding="utf-8")


def test_a_second_signal_ends_the_waiting(tmp_path: Path) -> None:
    """Ctrl-C twice does not wait for the stubborn."""
    with _up(tmp_path, ("stubborn", _STUBBORN, 0, 600)) as supervisor:
        assert wait_until(lambda: _is_up(tmp_path, "stubborn"), 10)
        supervisor.send_signal(signal.SIGINT)
        assert wait_until(lambda: "stopping" in (tmp_path / "up.log").read_text(encoding="utf-8"), 5)
        supervisor.send_signal(signal.SIGINT)

        assert supervisor.wait(10) == 0


def test_kill_9_leaves_nothing_and_the_next_start_succeeds(with_postgres: Path) -> None:
    """Processes and Postgres end within seconds; even the stubborn one is gone when the next start is up."""
    processes = (("serve", _SLEEP, 0, 5.0), ("stubborn", _STUBBORN, 0, 0.3))
    with _up(with_postgres, *processes, servers="postgres") as supervisor:
        state = _state_when(with_postgres, _is_running)
        assert wait_until(lambda: _is_up(with_postgres, "stubborn"), 10)
        supervisor.kill()
        supervisor.wait()
        assert _id(state, "serve").wait(5)
        assert _id(state, "postgres").wait(5)
        assert Status.STOPPED is _state_when(with_postgres, lambda _: True).status
    _id(state, "stubborn").send(signal.SIGKILL)

    with _up(with_postgres, *processes, servers="postgres"):
        assert _is_running(_state_when(with_postgres, _is_running))


def test_a_killed_postgres_is_started_again(with_postgres: Path) -> None:
    """On the same port, while the other processes run on."""
    with _up(with_postgres, ("serve", _SLEEP, 0, 5), servers="postgres"):
        before = _state_when(with_postgres, _is_running)
        _id(before, "postgres").send(signal.SIGKILL)
        after = _state_when(
            with_postgres, lambda state: _process(state, "postgres").restarts == 1 and _is_running(state)
        )

        assert _id(before, "postgres") != _id(after, "postgres")
        assert _id(before, "serve") == _id(after, "serve")


def test_a_postgres_that_answers_nothing_is_replaced(with_postgres: Path) -> None:
    """As if it had crashed, on the same port and data; one that answers is left alone."""
    with _up(with_postgres, ("serve", _SLEEP, 0, 5), servers="postgres"):
        before = _state_when(with_postgres, _is_running)
        _id(before, "postgres").send(signal.SIGSTOP)
        after = _state_when(
            with_postgres, lambda state: _process(state, "postgres").restarts == 1 and _is_running(state)
        )

        assert _id(before, "postgres") != _id(after, "postgres")
        assert "answered nothing for 1 s" in _process(after, "postgres").last_error.en
        assert "在 1 秒内没有响应" in _process(after, "postgres").last_error.zh
        assert _id(before, "serve") == _id(after, "serve")


def test_a_data_directory_that_was_moved_away_stops_everything_and_gets_no_other(tmp_path: Path) -> None:
    """Whatever was taken meanwhile nobody would find there; what stands under its name now may be another's."""
    data, moved = tmp_path / "data", tmp_path / "moved"
    with _up(data, ("web", _TELLS_ITS_END, 0, 5)) as supervisor:
        _state_when(data, _is_running)
        assert wait_until(lambda: _is_up(data, "web"), 10)
        data.rename(moved)
        data.mkdir()
        assert 0 != supervisor.wait(30)

    assert ["ends"] == [each.name for each in data.iterdir()], "what the process itself wrote"
    assert "is not what this was started on any more" in (moved / "up.log").read_text(encoding="utf-8")
    left = read_state(moved / "state.json")
    assert left is not None
    assert Status.STOPPED is left.status


def test_a_database_that_was_moved_away_stops_everything_and_is_not_made_anew(with_postgres: Path) -> None:
    """What stands in the directory says why; `status` tells that."""
    with _up(with_postgres, servers="postgres") as supervisor:
        _state_when(with_postgres, _is_running)
        (with_postgres / "postgres").rename(with_postgres / "elsewhere")
        assert 0 != supervisor.wait(30)

    assert not (with_postgres / "postgres").exists()
    left = read_state(with_postgres / "state.json")
    assert left is not None
    assert Status.STOPPED is left.status
    assert f"{with_postgres / 'postgres'} is not what this was started on" in left.why.en
    [said] = _found(with_postgres, 1)["troubles"]
    assert left.why == said
    [told] = check_data(Settings(), with_postgres)
    assert ("fail", left.why) == (told.state, told.found)


def test_it_runs_in_the_background_until_it_is_brought_down(tmp_path: Path) -> None:
    """`up --detach` returns when it runs; a second one is refused with the reason; `down` ends it."""
    command = _command(tmp_path, [("serve", _SLEEP, 0, 5)])
    state_file = tmp_path / "state.json"
    state = start_detached(command, state_file, tmp_path / "logs/up.log", timeout_seconds=20)
    try:
        with pytest.raises(NotStarted, match=r"in use by process .*huiyin down"):
            start_detached(command, state_file, tmp_path / "logs/second.log", timeout_seconds=20)
        assert Status.RUNNING is state.status
        assert _id(state, "serve").is_running()
    finally:
        was_brought_down = bring_down(state_file)
        os.waitpid(state.supervisor.pid, 0)

    assert was_brought_down
    assert not _id(state, "serve").is_running()
    assert not bring_down(state_file)


def _is_starting(state: State) -> bool:
    return state.status is Status.STARTING


def test_what_is_still_starting_is_told_of_and_brought_down(tmp_path: Path) -> None:
    """Its servers take their time: nobody is told that nothing runs, and nothing runs after `down`."""
    with _up(tmp_path, ("serve", _SLEEP, 0, 5), servers="slow") as supervisor:
        state = _state_when(tmp_path, _is_starting)

        assert not state.can_be_asked
        assert bring_down(tmp_path / "state.json")
        assert -signal.SIGTERM == supervisor.wait(5)


#: `huiyin up --detach`: the state file's folder, and the command of the supervisor.
_DETACH = """
import json, sys
from pathlib import Path
from deploy.local.supervisor import start_detached
data = Path(sys.argv[1])
start_detached(json.loads(sys.argv[2]), data / "state.json", data / "logs/up.log")
"""


def test_a_start_in_the_background_that_is_interrupted_goes_on_nowhere(tmp_path: Path) -> None:
    """Ctrl-C, before it runs: what was started in a session of its own ends as well."""
    command = json.dumps(_command(tmp_path, [("serve", _SLEEP, 0, 5)], "slow"))
    argv = (sys.executable, "-c", _DETACH, str(tmp_path), command)
    with subprocess.Popen(argv, stderr=subprocess.PIPE) as detaching:
        supervisor = _state_when(tmp_path, _is_starting).supervisor
        detaching.send_signal(signal.SIGINT)
        said = detaching.communicate(timeout=20)[1]

    assert b"KeyboardInterrupt" in said
    assert not supervisor.is_running()


def test_what_stands_still_is_brought_down_too(tmp_path: Path) -> None:
    """Ctrl-Z in its terminal, or SIGSTOP: it goes on in order to end."""
    with _up(tmp_path, ("serve", _SLEEP, 0, 5)) as supervisor:
        state = _state_when(tmp_path, _is_running)
        state.supervisor.send(signal.SIGSTOP)

        assert bring_down(tmp_path / "state.json", timeout_seconds=20)
        assert 0 == supervisor.wait(5)
    assert not _id(state, "serve").is_running()


def test_what_does_not_end_in_time_is_no_nothing(tmp_path: Path) -> None:
    """Whoever asked for its end reads that it has not come, and what to do."""
    with _up(tmp_path, ("stubborn", _STUBBORN, 0, 600)) as supervisor:
        assert wait_until(lambda: _is_up(tmp_path, "stubborn"), 10)
        _state_when(tmp_path, _is_running)
        with pytest.raises(NotStopped, match=rf"has not ended .* kill -9 {supervisor.pid}"):
            bring_down(tmp_path / "state.json", timeout_seconds=0.2)


def test_bringing_down_what_never_ran_is_harmless(tmp_path: Path) -> None:
    """There is nothing to do, and it says so."""
    assert not bring_down(tmp_path / "state.json")
