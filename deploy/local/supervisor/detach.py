"""In the background: starting a supervisor that outlives this process, and stopping it."""

import os
import signal
from collections.abc import Sequence
from pathlib import Path

from deploy.local.embedded.files import set_aside_if_large, tail_of
from deploy.local.embedded.process import ProcessId, wait_until
from deploy.local.supervisor.state import State, Status, read_state
from deploy.local.supervisor.supervisor import end_leftovers
from schemas.bilingual import Bilingual
from schemas.errors import HuiyinError

#: Project choices: longer than the slowest server's own limit for its start; and than the supervisor needs to end all: half
#: a minute for each of three turns, and a minute for the servers.
_START_TIMEOUT_SECONDS = 360.0
_STOP_TIMEOUT_SECONDS = 180.0


class NotStarted(HuiyinError):
    """The supervisor in the background ended, or did not get ready."""

    code = "not-started"
    en = "Huiyin {problem}. Its log is {log}:\n{tail}"
    zh = "Huiyin 回音{problem}。日志：{log}\n{tail}"


class NotStopped(HuiyinError):
    """What runs was told to stop, and has not ended."""

    code = "not-stopped"
    en = "process {pid} was told to stop, and has not ended after {seconds} s. Wait, or end all of it at once: kill -9 {pid}"
    zh = "已通知进程 {pid} 停止，{seconds} 秒后仍未结束。可继续等待，或立即全部结束：kill -9 {pid}"


def start_detached(
    argv: Sequence[str], state_file: Path, log_file: Path, timeout_seconds: float = _START_TIMEOUT_SECONDS
) -> State:
    """Runs a command that becomes a supervisor, in a session of its own; returns once that is up or degraded.

    Ctrl-C meanwhile ends both: it does not reach that session by itself.

    Raises:
        NotStarted: it ended before, or took too long.
    """
    log_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    set_aside_if_large(log_file)
    process = ProcessId.of(_spawned(argv, log_file))

    def state() -> State | None:
        found = read_state(state_file)
        return found if found is not None and found.supervisor == process else None

    def is_decided() -> bool:
        found = state()
        has_ended = process is None or not process.is_running()
        return has_ended or (found is not None and found.status is not Status.STARTING)

    try:
        is_in_time = wait_until(is_decided, timeout_seconds)
    except KeyboardInterrupt:
        if process is not None:
            process.end(((signal.SIGTERM, _STOP_TIMEOUT_SECONDS),))
        raise
    found = state()
    if found is not None and found.status in (Status.RUNNING, Status.DEGRADED):
        return found
    late = Bilingual(
        zh=f"在 {timeout_seconds:g} 秒后仍未就绪", en=f"was not ready after {timeout_seconds:g} seconds"
    )
    problem = Bilingual(zh="随即退出", en="ended at once") if is_in_time else late
    raise NotStarted(problem=problem, log=log_file, tail=tail_of(log_file))


def _spawned(argv: Sequence[str], log_file: Path) -> int:
    """Starts it with no terminal; whoever adopts orphans reaps it."""
    log = os.open(log_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        actions = (
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, log, 1),
            (os.POSIX_SPAWN_DUP2, log, 2),
        )
        return os.posix_spawn(argv[0], list(argv), os.environ, file_actions=actions, setsid=True)
    finally:
        os.close(log)


def bring_down(state_file: Path, timeout_seconds: float = _STOP_TIMEOUT_SECONDS) -> bool:
    """Stops what runs there, or is being started, and returns when it has ended; whether there was anything.

    Raises:
        NotStopped: it has not ended in time.
    """
    state = read_state(state_file)
    if state is None:
        return False
    if not state.supervisor.is_running():
        end_leftovers(state_file)
        return False
    # One that stands still (Ctrl-Z, SIGSTOP) hears nothing before it goes on.
    if not state.supervisor.end(((signal.SIGTERM, 0), (signal.SIGCONT, timeout_seconds))):
        raise NotStopped(pid=state.supervisor.pid, seconds=f"{timeout_seconds:g}")
    return True
