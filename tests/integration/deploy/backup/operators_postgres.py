"""A Postgres as an operator runs one: with an archive of its write-ahead log, a base copy, and a recovery to a moment."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.local.embedded.postgres_home import ROLE, Home, ensure_made, give_to_server, home_for
from deploy.local.embedded.process import run

#: What docs/copies.md asks for. `replication` is a connection of its own kind to `pg_hba.conf`.
_ARCHIVING = """\
wal_level = replica
archive_mode = on
archive_command = 'test ! -f "{archive}/%f" && cp "%p" "{archive}/%f"'
max_wal_senders = 3
hba_file = '{hba}'
"""
_RECOVERY = """\
restore_command = 'cp "{archive}/%f" "%p"'
recovery_target_time = '{moment}'
recovery_target_action = 'promote'
"""
_HBA = "".join(f"host {kind} all 127.0.0.1/32 scram-sha-256\n" for kind in ("all", "replication"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """The server, where its log is archived, and where the base copy will be started from."""

    server: EmbeddedPostgres
    archive: Path
    #: Folder of the server that is started from the copy.
    second: Path

    @property
    def _copy(self) -> Home:
        return home_for(self.second)

    def copy_base(self) -> None:
        """Copy the running server, as `pg_basebackup` does."""
        copy = self._copy
        copy.data.mkdir(mode=0o700, parents=True)
        give_to_server(copy.data, copy.identity)
        _checked(copy, "pg_basebackup", "-d", self.server.url, "-D", str(copy.data), "--checkpoint=fast")

    def recovering(self, moment: datetime) -> EmbeddedPostgres:
        """The server of the copy: started, it is the first one as it was at that moment."""
        for name in ("password", "application-password"):
            shutil.copy(self.server.directory / name, self.second / name)
        settings = _archiving(self.archive) + _RECOVERY.format(
            archive=self.archive, moment=moment.isoformat()
        )
        (self.second / "postgresql.local.conf").write_text(settings, encoding="utf-8")
        signal = self._copy.data / "recovery.signal"
        signal.touch()
        give_to_server(signal, self._copy.identity)
        return EmbeddedPostgres(self.second)


def operator_in(folder: Path) -> Operator:
    """A database of its own below `folder`, not started; its owner may copy it."""
    first, second = folder / "first", folder / "second"
    for each in (first, second):
        each.mkdir()
    home = home_for(first)
    ensure_made(home, first / "password")
    _checked(
        home,
        "postgres",
        "--single",
        "-D",
        str(home.data),
        "postgres",
        text=f"ALTER ROLE {ROLE} REPLICATION\n",
    )
    # Beside the data: where the server can write, whoever it runs as.
    archive = home.data.parent / "archive"
    archive.mkdir(mode=0o700)
    give_to_server(archive, home.identity)
    (first / "postgresql.local.conf").write_text(_archiving(archive), encoding="utf-8")
    return Operator(server=EmbeddedPostgres(first), archive=archive, second=second)


def _archiving(archive: Path) -> str:
    hba = archive / "hba.conf"
    if not hba.exists():
        hba.write_text(_HBA, encoding="utf-8")
    return _ARCHIVING.format(archive=archive, hba=hba)


def _checked(home: Home, name: str, *arguments: str, text: str = "") -> None:
    done = run([home.program(name), *arguments], identity=home.identity, text=text)
    assert done.returncode == 0, done.stdout
