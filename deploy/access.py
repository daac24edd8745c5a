"""Why a server denies us access, as one sentence for a person, with what to do about it.

A refusal is certain: the same again would be refused again. A server that is away is none.
"""

import ssl
from collections.abc import Iterator

#: OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH: the certificate is for another name or address.
_OTHER_NAME = (62, 64)
#: X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
_NOT_YET_VALID, _EXPIRED = 9, 10


class AccessDenied(Exception):
    """A server that answers and refuses us. Its text never holds a password."""

    def __init__(self, server: str, why: str, remedy: str) -> None:
        super().__init__(server, why, remedy)
        self.found = f"{server} {why}"
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.found}. Remedy: {self.remedy}"


def loggable_reason(error: BaseException) -> str:
    """What a log line says of an error beside its type: only of those that certainly quote nobody."""
    return str(error) if isinstance(error, AccessDenied) else ""


def refusal_over_tls(error: ssl.SSLError) -> tuple[str, str] | None:
    """What is wrong with TLS in words, and which remedy helps; None where it is no certain refusal."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _distrust(error)
    if error.reason == "WRONG_VERSION_NUMBER":
        return "does not speak TLS there", "no-tls"
    if "ALERT" in (error.reason or ""):
        return f"ends TLS, most likely for want of our certificate ({error.reason})", "ours"
    return None


def _distrust(error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    said = error.verify_message.rstrip(".")
    if error.verify_code in _OTHER_NAME:
        return f"shows a certificate for another name ({said})", "name"
    if error.verify_code in (_NOT_YET_VALID, _EXPIRED):
        return f"shows a certificate that is not valid today ({said})", "time"
    return f"shows a certificate of a CA that we do not trust ({said})", "authority"


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and everything that it was raised from, outermost first."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
