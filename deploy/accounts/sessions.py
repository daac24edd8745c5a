"""The sessions of staff who signed in to the pages. All the SQL about them.

A session's cookie is 256 random bits, and a keyed hash of these and of whose it is; only its SHA-256 is kept, so that a
copy of the database opens nothing, whoever writes a row of their own without the key neither, and a request costs one
look-up by key.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from deploy.accounts.token_secrets import sha256_of
from schemas.http import Principal
from schemas.ports import Database
from schemas.words import Role

#: Project choices: an unattended screen locks within half an hour; nobody's shift is longer than twelve.
IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
#: How exactly it is known when a session was last used (project choice: not a write for each request).
_TOUCH_EVERY: Final = timedelta(minutes=1)


async def open_session(db: Database, keys: Sequence[bytes], username: str, now: datetime) -> str:
    """A new session's cookie, signed with the first key. Sessions that are over are deleted on the way."""
    cookie = _signed(keys[0], username, secrets.token_urlsafe(32))
    await db.execute("DELETE FROM deploy.session WHERE expires_at <= $1", now)
    await db.execute(
        "INSERT INTO deploy.session (token_hash, username, created_at, seen_at, expires_at)"
        " VALUES ($1, $2, $3, $3, $4)",
        sha256_of(cookie),
        username,
        now,
        now + LONGEST,
    )
    return cookie


async def close_session(db: Database, cookie: str) -> None:
    """Signed out; an unknown cookie is no error."""
    await db.execute("DELETE FROM deploy.session WHERE token_hash = $1", sha256_of(cookie))


async def principal_of_session(
    db: Database, keys: Sequence[bytes], cookie: str, now: datetime, *, shows_demo: bool = True
) -> Principal | None:
    """Who holds this cookie; None where the session is unknown, over or another's, or its account disabled.

    Without `shows_demo` also where a demo made the account. `keys`: former ones, too: while the master secret is
    changed some web processes sign with the one, some with the other.

    Notes that the session is in use, at most once a minute, and never waits for another request that does.
    """
    row = await db.fetchrow(
        """
        WITH alive AS (
            SELECT token_hash, seen_at, account.username, role, department
            FROM deploy.session JOIN deploy.account USING (username)
            WHERE token_hash = $1 AND expires_at > $2 AND seen_at > $2 - $3::interval AND NOT disabled
                AND ($5 OR NOT account.demo)
        ), stale AS (
            SELECT token_hash FROM deploy.session
            WHERE token_hash = (SELECT token_hash FROM alive WHERE seen_at < $2 - $4::interval)
            FOR NO KEY UPDATE SKIP LOCKED
        ), touched AS (
            UPDATE deploy.session SET seen_at = $2 WHERE token_hash = (SELECT token_hash FROM stale)
        )
        SELECT username, role, department FROM alive
        """,
        sha256_of(cookie),
        now,
        IDLE,
        _TOUCH_EVERY,
        shows_demo,
    )
    if row is None or not _is_of(keys, row["username"], cookie):
        return None
    return Principal(role=Role(row["role"]), name=row["username"], department=row["department"])


def _signed(secret: bytes, username: str, random: str) -> str:
    digest = hmac.digest(secret, f"session\0{random}\0{username}".encode(), "sha256")
    return f"{random}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def _is_of(keys: Sequence[bytes], username: str, cookie: str) -> bool:
    """Whether we gave it to that very account: a row alone says so to nobody."""
    signed = [_signed(key, username, cookie.partition(".")[0]) for key in keys]
    return any(hmac.compare_digest(each.encode(), cookie.encode()) for each in signed)


async def end_sessions(db: Database, username: str) -> None:
    """End all sessions of this account."""
    await db.execute("DELETE FROM deploy.session WHERE username = $1", username)
