"""Staff accounts in a real Postgres."""

from typing import Any

import pytest

from deploy.accounts import accounts, sessions
from deploy.accounts.passwords import Passwords
from schemas.city import City
from schemas.errors import BadInput, NotFound
from schemas.http import Principal
from schemas.ports import Database
from schemas.words import Role
from tests.conftest import RecordingUnit
from tests.integration.deploy.accounts.conftest import HOUSING, PASSWORD
from tests.integration.deploy.accounts.signing_in import CHANGING, SIGNING, who_signs_in


async def test_the_right_password_opens(db: Database, passwords: Passwords, wang: str) -> None:
    """Name and password together say who somebody is."""
    expected = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)

    assert expected == await who_signs_in(db, passwords, username=wang, password=PASSWORD)


@pytest.mark.parametrize(("username", "password"), [("wang", "wrong horse"), ("li", PASSWORD), ("", "")])
async def test_anything_else_does_not(
    db: Database, passwords: Passwords, wang: str, username: str, password: str
) -> None:
    """A wrong password and an unknown name look the same."""
    assert await who_signs_in(db, passwords, username=username, password=password) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "wang"}, "username"),
        ({"username": "Wang Wei"}, "username"),
        ({"password": "short"}, "password"),
        ({"password": "1234567890"}, "password"),
        ({"password": "li-donghu-2026", "username": "li-donghu"}, "password"),
        ({"password": "东湖区东湖区2026"}, "password"),
        ({"department": "no-such-bureau"}, "department"),
        ({"department": None}, "department"),
        ({"role": Role.SUPERVISOR}, "department"),
        ({"role": Role.CITIZEN}, "role"),
        ({"role": Role.HOTLINE}, "role"),
    ],
)
async def test_unfit_accounts_are_refused(
    db: Database, passwords: Passwords, city: City, wang: str, changes: dict[str, Any], field: str
) -> None:
    """A name that is taken, a short password, an unknown department, a role without a desk: refused."""
    wanted = {
        "username": "li",
        "password": PASSWORD,
        "role": Role.DEPARTMENT,
        "department": HOUSING,
    } | changes
    with pytest.raises(BadInput) as refused:
        await accounts.create_account(db, passwords, city, CHANGING, **wanted)

    assert [field] == [error.field for error in refused.value.errors]


async def test_disabling_ends_everything(unit: RecordingUnit, passwords: Passwords, wang: str) -> None:
    """A disabled account is signed out everywhere and does not come in again."""
    cookie = await sessions.open_session(unit.db, SIGNING, wang, unit.now)
    await accounts.disable_account(unit.db, CHANGING, username=wang)

    assert await sessions.principal_of_session(unit.db, SIGNING, cookie, unit.now) is None
    assert await who_signs_in(unit.db, passwords, username=wang, password=PASSWORD) is None


async def test_a_new_password_ends_the_old(
    unit: RecordingUnit, passwords: Passwords, city: City, wang: str
) -> None:
    """After a new password neither the old one nor sessions opened with it work."""
    cookie = await sessions.open_session(unit.db, SIGNING, wang, unit.now)
    await accounts.set_password(unit.db, passwords, city, CHANGING, username=wang, password="a new password")

    assert await sessions.principal_of_session(unit.db, SIGNING, cookie, unit.now) is None
    assert await who_signs_in(unit.db, passwords, username=wang, password=PASSWORD) is None
    assert await who_signs_in(unit.db, passwords, username=wang, password="a new password")


@pytest.mark.parametrize("password", ["short", "wang-wang-2026", "东湖区东湖区2026"])
async def test_a_new_password_is_as_hard_to_guess_as_the_first(
    db: Database, passwords: Passwords, city: City, wang: str, password: str
) -> None:
    """What the city's districts are called, too, opens no account; the old password still does."""
    with pytest.raises(BadInput):
        await accounts.set_password(db, passwords, city, CHANGING, username=wang, password=password)

    assert await who_signs_in(db, passwords, username=wang, password=PASSWORD)


async def test_nobody_to_disable(db: Database) -> None:
    """Disabling somebody who does not exist is said, not passed over."""
    with pytest.raises(NotFound):
        await accounts.disable_account(db, CHANGING, username="nobody")
