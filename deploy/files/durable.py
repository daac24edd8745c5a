"""Makes sure that files and folders are on the disk (fsync), and not only on their way there."""

import os
from itertools import chain
from pathlib import Path


def make_durable(path: Path) -> None:
    """Wait until the file and its name are on the disk."""
    for each in (path, path.parent):
        _wait_for(each)


def make_all_durable(folder: Path) -> None:
    """Wait until everything in the folder, and its own name, is on the disk."""
    for each in chain(folder.rglob("*"), (folder, folder.parent)):
        _wait_for(each)


def _wait_for(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
