"""Staff accounts: who may sign in, and with which password. All the SQL about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from deploy.accounts.changes import RETURNING_ACCOUNT, What, lock_changes, log_change
from deploy.accounts.guessable import is_guessable
from deploy.accounts.passwords import MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS, Passwords
from deploy.accounts.roles import role_errors
from deploy.accounts.sessions import IDLE, end_sessions
from deploy.database.sealed_rows import Changing
from schemas.city import City
from schemas.errors import BadInput, FieldError, NotFound
from schemas.http import STAFF, Principal
from schemas.ids import DepartmentCode
from schemas.ports import Database
from schemas.words import Role

_USERNAME_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_@")

_TAKEN: Final = FieldError("username", "该用户名已存在。", "This name is taken.")


class ListedAccount(NamedTuple):
    """An account as whoever gives them out sees it. `last_seen_at`: of its sessions that are not over; None without any."""

    username: str
    role: str
    department: str | None
    disabled: bool
    demo: bool
    created_at: datetime
    last_seen_at: datetime | None


async def create_account(
    db: Database,
    passwords: Passwords,
    city: City,
    changing: Changing,
    *,
    username: str,
    password: str,
    role: Role,
    department: DepartmentCode | None = None,
    demo: bool = False,
) -> None:
    """A new account that can sign in. `demo`: for a demo, which may also take back one that a demo made before.

    Raises:
        BadInput: the name is unfit or taken, by an account or a role's token, the password unfit, the role not
            staff's, or the department unknown, missing, or given for another role.
    """
    errors = [
        *_name_errors(username),
        *password_errors(password, username, city),
        *role_errors(city, role, department, STAFF),
    ]
    if errors:
        raise BadInput(errors)
    password_hash = await passwords.hash(password)
    await lock_changes(db)
    if not demo and await _names_a_token(db, username):
        raise BadInput([_TAKEN])
    created = await db.fetchrow(
        "INSERT INTO deploy.account AS there (username, password_hash, role, department, demo)"  # noqa: S608  ours
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (username) DO UPDATE"
        " SET password_hash = $2, role = $3, department = $4, disabled = false WHERE there.demo AND $5"
        f" {RETURNING_ACCOUNT}",
        username,
        password_hash,
        role.value,
        department,
        demo,
    )
    if created is None:
        raise BadInput([_TAKEN])
    await log_change(db, changing, created, What.ADDED)


async def _names_a_token(db: Database, username: str) -> bool:
    """Whether a role's token that works is called so: of what is done under the name nobody could tell who did it."""
    found = await db.fetchval(
        "SELECT 1 FROM deploy.token WHERE name = $1 AND department IS NULL AND revoked_at IS NULL", username
    )
    return found is not None


async def find_account(
    db: Database, username: str, *, shows_demo: bool = True
) -> tuple[Principal, str] | None:
    """Whose account that is, and the hash of its password; None where nobody can sign in with the name.

    Without `shows_demo` nobody can with an account that a demo made.
    """
    row = await db.fetchrow(
        "SELECT password_hash, role, department FROM deploy.account"
        " WHERE username = $1 AND NOT disabled AND ($2 OR NOT demo)",
        username,
        shows_demo,
    )
    if row is None:
        return None
    principal = Principal(role=Role(row["role"]), name=username, department=row["department"])
    return principal, row["password_hash"]


async def acting_departments(db: Database) -> frozenset[DepartmentCode]:
    """Those that somebody signs in for, or a system of theirs has a token of."""
    rows = await db.fetch(
        "SELECT department FROM deploy.account WHERE department IS NOT NULL AND NOT disabled"
        " UNION SELECT department FROM deploy.token WHERE department IS NOT NULL AND revoked_at IS NULL"
        " AND (expires_at IS NULL OR expires_at > now())"
    )
    return frozenset(row["department"] for row in rows)


async def list_accounts(db: Database, now: datetime) -> Sequence[ListedAccount]:
    """Every account by name, disabled ones too."""
    rows = await db.fetch(
        "SELECT username, role, department, disabled, demo, created_at, (SELECT max(seen_at) FROM deploy.session AS s"
        " WHERE s.username = a.username AND s.expires_at > $1 AND s.seen_at > $1 - $2::interval) AS last_seen_at"
        " FROM deploy.account AS a ORDER BY username",
        now,
        IDLE,
    )
    return [ListedAccount(**row) for row in rows]


async def set_role(
    db: Database,
    city: City,
    changing: Changing,
    *,
    username: str,
    role: Role,
    department: DepartmentCode | None = None,
) -> None:
    """Give the account another role, and end its sessions.

    Raises:
        BadInput: the role is not staff's, or the department unknown, missing, or given for another role.
        NotFound: nobody of that name.
    """
    if errors := role_errors(city, role, department, STAFF):
        raise BadInput(errors)
    await lock_changes(db)
    changed = await db.fetchrow(
        f"UPDATE deploy.account SET role = $2, department = $3 WHERE username = $1 {RETURNING_ACCOUNT}",  # noqa: S608  ours
        username,
        role.value,
        department,
    )
    if changed is None:
        raise NotFound
    await log_change(db, changing, changed, What.ROLE)
    await end_sessions(db, username)


async def set_password(
    db: Database, passwords: Passwords, city: City, changing: Changing, *, username: str, password: str
) -> None:
    """A new password; whoever was signed in with the old one no longer is. Nobody's is disabled or a demo's any more.

    Raises:
        BadInput: too short, too long, or one that somebody would try first.
        NotFound: nobody of that name.
    """
    if errors := password_errors(password, username, city):
        raise BadInput(errors)
    password_hash = await passwords.hash(password)
    await lock_changes(db)
    changed = await db.fetchrow(
        "UPDATE deploy.account SET password_hash = $2, disabled = false, demo = false FROM"  # noqa: S608  ours
        " (SELECT username AS before, disabled AS was_disabled FROM deploy.account WHERE username = $1 FOR UPDATE) AS there"
        f" WHERE username = before {RETURNING_ACCOUNT}, was_disabled",
        username,
        password_hash,
    )
    if changed is None:
        raise NotFound
    await log_change(db, changing, changed, What.PASSWORD)
    if changed["was_disabled"]:
        await log_change(db, changing, changed, What.ENABLED)
    await end_sessions(db, username)


async def replace_password(db: Database, username: str, changing: Changing, *, old: str, new: str) -> bool:
    """One's own new password, as hashes; whoever is signed in with that account no longer is, anywhere.

    False where it has another password by now, or is disabled. A demo's account stays one, and ends with the demo.
    """
    await lock_changes(db)
    changed = await db.fetchrow(
        "UPDATE deploy.account SET password_hash = $3"  # noqa: S608  ours
        " WHERE username = $1 AND password_hash = $2 AND NOT disabled"
        f" {RETURNING_ACCOUNT}",
        username,
        old,
        new,
    )
    if changed is None:
        return False
    await log_change(db, changing, changed, What.PASSWORD)
    await end_sessions(db, username)
    return True


async def disable_account(db: Database, changing: Changing, *, username: str) -> None:
    """From now on nobody can sign in with this account, and its sessions are over.

    Raises:
        NotFound: nobody of that name.
    """
    await lock_changes(db)
    changed = await db.fetchrow(
        f"UPDATE deploy.account SET disabled = true WHERE username = $1 {RETURNING_ACCOUNT}",  # noqa: S608  ours
        username,
    )
    if changed is None:
        raise NotFound
    await log_change(db, changing, changed, What.DISABLED)
    await end_sessions(db, username)


def _name_errors(username: str) -> list[FieldError]:
    if 1 <= len(username) <= 64 and set(username) <= _USERNAME_CHARACTERS:
        return []
    zh = "用户名为 1 至 64 个小写字母、数字或 . - _ @。"
    return [FieldError("username", zh, "A name is 1 to 64 lower-case letters, digits or . - _ @.")]


def password_errors(password: str, username: str, city: City) -> list[FieldError]:
    """What is wrong with it as a new password of that account; its field is called `password`."""
    least, most = MIN_PASSWORD_CHARACTERS, MAX_PASSWORD_CHARACTERS
    if least <= len(password) <= most:
        return _guess_errors(password, username, city)
    zh = f"密码为 {least} 至 {most} 个字符。"
    return [FieldError("password", zh, f"A password has {least} to {most} characters.")]


def _guess_errors(password: str, username: str, city: City) -> list[FieldError]:
    names = [
        username,
        *username.replace("_", "-").replace(".", "-").split("-"),
        *(name for region in city.regions for name in region.names),
    ]
    if not is_guessable(password, names):
        return []
    zh = "密码太容易被猜到：不要只用常见词语、连续或重复的字符、年份、人名和地名。"
    en = "Too easily guessed: more than common words, sequences, repeats, years and names."
    return [FieldError("password", zh, en)]
