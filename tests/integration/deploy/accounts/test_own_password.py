"""Changing one's own password, as the edge calls it, and what no page repeats of it."""

from collections.abc import Iterator, Mapping
from contextlib import closing, nullcontext

import asyncpg
import pytest

from deploy.accounts import accounts, sessions
from deploy.accounts.changes import AccountChange
from deploy.accounts.passwords import Passwords
from deploy.audit.verification import verify_chains
from deploy.database.sealed_rows import every_row, held_rows
from deploy.web.site import drafts
from deploy.web.site.cookies import SESSION
from deploy.web.site.own_password import PasswordPages, PasswordQuery
from schemas.city import load_city
from schemas.forms import FormErrors
from schemas.http import DRAFT_FIELD, Call, Page, Principal, Redirect
from schemas.words import Language, Role
from tests.conftest import RecordingUnit
from tests.integration.deploy.accounts.signing_in import CHANGING, SIGNING

OLD, NEW = "correct horse", "a quieter stable"
FORM = {"password": OLD, "new_password": NEW, "new_password_again": NEW}
AUDIT_KEY = CHANGING.key
ZHAO = Principal(role=Role.SUPERVISOR, name="zhao")


@pytest.fixture(scope="module")
def passwords() -> Iterator[Passwords]:
    """Threads for hashing."""
    with closing(Passwords()) as passwords:
        yield passwords


@pytest.fixture
async def pages(unit: RecordingUnit, passwords: Passwords) -> PasswordPages:
    """The pages, with one account: supervisor `zhao`."""
    await accounts.create_account(
        unit.db, passwords, load_city(), CHANGING, username="zhao", password=OLD, role=Role.SUPERVISOR
    )
    return PasswordPages(
        passwords=passwords,
        connections=lambda: nullcontext(unit.db),
        city=load_city(),
        keys=SIGNING,
        audit_key=AUDIT_KEY,
        now=lambda: unit.now,
    )


def _call(unit: RecordingUnit, form: Mapping[str, str], *, query: object = None) -> Call:
    return Call(
        principal=ZHAO,
        language=Language.EN,
        path={},
        headers={},
        address="10.0.0.1",
        form=form,
        query=query,
        unit_or_none=unit,
    )


async def _has(unit: RecordingUnit, passwords: Passwords, password: str) -> bool:
    found = await accounts.find_account(unit.db, "zhao")
    return found is not None and await passwords.matches(password, found[1])


async def test_every_other_session_ends(
    unit: RecordingUnit, pages: PasswordPages, passwords: Passwords
) -> None:
    """Whoever knows the old password or has a cookie of before is out; whoever changed it goes on with another."""
    old = await sessions.open_session(unit.db, SIGNING, "zhao", unit.now)
    answer = await pages.change(_call(unit, FORM))

    assert isinstance(answer, Redirect)
    assert answer.to == "/password?done=true"
    assert (
        await sessions.principal_of_session(unit.db, SIGNING, answer.cookies[SESSION] or "", unit.now) == ZHAO
    )
    assert await sessions.principal_of_session(unit.db, SIGNING, old, unit.now) is None
    assert (False, True) == (await _has(unit, passwords, OLD), await _has(unit, passwords, NEW))


async def test_a_change_is_logged_in_a_chain_that_shows_what_was_altered(
    unit: RecordingUnit, pages: PasswordPages
) -> None:
    """Who, whose and when, and nothing of either password; in vain, no row. An altered or a missing row is found."""
    await pages.change(_call(unit, {**FORM, "password": "wrong horse"}))
    await pages.change(_call(unit, FORM))
    await pages.change(
        _call(
            unit,
            {
                **FORM,
                "password": NEW,
                "new_password": "x" * 9 + "quiet stall",
                "new_password_again": "x" * 9 + "quiet stall",
            },
        )
    )
    rows = await unit.db.fetch(
        "SELECT number, at, account, what, role, department, by FROM deploy.account_change ORDER BY number"
    )

    made = (1, CHANGING.at, "zhao", "added", "supervisor", None, "root")
    changes = [(number, unit.now, "zhao", "password", "supervisor", None, "zhao") for number in (2, 3)]
    assert [made, *changes] == [tuple(row) for row in rows]
    assert all(held_rows(await every_row(unit.db, AccountChange), [b"new" * 8, AUDIT_KEY]))
    assert 1 == 1 + held_rows(await every_row(unit.db, AccountChange), [b"other" * 8]).index(False)
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        async with unit.db.transaction():
            await unit.db.execute("DELETE FROM deploy.account_change")
    await unit.db.execute("ALTER TABLE deploy.account_change DISABLE TRIGGER USER")
    await unit.db.execute("UPDATE deploy.account_change SET role = 'administrator' WHERE number = 3")
    assert 3 == 1 + held_rows(await every_row(unit.db, AccountChange), [AUDIT_KEY]).index(False)
    await unit.db.execute("UPDATE deploy.account_change SET by = 'sun' WHERE number = 2")
    assert 2 == 1 + held_rows(await every_row(unit.db, AccountChange), [AUDIT_KEY]).index(False)
    await unit.db.execute("DELETE FROM deploy.account_change WHERE number = 1")
    found = await verify_chains(unit.db, [AUDIT_KEY])
    assert (1, False) == (found.broken_account_change, found.holds)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"password": "wrong horse"}, "password"),
        ({"password": ""}, "password"),
        ({"new_password": "short", "new_password_again": "short"}, "new_password"),
        ({"new_password": "password2026", "new_password_again": "password2026"}, "new_password"),
        ({"new_password": OLD, "new_password_again": OLD}, "new_password"),
        ({"new_password_again": "a quieter stall"}, "new_password_again"),
    ],
)
async def test_what_is_wrong_changes_nothing(
    unit: RecordingUnit, pages: PasswordPages, passwords: Passwords, wrong: Mapping[str, str], field: str
) -> None:
    """One sentence at the field; who was signed in still is."""
    cookie = await sessions.open_session(unit.db, SIGNING, "zhao", unit.now)
    answer = await pages.change(_call(unit, {**FORM, **wrong}))

    assert isinstance(answer, Page)
    assert answer.status == 422
    errors = answer.context["errors"]
    assert isinstance(errors, FormErrors)
    assert [field] == [error.field for error in errors.summary]
    assert await _has(unit, passwords, OLD)
    assert await sessions.principal_of_session(unit.db, SIGNING, cookie, unit.now) == ZHAO


async def test_guessing_is_held_up_as_at_the_sign_in(
    unit: RecordingUnit, pages: PasswordPages, passwords: Passwords
) -> None:
    """Whoever finds a screen unlocked does not try passwords there: after five wrong ones even the right one waits."""
    for _ in range(5):
        await pages.change(_call(unit, {**FORM, "password": "wrong horse"}))
    answer = await pages.change(_call(unit, FORM))

    assert isinstance(answer, Page)
    assert (429, 2) == (answer.status, answer.retry_after_seconds)
    assert await _has(unit, passwords, OLD)


async def test_another_password_meanwhile_stands(
    unit: RecordingUnit, pages: PasswordPages, passwords: Passwords
) -> None:
    """What an administrator set while this one was hashed is not written over."""
    found = await accounts.find_account(unit.db, "zhao")
    assert found is not None
    await accounts.set_password(
        unit.db, passwords, load_city(), CHANGING, username="zhao", password="set by another"
    )

    assert not await accounts.replace_password(unit.db, "zhao", CHANGING, old=found[1], new="a hash")
    assert await _has(unit, passwords, "set by another")


async def test_a_demos_account_stays_one(unit: RecordingUnit, pages: PasswordPages) -> None:
    """Everybody reads its password: whoever changes it is nobody to the city that comes after the demo."""
    await unit.db.execute("UPDATE deploy.account SET demo = true")
    await pages.change(_call(unit, FORM))

    assert await accounts.find_account(unit.db, "zhao") is not None
    assert await accounts.find_account(unit.db, "zhao", shows_demo=False) is None


async def test_a_form_of_a_session_that_is_over_changes_nothing(
    unit: RecordingUnit, pages: PasswordPages, passwords: Passwords
) -> None:
    """It is shown again, empty; and through the sign-in goes no password."""
    answer = await pages.change(_call(unit, {**FORM, DRAFT_FIELD: "yes"}))
    through = drafts.sign_in_first({**FORM, "text": "x"}, "/password")

    assert isinstance(answer, Page)
    assert await _has(unit, passwords, OLD)
    assert {"draft.text": "x"} == through.context["draft"]
    assert (
        {"text": "x"}
        == through.context["resend"]
        == drafts.send_again({**FORM, "text": "x"}, "/").context["fields"]
    )


async def test_the_rules_are_said_before(unit: RecordingUnit, pages: PasswordPages) -> None:
    """How long it must be, and no word of a change that was not made."""
    page = await pages.show(_call(unit, {}, query=PasswordQuery()))

    assert (10, 200, False) == (page.context["least"], page.context["most"], page.context["done"])
