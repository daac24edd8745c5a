"""The bearer tokens of other systems: a department's own, the hotline's, or those of a role. All the SQL about them.

A token is 256 random bits; only its SHA-256 is kept, so that a copy of the database opens nothing, and a request costs
one look-up by key.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from deploy.accounts.roles import TOKEN_ROLES, role_errors
from schemas.city import City
from schemas.errors import BadInput
from schemas.http import Principal
from schemas.ids import DepartmentCode
from schemas.ports import Database
from schemas.words import Role


async def create_token(
    db: Database,
    city: City,
    *,
    name: str,
    role: Role,
    department: DepartmentCode | None = None,
    demo: bool = False,
) -> str:
    """A new token for another system: shown once, never again. `demo`: it opens nothing without one.

    Raises:
        BadInput: the role has no tokens, or the department is unknown, missing, or given for another role.
    """
    if errors := role_errors(city, role, department, TOKEN_ROLES):
        raise BadInput(errors)
    token = secrets.token_urlsafe(32)
    await db.execute(
        "INSERT INTO deploy.token (token_hash, name, role, department, demo) VALUES ($1, $2, $3, $4, $5)",
        token_hash(token),
        name,
        role.value,
        department,
        demo,
    )
    return token


async def revoke_tokens(db: Database, *, name: str, now: datetime) -> int:
    """No token of that name works from now on; returns how many did."""
    revoked = await db.fetch(
        "UPDATE deploy.token SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL RETURNING 1",
        name,
        now,
    )
    return len(revoked)


async def principal_of_token(db: Database, token: str) -> Principal | None:
    """Whose token it is; None where it is unknown or revoked."""
    row = await db.fetchrow(
        "SELECT name, role, department FROM deploy.token WHERE token_hash = $1 AND revoked_at IS NULL",
        token_hash(token),
    )
    return row and Principal(role=Role(row["role"]), name=row["name"], department=row["department"])


async def token_hashes_of(db: Database, department: DepartmentCode) -> Sequence[bytes]:
    """SHA-256 of each living token of a department: the keys that sign its commands."""
    rows = await db.fetch(
        "SELECT token_hash FROM deploy.token WHERE department = $1 AND revoked_at IS NULL", department
    )
    return [row["token_hash"] for row in rows]


def token_hash(token: str) -> bytes:
    """SHA-256 of a token or of a session's cookie: what is kept of it."""
    return hashlib.sha256(token.encode()).digest()
