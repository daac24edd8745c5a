"""Whether a mini-app really sent a request: signed with its secret, fresh, and used once.

What is signed, in a line each: app, timestamp (seconds), nonce, SHA-256 (hex) of the body, and where an
`Idempotency-Key` is sent, it too, so that nobody on the way makes another message of a retry, or a retry of another.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from schemas.errors import SignatureRefused, Unavailable

#: How far the clocks may be apart, and how long a request stays valid. Project choice: clocks that nobody sets.
TOLERANCE = timedelta(seconds=300)
#: After this no copy of a request can be fresh any more.
NONCE_KEPT_FOR = 2 * TOLERANCE + timedelta(minutes=1)
#: Characters. Project choice: too short collides, too long is kept for nothing.
_NONCE_LENGTHS = range(8, 129)


class NonceUnsure(Unavailable):
    """Whether the nonce counts as used nobody knows: nothing came of its request, and it may be refused from now on."""

    code = "sign-anew"
    zh = "系统繁忙，您的内容尚未提交，请 {retry_after_seconds} 秒后再试。程序重发时须换用新的 X-Nonce，重新签名。"
    en = (
        "Not available at this moment; nothing was submitted. Try again in {retry_after_seconds} seconds; a program signs "
        "anew, with another X-Nonce."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who signed a request, and its nonce, which may be used once."""

    app: str
    nonce: str


def verify(headers: Mapping[str, str], body: bytes, *, secrets: Mapping[str, str], now: datetime) -> Signed:
    """Who signed this body.

    Raises:
        SignatureRefused: an unknown app, a stale moment, or another signature.
    """
    app, nonce = headers.get("x-app", ""), headers.get("x-nonce", "")
    timestamp = headers.get("x-timestamp", "")
    # An unknown app costs the same time as a wrong signature.
    expected = sign(
        secrets.get(app, ""),
        app=app,
        timestamp=timestamp,
        nonce=nonce,
        body=body,
        idempotency_key=headers.get("idempotency-key"),
    )
    given = headers.get("x-signature", "").lower().encode()
    if not hmac.compare_digest(expected.encode(), given) or not secrets.get(app):
        raise SignatureRefused
    if len(nonce) not in _NONCE_LENGTHS or not nonce.isprintable() or not _is_fresh(timestamp, now):
        raise SignatureRefused
    return Signed(app=app, nonce=nonce)


def sign(
    secret: str, *, app: str, timestamp: str, nonce: str, body: bytes, idempotency_key: str | None = None
) -> str:
    """The signature (hex HMAC-SHA256) that goes into `X-Signature`. `idempotency_key`: the header, where it is sent."""
    lines = [app, timestamp, nonce, hashlib.sha256(body).hexdigest()]
    signed = "\n".join(lines if idempotency_key is None else [*lines, idempotency_key])
    return hmac.digest(secret.encode(), signed.encode("utf-8", errors="replace"), "sha256").hex()


def _is_fresh(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 10):
        return False
    return abs(now - datetime.fromtimestamp(int(timestamp), UTC)) <= TOLERANCE
