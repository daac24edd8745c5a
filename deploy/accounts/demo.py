"""What a demo left behind: accounts and tokens whose passwords stand in a file, and were shown. All the SQL about them."""

from collections.abc import Sequence

import msgspec

from deploy.accounts.changes import RETURNING_ACCOUNT, RETURNING_TOKEN, What, lock_changes, log_change
from deploy.accounts.token_secrets import TokenSecrets
from deploy.database.sealed_rows import Changing
from schemas.ports import Database


class Demos(msgspec.Struct, frozen=True, kw_only=True):
    """So many accounts and tokens of a demo."""

    accounts: int
    tokens: int

    def __bool__(self) -> bool:
        return bool(self.accounts or self.tokens)


async def open_to_demos(db: Database) -> Demos:
    """The accounts and tokens of a demo that let somebody in."""
    row = await db.fetchrow(
        "SELECT (SELECT count(*) FROM deploy.account WHERE demo AND NOT disabled) AS accounts,"
        " (SELECT count(*) FROM deploy.token WHERE demo AND revoked_at IS NULL) AS tokens"
    )
    return Demos(accounts=row["accounts"], tokens=row["tokens"])


async def shut_out(db: Database, changing: Changing) -> Demos:
    """No account or token of a demo lets anybody in from now on; returns how many did."""
    await lock_changes(db)
    disabled = await db.fetch(
        f"UPDATE deploy.account SET disabled = true WHERE demo AND NOT disabled {RETURNING_ACCOUNT}"  # noqa: S608  ours
    )
    for each in disabled:
        await log_change(db, changing, each, What.DISABLED)
    await db.execute(
        "DELETE FROM deploy.session WHERE username IN (SELECT username FROM deploy.account WHERE demo)"
    )
    revoked = await db.fetch(
        f"UPDATE deploy.token SET revoked_at = $1 WHERE demo AND revoked_at IS NULL {RETURNING_TOKEN}",  # noqa: S608  ours
        changing.at,
    )
    for each in revoked:
        await log_change(db, changing, each, What.TOKEN_REVOKED)
    return Demos(accounts=len(disabled), tokens=len(revoked))


async def let_in(db: Database, keys: TokenSecrets, given: Sequence[str], changing: Changing) -> Demos:
    """A demo's accounts work again, with the passwords that they had, and so do these of its tokens."""
    await lock_changes(db)
    enabled = await db.fetch(
        f"UPDATE deploy.account SET disabled = false WHERE demo AND disabled {RETURNING_ACCOUNT}"  # noqa: S608  ours
    )
    for each in enabled:
        await log_change(db, changing, each, What.ENABLED)
    restored = await db.fetch(
        "UPDATE deploy.token SET revoked_at = NULL"  # noqa: S608  ours
        " WHERE demo AND token_hash = ANY ($1) AND revoked_at IS NOT NULL"
        f" {RETURNING_TOKEN}",
        _kept(keys, given),
    )
    for each in restored:
        await log_change(db, changing, each, What.TOKEN_RESTORED)
    return Demos(accounts=len(enabled), tokens=len(restored))


async def made_all(db: Database, keys: TokenSecrets, usernames: Sequence[str], given: Sequence[str]) -> bool:
    """Whether a demo made every one of these tokens here, and the accounts exist."""
    row = await db.fetchrow(
        "SELECT (SELECT count(*) FROM deploy.account WHERE username = ANY ($1)) AS accounts,"
        " (SELECT count(*) FROM deploy.token WHERE demo AND token_hash = ANY ($2)) AS tokens",
        usernames,
        _kept(keys, given),
    )
    return bool(given) and (row["accounts"], row["tokens"]) == (len(set(usernames)), len(set(given)))


def _kept(keys: TokenSecrets, given: Sequence[str]) -> list[bytes]:
    return [kept for token in given for kept in keys.findable(token)]


async def taken_by_others(db: Database, usernames: Sequence[str]) -> Sequence[str]:
    """Which of these are the names of accounts that no demo made."""
    rows = await db.fetch(
        "SELECT username FROM deploy.account WHERE username = ANY ($1) AND NOT demo ORDER BY username",
        usernames,
    )
    return [row["username"] for row in rows]
