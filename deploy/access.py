"""Why a server denies us access, as one sentence for a person, with what to do about it.

A refusal is certain: the same again would be refused again. A server that is away is none.
"""

import ssl
from collections.abc import Iterator

from schemas.errors import Unusable
from schemas.words import Language

#: OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH: the certificate is for another name or address.
_OTHER_NAME = (62, 64)
#: X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
_NOT_YET_VALID, _EXPIRED = 9, 10


class AccessDenied(Exception):
    """A server that answers and refuses us. Its text never holds a password."""

    def __init__(self, server: str, why: Unusable, remedy: Unusable) -> None:
        super().__init__(server, str(why), str(remedy))
        self._server, self._why, self._remedy = server, why, remedy

    def found(self, language: Language) -> str:
        """What the server does, as part of a sentence."""
        return f"{self._server} {self._why.message(language)}"

    def remedy(self, language: Language) -> str:
        """What to do about it, as a sentence."""
        return self._remedy.message(language)

    def message(self, language: Language) -> str:
        """Both of them, as one sentence for a person."""
        return f"{self.found(language)}{language.choose('。解决办法：', '. Remedy: ')}{self.remedy(language)}"

    def __str__(self) -> str:
        return self.message(Language.EN)


def loggable_reason(error: BaseException) -> str:
    """What a log line says of an error beside its type: only of those that certainly quote nobody."""
    return str(error) if isinstance(error, AccessDenied) else ""


def refusal_over_tls(error: ssl.SSLError) -> tuple[Unusable, str] | None:
    """What is wrong with TLS in words, and which remedy helps; None where it is no certain refusal."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _distrust(error)
    if error.reason == "WRONG_VERSION_NUMBER":
        return Unusable(zh="在该处不使用 TLS", en="does not speak TLS there"), "no-tls"
    if "ALERT" in (error.reason or ""):
        return Unusable(
            zh=f"中断了 TLS，很可能缺少我方证书（{error.reason}）",
            en=f"ends TLS, most likely for want of our certificate ({error.reason})",
        ), "ours"
    return None


def _distrust(error: ssl.SSLCertVerificationError) -> tuple[Unusable, str]:
    said = error.verify_message.rstrip(".")
    if error.verify_code in _OTHER_NAME:
        zh, en, remedy = "出示的证书属于另一名称", "shows a certificate for another name", "name"
    elif error.verify_code in (_NOT_YET_VALID, _EXPIRED):
        zh, en, remedy = "出示的证书今天无效", "shows a certificate that is not valid today", "time"
    else:
        zh, en, remedy = (
            "出示的证书由我们不信任的 CA 签发",
            "shows a certificate of a CA that we do not trust",
            "authority",
        )
    return Unusable(zh=f"{zh}（{said}）", en=f"{en} ({said})"), remedy


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and everything that it was raised from, outermost first, each once: some were raised from themselves."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
