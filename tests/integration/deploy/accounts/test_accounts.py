"""Accounts, sessions and tokens in a real Postgres."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from deploy.accounts import credentials
from deploy.accounts.passwords import Passwords
from schemas.city import City, load_city
from schemas.errors import BadInput, NotFound
from schemas.http import Principal
from schemas.ids import DepartmentCode
from schemas.ports import Database
from schemas.words import Role
from tests.conftest import RecordingUnit

HOUSING = DepartmentCode("housing")
PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def passwords() -> Iterator[Passwords]:
    """Threads for hashing."""
    passwords = Passwords()
    yield passwords
    passwords.close()


@pytest.fixture(scope="module")
def city() -> City:
    """The example city."""
    return load_city()


@pytest.fixture
async def wang(db: Database, passwords: Passwords, city: City) -> str:
    """Somebody of the housing bureau."""
    await credentials.create_account(
        db, passwords, city, username="wang", password=PASSWORD, role=Role.DEPARTMENT, department=HOUSING
    )
    return "wang"


async def test_the_right_password_opens(db: Database, passwords: Passwords, wang: str) -> None:
    """Name and password together say who somebody is."""
    expected = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)

    assert expected == await credentials.verify_password(db, passwords, username=wang, password=PASSWORD)


@pytest.mark.parametrize(("username", "password"), [("wang", "wrong horse"), ("li", PASSWORD), ("", "")])
async def test_anything_else_does_not(
    db: Database, passwords: Passwords, wang: str, username: str, password: str
) -> None:
    """A wrong password and an unknown name look the same."""
    assert await credentials.verify_password(db, passwords, username=username, password=password) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "wang"}, "username"),
        ({"username": "Wang Wei"}, "username"),
        ({"password": "short"}, "password"),
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
        await credentials.create_account(db, passwords, city, **wanted)

    assert [field] == [error.field for error in refused.value.errors]


async def test_a_session_says_who(unit: RecordingUnit, wang: str) -> None:
    """The cookie of an open session stands for its account; what is stored is not the cookie."""
    cookie = await credentials.open_session(unit.db, wang, unit.now)
    stored = await unit.db.fetchval("SELECT token_hash FROM deploy.session")

    assert Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING) == (
        await credentials.principal_of_session(unit.db, cookie, unit.now)
    )
    assert stored == credentials.token_hash(cookie)
    assert cookie.encode() not in stored


@pytest.mark.parametrize("cookie", ["", "guess", "é" * 40])
async def test_an_unknown_cookie_is_nobody(unit: RecordingUnit, cookie: str) -> None:
    """A cookie that we never gave out stands for nobody."""
    assert await credentials.principal_of_session(unit.db, cookie, unit.now) is None


async def test_idle_sessions_end(unit: RecordingUnit, wang: str) -> None:
    """Half an hour without a request ends a session; one request within it carries it on."""
    cookie = await credentials.open_session(unit.db, wang, unit.now)
    within = unit.now + timedelta(minutes=29)

    assert await credentials.principal_of_session(unit.db, cookie, within) is not None
    assert await credentials.principal_of_session(unit.db, cookie, within + timedelta(minutes=29)) is not None
    assert await credentials.principal_of_session(unit.db, cookie, within + timedelta(minutes=60)) is None


async def test_sessions_end_after_a_shift(unit: RecordingUnit, wang: str) -> None:
    """Twelve hours after signing in a session is over, however busy it was."""
    cookie = await credentials.open_session(unit.db, wang, unit.now)
    for minutes in range(20, 12 * 60, 20):
        assert await credentials.principal_of_session(unit.db, cookie, unit.now + timedelta(minutes=minutes))

    assert await credentials.principal_of_session(unit.db, cookie, unit.now + timedelta(hours=12)) is None


async def test_being_seen_is_written_once_a_minute(unit: RecordingUnit, wang: str) -> None:
    """A busy desk does not write its session on every request."""
    cookie = await credentials.open_session(unit.db, wang, unit.now)
    await credentials.principal_of_session(unit.db, cookie, unit.now + timedelta(seconds=59))
    early = await unit.db.fetchval("SELECT seen_at FROM deploy.session")
    await credentials.principal_of_session(unit.db, cookie, unit.now + timedelta(seconds=61))
    late = await unit.db.fetchval("SELECT seen_at FROM deploy.session")

    assert unit.now == early
    assert unit.now + timedelta(seconds=61) == late


async def test_signing_out_ends_it(unit: RecordingUnit, wang: str) -> None:
    """A closed session's cookie is worth nothing."""
    cookie = await credentials.open_session(unit.db, wang, unit.now)
    await credentials.close_session(unit.db, cookie)

    assert await credentials.principal_of_session(unit.db, cookie, unit.now) is None


async def test_disabling_ends_everything(unit: RecordingUnit, passwords: Passwords, wang: str) -> None:
    """A disabled account is signed out everywhere and does not come in again."""
    cookie = await credentials.open_session(unit.db, wang, unit.now)
    await credentials.disable_account(unit.db, username=wang)

    assert await credentials.principal_of_session(unit.db, cookie, unit.now) is None
    assert await credentials.verify_password(unit.db, passwords, username=wang, password=PASSWORD) is None


async def test_a_disabled_account_has_no_session(unit: RecordingUnit, wang: str) -> None:
    """Even a session that was opened at the moment of disabling is worth nothing."""
    cookie = await credentials.open_session(unit.db, wang, unit.now)
    await unit.db.execute("UPDATE deploy.account SET disabled = true")

    assert await credentials.principal_of_session(unit.db, cookie, unit.now) is None


async def test_a_new_password_ends_the_old(unit: RecordingUnit, passwords: Passwords, wang: str) -> None:
    """After a new password neither the old one nor sessions opened with it work."""
    cookie = await credentials.open_session(unit.db, wang, unit.now)
    await credentials.set_password(unit.db, passwords, username=wang, password="a new password")

    assert await credentials.principal_of_session(unit.db, cookie, unit.now) is None
    assert await credentials.verify_password(unit.db, passwords, username=wang, password=PASSWORD) is None
    assert await credentials.verify_password(unit.db, passwords, username=wang, password="a new password")


async def test_nobody_to_disable(db: Database) -> None:
    """Disabling somebody who does not exist is said, not passed over."""
    with pytest.raises(NotFound):
        await credentials.disable_account(db, username="nobody")


async def test_old_sessions_are_cleared(unit: RecordingUnit, wang: str) -> None:
    """Signing in clears what is over, so that the table stays as small as the staff."""
    await credentials.open_session(unit.db, wang, unit.now)
    await credentials.open_session(unit.db, wang, unit.now + timedelta(hours=13))

    assert await unit.db.fetchval("SELECT count(*) FROM deploy.session") == 1


async def test_a_department_token(db: Database, city: City) -> None:
    """A department's token stands for the department, and its hash checks the department's commands."""
    token = await credentials.create_token(db, city, name="bureau", role=Role.DEPARTMENT, department=HOUSING)
    principal = await credentials.principal_of_token(db, token)

    assert Principal(role=Role.DEPARTMENT, name="bureau", department=HOUSING) == principal
    assert [credentials.token_hash(token)] == list(await credentials.token_hashes_of(db, HOUSING))
    assert list(await credentials.token_hashes_of(db, DepartmentCode("transport"))) == []


async def test_a_role_token(db: Database, city: City) -> None:
    """The hotline's token stands for the hotline and for no department."""
    token = await credentials.create_token(db, city, name="hotline", role=Role.HOTLINE)

    assert Principal(role=Role.HOTLINE, name="hotline") == await credentials.principal_of_token(db, token)


async def test_a_revoked_token_is_nobody(unit: RecordingUnit, city: City) -> None:
    """A revoked token neither calls nor signs."""
    token = await credentials.create_token(
        unit.db, city, name="bureau", role=Role.DEPARTMENT, department=HOUSING
    )

    assert await credentials.revoke_tokens(unit.db, name="bureau", now=unit.now) == 1
    assert await credentials.principal_of_token(unit.db, token) is None
    assert list(await credentials.token_hashes_of(unit.db, HOUSING)) == []


@pytest.mark.parametrize(
    ("role", "department"),
    [(Role.DEPARTMENT, "no-such-bureau"), (Role.DEPARTMENT, None), (Role.CITIZEN, None)],
)
async def test_unfit_tokens_are_refused(
    db: Database, city: City, role: Role, department: DepartmentCode | None
) -> None:
    """No token for a department that does not exist, nor for a role that needs none."""
    with pytest.raises(BadInput):
        await credentials.create_token(db, city, name="x", role=role, department=department)
