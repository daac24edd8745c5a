"""TCP ports of 127.0.0.1: free ones, remembered from start to start."""

import contextlib
import os
import socket
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.local.embedded.files import write_whole

HOST = "127.0.0.1"
_ANOTHER_HOST = "127.0.0.2"
#: How long a listener of this machine may take to take a call (project choice: the kernel answers for it).
_ANSWER_SECONDS = 1.0

#: 127.0.0.1 as the kernel's tables of sockets write it, and as IPv6 knows it. Source: proc(5).
_ADDRESS = f"{struct.unpack('=I', socket.inet_aton(HOST))[0]:08X}"
_MAPPED = f"{0:016X}{struct.unpack('=I', bytes((0, 0, 255, 255)))[0]:08X}{_ADDRESS}"
_LISTENS = "0A"


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        # As servers do: connections that linger after a stop do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def is_ours(port: int) -> bool:
    """Whether a process of this very user listens there: another one's would hear what we say to it."""
    # The kernel takes some 10 ms of the processor to write its tables, and whoever waits for a start asks all the time.
    if not _is_taken(port):
        return False
    ours = str(os.geteuid())
    places = {f"{address}:{port:04X}" for address in (_ADDRESS, _MAPPED)}
    found = [user for place, user in _listeners() if place in places]
    return bool(found) and set(found) == {ours}


def _is_taken(port: int) -> bool:
    """Whether somebody listens there. From another address, since a free port may be given to whoever asks for it."""
    with socket.socket() as probe:
        probe.settimeout(_ANSWER_SECONDS)
        probe.bind((_ANOTHER_HOST, 0))
        return probe.connect_ex((HOST, port)) == 0


def _listeners() -> Iterator[tuple[str, str]]:
    """Address with port, and user id, of every socket that listens."""
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(FileNotFoundError):
            for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
                _, local, _, state, _, _, _, user, *_ = line.split()
                if state == _LISTENS:
                    yield local, user


def free_ports(count: int) -> tuple[int, ...]:
    """As many different free ports."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return tuple(probe.getsockname()[1] for probe in probes)
    finally:
        for probe in probes:
            probe.close()


def remembered_ports(file: Path) -> tuple[int, ...]:
    """The ports of the last start; none before the first."""
    try:
        return tuple(int(word) for word in file.read_text(encoding="ascii").split())
    except FileNotFoundError:
        return ()


def ports_for(file: Path, count: int) -> tuple[int, ...]:
    """The ports of the last start while all are free, else new ones, remembered."""
    ports = remembered_ports(file)
    if len(ports) == count and all(is_free(port) for port in ports):
        return ports
    return _remember(file, free_ports(count))


def _remember(file: Path, ports: Sequence[int]) -> tuple[int, ...]:
    write_whole(file, " ".join(str(port) for port in ports) + "\n")
    return tuple(ports)
