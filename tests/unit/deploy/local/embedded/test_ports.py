"""Who listens on a port of this machine."""

import os
import socket
from collections.abc import Iterator

import pytest

from deploy.local.embedded import ports
from deploy.local.embedded.ports import HOST, free_ports, is_ours


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_port_of_ours(family: socket.AddressFamily, monkeypatch: pytest.MonkeyPatch) -> None:
    """We know our own listener, by either protocol; to another user it is somebody else's."""
    with socket.socket(family) as server:
        server.bind((HOST if family is socket.AF_INET else f"::ffff:{HOST}", 0))
        server.listen()
        port = server.getsockname()[1]

        assert is_ours(port)
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
        assert not is_ours(port)


def test_a_port_where_nobody_listens() -> None:
    """Is not ours: somebody may take it at any moment."""
    assert not is_ours(free_ports(1)[0])


def test_of_a_silent_port_the_kernels_tables_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are dear, and a start asks a hundred times whether its broker listens by now."""

    def listeners() -> Iterator[tuple[str, str]]:
        raise AssertionError("asked")

    monkeypatch.setattr(ports, "_listeners", listeners)

    assert not is_ours(free_ports(1)[0])
