"""Webhooks by the Standard Webhooks convention (https://www.standardwebhooks.com, specification 1.0.0).

`webhook-id` is the notice's, the same at each try; `webhook-signature` is an HMAC-SHA-256 of id, time and body under the
endpoint's secret. That secret derives from the master secret and is kept nowhere; after a change of the master secret each
message is signed under the former ones, too, and for some days after the endpoint's own secret was renewed.
"""

import base64
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

import aiohttp
from yarl import URL

from deploy import clock
from deploy.notices.carriers import Gone, NotNow
from deploy.notices.public_addresses import PublicResolver, is_public
from deploy.settings import Settings
from schemas.errors import HuiyinError, Unusable
from schemas.notices import KeptNotice, Message

#: Project choice: the convention says 15 to 30 seconds.
_SECONDS = 15.0
_PREFIX = "whsec_"
#: How an address begins (RFC 3986 §3); a user's name before a password looks like a scheme, so that one needs its slashes.
_SCHEME = re.compile(r"https?:(//)?|[a-z][a-z0-9+.-]*://", re.IGNORECASE)

#: A host that is no user's name: what comes behind it is no password. Before a port it has a dot or brackets, since
#: `user:1/2@host` looks like a host and its port.
_HOST = re.compile(r"(?:\[[^\]@]+\]|[^:@\[\]]*\.[^:@\[\]]*)(?::\d+)?|[^:@\[\]]+")


class WebhookUnusable(HuiyinError, ValueError):
    """No webhook can lead there."""

    en = "{url}: {fault}"
    zh = "{url} 不可用：{fault}"


_NO_ADDRESS = Unusable(zh="应为 https://host/path", en="it is https://host/path")
_UNENCRYPTED = Unusable(
    zh="须为 https，除非设置了 WEBHOOKS_PRIVATE", en="it must be https, unless WEBHOOKS_PRIVATE is set"
)
_HOLDS_A_PASSWORD = Unusable(
    zh="地址中不能有用户名和密码；消息另有签名",
    en="an address holds no password; messages are signed instead",
)
_NOT_PUBLIC = Unusable(
    zh="地址不是公网地址；WEBHOOKS_PRIVATE 可允许",
    en="its address is not public; WEBHOOKS_PRIVATE allows that",
)


def checked_url(url: str, *, allows_private: bool) -> str:
    """The address, if a webhook may lead there as far as can be said before its name is resolved.

    Raises:
        WebhookUnusable: it is none, is not encrypted, holds a password, or names an address that is not public.
    """
    try:
        parts, _ = urlsplit(url), URL(url, encoded=True).port
    except ValueError:
        # What cannot be read may be a part of a password.
        raise WebhookUnusable(url=_without_password(url), fault=_NO_ADDRESS) from None
    if fault := _fault_of(parts, allows_private=allows_private):
        said = url if _names_a_host_alone(parts) else _without_password(url)
        raise WebhookUnusable(url=said, fault=fault)
    return url


def _names_a_host_alone(parts: SplitResult) -> bool:
    """Whether nothing in the address may be a password; where its scheme is another, that may be a user's name."""
    return parts.scheme in ("http", "https") and _HOST.fullmatch(parts.netloc) is not None


def _without_password(url: str) -> str:
    """As it was given, less all that may be a user's name or password: what is before its last `@`, but for the scheme."""
    before, at, rest = url.rpartition("@")
    scheme = _SCHEME.match(before) if at else None
    return (scheme[0] if scheme else "") + rest


def _fault_of(parts: SplitResult, *, allows_private: bool) -> Unusable | None:
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return _NO_ADDRESS
    if parts.username or parts.password:
        return _HOLDS_A_PASSWORD
    if allows_private:
        return None
    if parts.scheme == "http":
        return _UNENCRYPTED
    return _NOT_PUBLIC if _is_address(parts.hostname) and not is_public(parts.hostname) else None


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def secret_of(key: bytes, endpoint_id: str, renewed: int = 0) -> bytes:
    """The secret of one endpoint, once it was renewed so often."""
    said = f"{endpoint_id} {renewed}" if renewed else endpoint_id
    return hmac.digest(key, said.encode(), "sha256")


def shown_secret(secret: bytes) -> str:
    """The secret as Standard Webhooks writes it down, for the receiver to keep."""
    return _PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, notice_id: str, at: datetime, body: bytes) -> str:
    """The `webhook-signature` of one message under one secret: over its id, its time and its body."""
    signed = b".".join((notice_id.encode(), str(int(at.timestamp())).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class ByWebhook:
    """One POST to another system. No redirect is followed, and nothing of the answer but its status is read."""

    keys: Sequence[bytes] = field(repr=False)
    allows_private: bool = False
    now: Callable[[], datetime] = clock.now

    async def carry(self, notice: KeptNotice, message: Message) -> None:
        """As `Carrier`. Whoever answers 410 wants no more.

        Raises:
            Gone: it wants no more.
            NotNow: anything but success.
        """
        try:
            url = checked_url(message.to, allows_private=self.allows_private)
        except WebhookUnusable as error:
            raise NotNow("not-public") from error
        body = message.text.encode()
        resolver = None if self.allows_private else PublicResolver()
        connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as http,
                http.post(
                    URL(url, encoded=True),
                    data=body,
                    headers=self._headers(notice, body, message.secrets),
                    allow_redirects=False,
                ) as answer,
            ):
                status = answer.status
        except aiohttp.ClientError as error:
            raise NotNow(type(error).__name__) from error
        if status == 410:
            raise Gone("HTTP 410")
        if not 200 <= status < 300:
            raise NotNow(f"HTTP {status}")

    def _headers(self, notice: KeptNotice, body: bytes, secrets: Sequence[int]) -> dict[str, str]:
        at, endpoint = self.now(), notice.endpoint_id or ""
        signatures = [
            signature(secret_of(key, endpoint, renewed), notice.id, at, body)
            for key in self.keys
            for renewed in secrets
        ]
        return {
            "content-type": "application/json",
            "user-agent": "Huiyin",
            "webhook-id": notice.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def webhook_keys(settings: Settings) -> Sequence[bytes]:
    """What secrets of endpoints derive from: now, and under former master secrets."""
    return [settings.derived("webhooks"), *settings.previously_derived("webhooks")]
