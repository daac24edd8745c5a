"""Devices that somebody has signed in with before: a signed cookie, worth nothing without the password."""

import hmac
import secrets

# Nobody guesses one of 2**96 ids, and 16 characters of base64 hold it without padding (project choice).
_ID_BYTES = 12


def new_device(secret: bytes, username: str) -> str:
    """A cookie for the browser that has just signed in with this name."""
    device = secrets.token_hex(_ID_BYTES)
    return f"{device}.{_mac(secret, device, username)}"


def device_of(secret: bytes, username: str, cookie: str) -> str | None:
    """Which device it is; None where the cookie was not made by us for this name."""
    device, _, mac = cookie.partition(".")
    genuine = hmac.compare_digest(_mac(secret, device, username).encode(), mac.encode())
    return device if genuine else None


def _mac(secret: bytes, device: str, username: str) -> str:
    signed = f"{device}:{username}".encode("utf-8", "surrogatepass")
    return hmac.digest(secret, signed, "sha256").hex()
