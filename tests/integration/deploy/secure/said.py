"""What a command or a process of ours says before it ends, run as an operator runs it."""

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

#: Nothing here may take longer: what is refused is refused at once, what is not is a hang.
_BOUND_SECONDS = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How it ended."""

    status: int | None
    out: str
    err: str
    seconds: float


async def said_by(environment: Mapping[str, str], *words: str, seconds: float = _BOUND_SECONDS) -> Said:
    """Run `huiyin WORDS` to its end; with `status` None it was still running after `seconds`, and was killed."""
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy", *words),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
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
