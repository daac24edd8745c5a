"""Tokens in a real Postgres."""

import hashlib

import pytest
from pydantic import SecretStr

from deploy.accounts import tokens
from deploy.accounts.token_secrets import NoTokensWithoutSecret, TokenSecrets, sha256_of, token_secrets
from deploy.settings import Settings
from schemas.city import City
from schemas.errors import BadInput
from schemas.http import Principal
from schemas.ids import DepartmentCode
from schemas.ports import Database
from schemas.words import Role
from tests.conftest import RecordingUnit
from tests.integration.deploy.accounts.conftest import HOUSING, KEYS


async def test_a_department_token(db: Database, city: City) -> None:
    """A department's token stands for the department, and its hash checks the department's commands."""
    token = await tokens.create_token(db, KEYS, city, name="bureau", role=Role.DEPARTMENT, department=HOUSING)
    principal = await tokens.principal_of_token(db, KEYS, token)

    assert Principal(role=Role.DEPARTMENT, name="bureau", department=HOUSING) == principal
    assert [sha256_of(token)] == await tokens.command_keys_of(db, KEYS, HOUSING)
    assert [] == await tokens.command_keys_of(db, KEYS, DepartmentCode("transport"))


async def test_a_role_token(db: Database, city: City) -> None:
    """The hotline's token stands for the hotline and for no department."""
    token = await tokens.create_token(db, KEYS, city, name="hotline", role=Role.HOTLINE)

    assert Principal(role=Role.HOTLINE, name="hotline") == await tokens.principal_of_token(db, KEYS, token)


async def test_a_revoked_token_is_nobody(unit: RecordingUnit, city: City) -> None:
    """A revoked token neither calls nor signs."""
    token = await tokens.create_token(
        unit.db, KEYS, city, name="bureau", role=Role.DEPARTMENT, department=HOUSING
    )

    assert await tokens.revoke_tokens(unit.db, name="bureau", now=unit.now) == 1
    assert await tokens.principal_of_token(unit.db, KEYS, token) is None
    assert [] == await tokens.command_keys_of(unit.db, KEYS, HOUSING)


@pytest.mark.parametrize(
    ("role", "department"),
    [(Role.DEPARTMENT, "no-such-bureau"), (Role.DEPARTMENT, None), (Role.CITIZEN, None)],
)
async def test_unfit_tokens_are_refused(
    db: Database, city: City, role: Role, department: DepartmentCode | None
) -> None:
    """No token for a department that does not exist, nor for a role that needs none."""
    with pytest.raises(BadInput):
        await tokens.create_token(db, KEYS, city, name="x", role=role, department=department)


async def test_a_copy_of_the_database_opens_and_signs_nothing(db: Database, city: City) -> None:
    """Neither the token nor what signs commands is in the row, nor a hash that could be checked without our key."""
    token = await tokens.create_token(db, KEYS, city, name="bureau", role=Role.DEPARTMENT, department=HOUSING)
    row = await db.fetchrow("SELECT * FROM deploy.token WHERE name = 'bureau'")
    held = b"|".join(value for value in row.values() if isinstance(value, bytes))

    assert sha256_of(token) not in held
    assert hashlib.sha256(sha256_of(token)).digest() not in held
    stranger = TokenSecrets([(b"x" * 32, b"y" * 32)])
    assert [] == await tokens.command_keys_of(db, stranger, HOUSING)
    assert await tokens.principal_of_token(db, stranger, token) is None


async def test_a_sealed_key_is_of_its_row_alone(db: Database, city: City) -> None:
    """Whoever may write in the database gives no department the key of another."""
    for name, department in (("a", HOUSING), ("b", DepartmentCode("transport"))):
        await tokens.create_token(db, KEYS, city, name=name, role=Role.DEPARTMENT, department=department)
    await db.execute(
        "UPDATE deploy.token SET command_key = (SELECT command_key FROM deploy.token WHERE name = 'a') WHERE name = 'b'"
    )

    assert [] == await tokens.command_keys_of(db, KEYS, DepartmentCode("transport"))


async def test_a_former_secret_still_knows_its_tokens(db: Database, city: City) -> None:
    """After the master secret was changed, both work."""
    token = await tokens.create_token(db, KEYS, city, name="bureau", role=Role.DEPARTMENT, department=HOUSING)
    heir = TokenSecrets([(b"x" * 32, b"y" * 32), (b"f" * 32, b"s" * 32)])
    newer = await tokens.create_token(db, heir, city, name="new", role=Role.DEPARTMENT, department=HOUSING)

    assert "bureau" == (await tokens.principal_of_token(db, heir, token) or Principal()).name
    assert {sha256_of(token), sha256_of(newer)} == set(await tokens.command_keys_of(db, heir, HOUSING))


@pytest.mark.parametrize("secret", ["", "short", "e" * 40])
def test_no_token_is_kept_without_a_master_secret(secret: str) -> None:
    """Said in a sentence."""
    with pytest.raises(NoTokensWithoutSecret, match="HUIYIN_SECRET_KEY"):
        token_secrets(Settings(secret_key=SecretStr(secret)))
