"""Who listens on a port of this machine."""

import os
import socket

import pytest

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
