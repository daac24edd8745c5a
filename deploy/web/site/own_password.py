"""A new password for whoever is signed in: they know the one that they have, and every other session of theirs ends."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
import structlog

from deploy import clock
from deploy.accounts import accounts, sessions
from deploy.accounts.devices import device_of
from deploy.accounts.passwords import MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS, Passwords
from deploy.accounts.tries import forget_tries, note_try, whose_tries
from deploy.database.in_time import within
from deploy.database.sealed_rows import Changing
from deploy.web.rate_limits import caller_of
from deploy.web.site.cookies import DEVICE, SESSION, cookie
from schemas.city import City
from schemas.errors import BadInput, FieldError, Refused, TooMany, Unauthenticated
from schemas.forms import NO_ERRORS, form_errors
from schemas.http import STAFF, Call, Page, Redirect, Route

log = structlog.get_logger()

_PATH: Final = "/password"
#: Bytes of a form of a few short fields (project choice: several times what they hold).
_FORM_BYTES: Final = 8 * 1024
#: How long somebody waits for it (project choice: as long as for the two hashes of the sign-in and of a new password).
_SECONDS: Final = 10.0
_LABELS: Final = {
    "password": "现在的密码",
    "new_password": "新密码",
    "new_password_again": "再输入一次新密码",
}
_WRONG: Final = FieldError("password", "现在的密码不正确。", "This is not your password.")
_SAME: Final = FieldError(
    "new_password", "新密码与现在的密码相同。", "The new password is the one that you have."
)
_DIFFERENT: Final = FieldError(
    "new_password_again", "两次输入的新密码不一致。", "The new password was not typed the same twice."
)

#: Of Postgres, the pool's own or not.
Connections = Callable[[], AbstractAsyncContextManager[Any]]

_Password = Annotated[str, msgspec.Meta(max_length=1_000)]


class NewPassword(msgspec.Struct, frozen=True, kw_only=True):
    """What the form sends; longer than any password is allowed to be, so that the rules say what is wrong."""

    password: _Password = ""
    new_password: _Password = ""
    new_password_again: _Password = ""


class PasswordQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it was changed just now."""

    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPages:
    """While a password is hashed no connection to the database waits for it."""

    passwords: Passwords
    connections: Connections
    city: City
    #: As signing in counts tries, and signs sessions.
    keys: Sequence[bytes]
    #: Seals the row that says so.
    audit_key: bytes
    now: Callable[[], datetime] = clock.now

    async def show(self, call: Call) -> Page:
        """The form, with the rules said before anything is typed."""
        return _page(call, done=call.query.done)

    async def change(self, call: Call) -> Page | Redirect:
        """The new password, and a new session here alone; or the form again, empty, with what is wrong.

        Raises:
            TimeoutError: Postgres does not say in time.
            Unauthenticated: disabled, or given another password, meanwhile.
        """
        if call.is_draft:
            return _page(call)
        try:
            return await within(_SECONDS, self._change(call, call.read_form(NewPassword)))
        except (BadInput, TooMany) as refusal:
            return _page(call, refusal)

    async def _change(self, call: Call, form: NewPassword) -> Redirect:
        name = call.principal.name
        old = await self._check(call, form)
        new = await self.passwords.hash(form.new_password)
        changing = Changing(name, self.now(), self.audit_key)
        async with self.connections() as db, db.transaction():
            if not await accounts.replace_password(db, name, changing, old=old, new=new):
                raise Unauthenticated
            fresh = await sessions.open_session(db, self.keys, name, self.now())
        log.info("account.password-changed", account=name, by=name)
        return Redirect(to=f"{_PATH}?done=true", cookies={SESSION: fresh})

    async def _check(self, call: Call, form: NewPassword) -> str:
        """The hash of the password that they have."""
        name = call.principal.name
        device = device_of(self.keys, name, cookie(call.headers, DEVICE))
        whose = whose_tries(self.keys[0], f"name:{name}" if device is None else f"device:{device}")
        async with self.connections() as db:
            await note_try(db, whose, self.now())
            account = await accounts.find_account(db, name)
        right = await self.passwords.matches(
            form.password, account and account[1], caller=caller_of(call.address), is_known=device is not None
        )
        if account is None or not right:
            raise BadInput([_WRONG])
        async with self.connections() as db:
            await forget_tries(db, whose)
        if errors := self._errors(form, name):
            raise BadInput(errors)
        return account[1]

    def _errors(self, form: NewPassword, name: str) -> list[FieldError]:
        if errors := accounts.password_errors(form.new_password, name, self.city):
            return [FieldError("new_password", error.zh, error.en) for error in errors]
        return [_SAME] * (form.new_password == form.password) + [_DIFFERENT] * (
            form.new_password != form.new_password_again
        )


def _page(call: Call, refusal: Refused | None = None, *, done: bool = False) -> Page:
    """Never with a password in it."""
    context = {
        "errors": form_errors(refusal, call.language, otherwise="password", labels=_LABELS)
        if refusal
        else NO_ERRORS,
        "done": done,
        "labels": _LABELS,
        "least": MIN_PASSWORD_CHARACTERS,
        "most": MAX_PASSWORD_CHARACTERS,
        "username": call.principal.name,
        "way_back": _PATH,
    }
    page = Page(template="site/own-password.html", context=context, status=refusal.status if refusal else 200)
    if isinstance(refusal, TooMany):
        return replace(page, retry_after_seconds=int(str(refusal.facts["retry_after_seconds"])))
    return page


def routes(
    *, passwords: Passwords, connections: Connections, keys: Sequence[bytes], audit_key: bytes, city: City
) -> tuple[Route, ...]:
    """Everybody who signs in with a password; systems' tokens open no page."""
    pages = PasswordPages(
        passwords=passwords, connections=connections, keys=keys, audit_key=audit_key, city=city
    )
    return (
        Route(
            method="GET", path=_PATH, answer=pages.show, who=STAFF, summary="A form for one's own password.", page=True,
            query=PasswordQuery, database=False,
        ),
        Route(
            method="POST", path=_PATH, answer=pages.change, who=STAFF, summary="Change one's own password.", page=True,
            database=False, max_body_bytes=_FORM_BYTES, takes_drafts=True,
        ),
    )  # fmt: skip
