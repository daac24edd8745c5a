"""Signing in and out, as the edge calls it."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, nullcontext
from dataclasses import replace
from typing import Any

import pytest

from deploy.accounts import accounts, sessions
from deploy.accounts.passwords import Passwords
from deploy.web.site.cookies import DEVICE, LANGUAGE, SESSION, SIZE
from deploy.web.site.pages import Preferences, SignInPages, WayBack, set_preferences
from schemas.city import load_city
from schemas.http import Call, Page, Principal, Redirect
from schemas.ports import Database
from schemas.words import Language, Role
from tests.conftest import RecordingUnit
from tests.integration.deploy.accounts.signing_in import CHANGING, SIGNING

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def passwords() -> Iterator[Passwords]:
    """Threads for hashing."""
    passwords = Passwords()
    yield passwords
    passwords.close()


@pytest.fixture
async def pages(unit: RecordingUnit, passwords: Passwords) -> SignInPages:
    """The pages, with one account: supervisor `zhao`."""
    await accounts.create_account(
        unit.db, passwords, load_city(), CHANGING, username="zhao", password=PASSWORD, role=Role.SUPERVISOR
    )
    return SignInPages(
        passwords=passwords, connections=lambda: nullcontext(unit.db), keys=SIGNING, now=lambda: unit.now
    )


def _call(
    unit: RecordingUnit,
    form: Mapping[str, str],
    *,
    headers: Mapping[str, str] | None = None,
    query: object = None,
) -> Call:
    return Call(
        principal=Principal(),
        language=Language.EN,
        path={},
        headers=headers or {},
        address="10.0.0.1",
        form=form,
        query=query,
        unit_or_none=unit,
    )


async def test_signing_in(unit: RecordingUnit, pages: SignInPages) -> None:
    """The right password opens a session and leads to the supervisor's page, whatever the name's capitals."""
    answer = await pages.sign_in(_call(unit, {"username": " Zhao ", "password": PASSWORD}))

    assert isinstance(answer, Redirect)
    assert answer.to == "/watch"
    principal = await sessions.principal_of_session(unit.db, SIGNING, answer.cookies[SESSION] or "", unit.now)
    assert Principal(role=Role.SUPERVISOR, name="zhao") == principal


@pytest.mark.parametrize(
    ("way_back", "expected"), [("/watch/cases/1?x=2", "/watch/cases/1?x=2"), ("//evil.example", "/watch")]
)
async def test_and_back(unit: RecordingUnit, pages: SignInPages, way_back: str, expected: str) -> None:
    """Signing in leads to where somebody was going, on this site only."""
    answer = await pages.sign_in(_call(unit, {"username": "zhao", "password": PASSWORD, "next": way_back}))

    assert isinstance(answer, Redirect)
    assert expected == answer.to


async def test_the_old_session_ends(unit: RecordingUnit, pages: SignInPages) -> None:
    """Signing in again gives another cookie, and the one that was there before is worth nothing."""
    old = await sessions.open_session(unit.db, SIGNING, "zhao", unit.now)
    headers = {"cookie": f"{SESSION}={old}"}
    answer = await pages.sign_in(_call(unit, {"username": "zhao", "password": PASSWORD}, headers=headers))

    assert isinstance(answer, Redirect)
    assert old != answer.cookies[SESSION]
    assert await sessions.principal_of_session(unit.db, SIGNING, old, unit.now) is None


@pytest.mark.parametrize("form", [{"username": "zhao", "password": "wrong"}, {"username": "zhao"}, {}])
async def test_a_wrong_password(unit: RecordingUnit, pages: SignInPages, form: dict[str, str]) -> None:
    """The form comes back with the name as typed and one sentence, and no session is made."""
    answer = await pages.sign_in(_call(unit, form))

    assert isinstance(answer, Page)
    assert answer.status == 422
    assert form.get("username", "") == answer.context["username"]
    assert answer.context["problem"] == "The name or the password is wrong."
    assert await unit.db.fetchval("SELECT count(*) FROM deploy.session") == 0


async def test_too_many_tries(unit: RecordingUnit, pages: SignInPages) -> None:
    """After five wrong passwords even the right one waits a little, wherever it comes from."""
    answer = await _right_after_wrong(unit, pages, {})

    assert isinstance(answer, Page)
    assert answer.status == 429


async def test_a_known_device_is_not_held_up(unit: RecordingUnit, pages: SignInPages) -> None:
    """However often strangers tried her name, the owner signs in with the browser that she used before."""
    first = await pages.sign_in(_call(unit, {"username": "zhao", "password": PASSWORD}))
    assert isinstance(first, Redirect)
    answer = await _right_after_wrong(unit, pages, {"cookie": f"{DEVICE}={first.cookies[DEVICE]}"})

    assert isinstance(answer, Redirect)
    assert first.cookies[DEVICE] == answer.cookies[DEVICE]


async def test_guessing_from_a_known_device_is_held_up(unit: RecordingUnit, pages: SignInPages) -> None:
    """Whoever has the browser has not the password."""
    first = await pages.sign_in(_call(unit, {"username": "zhao", "password": PASSWORD}))
    assert isinstance(first, Redirect)
    headers = {"cookie": f"{DEVICE}={first.cookies[DEVICE]}"}
    for _ in range(6):
        answer = await pages.sign_in(_call(unit, {"username": "zhao", "password": "wrong"}, headers=headers))

    assert isinstance(answer, Page)
    assert answer.status == 429


async def _right_after_wrong(
    unit: RecordingUnit, pages: SignInPages, headers: Mapping[str, str]
) -> Page | Redirect:
    for _ in range(5):
        await pages.sign_in(_call(unit, {"username": "zhao", "password": "wrong"}))
    return await pages.sign_in(_call(unit, {"username": "zhao", "password": PASSWORD}, headers=headers))


async def test_nothing_waits_for_a_hash(unit: RecordingUnit, pages: SignInPages) -> None:
    """While a password is hashed no connection is held."""
    held = 0

    @asynccontextmanager
    async def connection() -> AsyncIterator[Database]:
        nonlocal held
        held += 1
        yield unit.db
        held -= 1

    class Watched(Passwords):
        async def matches(self, *args: Any, **more: Any) -> bool:
            assert held == 0
            return await super().matches(*args, **more)

    with closing(Watched()) as watched:
        answer = await replace(pages, passwords=watched, connections=connection).sign_in(
            _call(unit, {"username": "zhao", "password": PASSWORD})
        )

    assert isinstance(answer, Redirect)


async def test_signing_out(unit: RecordingUnit, pages: SignInPages) -> None:
    """The session ends in the database, and the browser forgets the cookie."""
    cookie = await sessions.open_session(unit.db, SIGNING, "zhao", unit.now)
    answer = await pages.sign_out(_call(unit, {}, headers={"cookie": f"{SESSION}={cookie}"}))

    assert Redirect(to="/", cookies={SESSION: None}) == answer
    assert await sessions.principal_of_session(unit.db, SIGNING, cookie, unit.now) is None


async def test_the_form_keeps_the_way_back(unit: RecordingUnit, pages: SignInPages) -> None:
    """The form carries where somebody was going, unless that is another site."""
    kept = await pages.show(_call(unit, {}, query=WayBack(next="/desk")))
    dropped = await pages.show(_call(unit, {}, query=WayBack(next="https://evil.example/")))

    assert kept.context["next"] == "/desk"
    assert dropped.context["next"] == ""


async def test_preferences(unit: RecordingUnit) -> None:
    """A choice is remembered and leads back; one that does not exist changes nothing."""
    english = await set_preferences(_call(unit, {}, query=Preferences(lang="en", next="/follow")))
    large = await set_preferences(_call(unit, {}, query=Preferences(size="large", lang="tlh")))

    assert Redirect(to="/follow", cookies={LANGUAGE: "en"}) == english
    assert Redirect(to="/", cookies={SIZE: "large"}) == large
