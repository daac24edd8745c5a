"""Somebody with an account, the example city and threads for hashing."""

from collections.abc import Iterator

import pytest

from deploy.accounts import accounts
from deploy.accounts.passwords import Passwords
from deploy.accounts.token_secrets import TokenSecrets
from schemas.city import City, load_city
from schemas.ids import DepartmentCode
from schemas.ports import Database
from schemas.words import Role
from tests.integration.deploy.accounts.signing_in import CHANGING

HOUSING = DepartmentCode("housing")
PASSWORD = "correct horse"
#: What tokens are kept under.
KEYS = TokenSecrets([(b"f" * 32, b"s" * 32)])


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
    await accounts.create_account(
        db,
        passwords,
        city,
        CHANGING,
        username="wang",
        password=PASSWORD,
        role=Role.DEPARTMENT,
        department=HOUSING,
    )
    return "wang"
