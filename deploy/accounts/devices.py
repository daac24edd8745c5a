"""Devices that somebody has signed in with before: a signed cookie, worth nothing without the password."""

import hmac
import re
import secrets
from collections.abc import Sequence

# Nobody guesses one of 2**96 ids, and 16 characters of base64 hold it without padding (project choice).
_ID_BYTES = 12
#: What `new_device` makes: the id, and its HMAC-SHA-256.
_DEVICE = re.compile(r"[0-9a-f]{24}\.[0-9a-f]{64}")
#: For so many names one cookie of half a kilobyte stands (project choice: more cases than a household follows at a time).
_MOST_NAMES = 5
#: Between them: in no device, and in cookies as it stands.
_BETWEEN = "-"


def new_device(keys: Sequence[bytes], username: str) -> str:
    """A cookie for the browser that has just signed in with this name, signed with the first key."""
    device = secrets.token_hex(_ID_BYTES)
    return f"{device}.{_mac(keys[0], device, username)}"


def device_of(keys: Sequence[bytes], username: str, cookie: str) -> str | None:
    """Which device it is; None where the cookie was not made by us for this name. `keys`: former ones, too."""
    device, _, mac = cookie.partition(".")
    genuine = any(hmac.compare_digest(_mac(key, device, username).encode(), mac.encode()) for key in keys)
    return device if genuine else None


def device_among(keys: Sequence[bytes], name: str, cookie: str) -> str | None:
    """Which device it is for this name, in a cookie that holds several; None where none was made for it."""
    known = _made_for(keys, name, _every(cookie))
    return known and device_of(keys, name, known)


def remembering(keys: Sequence[bytes], name: str, cookie: str) -> str:
    """That cookie with this name's device first, a new one where it had none, and the latest others of before."""
    every = _every(cookie)
    own = _made_for(keys, name, every) or new_device(keys, name)
    return _BETWEEN.join([own, *(each for each in every if each != own)][:_MOST_NAMES])


def _every(cookie: str) -> Sequence[str]:
    # None of another form, and no more than are kept: a cookie is whatever somebody sends.
    return [each for each in cookie.split(_BETWEEN, _MOST_NAMES)[:_MOST_NAMES] if _DEVICE.fullmatch(each)]


def _made_for(keys: Sequence[bytes], name: str, every: Sequence[str]) -> str | None:
    return next((each for each in every if device_of(keys, name, each)), None)


def _mac(secret: bytes, device: str, username: str) -> str:
    signed = f"{device}:{username}".encode("utf-8", "surrogatepass")
    return hmac.digest(secret, signed, "sha256").hex()
