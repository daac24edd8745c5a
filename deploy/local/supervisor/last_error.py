"""What a process said last before it died: for `huiyin status`, and for whoever watches `huiyin up`."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

#: Of the end of a log so much is looked at, and of its error so much is shown (project choices: the last hundred lines or
#: so; one line of a terminal, or two).
_END_BYTES = 32 * 1024
_SHOWN_CHARACTERS = 300
#: How Postgres and Kafka mark what ended them; a reason of the first kind is the one, whatever was said after it.
_GRAVEST_FIRST = ("PANIC", "FATAL", "ERROR", "Exception")


def last_error_in(log_file: Path, since_bytes: int = 0) -> str:
    """The last error in the log behind `since_bytes`, as one line; else its last line; empty where there is none.

    Of our own lines only the words that never hold what people wrote: event, error, reason.
    """
    lines = list(_lines(log_file, since_bytes))
    told = [said for line in lines if (said := _error_of(line))]
    found = told[-1] if told else next((line for line in reversed(lines) if not _is_ours(line)), "")
    return found.strip()[:_SHOWN_CHARACTERS]


def in_one_line(said: str) -> str:
    """What is said of a server that did not start: the first line, and of its log, which follows, the one that says why."""
    head, _, log = said.partition("\n")
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    grave = (line for mark in _GRAVEST_FIRST for line in reversed(lines) if mark in line)
    reason = next(grave, lines[-1] if lines else "")
    return f"{head} {reason[:_SHOWN_CHARACTERS]}" if reason else head.removesuffix(":")


def size_of(log_file: Path) -> int:
    """Bytes in the log by now; 0 where there is none."""
    try:
        return log_file.stat().st_size
    except OSError:
        return 0


def _lines(log_file: Path, since_bytes: int) -> Iterator[str]:
    try:
        with log_file.open("rb") as file:
            size = file.seek(0, 2)
            # It was cut meanwhile: all of it is new.
            since = since_bytes if since_bytes <= size else 0
            start = file.seek(max(since, size - _END_BYTES))
            text = file.read(_END_BYTES).decode("utf-8", errors="replace")
    except OSError:
        return
    lines = text.splitlines()
    # Half a line at the cut is nobody's word, and may be what ours never show.
    yield from (line for line in (lines[1:] if start > since else lines) if line.strip())


def _parsed(line: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _is_ours(line: str) -> bool:
    return _parsed(line) is not None


def _error_of(line: str) -> str:
    found = _parsed(line)
    if found is None or found.get("level") not in ("error", "critical"):
        return ""
    words = (str(found[name]) for name in ("event", "error", "reason") if found.get(name))
    return ": ".join(words)
