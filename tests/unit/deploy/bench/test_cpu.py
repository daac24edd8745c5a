"""Processor time of processes and of what they started."""

import os
import subprocess
import sys

from deploy.bench.cpu import cpu_times

_BURN = "import time\nwhile time.process_time() < {seconds}: pass\n"


def test_a_busy_process_is_seen_to_be_busy() -> None:
    """Half a second of work counts as half a second, children that have ended included."""
    burn = _BURN.format(seconds=0.5)
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}]); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        before = cpu_times({"burner": (process.pid,)})
        _wait_for_children_to_end(process.pid)
        used = cpu_times({"burner": (process.pid,)}).since(before)["burner"]
        process.communicate(b"\n")

    assert 0.4 <= used <= 1.5


def test_a_process_that_is_gone_uses_nothing() -> None:
    """A figure for it is not an error: it has just ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    assert {"gone": 0.0} == dict(cpu_times({"gone": (process.pid,)}).seconds)


def test_several_processes_of_one_name_are_added_up() -> None:
    """Kafka's brokers are one figure."""
    one = cpu_times({"x": (os.getpid(),)}).seconds["x"]
    two = cpu_times({"x": (os.getpid(), os.getpid())}).seconds["x"]

    assert two >= 2 * one > 0


def _wait_for_children_to_end(pid: int) -> None:
    """Until the child that burns has come and gone: it is waited for by its parent, which then waits for input."""
    while cpu_times({"it": (pid,)}).seconds["it"] < 0.45:
        os.sched_yield()
