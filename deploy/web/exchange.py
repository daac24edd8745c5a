"""One request of the web, and how its answer is written: JSON, a page, a redirect, or why it was refused."""

import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from deploy.database.outbox import RelayNotifier
from deploy.database.pool import Connections
from deploy.settings import Settings
from deploy.web import problems
from deploy.web.authentication import Authenticator
from deploy.web.fields import joined_fields, pairs_of
from deploy.web.large_bodies import LargeBodies
from deploy.web.multipart import Parts, first_of, is_multipart, read_parts
from deploy.web.patience import arriving, at_once
from deploy.web.proxies import caller_behind
from deploy.web.rate_limits import Limits
from deploy.web.sent_files import download, file
from deploy.web.site import cookies, csrf, drafts, preferences
from deploy.web.site.render import Renderer
from schemas.bilingual import Bilingual
from schemas.errors import BadInput, FormRefused, HuiyinError, Malformed, TooLarge, TooMany, Unauthenticated
from schemas.http import DRAFT_FIELD, Download, File, Page, Principal, Redirect, Route, Stream
from schemas.words import Role
from schemas.written import Written

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_FORMS = f"{_FORM} / multipart/form-data"
#: A form of ours without files comes so encoded, each byte of a Chinese character in three (RFC 3986 §2.1): it holds what
#: the same form holds with files.
_ENCODED = 3
_FORWARDING = frozenset({"x-forwarded-for", "forwarded", "x-real-ip"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What all endpoints of a server share; made once, when the server starts."""

    settings: Settings
    pool: Connections
    notifier: RelayNotifier
    authenticator: Authenticator
    limits: Limits
    large_bodies: LargeBodies
    renderer: Renderer
    csrf_secret: bytes
    #: Signs which case a browser opened before.
    case_secret: bytes
    audit_key: bytes
    trusted_proxies: frozenset[str]


class Exchange:
    """One request, and how its answer is written."""

    def __init__(self, edge: Edge, request: Request) -> None:
        self._edge = edge
        self.request = request
        #: Lower-case names.
        self.headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]
        }
        if "cookie" in self.headers and self._is_https:
            self.headers["cookie"] = cookies.as_ours(self.headers["cookie"])
        #: See `Call.too_many`.
        self.too_many: TooMany | None = None
        self.language = preferences.language_of(self.headers)
        self.principal = Principal()
        #: Who connected to us: the caller, or a proxy.
        self._peer = request.client.host if request.client else ""
        self.address = self._peer
        if self._peer in edge.trusted_proxies and "x-forwarded-for" in self.headers:
            said = ",".join(request.headers.getlist("x-forwarded-for"))
            self.address = caller_behind(self._peer, said, edge.trusted_proxies)
        #: The secret of the caller's browser: a session's cookie, or a visitor's; empty where there is none.
        self.browser = cookies.browser_of(self.headers) if "cookie" in self.headers else ""
        #: `Call.form_token`, once the form was read.
        self.form_token = ""
        #: The form of ours that was sent, once it was read: a refusal shows what somebody wrote into it.
        self._sent: Mapping[str, str] = {}
        #: Of language and text size, in the form itself: as cookies.
        self._choices: Mapping[str, str] = {}

    @property
    def _is_https(self) -> bool:
        return self._edge.settings.base_url.startswith("https:")

    @property
    def is_forwarded(self) -> bool:
        """Whether a proxy passed it on that we do not trust to say for whom."""
        return self.address == self._peer and not _FORWARDING.isdisjoint(self.headers)

    async def body(self, limit: int) -> bytes:
        """The request's body.

        Raises:
            TooLarge: more than `limit` bytes; reading stops there.
        """
        if self.request.method in ("GET", "HEAD"):
            return b""
        body = await at_once(self.request)
        if body is None:
            return b"".join([chunk async for chunk in self.chunks(limit)])
        if len(body) > limit:
            raise TooLarge(limit=limit)
        return body

    async def chunks(self, limit: int) -> AsyncIterator[bytes]:
        """The request's body as it arrives.

        Raises:
            ClientDisconnect: the caller has left.
            TooSlow: it does not arrive in time.
            TooLarge: more than `limit` bytes; reading stops there.
        """
        if int(self.headers.get("content-length") or 0) > limit:
            raise TooLarge(limit=limit)
        size = 0
        async for chunk in arriving(self.request):
            size += len(chunk)
            if size > limit:
                raise TooLarge(limit=limit)
            yield chunk

    async def system_form(self, route: Route) -> tuple[dict[str, str], Parts]:
        """What a program sent, as `joined_fields`: nothing in it counts for a browser; files as `sent_form`.

        Raises:
            Malformed: no such form, or more fields than any has.
            NoRoomLeft, TooLarge, TooMany: as `sent_form`.
        """
        if is_multipart(self.headers):
            parts = await self._parts(route)
            return joined_fields(parts.pairs), parts
        kind = self.headers.get("content-type", _FORM).partition(";")[0].strip().lower()
        if kind != _FORM:
            raise Malformed(reason=Bilingual(zh=f"须为 {_FORMS}", en=f"send {_FORMS}"))
        return joined_fields(pairs_of(await self.body(route.max_body_bytes))), Parts()

    async def _parts(self, route: Route) -> Parts:
        bodies = self._edge.large_bodies
        with bodies.place(self.address):
            limit = route.takes_files or route.max_body_bytes
            chunks = bodies.while_there_is_room(self.chunks(limit), route.max_body_bytes)
            return await read_parts(self.headers, chunks, route.max_body_bytes)

    async def sent_form(self, route: Route) -> tuple[Mapping[str, str], Parts]:
        """The form that the request holds, and the files that it brings where the route takes some: close them.

        Raises:
            FormRefused, Malformed: as `_fields`.
            NoRoomLeft: the disk is nearly full.
            TooLarge: more than the route takes.
            TooMany: of that address so many come already; nothing was read yet.
        """
        if not (route.takes_files and is_multipart(self.headers)):
            return await self.sent_words(route), Parts()
        parts = await self._parts(route)
        try:
            return self._fields(parts.pairs, keeps_words=route.keeps_words), parts
        except HuiyinError:
            await parts.close()
            raise

    async def sent_words(self, route: Route) -> Mapping[str, str]:
        """The form without its files, which are read past and need neither place nor room.

        Raises:
            FormRefused, Malformed: as `_fields`.
            TooLarge: more than the route takes.
        """
        if not (route.takes_files and is_multipart(self.headers)):
            raw = await self.body(_ENCODED * route.max_body_bytes)
            return self._fields(pairs_of(raw), keeps_words=route.keeps_words)
        return await self._words(route, self.chunks(route.takes_files))

    async def words_without_right(self, route: Route) -> Mapping[str, str]:
        """The same of whoever has no right to the page: the fields in so much as a form without files holds.

        Raises:
            FormRefused, Malformed, TooLarge: as `sent_words`.
            TooMany: of that address so many come already; nothing was read yet.
        """
        if not (route.takes_files and is_multipart(self.headers)):
            return await self.sent_words(route)
        with self._edge.large_bodies.place(self.address):
            return await self._words(route, first_of(self.chunks(route.takes_files), route.max_body_bytes))

    async def _words(self, route: Route, chunks: AsyncIterator[bytes]) -> Mapping[str, str]:
        words = await read_parts(self.headers, chunks, route.max_body_bytes, keeps_files=False)
        await words.close()
        return self._fields(words.pairs, keeps_words=route.keeps_words)

    def _fields(self, pairs: Iterable[tuple[str, str]], *, keeps_words: bool) -> Mapping[str, str]:
        """The fields of a form of ours, without NUL; a field given several times is joined by commas.

        A form that was made for a session or a visitor who is no more comes as a draft (`DRAFT_FIELD`), if the browser says
        that a page of ours sent it: it may be shown again, and is not to be acted upon. `keeps_words`: also if it
        says nothing.

        Raises:
            FormRefused: not sent by a page of ours.
            Malformed: more fields than any form of ours has.
        """
        fields = joined_fields(pairs)
        self.form_token = fields.pop(csrf.FIELD, "")
        if not csrf.check(self._edge.csrf_secret, self.browser, self.form_token, self.headers):
            if not csrf.same_origin(self.headers) or not (keeps_words or csrf.says_origin(self.headers)):
                raise FormRefused
            fields[DRAFT_FIELD] = "yes"
        self._choices = preferences.take_choices(fields)
        self.language = preferences.LANGUAGES.get(self._choices.get(cookies.LANGUAGE, ""), self.language)
        self._sent = fields
        return fields

    @property
    def _asked_for(self) -> str:
        url = self.request.url
        return f"{url.path}?{url.query}" if url.query else url.path

    @property
    def _is_just_done(self) -> bool:
        """Whether the page follows a form that was carried out: an address says nothing of what its reader did."""
        if self.request.method == "POST":
            return True
        mark = csrf.mark_of(self._edge.csrf_secret, self.browser, self._asked_for)
        return bool(self.browser) and cookies.cookie(self.headers, cookies.DONE) == mark

    @property
    def _large_text(self) -> bool:
        chosen = self._choices.get(cookies.SIZE)
        return preferences.large_text(self.headers) if chosen is None else chosen == "large"

    def response(self, answer: Any, route: Route) -> Response:
        """What a route's function returned, as HTTP: a page, a redirect, a file, a stream, or else JSON."""
        if isinstance(answer, Page):
            return self.page(answer, route.keep_seconds)
        if isinstance(answer, Redirect):
            set_cookies = {**self._choices, **answer.cookies}
            if self.request.method == "POST" and self.browser:
                # Signed in, they may go on with another session; who signs in has done nothing to be told of.
                by = (route.who and answer.cookies.get(cookies.SESSION)) or self.browser
                set_cookies[cookies.DONE] = csrf.mark_of(self._edge.csrf_secret, by, answer.to)
            return self._with_cookies(RedirectResponse(answer.to, status_code=303), set_cookies)
        if isinstance(answer, Download):
            return download(answer)
        if isinstance(answer, File):
            return file(answer, self.request.method, self.headers.get("if-none-match", ""))
        if isinstance(answer, Stream):
            return self._stream(answer)
        if isinstance(answer, Written):
            return self._written(answer)
        return Response(
            msgspec.json.encode(answer),
            status_code=route.status,
            media_type=_JSON,
            headers={"cache-control": "no-store", "content-language": self.language.value},
        )

    def _written(self, answer: Written) -> Response:
        headers = {"cache-control": "no-store", "content-language": self.language.value}
        return Response(
            answer.body, status_code=answer.status, media_type=answer.content_type, headers=headers
        )

    def _stream(self, answer: Stream) -> Response:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        if self.request.method == "HEAD":
            # Nobody would read it, and it has no end.
            return Response(media_type="text/event-stream", headers=headers)
        return StreamingResponse(answer.chunks, media_type="text/event-stream", headers=headers)

    def page(self, page: Page, keep_seconds: int = 0) -> Response:
        """HTML, with the cookie that its forms need; what browsers may keep has neither."""
        if keep_seconds and self._is_same_for_all(page):
            response = Response(self._html(page, cookie=""), media_type="text/html")
            response.headers.update(self._kept(keep_seconds))
            return response
        cookie = page.cookies.get(cookies.SESSION) or self.browser
        set_cookies = {**self._choices, **page.cookies}
        if not cookie:
            cookie = secrets.token_urlsafe(24)
            set_cookies[cookies.VISITOR] = cookie
        response = Response(self._html(page, cookie=cookie), status_code=page.status, media_type="text/html")
        response.headers.update({"cache-control": "no-store", "content-language": self.language.value})
        if page.retry_after_seconds is not None:
            response.headers["retry-after"] = str(page.retry_after_seconds)
        return self._with_cookies(response, set_cookies)

    def _html(self, page: Page, *, cookie: str) -> str:
        secret = self._edge.csrf_secret
        return self._edge.renderer.render(
            page,
            language=self.language,
            principal=self.principal,
            csrf_token=csrf.issue(secret, cookie) if cookie else "",
            browser=csrf.name_of(secret, cookie) if cookie else "",
            path=self._asked_for,
            large_text=self._large_text,
            is_just_done=self._is_just_done,
            way_back=self._asked_for if self.request.method in ("GET", "HEAD") else "/",
        )

    def _is_same_for_all(self, page: Page) -> bool:
        return self.principal.role is Role.CITIZEN and page.status == 200 and not page.cookies

    def _kept(self, seconds: int) -> dict[str, str]:
        return {
            "cache-control": f"public, max-age={seconds}",
            "content-language": self.language.value,
            # The language and the text size are in cookies, and so is whether somebody is signed in.
            "vary": "accept-language, cookie",
        }

    async def sign_in_first(self, route: Route) -> Response:
        """The sign-in form, which keeps what was typed: the session has ended."""
        response = self.page(drafts.sign_in_first(await self.words_without_right(route), self._asked_for))
        response.headers.update(problems.headers(Unauthenticated()))
        return response

    def send_again(self, form: Mapping[str, str]) -> Response:
        """403 for a draft that nobody may act upon; the page keeps what was typed, and sends it when told to."""
        return self.page(drafts.send_again(form, self._asked_for))

    def later(self, form: Mapping[str, str], error: TooMany) -> Response:
        """429 for a form that came too soon after others; the page keeps what was typed, and sends it when told to."""
        if drafts.PASSWORD_FIELDS & form.keys():
            return self.refusal(error, page=True)
        response = self.page(drafts.later(form, self._asked_for, error.message(self.language)))
        response.headers.update(problems.headers(error))
        return response

    def refused(self, error: HuiyinError, route: Route) -> Response:
        """An error as callers of this route read it."""
        if route.refusing is None:
            return self.refusal(error, page=route.page)
        response = self._written(route.refusing(error, self.language, self.request.path_params))
        response.headers.update(problems.headers(error))
        return response

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
            "is_of_case": self.request.method == "POST" and "case_id" in self.request.path_params,
            "errors": error.errors if isinstance(error, BadInput) else (),
            **drafts.refused(self._sent),
        }
        response = self.page(Page(template="site/error.html", context=context, status=error.status))
        response.headers.update(problems.headers(error))
        return response

    def _with_cookies(self, response: Response, values: Mapping[str, str | None]) -> Response:
        for name, value in values.items():
            response.headers.append("set-cookie", cookies.set_cookie(name, value, https=self._is_https))
        return response
