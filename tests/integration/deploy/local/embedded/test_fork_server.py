"""Processes that are divided from one that has loaded everything: what they are told, and how they end."""

import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from deploy.local.embedded.adopted import adopting, reap_group
from deploy.local.embedded.process import Child, ProcessId, all_processes, wait_until
from deploy.local.supervisor import ForkServer, fork_server
from tests.integration.deploy.secure.certificates import Authority

_TELLS = """
import json, os, sys, time
print(json.dumps({"words": sys.argv[1:], "told": os.environ.get("TOLD"), "parent": os.getppid(), "session": os.getsid(0),
                  "loaded": [name for name in ("deploy.composition", "deploy.processes.serve") if name in sys.modules]}),
      flush=True)
match sys.argv[1]:
    case "ends":
        sys.exit(3)
    case "fails":
        raise RuntimeError("so it is")
    case "stays":
        time.sleep(600)
"""
#: What calls a gateway or a webhook, as all of ours do.
_CALLS = """
import asyncio, sys
import aiohttp
async def call(url):
    async with aiohttp.ClientSession() as http, http.head(url) as answer:
        print(answer.status, flush=True)
asyncio.run(call(sys.argv[1]))
"""
#: A fork server that loads no more than itself, where it matters how it divides alone: what all our processes need takes two
#: seconds of the processor.
_LIGHT = """
from deploy.local import forked
forked.load = lambda: None
forked.main()
"""
#: What a fork server loads at its start, so that whatever it divides into dies before it has its order.
_DIES = """
import os, sys
if "light_forked" in sys.orig_argv:
    os.setsid = lambda: os._exit(9)
"""
#: One that ends, and leaves a child in its process group that stays.
_LEAVES = """
import os, signal
child = os.fork()
if child == 0:
    signal.pause()
print(child, flush=True)
"""
#: A supervisor that is killed: its own pid and those of the process and of the fork server.
_KILLED = """
import signal, sys, time
from pathlib import Path
from deploy.local.supervisor import ForkServer, fork_server
fork_server._MODULE = (sys.executable, "-m", "light_forked")
place = Path(sys.argv[1])
forks = ForkServer(place / "forked.log")
forks.begin()
forks.wait()
child = forks.spawn((sys.executable, "-m", "tells_of_itself", "stays"), death_signal=signal.SIGTERM,
                    log_file=place / "process.log", environment={})
print(child.pid, forks.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module", autouse=True)
def _modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What processes and fork servers of these tests run, where every Python finds it."""
    directory = tmp_path_factory.mktemp("modules")
    for name, text in {"tells_of_itself": _TELLS, "calls": _CALLS, "light_forked": _LIGHT}.items():
        (directory / f"{name}.py").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{directory}{os.pathsep}{os.getcwd()}")
        patch.setenv("DATABASE_URL", "postgresql://not-for-all")
        yield


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where logs go, and where every Python that is started from now on finds more modules."""
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ['PYTHONPATH']}")
    return tmp_path


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """Whom the environment says that we trust."""
    authority = Authority(tmp_path_factory.mktemp("certificates"), "city")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(authority.file))
        yield authority


@pytest.fixture
def gateway(authority: Authority) -> Iterator[str]:
    """A server whose certificate nobody vouches for but the authority that the environment names."""
    issued = authority.issue("gateway", hosts=["127.0.0.1"])
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(issued.certificate, issued.key)
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextmanager
def _loaded(place: Path) -> Iterator[ForkServer]:
    server = ForkServer(place / "forked.log")
    server.begin()
    server.wait()
    yield server
    server.end()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[ForkServer]:
    """A fork server that has loaded and trusts the authority: whoever harms it takes `forks`."""
    with _loaded(tmp_path_factory.mktemp("lasting")) as server:
        yield server


@pytest.fixture
def _lightly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork servers that are begun load little."""
    monkeypatch.setattr(fork_server, "_MODULE", (sys.executable, "-m", "light_forked"))


@pytest.fixture
def forks(place: Path, _lightly: None) -> Iterator[ForkServer]:
    """One of the test's own that has loaded little."""
    with _loaded(place) as server:
        yield server


def _begun(forks: ForkServer, place: Path, word: str) -> Child:
    return forks.spawn(
        (sys.executable, "-m", "tells_of_itself", word, "二"),
        death_signal=signal.SIGTERM,
        log_file=place / f"{word}.log",
        environment={"TOLD": "a secret"},
    )


def _told(place: Path, word: str) -> dict[str, object]:
    """What it said first."""
    log = place / f"{word}.log"
    assert wait_until(lambda: "\n" in log.read_text(encoding="utf-8"), 20)
    told: dict[str, object] = json.loads(log.read_text(encoding="utf-8").partition("\n")[0])
    return told


def test_it_is_what_was_asked_for(lasting: ForkServer, place: Path) -> None:
    """Words, environment, log and command line are its own, it is our child, and it need load nothing."""
    child = _begun(lasting, place, "stays")
    told = _told(place, "stays")
    shown = Path(f"/proc/{child.pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    child.end(((signal.SIGTERM, 5),))

    expected = {"words": ["stays", "二"], "told": "a secret", "parent": os.getpid(), "session": child.pid}
    assert expected | {"loaded": ["deploy.composition", "deploy.processes.serve"]} == told
    assert [sys.executable, "-m", "tells_of_itself", "stays", "二"] == [os.fsdecode(word) for word in shown]
    assert -signal.SIGTERM == child.exit_status


def test_no_secret_stands_in_what_it_was_divided_from(lasting: ForkServer, place: Path) -> None:
    """Neither ours nor that of one process reaches another, or anybody who reads /proc."""
    child = _begun(lasting, place, "stays")
    _told(place, "stays")
    shown = [Path(f"/proc/{pid}/environ").read_bytes() for pid in (child.pid, lasting.pid)]
    child.end(((signal.SIGKILL, 5),))

    assert [] == [text for text in shown if b"TOLD=" in text or b"DATABASE_URL" in text]


def test_it_trusts_whom_the_environment_names(gateway: str, lasting: ForkServer, place: Path) -> None:
    """The authority of the city's own gateways: what is loaded before the division is what looks at certificates."""
    command = (sys.executable, "-m", "calls", gateway)
    log = place / "calls.log"
    child = lasting.spawn(command, death_signal=signal.SIGTERM, log_file=log, environment={})

    assert child.wait(20)
    assert (0, "200") == (child.exit_status, log.read_text(encoding="utf-8").strip()[-3:])


@pytest.mark.parametrize(("word", "status"), [("ends", 3), ("fails", 1)])
def test_how_it_ended_is_known(lasting: ForkServer, place: Path, word: str, status: int) -> None:
    """As of any child: the number that it ended with, and in its log why."""
    child = _begun(lasting, place, word)

    assert child.wait(20)
    assert (status, False) == (child.exit_status, child.is_alive())
    assert ("RuntimeError: so it is" in (place / f"{word}.log").read_text(encoding="utf-8")) == (
        word == "fails"
    )


def test_nobody_ends_with_the_fork_server(forks: ForkServer, place: Path) -> None:
    """Killed, it takes nobody along; the next start is made from nothing, and after a minute another server is loaded."""
    first = _begun(forks, place, "stays")
    _told(place, "stays")
    os.kill(forks.pid, signal.SIGKILL)
    second = _begun(forks, place, "ends")
    assert second.wait(20)
    forks.look(time.monotonic())
    is_early = bool(forks.pid)
    forks.look(time.monotonic() + 61)
    forks.wait()
    third = _begun(forks, place, "fails")

    assert (True, 3, False) == (first.is_alive(), second.exit_status, is_early)
    assert ([], ["deploy.composition"]) == (_told(place, "ends")["loaded"], _told(place, "fails")["loaded"])
    for child in (first, third):
        child.end(((signal.SIGKILL, 5),))


def test_one_that_stands_still_hinders_no_start(forks: ForkServer, place: Path) -> None:
    """It is killed, and the process started from nothing."""
    stopped = ProcessId.of(forks.pid)
    assert stopped is not None
    stopped.send(signal.SIGSTOP)
    child = _begun(forks, place, "ends")

    assert child.wait(20)
    assert (3, True) == (child.exit_status, stopped.wait(5))


def test_nobody_waits_for_one_that_stands_still(
    forks: ForkServer, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks it would wait, and so would all that its supervisor looks after: it is not even asked."""
    asked: list[object] = []
    monkeypatch.setattr(fork_server, "_ordered", lambda *order: asked.append(order))
    os.kill(forks.pid, signal.SIGSTOP)
    assert wait_until(lambda: _state_of(forks.pid) == "T", 5)

    assert _begun(forks, place, "ends").wait(20)
    assert [] == asked


@pytest.mark.usefixtures("_lightly")
def test_what_dies_while_it_is_divided_is_waited_for(place: Path) -> None:
    """It was the supervisor's child by then, and would stay a zombie until that ends."""
    before = _zombies()
    (place / "sitecustomize.py").write_text(_DIES, encoding="utf-8")
    server = ForkServer(place / "forked.log")
    server.begin()
    server.wait()
    child = _begun(server, place, "ends")
    server.end()

    assert child.wait(20)
    assert (3, before) == (child.exit_status, _zombies())


def test_what_a_server_leaves_is_waited_for() -> None:
    """As when it is killed between two divisions, of which the first is only there to end."""
    with (
        adopting(),
        subprocess.Popen(
            [sys.executable, "-c", _LEAVES], stdout=subprocess.PIPE, start_new_session=True
        ) as leader,
    ):
        assert leader.stdout is not None
        left = int(leader.stdout.readline())
    os.kill(left, signal.SIGKILL)
    assert wait_until(lambda: _state_of(left) == "Z", 5)
    reap_group(leader.pid)

    assert "" == _state_of(left)


def _zombies() -> set[str]:
    """Our children that have ended and that nobody waited for."""
    ours = f"Z {os.getpid()} "
    stats = [(each, _stat(each)) for each in Path("/proc").iterdir() if each.name.isdigit()]
    return {each.name for each, stat in stats if stat.rpartition(") ")[2].startswith(ours)}


def _stat(process: Path) -> str:
    """Its line in /proc; empty where it has gone meanwhile."""
    try:
        return (process / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _state_of(pid: int) -> str:
    """The kernel's letter for it; empty where there is no such process."""
    return _stat(Path(f"/proc/{pid}")).rpartition(") ")[2][:1]


def test_all_end_with_a_killed_supervisor(place: Path) -> None:
    """The processes by the kernel's signal, and the fork server with them."""
    with subprocess.Popen([sys.executable, "-c", _KILLED, place], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        left = [ProcessId.of(int(pid)) for pid in supervisor.stdout.readline().split()]
        supervisor.kill()

    assert [True, True] == [process is not None and process.wait(10) for process in left]
    assert [] == [command for _, command in all_processes() if os.fsencode(place) in command]
