"""The cookies we set, by name, and how to read one from a request."""

import re
from collections.abc import Mapping

#: A staff session: an opaque secret that only its SHA-256 is kept of.
SESSION = "huiyin_session"
#: Stands in for a session on a visitor's forms (see `csrf`); the edge sets it with the first form.
VISITOR = "huiyin_visitor"
#: Of a browser that somebody signed in with before (`deploy.accounts.devices`).
DEVICE = "huiyin_device"
#: Of a browser that opened these cases before, the last five, with both codes of each (`deploy.accounts.devices`).
CASE = "huiyin_case"
#: Where a browser was sent after a form of its was carried out: that page alone says that it was (`csrf.mark_of`).
DONE = "huiyin_done"
#: `zh` or `en`.
LANGUAGE = "huiyin_language"
#: `large` or `normal`.
SIZE = "huiyin_size"

#: How long a browser keeps the choice of language and size (project choice; browsers cap it near 400 days).
_YEAR_SECONDS = 365 * 24 * 3600
#: Longer than nearly every case is open (project choice).
_CASE_SECONDS = 90 * 24 * 3600
#: Loaded anew a page still says what its reader did, an hour later it does not (project choice).
_JUST_NOW_SECONDS = 600
#: How long a browser keeps each; those not named here go when it closes.
MAX_AGE_SECONDS: Mapping[str, int] = {
    LANGUAGE: _YEAR_SECONDS,
    SIZE: _YEAR_SECONDS,
    DEVICE: _YEAR_SECONDS,
    CASE: _CASE_SECONDS,
    DONE: _JUST_NOW_SECONDS,
}
#: What stands for somebody: nobody else may set it, nor another site of our domain.
_SECRETS = frozenset({SESSION, VISITOR, DEVICE, CASE})
#: Browsers take a cookie of such a name from this very site alone, over https. Source: RFC 6265bis §4.1.3.2.
_OURS_ALONE = "__Host-"
#: What may stand around a name or a value, and nothing else: to browsers, all that `str.strip` takes besides is part of a
#: name, which is another's then. Source: RFC 6265bis §5.6.
_BLANKS = " \t"
#: What ours are made of: words, digits, base64 for addresses, two parts with a point between them.
_VALUE = re.compile(r"[\w.-]+", re.ASCII)
#: A cookie of ours with its value, among any others.
_NAMED = rf"({'|'.join((SESSION, VISITOR, DEVICE, CASE, DONE, LANGUAGE, SIZE))})[{_BLANKS}]*+=([^;]*+)"
_OURS = re.compile(rf"(?:^|;)[{_BLANKS}]*+{_NAMED}")
_OURS_OVER_HTTPS = re.compile(rf"(?:^|;)[{_BLANKS}]*+({_OURS_ALONE})?{_NAMED}")


def cookie(headers: Mapping[str, str], name: str) -> str:
    """The value of one cookie of ours; empty where the request has none, or one that we never set.

    What other sites of the same domain set stands beside ours, and may be anything: it is passed over, in one pass that
    splits nothing, as anybody may send thousands. The standard library's reader gives up at the first that it does not
    understand, and takes a minute over a quoted one of sixty kilobytes (CVE-2024-7592).
    """
    sent = headers.get("cookie", "")
    if name not in sent:
        return ""
    values = [value.strip(_BLANKS) for found, value in _OURS.findall(sent) if found == name]
    return values[-1] if values and _VALUE.fullmatch(values[-1]) else ""


def as_ours(header: str) -> str:
    """Our cookies of a request under https, by the names of this module; secrets only as this very site set them."""
    sent = _OURS_OVER_HTTPS.findall(header)
    genuine = ((name, value) for alone, name, value in sent if alone or name not in _SECRETS)
    return "; ".join(f"{name}={value}" for name, value in genuine)


def browser_of(headers: Mapping[str, str]) -> str:
    """The secret of the caller's browser: a session's cookie, or else a visitor's; empty where it has neither."""
    return cookie(headers, SESSION) or cookie(headers, VISITOR)


def set_cookie(name: str, value: str | None, *, https: bool) -> str:
    """A Set-Cookie header's value: out of scripts' and other sites' reach. None deletes the cookie."""
    attributes = ["Path=/", "HttpOnly", "SameSite=Lax"]
    if https:
        attributes.append("Secure")
    if value is None:
        attributes.append("Max-Age=0")
    elif name in MAX_AGE_SECONDS:
        attributes.append(f"Max-Age={MAX_AGE_SECONDS[name]}")
    prefix = _OURS_ALONE if https and name in _SECRETS else ""
    return "; ".join([f"{prefix}{name}={value or ''}", *attributes])
