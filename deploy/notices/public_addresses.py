"""Whether an address is on the public internet: a webhook may lead nowhere else, or it could reach our own network.

A name is resolved once, and the connection goes to exactly the address that was looked at: a name that changes its meaning
in between (DNS rebinding) gains nothing.
"""

import asyncio
import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
#: All that IANA has given out for the public network (IPv6 address space registry): whatever lies beside it is local, wraps
#: an address of IPv4 in some older way, or is nobody's.
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
#: Dummies and relays of protocols (RFC 6890, RFC 7526): no receiver of ours is there.
_OF_PROTOCOLS = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("192.88.99.0/24"))


class NotPublic(OSError):
    """The address lies in a network that is not the public one."""


def is_public(address: str) -> bool:
    """Whether anybody could reach it; what wraps another address (IPv4 in IPv6) is as public as that one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
        wrapped = [
            each for each in (found.ipv4_mapped, found.sixtofour, *(found.teredo or ())) if each is not None
        ]
        if wrapped:
            return all(is_public(str(each)) for each in wrapped)
        if found not in _GIVEN_OUT:
            return False
    elif any(found in network for network in _OF_PROTOCOLS):
        return False
    return found.is_global and not found.is_multicast


class PublicResolver(AbstractResolver):
    """Gives only public addresses of a name."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Those of the system's resolver that are public.

        Raises:
            NotPublic: there are none.
        """
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        public = [
            ResolveResult(
                hostname=host,
                host=str(where[0]),
                port=port,
                family=kind,
                proto=proto,
                flags=socket.AI_NUMERICHOST,
            )
            for kind, _, proto, _, where in found
            if is_public(str(where[0]))
        ]
        if not public:
            raise NotPublic(f"{host} is not public")
        return public

    async def close(self) -> None:
        """Nothing is kept open, so nothing is closed."""
