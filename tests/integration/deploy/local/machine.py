"""A machine where `huiyin up` runs, as its operator handles it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.stack import free_port


class Machine:
    """A data directory, and the command `huiyin` beside it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()

    @property
    def url(self) -> str:
        """Where its web answers: asking `status` for it would start a Python."""
        return f"http://127.0.0.1:{self.port}"

    def huiyin(
        self, *words: str, check: bool = True, text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command; its data directory is ours. `text`: what it reads from stdin."""
        done = subprocess.run(
            [sys.executable, "-m", "deploy", *words],
            env={**os.environ, "HUIYIN_DATA": str(self.data)},
            capture_output=True,
            text=True,
            input=text,
            check=False,
            timeout=180,
        )
        assert not check or done.returncode == 0, done.stderr[-3000:]
        return done

    def up(self) -> None:
        """In the background, with demo data."""
        self.huiyin("up", "--demo", "--detach", "--port", str(self.port))

    def status(self) -> dict[str, Any]:
        """`status --json`."""
        found: dict[str, Any] = json.loads(self.huiyin("status", "--json", check=False).stdout)
        return found
