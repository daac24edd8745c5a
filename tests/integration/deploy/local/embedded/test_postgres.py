"""The embedded Postgres: what it survives, and what it leaves behind."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.local.embedded import postgres, postgres_home
from deploy.local.embedded.errors import DirectoryInUse, ServerFailed
from deploy.local.embedded.postgres import EmbeddedPostgres, is_ready, leftovers
from deploy.local.embedded.postgres_home import Home, home_for
from deploy.local.embedded.process import Child, Identity, spawn, wait_until
from tests.integration.deploy.local.embedded.conftest import copy_of_postgres
from tests.integration.deploy.local.embedded.killed import server_of_a_killed_parent

#: Outside of pytest's folders, which `nobody` cannot enter.
_REACHABLE = Path("/var/tmp/huiyin-test")  # noqa: S108  made and removed by the one test that needs it
#: Starts a server, says where it is, and waits for ever.
_PARENT = """
import sys, time
from pathlib import Path
from deploy.local.embedded.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(600)
"""


def _bystander() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(["sleep", "60"])


def _users_of(pid: int | None) -> set[str]:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return set(next(line for line in lines if line.startswith("Uid:")).split()[1:])


async def _value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def as_shipped(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One that nobody gave settings of their own."""
    directory = tmp_path_factory.mktemp("as-shipped")
    copy_of_postgres(made, directory)
    with EmbeddedPostgres(directory) as server:
        yield server


async def test_what_was_written_is_there_after_a_restart(again: Path) -> None:
    """Stop and start keep the data, the password and the port."""
    with EmbeddedPostgres(again) as server:
        first_url = server.url
        await _value(server.url, "CREATE TABLE kept AS SELECT 42 AS answer")

    with EmbeddedPostgres(again) as server:
        assert first_url == server.url
        assert await _value(server.url, "SELECT answer FROM kept") == 42


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
        ("TimeZone", "UTC"),
    ],
)
async def test_it_is_durable_and_listens_to_this_machine_alone(
    as_shipped: EmbeddedPostgres, setting: str, expected: str
) -> None:
    """Nothing acknowledged is lost to a power cut, and nobody else can connect."""
    assert expected == await _value(as_shipped.url, f"SHOW {setting}")


async def test_the_tests_own_forgets_to_a_power_cut_alone(postgres_server: EmbeddedPostgres) -> None:
    """It waits for no disk, and yet a test that kills it finds what was committed."""
    assert "off" == await _value(postgres_server.url, "SHOW fsync")
    assert "on" == await _value(postgres_server.url, "SHOW synchronous_commit")


async def test_two_character_chinese_words_compare_by_code_point(postgres_server: EmbeddedPostgres) -> None:
    """The locale is Postgres's own, so trigrams work on every machine alike."""
    row = await _value(postgres_server.url, "SELECT datlocale FROM pg_database WHERE datname = 'huiyin'")

    assert row == "C.UTF-8"


async def test_a_wrong_password_is_refused(postgres_server: EmbeddedPostgres) -> None:
    """Another user of the machine cannot connect."""
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres_server.url, password="guess")


async def test_the_role_is_no_superuser(postgres_server: EmbeddedPostgres) -> None:
    """What reaches the database as us cannot run programs; yet it can create databases."""
    query = "SELECT NOT rolsuper AND rolcreatedb FROM pg_roles WHERE rolname = current_user"

    assert await _value(postgres_server.url, query)


async def test_an_address_before_the_start_is_an_error(tmp_path: Path) -> None:
    """Nobody connects to a guess."""
    with pytest.raises(RuntimeError):
        _ = EmbeddedPostgres(tmp_path).url


async def test_the_password_file_is_closed_to_others(postgres_server: EmbeddedPostgres) -> None:
    """0600, as the directory is 0700 or passed through only."""
    assert (postgres_server.directory / "password").stat().st_mode & 0o777 == 0o600


async def test_a_lost_password_is_replaced(again: Path) -> None:
    """Losing the file does not lose the data."""
    (again / "password").unlink()

    with EmbeddedPostgres(again) as server:
        assert await _value(server.url, "SELECT 1") == 1


async def test_a_killed_server_recovers(again: Path) -> None:
    """kill -9 of Postgres under us: what was committed is there after the next start."""
    with EmbeddedPostgres(again) as server:
        await _value(server.url, "CREATE TABLE kept AS SELECT 42 AS answer")
        server.kill()
        was_alive = server.is_alive()
        server.start()

        assert not was_alive
        assert await _value(server.url, "SELECT answer FROM kept") == 42


async def test_who_is_killed_between_two_files_of_a_table_starts_again(again: Path) -> None:
    """An unlogged table has a file beside its own; the first recovery makes it anew, and stumbles over the other."""
    with EmbeddedPostgres(again) as server:
        connection = await asyncpg.connect(server.url)
        await connection.execute("CREATE TABLE sure (x int); INSERT INTO sure VALUES (1); CHECKPOINT")
        await connection.execute("CREATE UNLOGGED TABLE half (x int)")
        file = await connection.fetchval("SELECT pg_relation_filepath('half')")
        connection.terminate()
        server.kill()
    beside = home_for(again).data / f"{file}_init"
    beside.unlink()

    with EmbeddedPostgres(again) as server:
        assert 1 == await _value(server.url, "SELECT x FROM sure")
        assert 0 == await _value(server.url, "SELECT count(*) FROM half")
        await _value(server.url, "DROP TABLE sure, half")


async def test_a_killed_parent_leaves_nothing_and_the_next_start_succeeds(again: Path) -> None:
    """kill -9 of us: the server shuts down cleanly by itself."""
    server_process = server_of_a_killed_parent(_PARENT, again)

    assert server_process.wait(10)
    assert "database system is shut down" in (again / "postgres.log").read_text(encoding="utf-8")
    with EmbeddedPostgres(again) as server:
        assert await _value(server.url, "SELECT 1") == 1


async def test_a_stale_pid_file_with_a_reused_pid_harms_nobody(again: Path) -> None:
    """The pid in the file belongs to a bystander now: we start, and the bystander lives."""
    bystander = _bystander()
    home = home_for(again)
    (home.data / "postmaster.pid").write_text(
        f"{bystander.pid}\n{home.data}\n1\n5432\n\n127.0.0.1\n1 1\nready\n"
    )
    try:
        with EmbeddedPostgres(again) as server:
            assert await _value(server.url, "SELECT 1") == 1
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


async def test_a_server_that_is_starting_is_not_taken_for_ready(tmp_path: Path) -> None:
    """While it starts, the pid file has seven lines."""
    (tmp_path / "postmaster.pid").write_text("7\n/data\n1\n5432\n\n127.0.0.1\n1 1\n")
    was_ready_with_seven = is_ready(tmp_path, 7)
    (tmp_path / "postmaster.pid").write_text("7\n/data\n1\n5432\n\n127.0.0.1\n1 1\nready   \n")

    assert not was_ready_with_seven
    assert is_ready(tmp_path, 7)
    assert not is_ready(tmp_path, 8)


async def test_a_taken_port_is_replaced(postgres_server: EmbeddedPostgres, again: Path) -> None:
    """Another program on our port costs us the port, not the start."""
    (again / "port").write_text(postgres_server.url.rpartition(":")[2].partition("/")[0] + "\n")
    with EmbeddedPostgres(again) as server:
        assert server.url.split("@")[1] != postgres_server.url.split("@")[1]
        assert await _value(server.url, "SELECT 1") == 1


async def test_two_owners_of_one_directory_are_refused(postgres_server: EmbeddedPostgres) -> None:
    """The second is told who has it, and what to do."""
    with pytest.raises(DirectoryInUse, match=f"process {os.getpid()}.*huiyin down"):
        EmbeddedPostgres(postgres_server.directory).start()


async def test_a_start_that_fails_says_why_and_can_be_tried_again(again: Path) -> None:
    """The message ends with the server's own words; nothing stays locked."""
    overrides = again / "postgresql.local.conf"
    overrides.write_text("shared_buffers = 'nonsense'\n")
    server = EmbeddedPostgres(again)
    with pytest.raises(ServerFailed, match="shared_buffers"):
        server.start()

    overrides.unlink()
    with server:
        assert server.is_alive()
    assert not server.is_alive()


class _Ending:
    """Starts servers that end at once with words of their own, and each leaves a helper that lives on."""

    def __init__(self, home: Home) -> None:
        self._helper_title = f"postgres: {home.cluster_name}: checkpointer"
        self._home = home
        self.helpers: list[subprocess.Popen[bytes]] = []
        #: How many helpers each of them met.
        self.met: list[int] = []

    def spawn(self, command: Sequence[str | Path], *, log_file: Path, **more: Any) -> Child:
        """See `process.spawn`."""
        self.met.append(len(leftovers(self._home)))
        self.helpers.append(subprocess.Popen([self._helper_title, "60"], executable="sleep"))
        with log_file.open("a") as log:
            log.write(f"reason {len(self.met)}\n" * 9)
        return spawn(["false"], log_file=log_file, **more)


async def test_no_start_meets_what_the_one_before_left(again: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Helpers of a server that ended itself live a moment longer. In the end the first reason is told, too."""
    ending = _Ending(home_for(again))
    monkeypatch.setattr(postgres, "spawn", ending.spawn)
    try:
        with pytest.raises(ServerFailed, match=r"(?s)reason 1\n…\n.*reason 3"):
            EmbeddedPostgres(again).start()
    finally:
        for helper in ending.helpers:
            helper.kill()
            helper.wait()

    assert [0, 0, 0] == ending.met


async def test_half_made_data_is_made_again(tmp_path: Path) -> None:
    """A crash while the database is made leaves nothing that could be taken for one."""
    unfinished = tmp_path / f"{postgres_home.MAJOR_VERSION}.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    with EmbeddedPostgres(tmp_path) as server:
        assert server.is_alive()
    assert not unfinished.exists()


async def test_a_server_started_from_a_short_lived_thread_lives_on(again: Path) -> None:
    """The kernel's promise hangs on the thread that forks: that one must last."""
    server = EmbeddedPostgres(again)
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    try:
        assert await _value(server.url, "SELECT 1") == 1
        assert not wait_until(lambda: not server.is_alive(), 0.3)
    finally:
        server.stop()


async def test_leftovers_are_known_by_their_titles(postgres_server: EmbeddedPostgres) -> None:
    """The server and its helpers are found; no other server's are."""
    home = home_for(postgres_server.directory)
    found = {process.pid for process in leftovers(home)}
    other = Home(programs=home.programs, data=home.data / "other", identity=home.identity)

    assert postgres_server.pid in found
    assert len(found) > 1
    assert leftovers(other) == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
async def test_root_without_user_namespaces_falls_back_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where user namespaces are refused, `nobody` runs a copy that it can reach, in a place it can reach."""
    monkeypatch.setattr(postgres_home, "_unprivileged_identity", lambda: Identity.NOBODY)
    # As where they lie below /root, or were installed under umask 077.
    monkeypatch.setattr(postgres_home, "_can_run", lambda *_: False)
    monkeypatch.setattr(postgres_home, "SHARED_STATE", _REACHABLE)
    try:
        with EmbeddedPostgres(tmp_path) as server:
            assert await _value(server.url, "SELECT 1") == 1
            assert "0" not in _users_of(server.pid)
            server.kill()
            server.start()
            assert await _value(server.url, "SELECT 1") == 1
    finally:
        shutil.rmtree(_REACHABLE)


async def test_stop_is_harmless_twice(again: Path) -> None:
    """Stopping what does not run does nothing."""
    server = EmbeddedPostgres(again)
    server.stop()
    server.start()
    server.stop()
    server.stop()

    assert server.pid is None


async def test_data_of_an_earlier_release_get_the_applications_role(again: Path) -> None:
    """At the next start, with a password of its own that is closed to others."""
    with EmbeddedPostgres(again) as server:
        connection = await asyncpg.connect(server.application_url)
        await connection.close()
    (again / "application-password").unlink()

    with EmbeddedPostgres(again) as server:
        connection = await asyncpg.connect(server.application_url)
        assert "huiyin_app" == await connection.fetchval("SELECT current_user")
        assert not await connection.fetchval("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user")
        await connection.close()
    assert 0o600 == (again / "application-password").stat().st_mode & 0o777
