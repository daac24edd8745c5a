"""What a process said last before it died."""

import json
from pathlib import Path

import pytest

from deploy.local.supervisor.last_error import last_error_in

_WARNING = json.dumps({"event": "consumer.retries", "level": "warning", "error": "TimeoutError"})
_CRITICAL = json.dumps(
    {"event": "process.failed", "level": "critical", "error": "AccessDenied", "reason": "no such user",
     "exception": "Traceback … what a citizen wrote"},
)  # fmt: skip
_STOPPED = json.dumps({"event": "process.stopped", "level": "info", "failed": True})


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([_CRITICAL, _WARNING, _STOPPED], "process.failed: AccessDenied: no such user"),
        (["Traceback (most recent call last):", "ModuleNotFoundError: x", ""], "ModuleNotFoundError: x"),
        ([_STOPPED, "[]", "{broken"], "{broken"),
        ([_WARNING], ""),
        ([], ""),
    ],
)
def test_the_last_error_in_words(tmp_path: Path, lines: list[str], said: str) -> None:
    """Of our lines event, error and reason, never the traceback; else the last line that is none of ours."""
    log = tmp_path / "intake.log"
    log.write_text("\n".join(lines), encoding="utf-8")

    assert said == last_error_in(log)


def test_an_earlier_lifes_error_is_not_this_ones(tmp_path: Path) -> None:
    """Unless the log was cut meanwhile; a log that is not there says nothing."""
    log = tmp_path / "intake.log"
    log.write_text(_CRITICAL + "\n", encoding="utf-8")
    since = log.stat().st_size

    assert "" == last_error_in(log, since)
    assert "process.failed" in last_error_in(log, since + 1000)
    assert "" == last_error_in(tmp_path / "none.log")


def test_half_a_line_is_nobodys_word(tmp_path: Path) -> None:
    """Of a long log the end is read, which may begin within a line of ours: what stands there is no error."""
    log = tmp_path / "sweep.log"
    log.write_text((_STOPPED + "\n") * 2000, encoding="utf-8")

    assert "" == last_error_in(log)
