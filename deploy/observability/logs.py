"""Logs: one JSON object a line, to stderr. Event names are constants; never message text or contact details."""

import logging
import os
import sys
import time
from collections.abc import Callable
from traceback import extract_tb
from typing import Any, TextIO

import structlog
from aiokafka.errors import KafkaError
from structlog.typing import EventDict

from deploy.access import causes


def where(error: BaseException) -> list[str]:
    """The innermost places of a traceback. Never the error's own text: a database's may quote what a citizen wrote."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)[-6:]]


def unquoted(_logger: object, _method: str, line: EventDict) -> EventDict:
    """In place of a traceback the kinds of its errors and where they happened, the first cause first: `where` says why."""
    told = line.pop("exc_info", None)
    error = sys.exc_info()[1] if told is True else told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        line["exception"] = "\n".join(_chain(error))
    return line


def _chain(error: BaseException) -> list[str]:
    """The innermost places of each that led to it, and of each that is in it."""
    told: list[str] = []
    for each in reversed([*causes(error)]):
        told += [type(each).__name__, *where(each)]
        if isinstance(each, BaseExceptionGroup):
            told += [place for part in each.exceptions for place in _chain(part)]
    return told


#: Of the libraries' lines that are alike one is said, and then how many there were (project choice: of a Kafka that is away
#: the client says so forty times a second).
_SAY_SECONDS = 60.0
#: Lines that begin alike are alike; so many kinds are remembered (project choice).
_ALIKE_CHARACTERS, _KINDS = 40, 500


class Repetitions(logging.Filter):
    """Lets the first of lines that are alike pass, and of those that follow one a minute, which says how many they were."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._said: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is written: its like was not, lately. The next one says how many were left out."""
        kind, now = (record.name, record.levelno, str(record.msg)[:_ALIKE_CHARACTERS]), self._now()
        said_at, unsaid = self._said.get(kind, (now - _SAY_SECONDS, 0))
        if now - said_at < _SAY_SECONDS:
            self._said[kind] = (said_at, unsaid + 1)
            return False
        if len(self._said) >= _KINDS:
            self._said.clear()
        self._said[kind] = (now, 0)
        if unsaid:
            record.msg, record.args = f"{record.getMessage()} (and {unsaid} times before)", ()
        return True


def without_kafkas_traceback(record: logging.LogRecord) -> bool:
    """Kafka away is no defect: what a task of its client leaves behind, which nobody waits for, is said by its name."""
    error = record.exc_info[1] if record.exc_info else None
    if record.name == "asyncio" and isinstance(error, KafkaError):
        record.msg, record.args = f"{record.getMessage().partition(chr(10))[0]}: {type(error).__name__}", ()
        record.exc_info = None
    return True


class Thinned:
    """The same for our own lines: of warnings alike in every field one a minute passes, with how many it stands for.

    Whoever sends a thousand messages while Kafka is away writes no thousand lines of ours.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._said: dict[str, tuple[float, int]] = {}

    def __call__(self, _logger: object, method: str, line: EventDict) -> EventDict:
        """The line, or DropEvent. What has a traceback is always said."""
        if method != "warning" or "exc_info" in line:
            return line
        kind, now = repr(sorted(line.items())), self._now()
        said_at, unsaid = self._said.get(kind, (now - _SAY_SECONDS, 0))
        if now - said_at < _SAY_SECONDS:
            self._said[kind] = (said_at, unsaid + 1)
            raise structlog.DropEvent
        if len(self._said) >= _KINDS:
            self._said.clear()
        self._said[kind] = (now, 0)
        return {**line, "unsaid": unsaid} if unsaid else line


class Unfailing:
    """A stream for lines that never raises: on a full disk lines are lost, and the first that fits again says how many."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lost = 0
        try:
            self._descriptor: int | None = stream.fileno()
        except (OSError, ValueError):  # no file: a test's
            self._descriptor = None

    def write(self, text: str) -> int:
        """All of it or, where the disk is full, nothing. Straight to the file: a buffer would keep what failed."""
        if self._lost:
            text = f'{{"event": "log.lines-lost", "level": "error", "lines": {self._lost}}}\n{text}'
        try:
            self._put(text)
        except (OSError, ValueError):
            self._lost += 1
        else:
            self._lost = 0
        return len(text)

    def _put(self, text: str) -> None:
        if self._descriptor is None:
            self._stream.write(text)
            return
        line = text.encode("utf-8", errors="backslashreplace")
        while line:
            line = line[os.write(self._descriptor, line) :]

    def flush(self) -> None:
        """Send on what a plain stream still keeps."""
        if self._descriptor is None:
            self._stream.flush()


def configure(level: str, process: str) -> None:
    """Every line names its process; the libraries' warnings come out in the same form."""
    number = logging.getLevelNamesMapping()[level.upper()]
    stream: Any = Unfailing(sys.stderr)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            Thinned(),
            *shared,
            unquoted,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    handler = logging.StreamHandler(stream)
    handler.addFilter(without_kafkas_traceback)
    handler.addFilter(Repetitions())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                unquoted,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))
