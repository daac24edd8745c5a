"""Where every task and thread of this process stands, for one that seems stuck.

Names of places alone, never a value: what a frame holds may be what a citizen wrote.
"""

import asyncio
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from types import FrameType
from typing import Any

import structlog

log = structlog.get_logger()

#: The innermost places of one stack that are told, and the tasks at most (project choice: a line that a log still takes).
_PLACES, _TASKS = 12, 200
#: Folders and file of a path that are told (project choice: enough to find it).
_PATH_PARTS = 3


def tell(why: str) -> None:
    """One line that says where every task and every thread stands."""
    log.error("process.stacks", why=why, tasks=task_stacks(), threads=thread_stacks())


def task_stacks() -> Mapping[str, Sequence[str]]:
    """Of each task of this loop, by its name: the places that wait for one another, the innermost last."""
    tasks = sorted(asyncio.all_tasks(), key=lambda task: task.get_name())
    return {task.get_name(): list(_awaited(task.get_coro()))[-_PLACES:] for task in tasks[:_TASKS]}


def thread_stacks() -> Mapping[str, Sequence[str]]:
    """Of each thread, by its name. Safe from any of them, also when the event loop stands still."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    return {
        names.get(number, str(number)): list(_called(frame))[:_PLACES][::-1]
        for number, frame in sys._current_frames().items()
    }


def _awaited(coroutine: Any) -> Iterator[str]:
    """From the outermost coroutine to the one that waits."""
    while coroutine is not None:
        for name in ("cr_frame", "gi_frame", "ag_frame"):
            if (frame := getattr(coroutine, name, None)) is not None:
                yield _place(frame)
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)


def _called(frame: FrameType | None) -> Iterator[str]:
    """From the innermost frame outwards."""
    while frame is not None:
        yield _place(frame)
        frame = frame.f_back


def _place(frame: FrameType) -> str:
    path = "/".join(PurePath(frame.f_code.co_filename).parts[-_PATH_PARTS:])
    return f"{path}:{frame.f_lineno} {frame.f_code.co_name}"
