"""Whatever takes a command's report: full, closed, left by its reader, or of an alphabet without our signs."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from deploy.commands.streams import fit

_CITY = str(Path(__file__).parents[4] / "schemas" / "data")
#: Commands that report without servers: as help, as JSON, and in many lines.
_REPORTS: Sequence[Sequence[str]] = (
    ("token", "--help"), ("city", "check", _CITY, "--json"), ("calendar", "show", "2026"),
)  # fmt: skip
_MAIN = "from deploy.commands.main import main; main()"


async def _run(words: Sequence[str], shell: str, data: Path, more: Mapping[str, str]) -> tuple[int, str, str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "LANG"))
    }
    environment |= {"HUIYIN_DATA": str(data), "LANG": "C.UTF-8", **more}
    process = await asyncio.create_subprocess_exec(
        "/bin/bash", "-c", shell, "bash", sys.executable, "-c", _MAIN, *words,
        env=environment, cwd=data, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def _every(shell: str, data: Path, more: Mapping[str, str] | None = None) -> list[tuple[int, str, str]]:
    return await asyncio.gather(*(_run(words, shell, data, more or {}) for words in _REPORTS))


@pytest.mark.parametrize(
    ("shell", "why", "more"),
    [
        ('"$@" > /dev/full', "No space left on device", {}),
        ('"$@" >&-', "Bad file descriptor", {}),
        ('"$@" >&-', "Bad file descriptor", {"PYTHONUNBUFFERED": "1"}),
    ],
)
async def test_a_report_that_cannot_be_written_is_a_failure(
    tmp_path: Path, shell: str, why: str, more: Mapping[str, str]
) -> None:
    """One sentence with the reason, another status than success, and nothing of Python's own."""
    found = await _every(shell, tmp_path, more)

    assert 0 not in {status for status, _, _ in found}
    assert {(1, True)} == {(len(err.splitlines()), why in err) for _, _, err in found}


async def test_whoever_reads_no_further_is_told_nothing(tmp_path: Path) -> None:
    """`huiyin … | head -1`: it has what it wanted."""
    found = await _every('exec 3> >(exec true); wait $!; "$@" >&3', tmp_path)

    assert 0 not in {status for status, _, _ in found}
    assert {""} == {err for _, _, err in found}


async def test_without_stderr_the_report_is_whole(tmp_path: Path) -> None:
    """What would be said beside it goes nowhere, and not into a connection that got its number."""
    found = await _every('"$@" 2>&- <&-', tmp_path)

    assert all(out for _, out, _ in found)
    assert 29 == json.loads(found[1][1])["departments"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
async def test_an_alphabet_without_our_signs_hinders_no_report(tmp_path: Path, encoding: str) -> None:
    """As UTF-8 where there is nothing but ASCII, escaped elsewhere: JSON stays JSON."""
    found = await _every('"$@"', tmp_path, {"PYTHONIOENCODING": encoding})

    assert [(0, "")] * len(found) == [(status, err) for status, _, err in found]
    assert "\\u" in found[1][1] or encoding == "ascii"
    assert "白桦街" in str(json.loads(found[1][1])["findings"])


def test_what_is_logged_stands_beside_the_report() -> None:
    """Of a command that says nothing of how it logs: stdout is for what it reports, and may be JSON."""
    log = "import deploy, structlog; structlog.get_logger().warning('audit.waits')"
    done = subprocess.run([sys.executable, "-c", log], capture_output=True, text=True, check=True)

    assert "" == done.stdout
    assert "audit.waits" in done.stderr


def test_signs_are_escaped_as_json_writes_them() -> None:
    """Both halves of what lies beyond the first plane; halves that were typed stay an error, which is told as one."""
    fit()

    assert json.loads(b'"' + "路\N{BUS}".encode("ascii", "huiyin-escaped") + b'"') == "路\N{BUS}"
    with pytest.raises(UnicodeEncodeError):
        b"\xc3".decode(errors="surrogateescape").encode("utf-8", "huiyin-escaped")
