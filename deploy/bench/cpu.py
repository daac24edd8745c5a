"""Processor time that processes have used: the figure that a noisy machine changes least."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Seconds of processor time by name, at one moment."""

    seconds: Mapping[str, float]

    def since(self, earlier: "CpuTimes") -> dict[str, float]:
        """Seconds used between the two moments."""
        return {name: used - earlier.seconds.get(name, 0.0) for name, used in self.seconds.items()}


def cpu_times(pids: Mapping[str, Sequence[int]]) -> CpuTimes:
    """What these processes have used so far, together with all that they started."""
    return CpuTimes({name: sum(_used_with_children(pid) for pid in found) for name, found in pids.items()})


def _used_with_children(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    return sum(map(_used, family))


def _used(process: psutil.Process) -> float:
    """Of one process, and of its children that have ended, once it has waited for them."""
    with contextlib.suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0
