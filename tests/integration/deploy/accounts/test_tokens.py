"""Tokens in a real Postgres."""

import pytest

from deploy.accounts import tokens
from schemas.city import City
from schemas.errors import BadInput
from schemas.http import Principal
from schemas.ids import DepartmentCode
from schemas.ports import Database
from schemas.words import Role
from tests.conftest import RecordingUnit
from tests.integration.deploy.accounts.conftest import HOUSING


async def test_a_department_token(db: Database, city: City) -> None:
    """A department's token stands for the department, and its hash checks the department's commands."""
    token = await tokens.create_token(db, city, name="bureau", role=Role.DEPARTMENT, department=HOUSING)
    principal = await tokens.principal_of_token(db, token)

    assert Principal(role=Role.DEPARTMENT, name="bureau", department=HOUSING) == principal
    assert [tokens.token_hash(token)] == list(await tokens.token_hashes_of(db, HOUSING))
    assert list(await tokens.token_hashes_of(db, DepartmentCode("transport"))) == []


async def test_a_role_token(db: Database, city: City) -> None:
    """The hotline's token stands for the hotline and for no department."""
    token = await tokens.create_token(db, city, name="hotline", role=Role.HOTLINE)

    assert Principal(role=Role.HOTLINE, name="hotline") == await tokens.principal_of_token(db, token)


async def test_a_revoked_token_is_nobody(unit: RecordingUnit, city: City) -> None:
    """A revoked token neither calls nor signs."""
    token = await tokens.create_token(unit.db, city, name="bureau", role=Role.DEPARTMENT, department=HOUSING)

    assert await tokens.revoke_tokens(unit.db, name="bureau", now=unit.now) == 1
    assert await tokens.principal_of_token(unit.db, token) is None
    assert list(await tokens.token_hashes_of(unit.db, HOUSING)) == []


@pytest.mark.parametrize(
    ("role", "department"),
    [(Role.DEPARTMENT, "no-such-bureau"), (Role.DEPARTMENT, None), (Role.CITIZEN, None)],
)
async def test_unfit_tokens_are_refused(
    db: Database, city: City, role: Role, department: DepartmentCode | None
) -> None:
    """No token for a department that does not exist, nor for a role that needs none."""
    with pytest.raises(BadInput):
        await tokens.create_token(db, city, name="x", role=role, department=department)
