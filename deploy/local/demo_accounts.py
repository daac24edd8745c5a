"""The demo's accounts and tokens, and the file that tells a person of them."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.accounts import accounts, demo, tokens
from deploy.accounts.passwords import Passwords
from deploy.accounts.token_secrets import TokenSecrets, token_secrets
from deploy.composition import changing_by_command, city_of
from deploy.database.pool import Connection, connect
from deploy.database.sealed_rows import Changing
from deploy.local.embedded.files import write_whole
from deploy.local.running import DEMO_APP
from deploy.local.terminal import say
from deploy.settings import Settings
from schemas.city import City
from schemas.errors import HuiyinError
from schemas.ids import DepartmentCode
from schemas.words import Role

#: Departments whose people can sign in in the demo; every department has a token.
DEMO_DEPARTMENTS = ("urban-management", "housing", "transport", "environment", "market", "district-donghu")
DEMO_STAFF = (Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR)


class DemoNamesTaken(HuiyinError):
    """The city has people of its own whose accounts are called like the demo's."""

    en = "no demo can be made: accounts called {names} are somebody's own. Show it with another --data, or without --demo"
    zh = "无法建立演示：账户 {names} 已属他人。请换一个 --data，或不用 --demo"


async def ensure_demo(settings: Settings, demo_file: Path) -> None:
    """A demo's accounts and tokens work as `demo_file` (0600) tells; made anew where it tells of none that are here.

    Raises:
        DemoNamesTaken: one of the accounts' names is somebody's own; nothing was made.
    """
    told, keys = _told(demo_file), token_secrets(settings)
    async with connect(settings) as db, db.transaction():
        if told is None or not await demo.made_all(db, keys, *told):
            await _make(db, settings, demo_file)
        elif await demo.let_in(db, keys, told[1], changing_by_command(settings)):
            say(
                f"演示账户和令牌恢复可用：{demo_file}",
                f"the demo's accounts and tokens work again: {demo_file}",
            )
    _tell_address(settings, demo_file)


async def shut_demo_out(settings: Settings) -> None:
    """Nobody gets in with what an earlier demo left behind: its passwords and tokens stood in a file, and were shown."""
    async with connect(settings) as db, db.transaction():
        shut = await demo.shut_out(db, changing_by_command(settings))
    if shut:
        say(
            f"未加 --demo：已停用演示的 {shut.accounts} 个账户，撤销 {shut.tokens} 个令牌",
            f"without --demo: {shut.accounts} accounts of the demo disabled, {shut.tokens} of its tokens revoked",
        )


async def _make(db: Connection, settings: Settings, demo_file: Path) -> None:
    """The file is whole before anything that it tells is kept: a crash leaves one that the next start replaces."""
    city = city_of(settings)
    if taken := await demo.taken_by_others(db, [username for username, _, _ in _wanted(city)]):
        raise DemoNamesTaken(names=", ".join(taken))
    if await demo.shut_out(db, changing_by_command(settings)):
        say(
            f"{demo_file} 缺失或不可用：演示的密码和令牌已重新生成，原来的失效",
            f"{demo_file} was gone or no use: the demo's passwords and tokens are new, the old ones open nothing",
        )
    content = {
        "url": settings.base_url,
        "accounts": await _demo_accounts(db, city, changing_by_command(settings)),
        "tokens": await _demo_tokens(db, token_secrets(settings), city, changing_by_command(settings)),
        "mini_app": {"app": DEMO_APP, "secret": settings.mini_app_secrets[DEMO_APP]},
    }
    _write(demo_file, content)


def _tell_address(settings: Settings, demo_file: Path) -> None:
    """The file's address is the one that is served now: another port was chosen since it was made."""
    content = json.loads(demo_file.read_text(encoding="utf-8"))
    if content.get("url") != settings.base_url:
        _write(demo_file, {**content, "url": settings.base_url})


def _write(demo_file: Path, content: Mapping[str, object]) -> None:
    write_whole(demo_file, json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def _told(demo_file: Path) -> tuple[list[str], list[str]] | None:
    """The names of the demo's accounts, and its tokens; None where the file is not there, or not as we write it."""
    try:
        content = json.loads(demo_file.read_text(encoding="utf-8"))
        roles = {name: token for name, token in content["tokens"].items() if name != "departments"}
        usernames = [str(account["username"]) for account in content["accounts"] if account["password"]]
        given = [*content["tokens"]["departments"].values(), *roles.values()]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return (usernames, given) if all(isinstance(token, str) for token in given) else None


def _wanted(city: City) -> list[tuple[str, Role, DepartmentCode | None]]:
    """Name, role and department of each account."""
    wanted: list[tuple[str, Role, DepartmentCode | None]] = [(role.value, role, None) for role in DEMO_STAFF]
    wanted += [
        (code, Role.DEPARTMENT, DepartmentCode(code)) for code in DEMO_DEPARTMENTS if code in city.department
    ]
    return wanted


async def _demo_accounts(db: Connection, city: City, changing: Changing) -> list[dict[str, Any]]:
    password = secrets.token_urlsafe(9)
    passwords = _HashedOnce()
    made: list[dict[str, Any]] = []
    for username, role, department in _wanted(city):
        await accounts.create_account(
            db, passwords, city, changing,
            username=username, password=password, role=role, department=department, demo=True,
        )  # fmt: skip
        account = {"role": role.value, "username": username, "password": password}
        made.append(account | ({"department": department} if department else {}))
    passwords.close()
    return made


class _HashedOnce(Passwords):
    """For accounts that share one password, as their file tells: a hash costs a quarter of a second."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, str] = {}

    async def hash(self, password: str) -> str:
        """The salted hash, the same for the same password."""
        if password not in self._made:
            self._made[password] = await super().hash(password)
        return self._made[password]


async def _demo_tokens(db: Connection, keys: TokenSecrets, city: City, changing: Changing) -> dict[str, Any]:
    made: dict[str, Any] = {"departments": {}}
    for department in city.departments:
        code = department.code
        made["departments"][code] = await tokens.create_token(
            db, keys, city, changing, name=f"demo-{code}", role=Role.DEPARTMENT, department=code, demo=True
        )
    for role in (Role.HOTLINE, Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR):
        made[role.value] = await tokens.create_token(
            db, keys, city, changing, name=f"demo-{role.value}", role=role, demo=True
        )
    return made
