"""The bearer tokens of other systems: a department's own, the hotline's, or those of a role. All the SQL about them.

A token is 256 random bits, and is shown once; what is kept of it opens nothing and signs nothing (`token_secrets.py`). A
request costs one look-up by key.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

from deploy.accounts.roles import TOKEN_ROLES, role_errors
from deploy.accounts.token_secrets import TokenSecrets, sha256_of
from schemas.city import City
from schemas.errors import BadInput
from schemas.http import Principal
from schemas.ids import DepartmentCode
from schemas.ports import Database
from schemas.words import Role


async def create_token(
    db: Database,
    keys: TokenSecrets,
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
    digest = sha256_of(token)
    await db.execute(
        "INSERT INTO deploy.token (token_hash, name, role, department, demo, command_key)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        keys.kept(digest),
        name,
        role.value,
        department,
        demo,
        keys.sealed(digest) if department else None,
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


async def principal_of_token(
    db: Database, keys: TokenSecrets, token: str, *, shows_demo: bool = True
) -> Principal | None:
    """Whose token it is; None where it is unknown or revoked, and without `shows_demo` where a demo made it."""
    row = await db.fetchrow(
        "SELECT name, role, department FROM deploy.token"
        " WHERE token_hash = ANY ($1) AND revoked_at IS NULL AND ($2 OR NOT demo)",
        keys.findable(token),
        shows_demo,
    )
    return row and Principal(role=Role(row["role"]), name=row["name"], department=row["department"])


async def command_keys_of(
    db: Database, keys: TokenSecrets, department: DepartmentCode, *, shows_demo: bool = True
) -> Sequence[bytes]:
    """SHA-256 of each living token of a department: the keys that sign its commands. `shows_demo`: a demo's as well."""
    rows = await db.fetch(
        "SELECT token_hash, command_key FROM deploy.token"
        " WHERE department = $1 AND revoked_at IS NULL AND ($2 OR NOT demo)",
        department,
        shows_demo,
    )
    found = [keys.unsealed(row["command_key"] or b"", row["token_hash"]) for row in rows]
    return [key for key in found if key is not None]
