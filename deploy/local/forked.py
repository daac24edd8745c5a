"""Preloads what all our processes import, and forks each of them: they start quickly and share its memory.

    python -m deploy.local.forked "" "" …    (stdin: a socket to the supervisor, see `supervisor/fork_server.py`)

It is given no secret: what a process needs to know comes over a channel that only the new process reads. It runs no thread
and no event loop, opens nothing, and does nothing between two divisions.

Each process becomes a child of the supervisor, never of this one: whoever made it ends at once, the supervisor adopts it,
and only then does it ask the kernel for the signal that comes when the supervisor dies. So it ends with the supervisor,
and not with us (docs/decisions/0041-processes-by-division.md).
"""

import ctypes
import gc
import json
import os
import runpy
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from deploy import composition
from deploy.local.embedded.launch import EXIT_NOT_LAUNCHED, die_with
from deploy.local.supervisor.fork_server import DIVIDE, NUMBER, READY
from deploy.settings import Settings
from sla.core.calendars import city_calendar

#: What our processes load; a test holds that none of it starts a thread, opens anything, or reads a setting.
LOADED = (
    "deploy.commands.main",
    "deploy.local.demo",
    "deploy.processes.event_loop",
    "deploy.processes.mail",
    "deploy.processes.notify",
    "deploy.processes.serve",
    "deploy.processes.sweeper",
    "deploy.processes.worker",
    "handlers.subscribers",
    "numpy",
    "intake.subscribers",
    "routing.subscribers",
    "sla.subscribers",
)
#: How numpy is to begin: without threads, which a division would leave behind, and with ordinary pages, since a table that
#: is touched here and there would else be held in pieces of two megabytes.
_NUMPY = {"OPENBLAS_NUM_THREADS": "1", "NUMPY_MADVISE_HUGEPAGE": "0"}
#: Beside `DIVIDE`: the channel to the new process, and its log (by definition: two).
DESCRIPTORS = 2


def main() -> None:
    """Divide whenever asked, until the supervisor is gone; returns in each process once that has done its work."""
    supervisor = os.getppid()
    gc.disable()
    load()
    # None of it is ever garbage, and looking at it would write to the memory that all share.
    gc.freeze()
    order = _serve(socket.socket(fileno=os.dup(0)), supervisor)
    if order is not None:
        _run(order)


def load() -> None:
    """Everything of `LOADED`, and the example city with its words and days, which most need and no setting changes.

    A city's own files are read by each process, so that one which starts later sees them as they are then.
    """
    os.environ.update(_NUMPY)
    for name in LOADED:
        import_module(name)
    shipped = Settings.model_construct()
    composition.routing_rules(shipped)
    rules = composition.deadline_rules(shipped)
    city_calendar(rules.calendar, rules.calendars)


def _serve(control: socket.socket, supervisor: int) -> Mapping[str, Any] | None:
    """In a process that was divided: what it is to become. None where nobody asks any more."""
    control.send(READY)
    while True:
        asked, descriptors, _, _ = socket.recv_fds(control, len(DIVIDE), DESCRIPTORS)
        if asked != DIVIDE:
            return None
        channel, log = descriptors
        if _divide(channel):
            control.close()
            return _order(channel, log, supervisor)
        for descriptor in descriptors:
            os.close(descriptor)


def _divide(channel: int) -> bool:
    """Divide this process in two; True in the new one, once the supervisor has adopted it and was told its number."""
    adopted, between_ends = os.pipe()
    between = os.fork()
    if between == 0:
        _leave_child(channel)
        os.close(between_ends)
        os.read(adopted, 1)  # until both who hold the other end are past it
        os.close(adopted)
        return True
    os.close(adopted)
    os.waitpid(between, 0)
    os.close(between_ends)
    return False


def _leave_child(channel: int) -> None:
    """Returns in the child of this process, which itself says the child's number and ends here.

    The child may be dead by the time that it could say so itself, and is to be waited for all the same.
    """
    try:
        child = os.fork()
        if child:
            os.write(channel, NUMBER.pack(child))
    except OSError:
        os._exit(EXIT_NOT_LAUNCHED)
    if child:
        os._exit(0)


def _order(channel: int, log: int, supervisor: int) -> Mapping[str, Any]:
    """What this process is to become; it ends where the supervisor no longer wants it."""
    if os.getppid() != supervisor:
        os._exit(EXIT_NOT_LAUNCHED)
    os.setsid()
    _redirect(log)
    with socket.socket(fileno=channel) as asked:
        asked.sendall(READY)
        text = b"".join(iter(lambda: asked.recv(65536), b""))
    if not text:
        os._exit(EXIT_NOT_LAUNCHED)
    order: Mapping[str, Any] = json.loads(text)
    die_with(supervisor, order["death_signal"])
    return order


def _redirect(log: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(log)


def _run(order: Mapping[str, Any]) -> None:
    """Become `python -m MODULE WORD…`, as if started so."""
    program, _, module, *words = order["command"]
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    _show([program, "-m", module, *words])
    sys.argv = [module, *words]
    gc.enable()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _show(command: Sequence[str]) -> None:
    """Let `ps` and /proc show this command instead of ours; our own was made long enough by empty arguments."""
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])  # arg_start and arg_end of proc_pid_stat(5)
    shown = b"\0".join(map(os.fsencode, command))[: end - start - 1]
    ctypes.memmove(start, shown.ljust(end - start, b"\0"), end - start)


if __name__ == "__main__":
    main()
