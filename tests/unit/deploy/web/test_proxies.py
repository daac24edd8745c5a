"""Whose address counts behind proxies: never what a caller wrote, never a proxy of ours."""

from types import SimpleNamespace

import pytest
from starlette.requests import Request

from deploy.web import proxies
from deploy.web.exchange import Exchange
from deploy.web.proxies import caller_behind, proxies_of

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
        # What is no address is nobody's own, and never this machine, which no limit holds.
        ("127.0.0.1", ["made-up-1"], "unknown"),
        ("127.0.0.1", ["203.0.113.7, made-up-2, 10.0.0.7"], "unknown"),
        # A zone is any word.
        ("127.0.0.1", ["fe80::1%made-up"], "fe80::1"),
        # A program on a machine of ours says whatever it likes before what the next proxy saw.
        ("127.0.0.1", ["127.0.0.1, 10.0.0.7"], "10.0.0.7"),
        # Of a long list the end counts, in whole addresses.
        ("127.0.0.1", ["x," * 4_000 + "203.0.113.7, 10.0.0.7"], "203.0.113.7"),
        ("127.0.0.1", ["203.0.113.7," + "10.0.0.7," * 4_000], "unknown"),
        ("127.0.0.1", ["203.0.113.7" + " " * 2_000 + ", 10.0.0.7"], "unknown"),
        ("127.0.0.1", ["1.2.3." * 2_000 + "203.0.113.7"], "unknown"),
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


def test_a_long_list_costs_a_glance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may send one: few of its addresses are read, from the right, and it is not kept."""
    read: list[str] = []
    plain, before = proxies._plain_address, proxies._known.cache_info().currsize

    def reading(said: str) -> str:
        read.append(said)
        return plain(said)

    monkeypatch.setattr(proxies, "_plain_address", reading)
    for number in range(30):
        caller_behind("127.0.0.1", f"{number}" + ",x" * 4_000 + ",203.0.113.7", _TRUSTED)
        caller_behind("127.0.0.1", f"{number}" + ",10.0.0.7" * 4_000, _TRUSTED)

    assert 30 * (1 + 20 + 1) == len(read)
    assert before == proxies._known.cache_info().currsize
