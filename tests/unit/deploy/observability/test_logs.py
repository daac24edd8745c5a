"""What the logs say of what says itself over and over."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiokafka.errors import KafkaConnectionError

from deploy.observability.logs import Repetitions, Thinned, unquoted, without_kafkas_traceback


class Clock:
    """Seconds."""

    now = 0.0

    def __call__(self) -> float:
        """What it is set to."""
        return self.now


def _said(filtered: Repetitions, text: str, *args: object, name: str = "aiokafka.conn") -> str | None:
    record = logging.LogRecord(name, logging.ERROR, "f", 1, text, args, None)
    return record.getMessage() if filtered.filter(record) else None


def test_of_lines_that_are_alike_one_a_minute_is_said() -> None:
    """The first at once, then how many there were; whatever differs only in its facts is alike."""
    clock = Clock()
    filtered = Repetitions(clock)
    flood = []
    for tick in range(40 * 150):
        clock.now = tick / 40
        flood.append(_said(filtered, "Unable connect to node with id %s: %s", tick % 3, "refused"))

    assert [
        "Unable connect to node with id 0: refused",
        "Unable connect to node with id 0: refused (and 2399 times before)",
        "Unable connect to node with id 0: refused (and 2399 times before)",
    ] == [line for line in flood if line]


def test_other_lines_are_said_meanwhile() -> None:
    """Of another logger, another level, or with other words."""
    filtered = Repetitions(Clock())

    assert ["a", None, "b", "a"] == [
        _said(filtered, "a"), _said(filtered, "a"), _said(filtered, "b"), _said(filtered, "a", name="asyncio"),
    ]  # fmt: skip


def test_a_thousand_kinds_of_lines_are_not_remembered() -> None:
    """Whoever puts a number into each cannot fill our memory."""
    filtered = Repetitions(Clock())
    for number in range(3000):
        _said(filtered, f"{number} failed")

    assert len(filtered._said) <= 500


def _passed(thinned: Thinned, method: str, **line: Any) -> dict[str, Any] | None:
    try:
        return dict(thinned(None, method, line))
    except structlog.DropEvent:
        return None


def test_of_our_own_warnings_that_are_alike_one_a_minute_is_said() -> None:
    """A thousand refused messages are one line, and the next one says how many there were."""
    clock = Clock()
    thinned = Thinned(clock)
    line = {"event": "publish.failed", "error": "TimeoutError"}
    flood = [_passed(thinned, "warning", **line) for _ in range(1000)]
    clock.now = 60.0

    assert [line] == [each for each in flood if each]
    assert {**line, "unsaid": 999} == _passed(thinned, "warning", **line)


@pytest.mark.parametrize("method", ["info", "error"])
def test_what_is_no_warning_is_always_said(method: str) -> None:
    """So is a warning that differs in a field, or has a traceback."""
    thinned = Thinned(Clock())
    said = [_passed(thinned, method, event="e") for _ in range(2)]
    said += [_passed(thinned, "warning", event="e", n=number) for number in range(2)]
    failed = [_passed(thinned, "warning", event="e", exc_info=True) for _ in range(2)]

    assert None not in said + failed


def test_a_thousand_kinds_of_our_own_warnings_are_not_remembered() -> None:
    """Numbers in a field cannot fill our memory."""
    thinned = Thinned(Clock())
    for number in range(3000):
        _passed(thinned, "warning", event="e", number=number)

    assert len(thinned._said) <= 500


@pytest.mark.parametrize(
    ("error", "said", "has_traceback"),
    [
        (KafkaConnectionError("closed"), "Task exception was never retrieved: KafkaConnectionError", False),
        (KeyError("case"), "Task exception was never retrieved\nfuture: <Task>", True),
    ],
)
def test_kafka_away_leaves_no_traceback(error: Exception, said: str, has_traceback: bool) -> None:
    """Its client's tasks that failed are named; a defect of ours keeps its traceback."""
    text = "Task exception was never retrieved\nfuture: <Task>"
    record = logging.LogRecord("asyncio", logging.ERROR, "f", 1, text, (), (type(error), error, None))

    assert without_kafkas_traceback(record)
    assert (said, has_traceback) == (record.getMessage(), record.exc_info is not None)


def _run(code: str, stderr: int) -> "subprocess.CompletedProcess[bytes]":
    """A process of ours, as far as logs go."""
    start = "import logging, structlog; from deploy.observability import logs; logs.configure('info', 'p')\n"
    return subprocess.run([sys.executable, "-c", start + code], stderr=stderr, stdout=subprocess.PIPE)


def test_no_traceback_quotes_what_a_citizen_wrote(tmp_path: Path) -> None:
    """A database's error has the row in it that failed, and one error leads to another: kinds and places are enough."""
    log, code = (
        tmp_path / "p.log",
        """
def fails():
    try:
        raise ValueError('我叫王小明')
    except ValueError as error:
        raise ExceptionGroup('13800138000', [KeyError('王小明')]) from error
try:
    fails()
except ExceptionGroup as error:
    structlog.get_logger().critical('ours', exc_info=error)
    structlog.get_logger().exception('ours')
    logging.getLogger('asyncio').error('theirs', exc_info=error)
""",
    )
    with log.open("wb") as file:
        _run(code, file.fileno())
    written = log.read_text(encoding="utf-8")

    assert not any(words in written for words in ("王小明", "13800138000"))
    for line in map(json.loads, written.splitlines()):
        told = line["exception"].splitlines()
        assert ["ValueError", "ExceptionGroup", "KeyError"] == [each for each in told if " " not in each]
        assert "<string>:5 fails" in told


def test_errors_that_led_to_each_other_are_told_once() -> None:
    """A line about them is written, and comes to its end."""
    one, other = KeyError(), ValueError()
    one.__cause__, other.__cause__ = other, one

    assert {"event": "e", "exception": "ValueError\nKeyError"} == unquoted(
        None, "error", {"event": "e", "exc_info": one}
    )


def test_a_full_disk_ends_no_process() -> None:
    """Every write fails with ENOSPC: our lines, the libraries' and those with a traceback; it ends as it would have."""
    code = """
for number in range(2000):
    structlog.get_logger().error('a', number=number)
    logging.getLogger('aiokafka').error('b%s', number)
try:
    1 / 0
except ZeroDivisionError as error:
    structlog.get_logger().critical('c', exc_info=error)
print('went on')
"""
    with open("/dev/full", "wb") as full:
        done = _run(code, full.fileno())

    assert (0, b"went on\n") == (done.returncode, done.stdout)


def test_lines_that_were_lost_are_counted(tmp_path: Path) -> None:
    """The first that fits again says how many did not."""
    log = tmp_path / "p.log"
    limited = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
logger = structlog.get_logger()
logger.error('first')
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
logger.error('second'); logger.error('third')
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
logger.error('fourth')
"""
    with log.open("wb") as file:
        _run(limited, file.fileno())
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]

    assert ["first", "log.lines-lost", "fourth"] == [line["event"] for line in lines]
    assert 2 == lines[1]["lines"]
