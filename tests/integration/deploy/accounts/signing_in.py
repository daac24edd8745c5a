"""Whom a name and a password let in, as the sign-in page finds it out, without its pauses."""

from datetime import UTC, datetime
from typing import Final

from deploy.accounts.accounts import find_account
from deploy.accounts.passwords import Passwords
from deploy.database.sealed_rows import Changing
from schemas.http import Principal
from schemas.ports import Database

#: Whoever makes and changes the accounts of a test.
CHANGING: Final = Changing(by="root", at=datetime(2026, 11, 20, 9, tzinfo=UTC), key=b"a" * 32)

#: Signs the sessions of a test that has no settings.
SIGNING: Final = [b"d" * 32]

#: After a test that commits: their changes are sealed under its own key, and nobody else may find them.
FORGET_ACCOUNTS: Final = (
    "ALTER TABLE deploy.account_change DISABLE TRIGGER USER;"
    " TRUNCATE deploy.account, deploy.token, deploy.account_change CASCADE;"
    " ALTER TABLE deploy.account_change ENABLE TRIGGER USER"
)


async def who_signs_in(
    db: Database, passwords: Passwords, *, username: str, password: str
) -> Principal | None:
    """Whose account it is; None where the name, password or account is no good."""
    account = await find_account(db, username)
    right = await passwords.matches(password, account and account[1])
    return account[0] if account is not None and right else None
