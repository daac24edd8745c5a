"""Who is asking: staff accounts and their sessions, and the tokens of other systems. All the SQL about them.

A session or token is 256 random bits; only its SHA-256 is kept, so that a copy of the database opens nothing,
and a request costs one look-up by key.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from deploy.accounts.passwords import MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS, Passwords
from schemas.city import City
from schemas.errors import BadInput, FieldError, NotFound
from schemas.http import STAFF, Principal
from schemas.ids import DepartmentCode
from schemas.ports import Database
from schemas.words import Role

#: Project choices: an unattended screen locks within half an hour; nobody's shift is longer than twelve.
IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
_TOUCH_EVERY: Final = timedelta(minutes=1)

#: Roles that a token may have: staff's, and the hotline's system.
TOKEN_ROLES: Final = STAFF | {Role.HOTLINE}

_USERNAME_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_@")


async def create_account(
    db: Database,
    passwords: Passwords,
    city: City,
    *,
    username: str,
    password: str,
    role: Role,
    department: DepartmentCode | None = None,
) -> None:
    """A new account that can sign in.

    Raises:
        BadInput: the name is taken or unfit, the password too short or too long, the role not staff's, or the
            department unknown, missing, or given for another role.
    """
    errors = [
        *_name_errors(username),
        *_password_errors(password),
        *_role_errors(city, role, department, STAFF),
    ]
    if errors:
        raise BadInput(errors)
    created = await db.fetchval(
        "INSERT INTO deploy.account (username, password_hash, role, department) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (username) DO NOTHING RETURNING true",
        username,
        await passwords.hash(password),
        role.value,
        department,
    )
    if not created:
        raise BadInput([FieldError("username", "该用户名已存在。", "This name is taken.")])


async def verify_password(
    db: Database, passwords: Passwords, *, username: str, password: str
) -> Principal | None:
    """Whose account it is; None, without saying why, where the name, password or account is no good."""
    row = await db.fetchrow(
        "SELECT password_hash, role, department FROM deploy.account WHERE username = $1 AND NOT disabled",
        username,
    )
    if not await passwords.matches(password[:MAX_PASSWORD_CHARACTERS], row and row["password_hash"]):
        return None
    return Principal(role=Role(row["role"]), name=username, department=row["department"])


async def set_password(db: Database, passwords: Passwords, *, username: str, password: str) -> None:
    """A new password; whoever was signed in with the old one no longer is.

    Raises:
        BadInput: too short or too long.
        NotFound: nobody of that name.
    """
    if errors := _password_errors(password):
        raise BadInput(errors)
    password_hash = await passwords.hash(password)
    changed = await db.fetchval(
        "UPDATE deploy.account SET password_hash = $2, disabled = false WHERE username = $1 RETURNING true",
        username,
        password_hash,
    )
    if not changed:
        raise NotFound
    await _end_sessions(db, username)


async def disable_account(db: Database, *, username: str) -> None:
    """Nobody signs in with it any more, and whoever is signed in is out.

    Raises:
        NotFound: nobody of that name.
    """
    if not await db.fetchval(
        "UPDATE deploy.account SET disabled = true WHERE username = $1 RETURNING true", username
    ):
        raise NotFound
    await _end_sessions(db, username)


async def open_session(db: Database, username: str, now: datetime) -> str:
    """A new session's cookie. Sessions that are over are deleted on the way."""
    cookie = secrets.token_urlsafe(32)
    await db.execute("DELETE FROM deploy.session WHERE expires_at <= $1", now)
    await db.execute(
        "INSERT INTO deploy.session (token_hash, username, created_at, seen_at, expires_at)"
        " VALUES ($1, $2, $3, $3, $4)",
        _hash(cookie),
        username,
        now,
        now + LONGEST,
    )
    return cookie


async def close_session(db: Database, cookie: str) -> None:
    """Signed out; an unknown cookie is no error."""
    await db.execute("DELETE FROM deploy.session WHERE token_hash = $1", _hash(cookie))


async def principal_of_session(db: Database, cookie: str, now: datetime) -> Principal | None:
    """Who holds this cookie; None where the session is unknown or over, or its account disabled.

    Notes that the session is in use, at most once a minute, and never waits for another request that does.
    """
    row = await db.fetchrow(
        """
        WITH alive AS (
            SELECT token_hash, seen_at, account.username, role, department
            FROM deploy.session JOIN deploy.account USING (username)
            WHERE token_hash = $1 AND expires_at > $2 AND seen_at > $2 - $3::interval AND NOT disabled
        ), stale AS (
            SELECT token_hash FROM deploy.session
            WHERE token_hash = (SELECT token_hash FROM alive WHERE seen_at < $2 - $4::interval)
            FOR NO KEY UPDATE SKIP LOCKED
        ), touched AS (
            UPDATE deploy.session SET seen_at = $2 WHERE token_hash = (SELECT token_hash FROM stale)
        )
        SELECT username, role, department FROM alive
        """,
        _hash(cookie),
        now,
        IDLE,
        _TOUCH_EVERY,
    )
    return row and Principal(role=Role(row["role"]), name=row["username"], department=row["department"])


async def create_token(
    db: Database, city: City, *, name: str, role: Role, department: DepartmentCode | None = None
) -> str:
    """A new token for another system: shown once, never again.

    Raises:
        BadInput: the role has no tokens, or the department is unknown, missing, or given for another role.
    """
    if errors := _role_errors(city, role, department, TOKEN_ROLES):
        raise BadInput(errors)
    token = secrets.token_urlsafe(32)
    await db.execute(
        "INSERT INTO deploy.token (token_hash, name, role, department) VALUES ($1, $2, $3, $4)",
        _hash(token),
        name,
        role.value,
        department,
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
        _hash(token),
    )
    return row and Principal(role=Role(row["role"]), name=row["name"], department=row["department"])


async def token_hashes_of(db: Database, department: DepartmentCode) -> Sequence[bytes]:
    """SHA-256 of each living token of a department: the keys that sign its commands."""
    rows = await db.fetch(
        "SELECT token_hash FROM deploy.token WHERE department = $1 AND revoked_at IS NULL", department
    )
    return [row["token_hash"] for row in rows]


def token_hash(token: str) -> bytes:
    """SHA-256 of a token: what is kept of it."""
    return _hash(token)


async def _end_sessions(db: Database, username: str) -> None:
    await db.execute("DELETE FROM deploy.session WHERE username = $1", username)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _name_errors(username: str) -> list[FieldError]:
    if 1 <= len(username) <= 64 and set(username) <= _USERNAME_CHARACTERS:
        return []
    zh = "用户名为 1 至 64 个小写字母、数字或 . - _ @。"
    return [FieldError("username", zh, "A name is 1 to 64 lower-case letters, digits or . - _ @.")]


def _password_errors(password: str) -> list[FieldError]:
    least, most = MIN_PASSWORD_CHARACTERS, MAX_PASSWORD_CHARACTERS
    if least <= len(password) <= most:
        return []
    zh = f"密码为 {least} 至 {most} 个字符。"
    return [FieldError("password", zh, f"A password has {least} to {most} characters.")]


def _role_errors(
    city: City, role: Role, department: DepartmentCode | None, allowed: frozenset[Role]
) -> list[FieldError]:
    if role not in allowed:
        return [FieldError("role", "不能使用该角色。", "This role cannot be given.")]
    if role is not Role.DEPARTMENT and department is not None:
        return [
            FieldError("department", "只有承办单位角色可以指定单位。", "Only a department's people have one.")
        ]
    if role is Role.DEPARTMENT and department not in city.department:
        return [FieldError("department", "没有这个承办单位。", "There is no such department.")]
    return []
