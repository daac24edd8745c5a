"""Signing in and out, as the edge calls it."""

from collections.abc import Iterator, Mapping

import pytest

from deploy.accounts import accounts, sessions
from deploy.accounts.passwords import Passwords
from deploy.web.site.cookies import LANGUAGE, SESSION, SIZE
from deploy.web.site.pages import Preferences, SignInPages, WayBack, set_preferences
from schemas.city import load_city
from schemas.http import Call, Page, Principal, Redirect
from schemas.words import Language, Role
from tests.conftest import RecordingUnit

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
        unit.db, passwords, load_city(), username="zhao", password=PASSWORD, role=Role.SUPERVISOR
    )
    return SignInPages(passwords)


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
    principal = await sessions.principal_of_session(unit.db, answer.cookies[SESSION] or "", unit.now)
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
    old = await sessions.open_session(unit.db, "zhao", unit.now)
    headers = {"cookie": f"{SESSION}={old}"}
    answer = await pages.sign_in(_call(unit, {"username": "zhao", "password": PASSWORD}, headers=headers))

    assert isinstance(answer, Redirect)
    assert old != answer.cookies[SESSION]
    assert await sessions.principal_of_session(unit.db, old, unit.now) is None


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
    """After five wrong passwords even the right one waits a minute."""
    for _ in range(5):
        await pages.sign_in(_call(unit, {"username": "zhao", "password": "wrong"}))
    answer = await pages.sign_in(_call(unit, {"username": "zhao", "password": PASSWORD}))

    assert isinstance(answer, Page)
    assert answer.status == 429


async def test_signing_out(unit: RecordingUnit, pages: SignInPages) -> None:
    """The session ends in the database, and the browser forgets the cookie."""
    cookie = await sessions.open_session(unit.db, "zhao", unit.now)
    answer = await pages.sign_out(_call(unit, {}, headers={"cookie": f"{SESSION}={cookie}"}))

    assert Redirect(to="/", cookies={SESSION: None}) == answer
    assert await sessions.principal_of_session(unit.db, cookie, unit.now) is None


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
