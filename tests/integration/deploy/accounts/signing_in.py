"""Whom a name and a password let in, as the sign-in page finds it out, without its pauses."""

from deploy.accounts.accounts import find_account
from deploy.accounts.passwords import Passwords
from schemas.http import Principal
from schemas.ports import Database


async def who_signs_in(
    db: Database, passwords: Passwords, *, username: str, password: str
) -> Principal | None:
    """Whose account it is; None where the name, password or account is no good."""
    account = await find_account(db, username)
    right = await passwords.matches(password, account and account[1])
    return account[0] if account is not None and right else None
