"""The bearer tokens of other systems: a department's own, the hotline's, or those of a role. All the SQL about them.

A token is 256 random bits, and is shown once; what is kept of it opens nothing and signs nothing (`token_secrets.py`). A
request costs one look-up by key.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from deploy.accounts.changes import RETURNING_TOKEN, What, lock_changes, log_change
from deploy.accounts.roles import TOKEN_ROLES, role_errors
from deploy.accounts.token_secrets import TokenSecrets, sha256_of
from deploy.database.sealed_rows import Changing
from schemas.city import City
from schemas.errors import BadInput, FieldError, NobodyToActFor, NotFound, TokenEnded
from schemas.http import Principal
from schemas.ids import DepartmentCode
from schemas.ports import Database
from schemas.words import Role


class ListedToken(NamedTuple):
    """A token that was not revoked, as whoever gives them out sees it."""

    name: str
    role: str
    department: str | None
    created_at: datetime
    acts_for_people: bool
    demo: bool
    #: From then on it works no more; None: it has no end.
    expires_at: datetime | None


async def create_token(
    db: Database,
    keys: TokenSecrets,
    city: City,
    changing: Changing,
    *,
    name: str,
    role: Role,
    department: DepartmentCode | None = None,
    demo: bool = False,
    acts_for_people: bool = False,
    expires_at: datetime | None = None,
) -> str:
    """A new token for another system: shown once, never again. `demo`: it opens nothing without one.

    `expires_at`: from then on it opens and signs nothing; never, if None.

    `acts_for_people`: its system may say for which person it asks, of those with an account of the same role.

    Raises:
        BadInput: the role has no tokens, or the department is unknown, missing, or given for another role; or an account
            has the name: nobody could tell the one from the other.
    """
    await lock_changes(db)
    errors = [*role_errors(city, role, department, TOKEN_ROLES), *await _name_errors(db, name, department)]
    if errors:
        raise BadInput(errors)
    token = secrets.token_urlsafe(32)
    digest = sha256_of(token)
    made = await db.fetchrow(
        "INSERT INTO deploy.token (token_hash, name, role, department, demo, command_key, acts_for_people, expires_at)"  # noqa: S608  ours
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        f" {RETURNING_TOKEN}",
        keys.kept(digest),
        name,
        role.value,
        department,
        demo,
        keys.sealed(digest) if department else None,
        acts_for_people,
        expires_at,
    )
    await log_change(db, changing, made, What.TOKEN_FOR_PEOPLE if acts_for_people else What.TOKEN)
    return token


async def _name_errors(db: Database, name: str, department: DepartmentCode | None) -> Sequence[FieldError]:
    # Of a department's token the unit is asked, never the person.
    if department is not None or not await db.fetchval(
        "SELECT 1 FROM deploy.account WHERE username = $1", name
    ):
        return ()
    zh = "已有账户使用这个名称，无法分清是谁操作的。"
    return [FieldError("name", zh, "An account has this name: nobody could tell who it was.")]


async def nameless_tokens(db: Database) -> Sequence[str]:
    """Roles of living tokens that are called by their role alone: of what they do nobody can say which system it was."""
    rows = await db.fetch(
        "SELECT role FROM deploy.token WHERE department IS NULL AND name = role AND role <> $1 AND revoked_at IS NULL"
        " AND NOT demo ORDER BY role",
        Role.HOTLINE.value,
    )
    return [row["role"] for row in rows]


class EndingToken(NamedTuple):
    """A token that ends soon, or has ended lately and was not revoked."""

    name: str
    expires_at: datetime
    has_ended: bool


async def ending_tokens(db: Database, within: timedelta, since: timedelta) -> Sequence[EndingToken]:
    """Those that end within that time or ended no longer ago than `since`, the first one first; none of whose name another
    works on.
    """
    rows = await db.fetch(
        "SELECT name, max(expires_at) AS expires_at, max(expires_at) <= now() AS has_ended FROM deploy.token"
        " WHERE revoked_at IS NULL AND NOT demo GROUP BY name, role, department"
        " HAVING bool_and(expires_at IS NOT NULL)"
        " AND max(expires_at) BETWEEN now() - $2::interval AND now() + $1::interval ORDER BY 2, 1",
        within,
        since,
    )
    return [EndingToken(**row) for row in rows]


async def list_tokens(db: Database) -> Sequence[ListedToken]:
    """Every token that nobody revoked, by name, one that has ended as well; the tokens themselves nobody can show."""
    rows = await db.fetch(
        "SELECT name, role, department, created_at, acts_for_people, demo, expires_at FROM deploy.token"
        " WHERE revoked_at IS NULL ORDER BY name, created_at"
    )
    return [ListedToken(**row) for row in rows]


async def revoke_tokens(db: Database, changing: Changing, *, name: str) -> int:
    """No token of that name works from now on; returns how many did.

    Raises:
        NotFound: there never was one: whoever mistyped a name must not believe that it works no more.
    """
    if not await db.fetchval("SELECT EXISTS (SELECT FROM deploy.token WHERE name = $1)", name):
        raise NotFound
    await lock_changes(db)
    revoked = await db.fetch(
        f"UPDATE deploy.token SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL {RETURNING_TOKEN}",  # noqa: S608  ours
        name,
        changing.at,
    )
    for each in revoked:
        await log_change(db, changing, each, What.TOKEN_REVOKED)
    return len(revoked)


async def principal_of_token(
    db: Database, keys: TokenSecrets, token: str, *, acting_for: str | None = None, shows_demo: bool = True
) -> Principal | None:
    """Whose token it is; None where it is unknown or revoked, and without `shows_demo` where a demo made it.

    `acting_for`: the person for whom its system says it asks, who then is the one who asks.

    Raises:
        TokenEnded: it was given until a moment that is over.
        NobodyToActFor: the token has no right to that, or no account of that name can sign in with its role and department.
    """
    row = await db.fetchrow(
        "SELECT token.name, token.role, token.department, acts_for_people, username, expires_at,"
        " expires_at <= now() AS has_ended"
        " FROM deploy.token LEFT JOIN deploy.account ON username = $3 AND account.role = token.role"
        " AND account.department IS NOT DISTINCT FROM token.department AND NOT disabled AND ($2 OR NOT account.demo)"
        " WHERE token_hash = ANY ($1) AND revoked_at IS NULL AND ($2 OR NOT token.demo)",
        keys.findable(token),
        shows_demo,
        acting_for,
    )
    if row is None:
        return None
    if row["has_ended"]:
        raise TokenEnded(ended=row["expires_at"].astimezone(UTC))
    is_person = acting_for is not None
    if is_person and not (row["acts_for_people"] and row["username"]):
        raise NobodyToActFor
    return Principal(
        role=Role(row["role"]),
        name=row["username"] if is_person else row["name"],
        department=row["department"],
        is_person=is_person,
    )


async def command_keys_of(
    db: Database, keys: TokenSecrets, department: DepartmentCode, *, shows_demo: bool = True
) -> Sequence[tuple[bytes, datetime | None]]:
    """SHA-256 of each token of a department that nobody revoked, and when it ends: the keys that sign its commands.

    `shows_demo`: a demo's as well. Whether one had ended when a command was sent, whoever reads the command knows.
    """
    rows = await db.fetch(
        "SELECT token_hash, command_key, expires_at FROM deploy.token"
        " WHERE department = $1 AND revoked_at IS NULL AND ($2 OR NOT demo)",
        department,
        shows_demo,
    )
    found = [(keys.unsealed(row["command_key"] or b"", row["token_hash"]), row["expires_at"]) for row in rows]
    return [(key, ends_at) for key, ends_at in found if key is not None]
