"""Signed requests of mini-apps."""

from datetime import timedelta

import pytest

from intake.core.mini_app_signature import Signed, sign, verify
from schemas.errors import SignatureRefused
from tests.unit.intake.messages import NOW

SECRETS = {"app": "s3cret", "empty": ""}
BODY = b'{"title": "a"}'


def _headers(**changed: str) -> dict[str, str]:
    given = {"app": "app", "timestamp": str(int(NOW.timestamp())), "nonce": "n" * 16} | changed
    signature = sign(SECRETS.get(given["app"], ""), body=BODY, **given)
    return {
        "x-app": given["app"],
        "x-timestamp": given["timestamp"],
        "x-nonce": given["nonce"],
        "x-signature": signature,
    }


def test_a_signed_request_says_who_sent_it() -> None:
    """App and nonce; upper case is no mistake."""
    headers = _headers()

    assert Signed(app="app", nonce="n" * 16) == verify(headers, BODY, secrets=SECRETS, now=NOW)
    headers["x-signature"] = headers["x-signature"].upper()
    assert verify(headers, BODY, secrets=SECRETS, now=NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        _headers() | {"x-signature": "0" * 64},
        _headers() | {"x-nonce": "m" * 16},
        _headers() | {"x-timestamp": str(int(NOW.timestamp()) + 1)},
        _headers(app="unknown"),
        _headers(app="empty"),
        _headers(nonce="short"),
        _headers(timestamp="now"),
        _headers(timestamp="99999999999"),
        _headers(timestamp="٣٣٣"),
        _headers() | {"x-signature": "ü"},
    ],
)
def test_anything_else_is_refused(headers: dict[str, str]) -> None:
    """Unsigned, changed, of an app without a secret, or with a nonce or a moment that is none."""
    with pytest.raises(SignatureRefused):
        verify(headers, BODY, secrets=SECRETS, now=NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_stale_requests_are_refused(seconds: int) -> None:
    """Five minutes either way, no more."""
    with pytest.raises(SignatureRefused):
        verify(_headers(), BODY, secrets=SECRETS, now=NOW + timedelta(seconds=seconds))

    assert verify(_headers(), BODY, secrets=SECRETS, now=NOW + timedelta(seconds=300 * seconds // 301))


def test_another_body_is_refused() -> None:
    """The signature covers every byte."""
    with pytest.raises(SignatureRefused):
        verify(_headers(), BODY + b" ", secrets=SECRETS, now=NOW)


def _keyed(key: str | None, *, signed_key: str | None) -> dict[str, str]:
    given = {"app": "app", "timestamp": str(int(NOW.timestamp())), "nonce": "n" * 16}
    signature = sign(SECRETS["app"], body=BODY, idempotency_key=signed_key, **given)
    return _headers() | {"x-signature": signature} | ({} if key is None else {"idempotency-key": key})


def test_the_idempotency_key_is_signed_where_it_is_sent() -> None:
    """And a client that sends none signs as before."""
    assert verify(_keyed("K", signed_key="K"), BODY, secrets=SECRETS, now=NOW)
    assert verify(_keyed(None, signed_key=None), BODY, secrets=SECRETS, now=NOW)


@pytest.mark.parametrize(("key", "signed_key"), [("K", None), ("L", "K"), (None, "K"), ("", None), ("", "K")])
def test_nobody_changes_the_idempotency_key_on_the_way(key: str | None, signed_key: str | None) -> None:
    """Added, exchanged or taken away: the signature no longer fits."""
    with pytest.raises(SignatureRefused):
        verify(_keyed(key, signed_key=signed_key), BODY, secrets=SECRETS, now=NOW)
