"""Text messages and mini-app pushes: handed to the city's gateway by HTTP, or written to a file where none is set.

What a gateway gets is in docs/notices.md: most cities have one of their own, and a few lines turn this into its words.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp
from pydantic import SecretStr

from deploy.notices.carriers import NotNow, RefusedForGood
from schemas.errors import Misconfigured
from schemas.notices import KeptNotice, Message

#: Project choice, as of webhooks.
_SECONDS = 15.0
#: The gateway understood, and will never send this: RFC 9110 §15.5.1, §15.5.5, §15.5.21. All else may pass.
_FOR_GOOD = frozenset({400, 404, 422})


class GatewayUnusable(Misconfigured):
    """The setting names nothing that messages could be handed to."""

    en = "{setting}: it is https://host/path, or file:///path for tests"
    zh = "{setting} 不可用；应为 https://主机/路径，测试时可用 file:///路径"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByFile:
    """One JSON object a line, for tests and demonstrations."""

    path: Path

    async def carry(self, notice: KeptNotice, message: Message) -> None:
        """As `Carrier.carry`, which says what may be raised."""
        await asyncio.to_thread(self._append, _said(notice, message))

    def _append(self, said: Mapping[str, str]) -> None:
        line = json.dumps(said, ensure_ascii=False) + "\n"
        # It holds telephone numbers: nobody else's to read.
        self.path.touch(mode=0o600)
        with self.path.open("a", encoding="utf-8") as lines:
            lines.write(line)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByGateway:
    """One POST of JSON: `id` (the same at each try), `to`, `language`, `text`."""

    url: str
    token: str = field(repr=False)

    async def carry(self, notice: KeptNotice, message: Message) -> None:
        """As `Carrier.carry`, which says what may be raised."""
        headers = {"idempotency-key": notice.id, "user-agent": "Huiyin"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as http,
                http.post(
                    self.url, json=_said(notice, message), headers=headers, allow_redirects=False
                ) as answer,
            ):
                status = answer.status
        except aiohttp.ClientError as error:
            raise NotNow(type(error).__name__) from error
        if status in _FOR_GOOD:
            raise RefusedForGood(f"HTTP {status}")
        if not 200 <= status < 300:
            raise NotNow(f"HTTP {status}")


def _said(notice: KeptNotice, message: Message) -> Mapping[str, str]:
    return {"id": notice.id, "to": message.to, "language": message.language.value, "text": message.short}


def gateway_of(url: str, token: SecretStr, setting: str) -> ByFile | ByGateway | None:
    """What the setting names; None where it is empty.

    Raises:
        GatewayUnusable: none can be meant by that.
    """
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path:
        return ByFile(path=Path(unquote(parts.path)))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise GatewayUnusable(setting=setting)
    return ByGateway(url=url, token=token.get_secret_value())
