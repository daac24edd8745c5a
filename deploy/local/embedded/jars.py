"""Which jars Apache Kafka runs from, and that they are exactly the locked ones."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from deploy.local.embedded.errors import JarsUnusable
from schemas.bilingual import Bilingual

KAFKA_VERSION = "4.3.0"
LOCK_FILE = Path(__file__).with_name("kafka-jars.lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Jar:
    """One artifact of Kafka's, with the checksum that it must have."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The name under which Maven, jgo and the cache keep it."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def coordinate(self) -> str:
        """How Maven names it: `group:artifact:version`."""
        return f"{self.group}:{self.artifact}:{self.version}"


def locked_jars() -> tuple[Jar, ...]:
    """Every jar of the lock file, in its order."""
    lines = LOCK_FILE.read_text(encoding="utf-8").splitlines()
    return tuple(_parsed(line) for line in lines if line and not line.startswith("#"))


def _parsed(line: str) -> Jar:
    coordinate, sha256 = line.split()
    group, artifact, version = coordinate.split(":")
    return Jar(group=group, artifact=artifact, version=version, sha256=sha256)


def jars_directory() -> Path:
    """The user's cache folder of this Kafka version: it outlives checkouts, and all of them share it."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "huiyin" / f"kafka-{KAFKA_VERSION}"


def verified_jars(directory: Path) -> tuple[Path, ...]:
    """The paths of all locked jars in `directory`, each with the locked checksum.

    Raises:
        JarsUnusable: one is missing, or has other content.
    """
    return tuple(_verified(jar, directory) for jar in locked_jars())


def _verified(jar: Jar, directory: Path) -> Path:
    path = directory / jar.file_name
    if not path.is_file():
        raise JarsUnusable(
            jar=jar.file_name, directory=directory, problem=Bilingual(zh="缺失", en="is missing")
        )
    if not is_intact(jar, path):
        raise JarsUnusable(
            jar=jar.file_name,
            directory=directory,
            problem=Bilingual(zh="校验和不符", en="has a wrong checksum"),
        )
    return path


def is_intact(jar: Jar, path: Path) -> bool:
    """Whether the file has the locked checksum."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
