"""What is on the disk, and not only on its way there."""

import os
from pathlib import Path


def make_durable(path: Path) -> None:
    """Wait until the file and its name are on the disk."""
    for each in (path, path.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
