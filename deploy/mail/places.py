"""Where a server of e-mail is: whether what is said to it passes over a network at all."""

from ipaddress import ip_address


def is_here(host: str) -> bool:
    """Whether it is this machine, which nobody else listens to."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"
