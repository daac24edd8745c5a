"""Devices that somebody has signed in with before: a signed cookie, worth nothing without the password."""

import hmac
import secrets
from collections.abc import Sequence

# Nobody guesses one of 2**96 ids, and 16 characters of base64 hold it without padding (project choice).
_ID_BYTES = 12


def new_device(keys: Sequence[bytes], username: str) -> str:
    """A cookie for the browser that has just signed in with this name, signed with the first key."""
    device = secrets.token_hex(_ID_BYTES)
    return f"{device}.{_mac(keys[0], device, username)}"


def device_of(keys: Sequence[bytes], username: str, cookie: str) -> str | None:
    """Which device it is; None where the cookie was not made by us for this name. `keys`: former ones, too."""
    device, _, mac = cookie.partition(".")
    genuine = any(hmac.compare_digest(_mac(key, device, username).encode(), mac.encode()) for key in keys)
    return device if genuine else None


def _mac(secret: bytes, device: str, username: str) -> str:
    signed = f"{device}:{username}".encode("utf-8", "surrogatepass")
    return hmac.digest(secret, signed, "sha256").hex()
