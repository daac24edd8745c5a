"""Security headers on every answer, whoever gives it: pages, the API, style sheets, operators' endpoints, failures."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: No inline scripts, nothing from elsewhere, never in a frame.
SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
_SENT = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]


def lacking(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Those of `SECURITY_HEADERS` that an answer with these headers lacks: it may have stricter ones of its own."""
    own = {name for name, _ in headers}
    return [header for header in _SENT if header[0] not in own]


class Secured:
    """The same application; its answers carry `SECURITY_HEADERS`, unless one has a stricter of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection: every answer of the wrapped site gets the security headers."""

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *lacking(message["headers"])]
            await send(message)

        await self._app(scope, receive, send_secured)
