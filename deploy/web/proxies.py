"""The client's address behind trusted proxies."""

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

#: An address with the port of its connection, as some gateways write it: of IPv6 in brackets (RFC 7239 §6).
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::\d+)?|(?P<v4>[\d.]+):\d+")
#: So many proxies may stand in a row, and write so much: what stands before counts for nobody (project choice).
_HOPS, _NEAR = 20, 1_024
#: Of so many short lists it is known who the caller is (project choice: those who ask within a minute or so, a megabyte or
#: two); no longer ones are kept, as anybody may send them, each another.
_RECENT, _SHORT = 8_192, 128
_UNKNOWN = "unknown"


def proxies_of(setting: str) -> frozenset[str]:
    """The addresses that `TRUSTED_PROXIES` names, as they are written, and as a socket of both families writes IPv4."""
    plain = {_plain_address(each) or each.strip() for each in setting.split(",") if each.strip()}
    return frozenset(plain | {f"::ffff:{each}" for each in plain if ":" not in each})


def _plain_address(said: str) -> str:
    """An address in its one spelling, without a port, IPv4 as itself; empty where it is none."""
    said = said.strip().partition("%")[0]  # on a machine a zone stands behind; whoever sends it may write any
    if found := _WITH_PORT.fullmatch(said):
        said = found["v6"] or found["v4"] or ""
    try:
        ip = ip_address(said)
    except ValueError:
        return ""
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return str(mapped or ip)


def caller_behind(peer: str, said: str, trusted: frozenset[str]) -> str:
    """The caller, where a proxy that we trust connected and `said` for whom: all of `X-Forwarded-For`, joined by commas.

    Each proxy adds whom it saw at the end, so the last that is none of ours is the caller; what stands before it is the
    caller's own word. Several such headers are one list (RFC 9110 §5.3). Where that is no address, it is
    `unknown` (RFC 7239 §6.2), all such callers as one; where all are ours, the one counts that the proxy next to us saw.
    """
    return _known(peer, said, trusted) if len(said) <= _SHORT else _walked(peer, said, trusted)


def _walked(peer: str, said: str, trusted: frozenset[str]) -> str:
    nearest = ""
    near = said[-_NEAR:].rsplit(",", _HOPS)
    # Of a longer list the first part may be cut off within: it counts as no address.
    if len(said) > _NEAR or said.count(",") > _HOPS:
        near[0] = _UNKNOWN
    for part in reversed(near):
        if not part.strip():
            continue
        address = _plain_address(part)
        if address not in trusted:
            return address or _UNKNOWN
        nearest = nearest or address
    return nearest or peer


_known = lru_cache(maxsize=_RECENT)(_walked)
