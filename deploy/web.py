"""The HTTP edge: turns the slices' route tables into one server, and is the only place that commits for them.

For every request: who is asking, may they, does the input have its type; then the slice's function inside one
transaction; then the answer. Whatever is refused leaves as problem+json (RFC 9457) or as an error page, in the
caller's language, with nothing half-written.
"""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute
from starlette.routing import Route as StarletteRoute

from deploy import metrics, problems, traces
from deploy.database import TRANSIENT, Pool, unit_of_work
from deploy.identity import Identity
from deploy.limits import Limits
from deploy.outbox import Bell
from deploy.settings import Settings
from deploy.site import cookies, csrf, preferences
from deploy.site.render import Renderer
from schemas.errors import (
    BadInput,
    Forbidden,
    HuiyinError,
    Malformed,
    NotFound,
    TooLarge,
    Unauthenticated,
)
from schemas.http import Call, Download, Page, Principal, Redirect, Route, Stream, field_error
from schemas.words import Language, Role

log = structlog.get_logger()

#: Sent with every answer. No inline scripts, nothing from elsewhere, never in a frame.
SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
_JSON = "application/json"


class _RollBack(Exception):
    """A page that shows an error: its answer goes out, its transaction does not."""

    def __init__(self, answer: Page) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What every endpoint needs."""

    settings: Settings
    pool: Pool
    bell: Bell
    identity: Identity
    limits: Limits
    renderer: Renderer
    csrf_secret: bytes
    trusted_proxies: frozenset[str]


def build_site(edge: Edge, routes: Sequence[Route], others: Sequence[BaseRoute] = ()) -> Starlette:
    """The server for `routes`, and for whatever else deploy itself answers."""
    methods: dict[str, list[Route]] = {}
    for route in routes:
        methods.setdefault(route.path, []).append(route)
    served: list[BaseRoute] = [*others]
    for path, group in methods.items():
        by_method = {route.method: _Endpoint(edge, route) for route in group}
        if "GET" in by_method:
            by_method["HEAD"] = by_method["GET"]
        served.append(StarletteRoute(path, _dispatch(by_method), methods=list(by_method)))
    return Starlette(
        routes=served,
        exception_handlers={HTTPException: _unrouted(edge), 500: _unrouted(edge)},
    )


def _dispatch(by_method: Mapping[str, "_Endpoint"]) -> Any:
    async def endpoint(request: Request) -> Response:
        return await by_method[request.method].answer(request)

    return endpoint


class _Endpoint:
    """One route of a slice, served."""

    def __init__(self, edge: Edge, route: Route) -> None:
        self._edge = edge
        self._route = route
        self._decoder = msgspec.json.Decoder(route.body) if route.body is not None else None

    async def answer(self, request: Request) -> Response:
        """Always a response; nothing escapes."""
        started = time.perf_counter()
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]
        }
        language = preferences.language_of(headers)
        visit = _Visit(self._edge, request, headers, language)
        try:
            response = await self._respond(visit)
        except ClientDisconnect:
            response = Response(status_code=400)
        except Exception as error:  # noqa: BLE001  the outermost edge: everything becomes an answer
            response = visit.refusal(problems.refusal_of(error, self._route.path), page=self._route.page)
        response.headers.update(SECURITY_HEADERS)
        metrics.HTTP_SECONDS.labels(self._route.path, response.status_code).observe(
            time.perf_counter() - started
        )
        return response

    async def _respond(self, visit: "_Visit") -> Response:
        route, edge = self._route, self._edge
        principal = await (edge.identity.of_page if route.page else edge.identity.of_api)(visit.headers)
        visit.principal = principal
        self._admit(principal)
        if route.limited:
            edge.limits.count_submission(visit.address)
        if route.guessable:
            edge.limits.check_guesses(visit.address)
        raw = await visit.body(route.max_body_bytes)
        form = visit.form(raw) if route.page and route.method == "POST" else {}
        call = Call(
            principal=principal,
            language=visit.language,
            path=visit.request.path_params,
            headers=visit.headers,
            address=visit.address,
            raw_body=raw,
            body=self._body(raw) if not route.page else None,
            query=self._query(visit.request),
            form=form,
            traceparent=visit.headers.get("traceparent"),
        )
        with traces.request_span(f"{route.method} {route.path}", call.traceparent) as call.traceparent:
            return visit.response(await self._answer(call, visit.address), route)

    def _admit(self, principal: Principal) -> None:
        if not self._route.who or principal.role in self._route.who:
            return
        raise Unauthenticated if principal.role is Role.CITIZEN else Forbidden

    async def _answer(self, call: Call, address: str) -> Any:
        try:
            answer = await self._called(call)
        except NotFound:
            self._count_guess(address)
            raise
        if isinstance(answer, Page) and answer.status == NotFound.status:
            self._count_guess(address)
        return answer

    def _count_guess(self, address: str) -> None:
        if self._route.guessable:
            self._edge.limits.count_wrong_guess(address)

    async def _called(self, call: Call) -> Any:
        if not self._route.database:
            return await self._route.answer(call)
        try:
            return await self._in_one_transaction(call)
        except _RollBack as rolled_back:
            return rolled_back.answer
        except TRANSIENT as error:
            if not self._route.without_database:
                raise
            log.warning("request.without-database", route=self._route.path, error=type(error).__name__)
            call.unit_or_none = None
            return await self._route.answer(call)

    async def _in_one_transaction(self, call: Call) -> Any:
        async with unit_of_work(self._edge.pool, prefix=self._edge.settings.topic_prefix) as unit:
            unit.origin = call.traceparent
            call.unit_or_none = unit
            answer = await self._route.answer(call)
            if isinstance(answer, Page) and answer.status >= 400:
                raise _RollBack(answer)
            wrote = unit.has_emitted
        if wrote:
            self._edge.bell.ring()
        return answer

    def _body(self, raw: bytes) -> Any:
        if self._decoder is None:
            return None
        try:
            return self._decoder.decode(raw)
        except msgspec.ValidationError as error:
            raise BadInput([field_error(error)]) from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed(reason=f"JSON: {error}") from error

    def _query(self, request: Request) -> Any:
        if self._route.query is None:
            return None
        raw = {name: value for name, value in request.query_params.items() if value != ""}
        try:
            return msgspec.convert(raw, self._route.query, strict=False)
        except msgspec.ValidationError as error:
            raise BadInput([field_error(error)]) from error


class _Visit:
    """One request, and how its answer is written."""

    def __init__(self, edge: Edge, request: Request, headers: Mapping[str, str], language: Language) -> None:
        self._edge = edge
        self.request = request
        self.headers = headers
        self.language = language
        self.principal = Principal()
        self.address = _address(request, headers, edge.trusted_proxies)
        #: Of language and text size, in the form itself: as cookies.
        self._choices: Mapping[str, str] = {}

    async def body(self, limit: int) -> bytes:
        """The request's body.

        Raises:
            TooLarge: more than `limit` bytes; reading stops there.
        """
        if int(self.headers.get("content-length") or 0) > limit:
            raise TooLarge(limit=limit)
        if self.request.method in ("GET", "HEAD"):
            return b""
        chunks: list[bytes] = []
        size = 0
        async for chunk in self.request.stream():
            size += len(chunk)
            if size > limit:
                raise TooLarge(limit=limit)
            chunks.append(chunk)
        return b"".join(chunks)

    def form(self, raw: bytes) -> Mapping[str, str]:
        """The fields of a form of ours; a field given several times is joined by commas.

        Raises:
            Forbidden: not sent by a page of ours.
        """
        fields: dict[str, str] = {}
        for name, value in parse_qsl(
            raw.decode("utf-8", errors="replace"), keep_blank_values=True, max_num_fields=200
        ):
            fields[name] = f"{fields[name]},{value}" if fields.get(name) else value
        if not csrf.check(self._edge.csrf_secret, self._cookie, fields.pop(csrf.FIELD, ""), self.headers):
            raise Forbidden
        self._choices = preferences.take_choices(fields)
        self.language = preferences.LANGUAGES.get(self._choices.get(cookies.LANGUAGE, ""), self.language)
        return fields

    @property
    def _cookie(self) -> str:
        return cookies.cookie(self.headers, cookies.SESSION) or cookies.cookie(self.headers, cookies.VISITOR)

    @property
    def _asked_for(self) -> str:
        url = self.request.url
        return f"{url.path}?{url.query}" if url.query else url.path

    @property
    def _large_text(self) -> bool:
        chosen = self._choices.get(cookies.SIZE)
        return preferences.large_text(self.headers) if chosen is None else chosen == "large"

    def response(self, answer: Any, route: Route) -> Response:
        """The answer as HTTP."""
        if isinstance(answer, Page):
            return self.page(answer)
        if isinstance(answer, Redirect):
            return self._with_cookies(
                RedirectResponse(answer.to, status_code=303), {**self._choices, **answer.cookies}
            )
        if isinstance(answer, Download):
            return _download(answer)
        if isinstance(answer, Stream):
            return StreamingResponse(
                answer.chunks,
                media_type="text/event-stream",
                headers={"cache-control": "no-store", "x-accel-buffering": "no"},
            )
        return Response(
            msgspec.json.encode(answer),
            status_code=route.status,
            media_type=_JSON,
            headers={"cache-control": "no-store", "content-language": self.language.value},
        )

    def page(self, page: Page) -> Response:
        """HTML, with the cookie that its forms need."""
        cookie = self._cookie
        set_cookies = {**self._choices, **page.cookies}
        if not cookie:
            cookie = secrets.token_urlsafe(24)
            set_cookies[cookies.VISITOR] = cookie
        html = self._edge.renderer.render(
            page,
            language=self.language,
            principal=self.principal,
            csrf_token=csrf.issue(self._edge.csrf_secret, cookie),
            path=self._asked_for,
            large_text=self._large_text,
            way_back=self._asked_for if self.request.method in ("GET", "HEAD") else "/",
        )
        response = Response(html, status_code=page.status, media_type="text/html")
        response.headers.update({"cache-control": "no-store", "content-language": self.language.value})
        return self._with_cookies(response, set_cookies)

    def refusal(self, error: HuiyinError, *, page: bool) -> Response:
        """An error as the caller reads it."""
        if not page:
            headers = {
                **problems.headers(error),
                "content-language": self.language.value,
                "cache-control": "no-store",
            }
            return Response(
                problems.encode(error, self.language),
                status_code=error.status,
                media_type=problems.CONTENT_TYPE,
                headers=headers,
            )
        if isinstance(error, Unauthenticated) and self.request.method in ("GET", "HEAD"):
            return RedirectResponse(f"/sign-in?next={quote(self._asked_for, safe='')}", status_code=303)
        context = {
            "title": problems.title(error.status, self.language),
            "message": error.message(self.language),
            "status": error.status,
            "errors": error.errors if isinstance(error, BadInput) else (),
        }
        response = self.page(Page(template="site/error.html", context=context, status=error.status))
        response.headers.update(problems.headers(error))
        return response

    def _with_cookies(self, response: Response, values: Mapping[str, str | None]) -> Response:
        https = self._edge.settings.base_url.startswith("https:")
        for name, value in values.items():
            response.headers.append("set-cookie", cookies.set_cookie(name, value, https=https))
        return response


def _download(answer: Download) -> Response:
    response = Response(answer.body, media_type=answer.content_type)
    if answer.filename is not None:
        response.headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(answer.filename)}"
    return response


def _address(request: Request, headers: Mapping[str, str], trusted: frozenset[str]) -> str:
    """The caller's address; what a proxy says of it counts only where we trust the proxy."""
    address = request.client.host if request.client else ""
    if address in trusted and (forwarded := headers.get("x-forwarded-for")):
        return forwarded.rpartition(",")[2].strip()
    return address


def _unrouted(edge: Edge) -> Any:
    """404 and 405 for paths and methods that no slice has; the API's in its own form."""

    async def respond(request: Request, error: Exception) -> Response:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]
        }
        visit = _Visit(edge, request, headers, preferences.language_of(headers))
        status = getattr(error, "status_code", 500)
        refusal = problems.Unrouted(status)
        page = "text/html" in headers.get("accept", "") and not request.url.path.startswith("/api/")
        response = visit.refusal(refusal, page=page)
        response.headers.update({**SECURITY_HEADERS, **dict(getattr(error, "headers", None) or {})})
        return response

    return respond
