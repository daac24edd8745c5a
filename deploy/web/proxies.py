"""Whose address a request comes from, where proxies that we trust stand between the caller and us."""

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

#: An address with the port of its connection, as some gateways write it: of IPv6 in brackets (RFC 7239 §6).
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::\d+)?|(?P<v4>[\d.]+):\d+")


#: Of so many lists it is known who the caller is (project choice: those who ask within a minute or so, a megabyte or two).
_RECENT = 8_192


def proxies_of(setting: str) -> frozenset[str]:
    """The addresses that `TRUSTED_PROXIES` names, as they are written, and as a socket of both families writes IPv4."""
    plain = {plain_address(each) for each in setting.split(",") if each.strip()}
    return frozenset(plain | {f"::ffff:{each}" for each in plain if ":" not in each})


def plain_address(said: str) -> str:
    """An address in its one spelling, without a port, IPv4 as itself; what is none stays as it is."""
    said = said.strip()
    if found := _WITH_PORT.fullmatch(said):
        said = found["v6"] or found["v4"] or ""
    try:
        ip = ip_address(said)
    except ValueError:
        return said
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return str(mapped or ip)


@lru_cache(maxsize=_RECENT)
def caller_behind(peer: str, said: str, trusted: frozenset[str]) -> str:
    """The caller, where a proxy that we trust connected and `said` for whom: all of `X-Forwarded-For`, joined by commas.

    Each proxy adds whom it saw at the end, so the last that is none of ours is the caller; what stands before it is the
    caller's own word. Several such headers are one list (RFC 9110 §5.3).
    """
    known = [plain_address(each) for each in said.split(",") if each.strip()]
    return next((each for each in reversed(known) if each not in trusted), known[0] if known else peer)
