"""The file store where its disk is full."""

import subprocess
import sys
from pathlib import Path

#: Keeps a file under a limit of its size, which the system refuses as it refuses one on a full disk.
_KEEPS_TOO_MUCH = """
import asyncio, os, resource, sys
from io import BytesIO
from pathlib import Path
from deploy.files.store import files_of
from deploy.settings import Settings
from schemas.errors import NoRoomLeft

async def main():
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))
    try:
        await files_of(Settings(data=Path(sys.argv[1]))).keep("2026-11-27/one", BytesIO(bytes(512 * 1024)))
    except NoRoomLeft as refusal:
        print(refusal.facts["retry_after_seconds"], flush=True)
    os._exit(0)

asyncio.run(main())
"""


def test_a_store_without_room_promises_none_in_five_seconds(tmp_path: Path) -> None:
    """Somebody has to make room first: whoever sent it is told so, and nothing of the file stays."""
    done = subprocess.run(
        [sys.executable, "-c", _KEEPS_TOO_MUCH, str(tmp_path)], capture_output=True, text=True, check=True
    )

    assert "60\n" == done.stdout
    assert [] == [each for each in tmp_path.rglob("*") if each.is_file()]
