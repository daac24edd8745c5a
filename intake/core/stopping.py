"""The unsubscribe address in each letter: it names the case, and nobody can make one up."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from uuid import UUID

from schemas.ids import CaseId

#: Project choice: 96 bits, as hard to guess as needed for what it does.
_MAC_BYTES = 12


def stop_token(secret: bytes, case_id: CaseId) -> str:
    """What stops the notices of a case: every call makes the same one of the same case and secret."""
    case = UUID(case_id).bytes
    return base64.urlsafe_b64encode(case + _mac(secret, case)).decode().rstrip("=")


def case_of_token(secrets: Sequence[bytes], token: str) -> CaseId | None:
    """The case whose notices it stops; None where it is none of ours."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    case, mac = raw[:16], raw[16:]
    if len(raw) != 16 + _MAC_BYTES or not any(hmac.compare_digest(_mac(each, case), mac) for each in secrets):
        return None
    return CaseId(str(UUID(bytes=case)))


def _mac(secret: bytes, case: bytes) -> bytes:
    return hmac.digest(secret, b"stop|" + case, "sha256")[:_MAC_BYTES]
