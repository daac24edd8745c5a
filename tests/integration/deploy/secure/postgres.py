"""A Postgres that takes TLS and passwords only: this machine's own, where it has one that was built with TLS.

The one that comes with us was built without: nothing leaves the machine that it runs on.
"""

import os
import secrets
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy.local.embedded.postgres import is_ready
from deploy.local.embedded.process import Identity, run, spawn, wait_until
from tests.integration.deploy.secure.certificates import Authority
from tests.stack import free_port

PASSWORD = "pg-pass/Qt62@4:1"
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
_SETTINGS = """
listen_addresses = 'localhost'
port = {port}
unix_socket_directories = ''
ssl = on
ssl_cert_file = '{certificate}'
ssl_key_file = '{key}'
ssl_ca_file = '{authority}'
password_encryption = 'scram-sha-256'
"""
#: A certificate is asked of one user alone; without TLS nobody gets in.
_HBA = """
hostssl all careful 127.0.0.1/32 scram-sha-256 clientcert=verify-ca
hostssl all all     127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurePostgres:
    """A running server; its certificate is for `localhost`."""

    port: int
    authority: Path

    def url(
        self,
        database: str = "huiyin",
        *,
        user: str = "huiyin",
        password: str = PASSWORD,
        host: str = "localhost",
        mode: str = "verify-full",
        authority: Path | None = None,
        more: str = "",
    ) -> str:
        """A `DATABASE_URL`."""
        options = f"sslmode={mode}&sslrootcert={authority or self.authority}{more}"
        return f"postgresql://{user}:{quote(password, safe='')}@{host}:{self.port}/{database}?{options}"


def programs() -> Path | None:
    """The folder of a Postgres on this machine that speaks TLS and that we may run; None where there is none."""
    folders = [folder for place in _PLACES for folder in Path("/").glob(place.lstrip("/"))]
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    return next((folder for folder in folders if _speaks_tls(folder)), None)


def _speaks_tls(folder: Path) -> bool:
    linked = run(["ldd", folder / "postgres"], identity=_identity())
    return linked.returncode == 0 and "libssl" in linked.stdout


def _identity() -> Identity:
    return Identity.NAMESPACE if os.geteuid() == 0 else Identity.SAME


@contextmanager
def secure_postgres(directory: Path, folder: Path, authority: Authority) -> Iterator[SecurePostgres]:
    """A server with the users `huiyin` and `careful`, the second with a certificate, and the database `huiyin`."""
    port, data = free_port(), directory / "data"
    _make(folder, data)
    keys = authority.issue("postgres", hosts=["localhost"])
    settings = _SETTINGS.format(
        port=port, certificate=keys.certificate, key=keys.key, authority=authority.file
    )
    with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(settings)
    (data / "pg_hba.conf").write_text(_HBA, encoding="utf-8")
    child = spawn(
        [folder / "postgres", "-D", data],
        death_signal=signal.SIGINT,
        log_file=directory / "postgres.log",
        identity=_identity(),
    )
    try:
        is_up = wait_until(lambda: not child.is_alive() or is_ready(data, child.pid), 30)
        log = (directory / "postgres.log").read_text(encoding="utf-8")
        assert is_up, log
        assert child.is_alive(), log
        yield SecurePostgres(port=port, authority=authority.file)
    finally:
        child.end(((signal.SIGINT, 20),))


def _make(folder: Path, data: Path) -> None:
    _checked(
        folder,
        "initdb",
        "-D",
        str(data),
        "--username=owner",
        "--auth=reject",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
    )
    users = "".join(
        f"CREATE ROLE {user} LOGIN CREATEDB PASSWORD '{PASSWORD}'\n" for user in ("huiyin", "careful")
    )
    statements = users + "CREATE DATABASE huiyin OWNER huiyin\n"
    _checked(
        folder, "postgres", "--single", "-D", str(data), "-c", "exit_on_error=on", "postgres", text=statements
    )


def _checked(folder: Path, name: str, *arguments: str, text: str = "") -> None:
    done = run([folder / name, *arguments], identity=_identity(), text=text)
    assert done.returncode == 0, done.stdout


def new_name() -> str:
    """A name that no database has."""
    return f"t{secrets.token_hex(6)}"
