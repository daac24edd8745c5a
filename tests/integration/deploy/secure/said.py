"""What a command or a process of ours says before it ends, run as an operator or `huiyin up` runs it."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.embedded.process import Child
from tests.stack import begun, eventually

#: Nothing here may take longer: what is refused is refused at once, what is not is a hang.
_BOUND_SECONDS = 45.0
#: Longer than its pause between two tries, which it would end with.
_STAYS_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How it ended. A process has one log for both."""

    status: int | None
    out: str
    err: str


async def said_by(environment: Mapping[str, str], *words: str) -> Said:
    """Run the command `huiyin WORDS` to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy", *words),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_BOUND_SECONDS):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return Said(status=process.returncode, out=out.decode(), err=err.decode())


async def process_said(environment: Mapping[str, str], *words: str) -> Said:
    """Run the process `huiyin WORDS` to its end; with `status` None it was still running after a while, and was killed."""
    with _running(environment, words) as (process, log):
        await asyncio.to_thread(process.wait, _BOUND_SECONDS)
        return _said(process, log)


async def said_until(environment: Mapping[str, str], word: str, *, event: str, reason: str = "") -> Said:
    """Run the process `huiyin WORD` until it has logged `event` for `reason`, or has ended; kill it if it goes on."""
    with _running(environment, [word]) as (process, log):

        async def is_said() -> bool:
            lines = log.read_text(encoding="utf-8").splitlines()
            return not process.is_alive() or any(event in line and reason in line for line in lines)

        await eventually(is_said, seconds=_BOUND_SECONDS)
        await asyncio.to_thread(process.wait, _STAYS_SECONDS)
        return _said(process, log)


@contextmanager
def _running(environment: Mapping[str, str], words: Sequence[str]) -> Iterator[tuple[Child, Path]]:
    """A process and its log."""
    with TemporaryDirectory() as directory:
        log = Path(directory) / "log"
        process = begun(words, log, environment)
        try:
            yield process, log
        finally:
            process.end(((signal.SIGKILL, 5),))


def _said(process: Child, log: Path) -> Said:
    return Said(status=process.exit_status, out="", err=log.read_text(encoding="utf-8"))
