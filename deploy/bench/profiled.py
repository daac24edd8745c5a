"""`python -m deploy.bench.profiled -m deploy work intake`: a process of ours that tells where its time went.

Every thread is profiled on its own (the pure work runs beside the event loop); the sum is printed to stderr when the
process ends. Profiling slows small functions down: read it for proportions.
"""

import cProfile
import pstats
import runpy
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

#: Functions that a profile shows (project choice: a screenful).
_TOP = 45


def main() -> None:
    """Run what the arguments say; print the functions that took most of their own time."""
    profiles: list[cProfile.Profile] = []
    threading.Thread.run = _profiled(threading.Thread.run, profiles)  # type: ignore[method-assign]  # the only hook
    _, _, module, *arguments = sys.argv
    sys.argv = [module, *arguments]
    try:
        _profiled(runpy.run_module, profiles)(module, run_name="__main__", alter_sys=True)
    finally:
        _print(profiles)


def _profiled(function: Callable[..., Any], profiles: list[cProfile.Profile]) -> Callable[..., Any]:
    def run(*arguments: Any, **named: Any) -> Any:
        # A thread's own processor time: waiting costs nothing and would fill the list.
        profile = cProfile.Profile(time.thread_time)
        profiles.append(profile)
        return profile.runcall(function, *arguments, **named)

    return run


def _print(profiles: list[cProfile.Profile]) -> None:
    for profile in profiles:
        profile.disable()
    stats = pstats.Stats(*profiles, stream=sys.stderr)
    stats.sort_stats("tottime").print_stats(_TOP)


if __name__ == "__main__":
    main()
