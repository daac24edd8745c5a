"""Forms that only our own pages can send: a token tied to the browser's cookie, and the browser's own word.

The edge puts `issue(...)` into every form and refuses a form for which `check(...)` is false.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

#: The hidden field's name.
FIELD = "csrf"

# A token that is made anew for each page must not be the same twice in a row (project choice).
_SALT_BYTES = 8


def issue(secret: bytes, cookie: str) -> str:
    """A token for the holder of `cookie` (a session, or a visitor's).

    Salted anew each time, so that a compressed page gives nothing away about it (BREACH).
    """
    salt = secrets.token_hex(_SALT_BYTES)
    return f"{salt}.{_mac(secret, salt, cookie)}"


def name_of(secret: bytes, cookie: str) -> str:
    """What a script may know the holder of `cookie` by: it tells two apart, and opens nothing."""
    return _mac(secret, "name", cookie)


def mark_of(secret: bytes, cookie: str, address: str) -> str:
    """What the holder of `cookie` shows at the page of that address, having been sent there by us."""
    return _mac(secret, f"sent to:{unquote(address.partition('#')[0])}", cookie)


def check(secret: bytes, cookie: str, token: str, headers: Mapping[str, str]) -> bool:
    """Whether a form with this token came from our page in this browser. Header names are lower case."""
    salt, _, mac = token.partition(".")
    genuine = hmac.compare_digest(_mac(secret, salt, cookie).encode(), mac.encode())
    return bool(cookie) and genuine and same_origin(headers)


def same_origin(headers: Mapping[str, str]) -> bool:
    """Whether the browser says that the request comes from this site; a browser too old to say is believed.

    `Sec-Fetch-Site` is asked first: a proxy that rewrites Host does not disturb it.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def says_origin(headers: Mapping[str, str]) -> bool:
    """Whether the browser says at all where the request comes from."""
    return "sec-fetch-site" in headers or "origin" in headers


def _mac(secret: bytes, salt: str, cookie: str) -> str:
    return hmac.new(secret, f"{salt}:{cookie}".encode(), hashlib.sha256).hexdigest()
