"""The codes that a citizen holds: derived from a secret, so that a retry gets the same ones with no store.

A tracking code is 60 bits and a keyed check of 20 bits: a real one is told from a guess without the database. The
access code follows from the tracking code, so that following works before the case is registered.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import msgspec

from intake.core.keys import IntakeKeys
from schemas.errors import CodeMistyped
from schemas.hmac_sha256 import hmac_of
from schemas.ids import AccessCode, CaseId, TrackingCode
from schemas.words import Channel

#: Crockford's base 32: no I, L, O and U (https://www.crockford.com/base32.html).
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Five bits each. Project choice: 60 bits hold a city's messages for ever without two alike; one guess in a million passes
#: the check of 20; an access code of 40 bits outlasts a guesser who is slowed down.
_PAYLOAD_CHARACTERS = 12
_CHECK_CHARACTERS = 4
_ACCESS_CHARACTERS = 8
_LENIENT = str.maketrans({"O": "0", "I": "1", "L": "1", **dict.fromkeys(" \t\r\n-‐‑‒–—―−_.·")})
_ALLOWED = frozenset(ALPHABET)
#: Two characters at a time, the lower five bits first; all counts are even.
_PAIRS = tuple(low + high for high, low in product(ALPHABET, ALPHABET))
#: Who sends without a token: anybody at all.
ANONYMOUS_SOURCE = "web"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Where a message comes from: the channel, and who within it."""

    channel: Channel
    source: str = ANONYMOUS_SOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """What one message is known by: to us, to its citizen, and the secret that shows it to them."""

    case_id: CaseId
    tracking_code: TrackingCode
    access_code: AccessCode


def seed(sender: Sender, *, external_id: str | None, key: str | None, content: str, entropy: bytes) -> bytes:
    """What the codes derive from: the same for every retry of a message that has an external id or a key.

    The content (`content_digest`: who, how to reach them, when, what) is part of it. An id alone joins nothing: sources
    use call ids again, spreadsheets round numbers, and whoever guesses an id would get the codes of a stranger.

    Raises:
        ValueError: there is neither an id, nor a key, nor randomness.
    """
    if external_id is None and key is None:
        if not entropy:
            raise ValueError("without a name a message needs randomness: two would have the same codes")
        return b"r" + entropy
    return b"s" + msgspec.json.encode([sender.channel, sender.source, name_of(external_id, key), content])


def name_of(external_id: str | None, key: str | None) -> str:
    """What a retry is known by: the external id, else the idempotency key."""
    return f"x:{external_id}" if external_id is not None else f"k:{key}"


def derive(secret: bytes, from_seed: bytes) -> Codes:
    """The codes that belong to this seed: the same seed and secret give the same codes for ever."""
    case_bits = hmac_of(secret).digest(b"case|" + from_seed)
    payload = _characters(hmac_of(secret).digest(b"tracking|" + from_seed), _PAYLOAD_CHARACTERS)
    tracking_code = _printed(payload + _check_of(secret, payload))
    return Codes(
        case_id=_uuid4(case_bits),
        tracking_code=tracking_code,
        access_code=access_code_of(secret, tracking_code),
    )


def _uuid4(bits: bytes) -> CaseId:
    """Random-looking bytes as a UUID of version 4 (RFC 9562 §5.4), lower case; `UUID` takes ten times as long."""
    digits = bits[:16].hex()
    variant = "89ab"[(bits[8] >> 4) & 3]
    return CaseId(f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}")


def parse_tracking_code(secrets: Sequence[bytes], typed: str) -> TrackingCode:
    """The tracking code that somebody typed: case, spaces, hyphens, full-width forms, O and I do not matter.

    One that was made with any of `secrets` is ours.

    Raises:
        CodeMistyped: not a code that we ever handed out.
    """
    text = _plain(typed)
    payload, check = text[:_PAYLOAD_CHARACTERS], text[_PAYLOAD_CHARACTERS:]
    if len(text) != _PAYLOAD_CHARACTERS + _CHECK_CHARACTERS or not _ALLOWED.issuperset(text):
        raise CodeMistyped
    if not any(hmac.compare_digest(check, _check_of(secret, payload)) for secret in secrets):
        raise CodeMistyped
    return _printed(text)


def access_code_of(secret: bytes, tracking_code: TrackingCode) -> AccessCode:
    """The access code that was handed out with this tracking code."""
    digest = hmac_of(secret).digest(f"access|{tracking_code}".encode())
    return AccessCode(_characters(digest, _ACCESS_CHARACTERS))


def opens(secrets: Sequence[bytes], tracking_code: TrackingCode, typed: str) -> bool:
    """Whether the typed access code was handed out with this tracking code. Takes the same time either way.

    Nothing is kept of an access code: it follows from the tracking code and the secret that both were made with.
    """
    given = _plain(typed).encode("utf-8", errors="replace")
    return any(
        hmac.compare_digest(access_code_of(secret, tracking_code).encode(), given)
        for secret in secrets
        if _is_made_with(secret, tracking_code)
    )


def name_hash(keys: IntakeKeys, sender: Sender, name: str) -> str:
    """What is kept (hex) of an idempotency key within its channel and source."""
    digest = hashlib.sha256(msgspec.json.encode([sender.channel, sender.source, name])).digest()
    return keys.keyed(digest).hex()


def _is_made_with(secret: bytes, tracking_code: TrackingCode) -> bool:
    text = tracking_code.replace("-", "")
    return text[_PAYLOAD_CHARACTERS:] == _check_of(secret, text[:_PAYLOAD_CHARACTERS])


def _plain(typed: str) -> str:
    # Nothing that long can be a code, and normalising it would cost something.
    return unicodedata.normalize("NFKC", typed[:64]).upper().translate(_LENIENT)


def _characters(digest: bytes, count: int) -> str:
    number = int.from_bytes(digest[:8], "big")
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(0, 5 * count, 10)])


def _check_of(secret: bytes, payload: str) -> str:
    return _characters(hmac_of(secret).digest(b"check|" + payload.encode()), _CHECK_CHARACTERS)


def _printed(text: str) -> TrackingCode:
    return TrackingCode("-".join((text[:4], text[4:8], text[8:12], text[12:])))
