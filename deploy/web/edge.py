"""The HTTP edge: turns the slices' route tables into one server.

For every request: who is asking, may they, does the input have its type; then the slice's function
(`deploy/web/transactions.py`); then the answer (`deploy/web/exchange.py`). Whatever is refused leaves as
problem+json (RFC 9457) or as an error page, in the caller's language, with nothing half-written.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from prometheus_client import Histogram
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.accounts.devices import device_among, remembering
from deploy.database.in_time import within
from deploy.messaging.consuming.error_policy import ErrorKind, error_kind
from deploy.observability import metrics, tracing
from deploy.web import problems
from deploy.web.authentication import ANONYMOUS
from deploy.web.exchange import Edge, Exchange
from deploy.web.fields import query_of
from deploy.web.json_body import read_body
from deploy.web.paths import Paths
from deploy.web.rate_limits import caller_of, is_this_machine
from deploy.web.site.cookies import CASE, cookie
from deploy.web.site.csrf import same_origin
from deploy.web.site.headers import Secured, lacking
from deploy.web.streams import while_admitted
from deploy.web.transactions import RouteRunner
from deploy.web.unheard import with_whom_to_call
from schemas.errors import (
    BadInput,
    CodingRefused,
    FieldError,
    Forbidden,
    HuiyinError,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
)
from schemas.http import DRAFT_FIELD, Call, Limit, Page, Principal, Route, Stream, field_error, read
from schemas.tried_secrets import TriedSecret
from schemas.words import Role

#: How long whoever only looks waits for Postgres (project choice: longer, people reload, and what they left is still asked).
ANSWER_SECONDS = 10.0
#: What a body's coding is called that is none (RFC 9110 §8.4.1).
_AS_IT_IS = "identity"


def build_site(edge: Edge, routes: Sequence[Route], others: Sequence[BaseRoute] = ()) -> ASGIApp:
    """The server for `routes`, and for whatever else deploy itself answers."""
    methods: dict[str, list[Route]] = {}
    for route in routes:
        methods.setdefault(route.path, []).append(route)
    served: list[StarletteRoute] = []
    for path, group in methods.items():
        by_method = {route.method: _Endpoint(edge, route) for route in group}
        if "GET" in by_method:
            by_method["HEAD"] = by_method["GET"]
        endpoint = next(iter(by_method.values())).answer if len(by_method) == 1 else _dispatch(by_method)
        served.append(StarletteRoute(path, endpoint, methods=list(by_method)))
    unrouted, paths = _unrouted(edge), Paths(served)
    site = Starlette(routes=[paths, *others], exception_handlers={HTTPException: unrouted, 500: unrouted})
    # Starlette would send whoever adds a slash to the address that their Host header names.
    site.router.redirect_slashes = False
    return _straight(paths, Secured(site))


def _straight(paths: Paths, site: ASGIApp) -> ASGIApp:
    """`site`; what one of our routes is for goes to it straight, past Starlette's layers: they cost a tenth of a message.

    These routes answer whatever becomes of a request (`_Endpoint.answer`), so that no layer has a failure to handle.
    """

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        match, found = paths.matches(scope)
        if match is not Match.FULL:
            await site(scope, receive, send)
            return
        scope.update(found)
        response = await found["endpoint"](Request(scope, receive, send))
        response.raw_headers += lacking(response.raw_headers)
        await response(scope, receive, send)

    return application


def _dispatch(by_method: Mapping[str, "_Endpoint"]) -> Any:
    async def endpoint(request: Request) -> Response:
        return await by_method[request.method].answer(request)

    return endpoint


class _Endpoint:
    """One route of a slice, served."""

    def __init__(self, edge: Edge, route: Route) -> None:
        self._edge = edge
        self._route = route
        self._runner = RouteRunner(
            route, edge.pool, edge.settings.topic_prefix, edge.audit_key, edge.notifier
        )
        # What changes something is waited for: whoever did it learns what came of it.
        self._is_waited_for = route.method != "GET" or route.takes_long
        is_json = route.body is not None and not (route.page or route.key_field)
        self._decoder = msgspec.json.Decoder(route.body) if is_json else None
        #: By status; looked up among all labels once each.
        self._seconds: dict[int, Histogram] = {}

    async def answer(self, request: Request) -> Response:
        """Answer a request. Whatever error there is becomes a response, too."""
        started = time.perf_counter()
        exchange = Exchange(self._edge, request)
        try:
            work = self._large(exchange) if self._route.streams else self._respond(exchange)
            response = await (work if self._is_waited_for else within(ANSWER_SECONDS, work))
        except ClientDisconnect:
            response = Response(status_code=400)
        except Exception as error:  # noqa: BLE001  the outermost edge: everything becomes an answer
            refusal = problems.refusal_of(error, self._route.path, only_looks=self._route.method == "GET")
            response = exchange.refused(with_whom_to_call(refusal, self._route), self._route)
        status = response.status_code
        if status not in self._seconds:
            self._seconds[status] = metrics.HTTP_SECONDS.labels(self._route.path, status)
        self._seconds[status].observe(time.perf_counter() - started)
        return response

    async def _large(self, exchange: Exchange) -> Response:
        # Of a form the place is held while it comes: `Exchange.sent_form`.
        with self._edge.large_bodies.place(exchange.address):
            return await self._respond(exchange)

    async def _respond(self, exchange: Exchange) -> Response:
        route, edge = self._route, self._edge
        if route.limit is not None:
            try:
                if route.counts_wrong:
                    await edge.limits.count(Limit.FORMS, exchange.address)
                await edge.limits.count(route.limit, exchange.address)
            except TooMany as error:
                if not (route.known_by and cookie(exchange.headers, route.known_by)):
                    return await self._later(exchange, error)
                exchange.too_many = error
        if route.method != "GET" and exchange.headers.get("content-encoding", _AS_IT_IS).lower() != _AS_IT_IS:
            raise CodingRefused
        principal = exchange.principal = await self._principal(exchange)
        if route.who and principal.role not in route.who:
            return await self._turn_away(exchange)
        if route.page and route.method == "POST":
            return await self._respond_to_form(exchange, principal)
        if route.key_field:
            return await self._respond_to_system(exchange)
        raw = b"" if route.streams else await exchange.body(route.max_body_bytes)
        return await self._answer_call(
            exchange,
            principal,
            raw_body=raw,
            body=read_body(self._decoder, raw) if self._decoder is not None else None,
            chunks=exchange.chunks(route.max_body_bytes) if route.streams else None,
        )

    async def _respond_to_form(self, exchange: Exchange, principal: Principal) -> Response:
        try:
            form, parts = await exchange.sent_form(self._route)
        except TooMany as error:
            return await self._later(exchange, error)
        try:
            if DRAFT_FIELD in form and not self._route.takes_drafts:
                return exchange.send_again(form)
            return await self._answer_call(exchange, principal, form=form, files=parts.files)
        except TooMany as error:
            return exchange.later(form, with_whom_to_call(error, self._route))
        finally:
            await parts.close()

    async def _respond_to_system(self, exchange: Exchange) -> Response:
        """A form that a program sends: no cookie counts, so that no page of ours need have made it."""
        form, parts = await exchange.system_form(self._route)
        try:
            if key := form.pop(self._route.key_field, ""):
                headers = {**exchange.headers, "authorization": f"Bearer {key}"}
                exchange.principal = await self._holder(exchange, headers)
            body = None
            if self._route.body is not None:
                said = {name: text for name, text in form.items() if text}
                body = read(self._route.body, said, strict=False)
            return await self._answer_call(
                exchange, exchange.principal, form=form, body=body, files=parts.files
            )
        finally:
            await parts.close()

    async def _answer_call(self, exchange: Exchange, principal: Principal, **given: Any) -> Response:
        route = self._route
        # Nothing is called by a NUL, which Postgres takes for no text.
        if "\0" in exchange.request.scope["path"]:
            raise NotFound
        call = Call(
            principal=principal,
            language=exchange.language,
            path=exchange.request.path_params,
            headers=exchange.headers,
            address=exchange.address,
            caller="" if is_this_machine(exchange.address) else caller_of(exchange.address),
            query=_query(exchange.request, route.query) if route.query is not None else None,
            traceparent=exchange.headers.get("traceparent"),
            browser=exchange.browser,
            form_token=exchange.form_token,
            too_many=exchange.too_many,
            **given,
        )
        with tracing.request_span(f"{route.method} {route.path}", call.traceparent) as call.traceparent:
            answer = await (
                self._answer_guess(call, route.guess) if route.guess else self._runner.answer(call)
            )
        if route.counts_wrong and route.limit and exchange.too_many is None and not _is_wrong(answer):
            self._edge.limits.give_back(route.limit, exchange.address)
        if isinstance(answer, Stream) and route.who:
            answer = Stream(chunks=while_admitted(answer.chunks, lambda: self._is_admitted(exchange)))
        return exchange.response(answer, route)

    async def _is_admitted(self, exchange: Exchange) -> bool:
        try:
            principal = await self._principal(exchange)
        except Refused:
            return False
        return principal.role in self._route.who

    async def _principal(self, exchange: Exchange) -> Principal:
        authenticator = self._edge.authenticator
        if self._route.page:
            return await authenticator.of_page(exchange.headers)
        if self._route.by_session and "authorization" not in exchange.headers:
            # Another site of our domain sends the cookie along: of what its pages ask for, a stranger asks.
            is_ours = same_origin(exchange.headers)
            return await authenticator.of_page(exchange.headers) if is_ours else ANONYMOUS
        return await self._holder(exchange, exchange.headers)

    async def _holder(self, exchange: Exchange, headers: Mapping[str, str]) -> Principal:
        """Whose token these headers hold; a wrong one counts against the address."""
        authenticator, limits = self._edge.authenticator, self._edge.limits
        return await authenticator.of_api(headers, lambda: limits.showing_unknown_token(exchange.address))

    async def _later(self, exchange: Exchange, error: TooMany) -> Response:
        """429; a form comes back with a button that sends it again."""
        if not (self._route.page and self._route.method == "POST"):
            raise error
        return exchange.later(await exchange.sent_words(self._route), with_whom_to_call(error, self._route))

    async def _turn_away(self, exchange: Exchange) -> Response:
        """401 or 403; whoever typed a form until their session had ended gets to sign in, and keeps what they typed.

        So does whoever typed it as another than is signed in by now: the page that refuses it shows their words.
        """
        if exchange.principal.role is not Role.CITIZEN:
            if self._route.page and self._route.method == "POST":
                await exchange.words_without_right(self._route)
            raise Forbidden
        if self._route.page and self._route.method == "POST":
            return await exchange.sign_in_first(self._route)
        raise Unauthenticated

    async def _answer_guess(self, call: Call, guess_of: Callable[[Call], TriedSecret | None]) -> Any:
        """The answer to whoever might be guessing a code: a wrong one counts, for that code and its address.

        Raises:
            TooMany: too many were wrong lately.
        """
        if (guess := guess_of(call)) is None:
            return await self._runner.answer(call)
        secrets, name, opened = [self._edge.case_secret], f"case:{guess.of}", cookie(call.headers, CASE)
        device = device_among(secrets, name, opened) if guess.of else None
        await self._edge.limits.count_guess(guess, call.address, device)
        answer = await self._runner.answer(call)
        if not (guess.is_right and isinstance(answer, Page)):
            return answer
        if (now := remembering(secrets, name, opened)) == opened:
            return answer
        return replace(answer, cookies={**answer.cookies, CASE: now})


def _is_wrong(answer: Any) -> bool:
    return isinstance(answer, Page) and answer.status == BadInput.status


def _query(request: Request, into: type[Any]) -> Any:
    raw = {name: value for name, value in query_of(request.scope["query_string"]).items() if value != ""}
    if unholdable := [_no_characters(name) for name, value in raw.items() if "\0" in value]:
        raise BadInput(unholdable)
    try:
        return msgspec.convert(raw, into, strict=False)
    except msgspec.ValidationError as error:
        raise BadInput([field_error(error)]) from error


def _no_characters(name: str) -> FieldError:
    return FieldError(name, "含有无法识别的字符。", "It holds characters that are no text.")


def _unrouted(edge: Edge) -> Any:
    """404 and 405 for paths and methods that no slice has; the API's in its own form."""

    async def respond(request: Request, error: Exception) -> Response:
        exchange = Exchange(edge, request)
        status = getattr(error, "status_code", 500)
        refusal = problems.Unrouted(status) if status < HuiyinError.status else HuiyinError()
        page = "text/html" in exchange.headers.get("accept", "") and not request.url.path.startswith("/api/")
        if page:
            exchange.principal = await _reader(edge, exchange)
        response = exchange.refusal(refusal, page=page)
        response.headers.update(getattr(error, "headers", None) or {})
        return response

    return respond


async def _reader(edge: Edge, exchange: Exchange) -> Principal:
    """Whose way back the page names; a stranger's where nobody can say now who they are."""
    try:
        return await edge.authenticator.of_page(exchange.headers)
    except Exception as error:
        if error_kind(error) is not ErrorKind.TRANSIENT:
            raise
        return Principal()
