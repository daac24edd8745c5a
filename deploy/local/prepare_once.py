"""When `huiyin up` prepares its servers: once for each release, in a process of its own (`deploy/local/prepare.py`)."""

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from deploy.local.embedded.files import write_whole
from deploy.settings import Settings
from schemas.city import load_city
from schemas.errors import HuiyinError

#: In the data directory: what was prepared.
_FILE = "prepared"
_SAYS_WHAT_IS_MADE = ("database/rights.py", "messaging/topics/topics.py")
_TOPIC_SETTINGS = ("topic_prefix", "topic_partitions", "department_partitions", "replication_factor")


class CannotPrepare(HuiyinError):
    """The schema or the topics could not be made."""

    en = "the database or Kafka could not be prepared; the reason stands above."
    zh = "数据库或 Kafka 准备失败，原因见上。"


def prepare_once(environment: Mapping[str, str], data: Path, *, demo: bool, is_ours: bool) -> None:
    """Prepare, unless this release prepared these very servers before; servers of others may change meanwhile.

    Without `demo` what a demo left is shut out at every start, whatever was prepared: accounts also come back with a backup.

    Raises:
        CannotPrepare: the schema, the topics or the demo's accounts could not be made.
    """
    demo_file, file = data / "demo.json" if demo else None, data / _FILE
    if is_ours and file.exists() and file.read_text(encoding="utf-8") == _stamp(environment, demo_file):
        if not demo:
            _shut_demo_out(environment)
        return
    _prepare(environment, data, demo=demo)
    write_whole(file, _stamp(environment, demo_file))


def _shut_demo_out(environment: Mapping[str, str]) -> None:
    # Here, so that a process that only watches others does not hold what this needs.
    from deploy.local.demo_accounts import shut_demo_out

    secret = SecretStr(environment["HUIYIN_SECRET_KEY"])
    asyncio.run(shut_demo_out(Settings(database_url=environment["DATABASE_URL"], secret_key=secret)))


def _stamp(environment: Mapping[str, str], demo_file: Path | None) -> str:
    """Changes with whatever `prepare` would do, schema, rights, topics, what a demo's file tells, and with the servers."""
    told = {name: environment[name.upper()] for name in _TOPIC_SETTINGS if name.upper() in environment}
    settings = Settings.model_validate(told)
    city = load_city(settings.city_directory, settings.time_zone)
    migrations = resources.files("deploy.database") / "migrations" / "versions"
    parts = [
        *sorted(file.name for file in migrations.iterdir() if file.name.endswith(".py")),
        *sorted(department.code for department in city.departments),
        *(str(getattr(settings, name)) for name in _TOPIC_SETTINGS),
        *((resources.files("deploy") / name).read_text(encoding="utf-8") for name in _SAYS_WHAT_IS_MADE),
        _digest(demo_file, environment),
        *_made(environment),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _made(environment: Mapping[str, str]) -> tuple[str, str]:
    """Other than before where a server of ours was made anew: its passwords are made with it, and are for good."""
    database = urlsplit(environment.get("DATABASE_URL", "")).password or ""
    return database, environment.get("KAFKA_SASL_PASSWORD", "")


def forget_prepared(data: Path) -> None:
    """Have the next `huiyin up` prepare its servers, whatever it prepared before."""
    (data / _FILE).unlink(missing_ok=True)


def _digest(demo_file: Path | None, environment: Mapping[str, str]) -> str:
    """Of what the file tells, and of where it says that we are."""
    if demo_file is None:
        return "no demo"
    told = hashlib.sha256(demo_file.read_bytes()).hexdigest() if demo_file.is_file() else "no file"
    return f"{told} {environment.get('HUIYIN_HOST')}:{environment.get('HUIYIN_PORT')}"


def _prepare(environment: Mapping[str, str], data: Path, *, demo: bool) -> None:
    command = [*huiyin(), "prepare", "--data", str(data), *(["--demo"] if demo else [])]
    done = subprocess.run(command, env={**os.environ, **environment}, check=False)  # noqa: S603  our own command
    if done.returncode != 0:
        raise CannotPrepare


def huiyin() -> tuple[str, ...]:
    """How to start a command of ours with this very Python."""
    return (sys.executable, "-m", "deploy")
