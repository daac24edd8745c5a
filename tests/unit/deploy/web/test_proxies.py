"""Whose address counts behind proxies: never what a caller wrote, never a proxy of ours."""

from types import SimpleNamespace

import pytest
from starlette.requests import Request

from deploy.web.exchange import Exchange
from deploy.web.proxies import proxies_of

_TRUSTED = proxies_of("127.0.0.1, 10.0.0.7,2001:DB8::0:7")


@pytest.mark.parametrize(
    ("peer", "lines", "caller"),
    [
        ("127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        # What the caller wrote stands before what the proxy saw.
        ("127.0.0.1", ["127.0.0.1, 198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        # Two proxies in a row: the inner one saw the outer one, and the outer one the caller.
        ("127.0.0.1", ["198.51.100.1, 203.0.113.7, 10.0.0.7"], "203.0.113.7"),
        ("127.0.0.1", ["203.0.113.7, 2001:db8::7, 10.0.0.7"], "203.0.113.7"),
        # Each proxy may add a line of its own.
        ("127.0.0.1", ["198.51.100.1", "203.0.113.7", "10.0.0.7"], "203.0.113.7"),
        # A port would make each connection somebody else.
        ("127.0.0.1", ["203.0.113.7:40123"], "203.0.113.7"),
        ("127.0.0.1", ["[2001:db8:1::9]:40123, 10.0.0.7:443"], "2001:db8:1::9"),
        # A socket of both families names IPv4 within IPv6.
        ("::ffff:127.0.0.1", ["203.0.113.7, ::ffff:10.0.0.7"], "203.0.113.7"),
        # One of ours asks for itself, and one that we do not trust is the caller.
        ("127.0.0.1", ["10.0.0.7"], "10.0.0.7"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", [" , "], "127.0.0.1"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
    ],
)
def test_the_last_that_is_no_proxy_of_ours_is_the_caller(peer: str, lines: list[str], caller: str) -> None:
    """From the right past our proxies."""
    request = Request(
        {
            "type": "http",
            "method": "GET",
            "client": (peer, 40_000),
            "headers": [(b"x-forwarded-for", line.encode()) for line in lines],
        }
    )
    edge = SimpleNamespace(trusted_proxies=_TRUSTED, settings=SimpleNamespace(base_url="http://city.example"))

    assert caller == Exchange(edge, request).address  # type: ignore[arg-type]  # what it asks of an edge
