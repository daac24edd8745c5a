"""The demo's accounts and tokens, and the file that tells a person of them."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from deploy import clock
from deploy.accounts import accounts, tokens
from deploy.accounts.passwords import Passwords
from deploy.composition import city_of
from deploy.database.pool import Connection, connect
from deploy.local.running import DEMO_APP
from deploy.local.terminal import say
from deploy.settings import Settings
from schemas.city import City
from schemas.ids import DepartmentCode
from schemas.words import Role

#: Departments whose people can sign in in the demo; every department has a token.
DEMO_DEPARTMENTS = ("urban-management", "housing", "transport", "environment", "market", "district-donghu")
DEMO_STAFF = (Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)


async def make_demo_accounts(settings: Settings, demo_file: Path) -> None:
    """Accounts and tokens for a demo, told in `demo_file` (0600) alone.

    Raises:
        BadInput: an account of one of these names exists already; nothing was made.
    """
    city = city_of(settings)
    async with connect(settings) as db, db.transaction():
        content = {
            "url": settings.base_url,
            "accounts": await _demo_accounts(db, city),
            "tokens": await _demo_tokens(db, city),
            "mini_app": {"app": DEMO_APP, "secret": settings.mini_app_secrets[DEMO_APP]},
        }
    _write_secret(demo_file, content)


async def let_demo_in(settings: Settings, demo_file: Path) -> None:
    """The accounts and tokens of an earlier demo work again, as the file tells."""
    usernames, given = _told(demo_file)
    async with connect(settings) as db, db.transaction():
        count = await accounts.enable_accounts(db, usernames) + await tokens.restore_these(db, given)
    if count:
        say(f"the demo's accounts and tokens work again: {demo_file}")


async def shut_demo_out(settings: Settings, demo_file: Path) -> None:
    """Nobody gets in with what an earlier demo left behind: its passwords and tokens stand in a file, and were shown."""
    usernames, given = _told(demo_file)
    async with connect(settings) as db, db.transaction():
        disabled = await accounts.disable_accounts(db, usernames)
        revoked = await tokens.revoke_these(db, given, clock.now())
    if disabled or revoked:
        say(f"without --demo: {disabled} accounts of the demo disabled, {revoked} of its tokens revoked")


def _told(demo_file: Path) -> tuple[list[str], list[str]]:
    """The names of the demo's accounts, and its tokens."""
    told = json.loads(demo_file.read_text(encoding="utf-8"))
    roles = {name: token for name, token in told["tokens"].items() if name != "departments"}
    usernames = [account["username"] for account in told["accounts"]]
    return usernames, [*told["tokens"]["departments"].values(), *roles.values()]


async def _demo_accounts(db: Connection, city: City) -> list[dict[str, Any]]:
    wanted: list[tuple[str, Role, DepartmentCode | None]] = [(role.value, role, None) for role in DEMO_STAFF]
    wanted += [
        (code, Role.DEPARTMENT, DepartmentCode(code)) for code in DEMO_DEPARTMENTS if code in city.department
    ]
    password = secrets.token_urlsafe(9)
    passwords = Passwords()
    made: list[dict[str, Any]] = []
    for username, role, department in wanted:
        await accounts.create_account(
            db, passwords, city, username=username, password=password, role=role, department=department
        )
        account = {"role": role.value, "username": username, "password": password}
        made.append(account | ({"department": department} if department else {}))
    return made


async def _demo_tokens(db: Connection, city: City) -> dict[str, Any]:
    made: dict[str, Any] = {"departments": {}}
    for department in city.departments:
        made["departments"][department.code] = await tokens.create_token(
            db, city, name=f"demo-{department.code}", role=Role.DEPARTMENT, department=department.code
        )
    for role in (Role.HOTLINE, Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR):
        made[role.value] = await tokens.create_token(db, city, name=f"demo-{role.value}", role=role)
    return made


def _write_secret(file: Path, content: dict[str, Any]) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False, indent=2)
        stream.write("\n")
