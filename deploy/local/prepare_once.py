"""When `huiyin up` prepares its servers: once for each release, in a process of its own (`deploy/local/prepare.py`)."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from deploy.local.embedded.files import write_whole
from deploy.settings import Settings
from schemas.city import load_city
from schemas.errors import HuiyinError

_TOPIC_SETTINGS = ("topic_prefix", "topic_partitions", "department_partitions", "replication_factor")


class CannotPrepare(HuiyinError):
    """The schema or the topics could not be made."""

    en = "the database or Kafka could not be prepared; the reason stands above."
    zh = "数据库或 Kafka 准备失败，原因见上。"


def prepare_once(environment: Mapping[str, str], data: Path, *, demo: bool, is_ours: bool) -> None:
    """Prepare, unless this release prepared these very servers before; servers of others may change meanwhile.

    Raises:
        CannotPrepare: the schema, the topics or the demo's accounts could not be made.
    """
    stamp, file = _release(environment, demo=demo), data / "prepared"
    if is_ours and file.exists() and file.read_text(encoding="utf-8") == stamp:
        return
    _prepare(environment, data, demo=demo)
    write_whole(file, stamp)


def _release(environment: Mapping[str, str], *, demo: bool) -> str:
    """Changes with whatever `prepare` would do: schema, rights, topics, demo accounts."""
    settings = Settings(replication_factor=int(environment.get("REPLICATION_FACTOR", 1)))
    city = load_city(settings.city_directory)
    migrations = resources.files("deploy.database") / "migrations" / "versions"
    parts = [
        *sorted(file.name for file in migrations.iterdir() if file.name.endswith(".py")),
        *sorted(department.code for department in city.departments),
        *(str(getattr(settings, name)) for name in _TOPIC_SETTINGS),
        (resources.files("deploy.database") / "rights.py").read_text(encoding="utf-8"),
        str(demo),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _prepare(environment: Mapping[str, str], data: Path, *, demo: bool) -> None:
    command = [*huiyin(), "prepare", "--data", str(data), *(["--demo"] if demo else [])]
    done = subprocess.run(command, env={**os.environ, **environment}, check=False)  # noqa: S603  our own command
    if done.returncode != 0:
        raise CannotPrepare


def huiyin() -> tuple[str, ...]:
    """How to start a command of ours with this very Python."""
    return (sys.executable, "-m", "deploy")
