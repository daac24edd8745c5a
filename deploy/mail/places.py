"""Whether what is said to a mail server passes over a network."""

from ipaddress import ip_address


def is_here(host: str) -> bool:
    """Whether it is this machine, which nobody else listens to."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"
