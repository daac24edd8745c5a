"""Servers whose parent was killed."""

import subprocess
import sys
from pathlib import Path

from deploy.local.embedded.process import ProcessId


def server_of_a_killed_parent(code: str, directory: Path) -> ProcessId:
    """The server of a process that started one, said its pid, and was killed."""
    with subprocess.Popen([sys.executable, "-c", code, directory], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        server = ProcessId.of(int(parent.stdout.readline()))
        parent.kill()
    assert server is not None
    return server
