"""Processor time that processes have used, from /proc: the figure that a noisy machine changes least."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat after the command's name, as proc(5) numbers them less three.
_PARENT, _USER, _SYSTEM, _CHILD_USER, _CHILD_SYSTEM = 1, 11, 12, 13, 14


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Seconds of processor time by name, at one moment."""

    seconds: Mapping[str, float]

    def since(self, earlier: "CpuTimes") -> dict[str, float]:
        """Seconds used between the two moments."""
        return {name: used - earlier.seconds.get(name, 0.0) for name, used in self.seconds.items()}


def cpu_times(pids: Mapping[str, Sequence[int]]) -> CpuTimes:
    """What these processes have used so far, together with all that they started."""
    table = _table()
    return CpuTimes({name: sum(_used(pid, table) for pid in found) for name, found in pids.items()})


def _used(pid: int, table: Mapping[int, Sequence[int]]) -> float:
    """Of a process and its descendants; those that have ended count once their parent has waited for them."""
    if pid not in table:
        return 0.0
    children = (child for child, fields in table.items() if fields[_PARENT] == pid)
    own = sum(table[pid][place] for place in (_USER, _SYSTEM, _CHILD_USER, _CHILD_SYSTEM))
    return own / _TICKS_PER_SECOND + sum(_used(child, table) for child in children)


def _table() -> dict[int, list[int]]:
    table: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
                table[int(entry.name)] = _numbers(stat)
    return table


def _numbers(stat: str) -> list[int]:
    """The fields after the name, which may itself hold spaces and brackets; the state counts as 0."""
    return [0, *(int(field) for field in stat.rpartition(")")[2].split()[1:15])]
