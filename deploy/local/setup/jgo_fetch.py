"""Copies the artifacts named on stdin (`group:artifact:version`, one a line) into a folder, with jgo.

Run by an environment of its own (requirements/jars.txt). jgo's resolver is not asked what they need: beside
log4j-core it takes an older kafka-clients than Maven does, and the broker dies of it. The lock file says
what is needed.
"""

import shutil
import sys
from importlib import import_module
from pathlib import Path

#: For one jar (project choice: the largest has some 20 MB).
_TIMEOUT_SECONDS = 120


def main(folder: Path) -> None:
    """Fetches each artifact, and only it."""
    # By name: jgo is in that environment alone, not among what this project needs to run.
    maven = import_module("jgo.maven").MavenContext(timeout=_TIMEOUT_SECONDS)
    for line in sys.stdin:
        group, artifact, version = line.strip().split(":")
        fetched = maven.project(group, artifact).at_version(version).artifact().resolve()
        shutil.copy(fetched, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
