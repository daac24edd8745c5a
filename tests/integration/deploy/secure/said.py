"""What a command or a process of ours says before it ends, run as an operator runs it."""

import asyncio
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

#: Nothing here may take longer: what is refused is refused at once, what is not is a hang.
_BOUND_SECONDS = 45.0
#: Longer than its pause between two tries, which it would end with.
_STAYS_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How it ended."""

    status: int | None
    out: str
    err: str
    seconds: float


async def _started(environment: Mapping[str, str], words: Sequence[str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy", *words),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def said_until(environment: Mapping[str, str], word: str, *, event: str, reason: str = "") -> Said:
    """Run the process `huiyin WORD` until it has logged `event` for `reason`, or has ended; kill it if it goes on."""
    started = time.monotonic()
    process = await _started(environment, [word])
    assert process.stderr is not None
    lines: list[str] = []
    async with asyncio.timeout(_BOUND_SECONDS):
        while not any(event in line and reason in line for line in lines) and (
            line := await process.stderr.readline()
        ):
            lines.append(line.decode())
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), _STAYS_SECONDS)
    status = process.returncode
    if status is None:
        process.kill()
    out, rest = await process.communicate()
    return Said(
        status=status,
        out=out.decode(),
        err="".join([*lines, rest.decode()]),
        seconds=time.monotonic() - started,
    )


async def said_by(environment: Mapping[str, str], *words: str, seconds: float = _BOUND_SECONDS) -> Said:
    """Run `huiyin WORDS` to its end; with `status` None it was still running after `seconds`, and was killed."""
    started = time.monotonic()
    process = await _started(environment, words)
    talk = asyncio.create_task(process.communicate())
    done, _ = await asyncio.wait({talk}, timeout=seconds)
    if not done:
        process.kill()
    out, err = await talk
    return Said(
        status=process.returncode if done else None,
        out=out.decode(),
        err=err.decode(),
        seconds=time.monotonic() - started,
    )
