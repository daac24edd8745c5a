"""The site's own pages: signing in and out, and the choice of language and text size."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import msgspec

from deploy import clock
from deploy.accounts import accounts, sessions
from deploy.accounts.devices import device_of, new_device
from deploy.accounts.passwords import Passwords
from deploy.accounts.tries import forget_tries, note_try, whose_tries
from deploy.database.in_time import within
from deploy.web.rate_limits import caller_of
from deploy.web.site import drafts
from deploy.web.site.cookies import DEVICE, LANGUAGE, SESSION, SIZE, cookie
from deploy.web.site.navigation import home_of, same_site_path
from deploy.web.site.preferences import LANGUAGES, SIZES
from schemas.bilingual import Bilingual
from schemas.errors import BadInput, TooMany
from schemas.http import ANYONE, Answer, Call, Limit, Page, Principal, Redirect, Route
from schemas.ports import Database

#: Gives a connection to the database, outside any transaction.
Connections = Callable[[], AbstractAsyncContextManager[Database]]

_SIGN_IN: Final = "/sign-in"
#: Bytes of a form of a few short fields (project choice: several times what they hold).
_FORM_BYTES: Final = 8 * 1024
#: The form of another page, of the largest size (256 KiB), may go along, with its own fields (project choice).
_SIGN_IN_BYTES: Final = 272 * 1024
#: How long somebody waits until they are signed in (project choice: as long as whoever changes something).
_SIGN_IN_SECONDS: Final = 10.0
_WRONG: Final = Bilingual(zh="用户名或密码不正确。", en="The name or the password is wrong.")


class WayBack(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go after signing in: a path of this site; empty means one's own desk."""

    next: str = ""


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """A choice of language (`zh`, `en`) or text size (`normal`, `large`), and the way back."""

    lang: str = ""
    size: str = ""
    next: str = ""


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """What the sign-in form sends."""

    username: Annotated[str, msgspec.Meta(max_length=64)]
    password: Annotated[str, msgspec.Meta(max_length=200)]
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPages:
    """Signing in and out. While a password is hashed no connection to the database waits for it."""

    passwords: Passwords
    connections: Connections
    #: The first one signs devices and sessions, and hides the names that were tried; the former ones' still hold.
    keys: Sequence[bytes]
    #: Whether a demo's accounts can sign in.
    shows_demo: bool = False
    now: Callable[[], datetime] = clock.now

    async def show(self, call: Call) -> Page:
        """The sign-in form, which remembers the way back."""
        return _form(call, way_back=call.query.next)

    async def sign_in(self, call: Call) -> Page | Redirect:
        """A new session, and on to the desk or to what was typed before; or the form again, with what is wrong.

        Raises:
            TimeoutError: Postgres does not say in time who that is.
        """
        return await within(_SIGN_IN_SECONDS, self._sign_in(call))

    async def _sign_in(self, call: Call) -> Page | Redirect:
        try:
            principal = await self._recognise(call)
        except TooMany as error:
            page = _form(call, problem=error.message(call.language), status=error.status)
            return replace(page, retry_after_seconds=int(str(error.facts["retry_after_seconds"])))
        if principal is None:
            return _form(call, problem=_WRONG.message(call.language), status=422)
        return await self._signed_in(call, principal)

    async def sign_out(self, call: Call) -> Redirect:
        """The session is over, here and in the database."""
        await sessions.close_session(call.unit.db, cookie(call.headers, SESSION))
        return Redirect(to="/", cookies={SESSION: None})

    async def _recognise(self, call: Call) -> Principal | None:
        try:
            form = call.read_form(SignIn)
        except BadInput:
            if call.too_many is not None:
                raise call.too_many from None
            return None
        username = form.username.strip().lower()
        device = device_of(self.keys, username, cookie(call.headers, DEVICE))
        # A device has a count of its own: strangers at its address, who may be many, keep nobody out.
        if device is None and call.too_many is not None:
            raise call.too_many
        whose = whose_tries(self.keys[0], f"name:{username}" if device is None else f"device:{device}")
        async with self.connections() as db:
            await note_try(db, whose, self.now())
            account = await accounts.find_account(db, username, shows_demo=self.shows_demo)
        right = await self.passwords.matches(
            form.password, account and account[1], caller=caller_of(call.address), is_known=device is not None
        )
        if account is None or not right:
            return None
        async with self.connections() as db:
            if await accounts.find_account(db, username, shows_demo=self.shows_demo) != account:
                # Disabled, or given another password, while this one was looked at.
                return None
            await forget_tries(db, whose)
        return account[0]

    async def _signed_in(self, call: Call, principal: Principal) -> Page | Redirect:
        async with self.connections() as db:
            await sessions.close_session(db, cookie(call.headers, SESSION))
            fresh = await sessions.open_session(db, self.keys, principal.name, self.now())
        known = cookie(call.headers, DEVICE)
        if device_of(self.keys, principal.name, known) is None:
            known = new_device(self.keys, principal.name)
        cookies = {SESSION: fresh, DEVICE: known}
        way_back = same_site_path(call.form.get("next", ""), home_of(principal.role))
        if draft := drafts.draft_in(call.form):
            return drafts.signed_in(principal, draft, way_back, cookies)
        return Redirect(to=way_back, cookies=cookies)


async def set_preferences(call: Call) -> Redirect:
    """Remember the choice and go back; a choice that does not exist changes nothing."""
    choice: Preferences = call.query
    cookies: dict[str, str | None] = {}
    if choice.lang in LANGUAGES:
        cookies[LANGUAGE] = choice.lang
    if choice.size in SIZES:
        cookies[SIZE] = choice.size
    return Redirect(to=same_site_path(choice.next, "/"), cookies=cookies)


def _form(call: Call, *, way_back: str | None = None, problem: str = "", status: int = 200) -> Page:
    goal = same_site_path(call.form.get("next", "") if way_back is None else way_back, "")
    draft = drafts.draft_in(call.form)
    context = {
        "draft": draft,
        "resend": {name: text for name, text in call.form.items() if name not in drafts.PASSWORD_FIELDS}
        if draft
        else None,
        "problem": problem,
        "username": call.form.get("username", ""),
        "next": goal,
        "way_back": _SIGN_IN + (f"?{urlencode({'next': goal})}" if goal else ""),
    }
    return Page(template="site/sign-in.html", context=context, status=status)


def routes(
    *, passwords: Passwords, connections: Connections, keys: Sequence[bytes], shows_demo: bool = False
) -> tuple[Route, ...]:
    """The pages that belong to no slice: signing in and out, language and text size."""
    pages = SignInPages(passwords=passwords, connections=connections, keys=keys, shows_demo=shows_demo)
    return (
        _page("GET", _SIGN_IN, pages.show, "The sign-in form.", limit=Limit.FORMS, query=WayBack, database=False),
        _page(
            "POST", _SIGN_IN, pages.sign_in, "Sign in.", limit=Limit.SIGN_IN, database=False,
            max_body_bytes=_SIGN_IN_BYTES, known_by=DEVICE, counts_wrong=True,
        ),
        _page("POST", "/sign-out", pages.sign_out, "Sign out.", limit=Limit.FORMS, max_body_bytes=_FORM_BYTES),
        _page(
            "GET", "/preferences", set_preferences, "Choose a language or a text size.", query=Preferences,
            limit=Limit.FORMS, database=False,
        ),
    )  # fmt: skip


def _page(method: str, path: str, answer: Answer, summary: str, **more: Any) -> Route:
    return Route(method=method, path=path, answer=answer, who=ANYONE, summary=summary, page=True, **more)
