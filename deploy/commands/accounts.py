"""`huiyin user` and `huiyin token`: who may sign in, and which systems may call."""

import asyncio
import secrets
import sys
import warnings
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from getpass import GetPassWarning
from typing import Annotated, Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec
import typer

from deploy import clock
from deploy.accounts import accounts, tokens
from deploy.accounts.passwords import Passwords
from deploy.accounts.roles import TOKEN_ROLES
from deploy.accounts.token_secrets import token_secrets
from deploy.commands.refusals import refuse, refuse_as_asked, wrong_option
from deploy.commands.speech import say, told
from deploy.composition import changing_by_command
from deploy.database.pool import Connection, connect
from deploy.local.running import settings_here
from schemas.city import City, load_city
from schemas.errors import BadInput, NotFound
from schemas.http import STAFF
from schemas.ids import DepartmentCode
from schemas.words import Role

R = TypeVar("R")

_Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]
_Department = Annotated[
    str | None, typer.Option(help="A code in departments.toml, with the role `department`.")
]
_FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from stdin; do not ask.")
]
_Username = Annotated[str, typer.Argument(help="Lower-case letters, digits or . - _ @.")]


def _role(typed: str, offered: Sequence[Role]) -> Role:
    if typed not in offered:
        raise wrong_option(
            f"--role 只能是 {'、'.join(offered)} 之一", f"--role is one of {', '.join(offered)}"
        )
    return Role(typed)


#: Those that an account, and that a token without a department, may have: no other is offered, to be refused afterwards.
_STAFF_ROLES: Final = [role for role in Role if role in STAFF]
_SYSTEM_ROLES: Final = [role for role in Role if role in TOKEN_ROLES and role is not Role.DEPARTMENT]
_StaffRole = Annotated[
    Role,
    typer.Option(
        parser=partial(_role, offered=_STAFF_ROLES),
        metavar="|".join(_STAFF_ROLES),
        help="department, dispatcher, supervisor or administrator.",
    ),
]
_TokenRole = Annotated[
    Role | None,
    typer.Option(
        parser=partial(_role, offered=_SYSTEM_ROLES),
        metavar="|".join(_SYSTEM_ROLES),
        help="hotline, dispatcher, supervisor or administrator; not with --department.",
    ),
]
_TokenName = Annotated[
    str | None,
    typer.Option(
        help="What the audit shows: which system it was. If not given: the department, hotline, or the role with a number."
    ),
]
_ActsForPeople = Annotated[
    bool,
    typer.Option(
        "--acts-for-people", help="Its system may say for which account it asks (Acting-For), each time."
    ),
]

_Expires = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"],
        help="The last day on which it works, in the city's time; for good if not given.",
    ),
]

user: Final = typer.Typer(no_args_is_help=True, help="Staff accounts.")
token: Final = typer.Typer(no_args_is_help=True, help="Tokens for other systems.")


@user.command("add")
def add_user(
    username: _Username,
    role: _StaffRole,
    department: _Department = None,
    password_stdin: _FromStdin = False,
    as_json: _Json = False,
) -> None:
    """Add somebody who signs in with a password."""
    password = _password(password_stdin)

    async def work(db: Connection, city: City) -> None:
        code = department and DepartmentCode(department)
        await accounts.create_account(
            db, Passwords(), city, changing_by_command(settings_here()),
            username=username, password=password, role=role, department=code or None,
        )  # fmt: skip

    _run(work)
    said = told(f"{username} 可以登录。", f"{username} may sign in.")
    _say(as_json, said, username=username, role=role.value, department=department)


@user.command("password")
def change_password(username: _Username, password_stdin: _FromStdin = False, as_json: _Json = False) -> None:
    """Set a new password, and let a disabled account in again. Ends its sessions."""
    password = _password(password_stdin)

    async def work(db: Connection, city: City) -> None:
        await accounts.set_password(
            db, Passwords(), city, changing_by_command(settings_here()), username=username, password=password
        )

    _run(work)
    said = told(f"{username} 的密码已更改。", f"{username} has a new password.")
    _say(as_json, said, username=username)


@user.command("list")
def list_users(as_json: _Json = False) -> None:
    """List who may sign in, as what, and who is signed in."""
    found = _run(lambda db, _: accounts.list_accounts(db, clock.now()))
    if as_json:
        typer.echo(msgspec.json.encode([each._asdict() for each in found]).decode())
        return
    for each in found:
        typer.echo(_line(each))


def _line(account: accounts.ListedAccount) -> str:
    words = [account.username, account.role, account.department or "-"]
    words += [told("已停用", "disabled")] * account.disabled + [told("演示", "demo")] * account.demo
    seen = f"{account.last_seen_at:%Y-%m-%dT%H:%M:%SZ}" if account.last_seen_at else ""
    return "  ".join([*words, told(f"已登录，最近在 {seen}", f"signed in, seen {seen}")] if seen else words)


@user.command("role")
def change_role(
    username: _Username, role: _StaffRole, department: _Department = None, as_json: _Json = False
) -> None:
    """Give somebody another role. Ends its sessions."""
    code = DepartmentCode(department) if department else None

    async def work(db: Connection, city: City) -> None:
        await accounts.set_role(
            db, city, changing_by_command(settings_here()), username=username, role=role, department=code
        )

    _run(work)
    said = told(f"{username} 的角色现为 {role.value}。", f"{username} is {role.value} now.")
    _say(as_json, said, username=username, role=role.value, department=code)


@user.command("disable")
def disable_user(username: _Username, as_json: _Json = False) -> None:
    """Let nobody sign in with it any more. Ends its sessions."""

    async def work(db: Connection, _: City) -> None:
        await accounts.disable_account(db, changing_by_command(settings_here()), username=username)

    _run(work)
    said = told(f"{username} 不能再登录。", f"{username} can no longer sign in.")
    _say(as_json, said, username=username)


@token.command("add")
def add_token(
    department: _Department = None,
    role: _TokenRole = None,
    name: _TokenName = None,
    acts_for_people: _ActsForPeople = False,
    expires: _Expires = None,
    as_json: _Json = False,
) -> None:
    """Add a token and print it: it is shown this once only."""
    if (department is None) == (role is None):
        raise wrong_option("请给出 --department 或 --role 之一", "give either --department or --role")
    given_role = role or Role.DEPARTMENT
    given_name = name or department or _own_name(given_role)
    code = department and DepartmentCode(department)
    settings = settings_here()
    keys, ends = token_secrets(settings), _end_of(expires, settings.time_zone)
    if name is None and given_role is not Role.DEPARTMENT:
        say(f"名称为 {given_name}。", f"It is called {given_name}.")

    async def work(db: Connection, city: City) -> None:
        changing = changing_by_command(settings)
        made = await tokens.create_token(
            db, keys, city, changing, name=given_name, role=given_role, department=code or None,
            acts_for_people=acts_for_people, expires_at=ends,
        )  # fmt: skip
        # Before it is committed: where nobody can read it, there is none.
        _say(
            as_json,
            made,
            token=made,
            name=given_name,
            role=given_role.value,
            department=department,
            expires_at=ends,
        )

    _run(work)


def _end_of(day: datetime | None, time_zone: str) -> datetime | None:
    """The midnight with which a day of the city ends, in UTC; one that is over is refused."""
    if day is None:
        return None
    ends = (day + timedelta(days=1)).replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
    if ends <= clock.now():
        raise wrong_option(f"{day:%Y-%m-%d} 已过去", f"{day:%Y-%m-%d} is over", option="--expires")
    return ends


@token.command("list")
def list_tokens(as_json: _Json = False) -> None:
    """List the tokens that nobody revoked: whose each is, since when, and until when."""
    found = _run(lambda db, _: tokens.list_tokens(db))
    if as_json:
        typer.echo(msgspec.json.encode([each._asdict() for each in found]).decode())
        return
    zone = ZoneInfo(settings_here().time_zone)
    for each in found:
        words = [each.name, each.role, each.department or "-", f"{each.created_at.astimezone(zone):%Y-%m-%d}"]
        words += [told("可代表个人", "acts for people")] * each.acts_for_people
        words += [_end_words(each.expires_at, zone)] if each.expires_at else []
        typer.echo("  ".join(words + [told("演示", "demo")] * each.demo))


def _end_words(ends: datetime, zone: ZoneInfo) -> str:
    # As it was given: its last day in the city.
    last = f"{(ends - timedelta(microseconds=1)).astimezone(zone):%Y-%m-%d}"
    return (
        told(f"已于 {last} 过后到期", f"ended after {last}")
        if ends <= clock.now()
        else told(f"至 {last}（含当天）", f"until {last}, that day included")
    )


def _own_name(role: Role) -> str:
    """No other token's: who reads the log must know which system it was. What the hotline's calls belong to stays."""
    return role.value if role is Role.HOTLINE else f"{role.value}-{secrets.token_hex(3)}"


@token.command("revoke")
def revoke_token(name: Annotated[str, typer.Argument(help="Its name.")], as_json: _Json = False) -> None:
    """End every token of that name."""
    changing = changing_by_command(settings_here())
    revoked = _run(lambda db, _: tokens.revoke_tokens(db, changing, name=name))
    _say(as_json, told(f"已撤销 {revoked} 个。", f"{revoked} revoked."), name=name, revoked=revoked)


def register(app: typer.Typer) -> None:
    """Add `user` and `token` to the command line."""
    app.add_typer(user, name="user")
    app.add_typer(token, name="token")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    question, again = told("密码", "Password"), told("再输入一次", "Once more")
    with warnings.catch_warnings():
        # Where nobody can type unseen, Python would have it typed for all to see.
        warnings.simplefilter("error", GetPassWarning)
        try:
            return str(typer.prompt(question, hide_input=True, confirmation_prompt=again, err=True))
        except GetPassWarning as error:
            typer.echo(err=True)
            raise wrong_option(
                "没有终端可以输入密码：请用 --password-stdin 从标准输入读取",
                "there is no terminal to type it at: pipe it, with --password-stdin",
            ) from error


def _run(work: Callable[[Connection, City], Awaitable[R]]) -> R:
    try:
        return asyncio.run(_in_transaction(work))
    except BadInput as error:
        refuse(error)
    except NotFound:
        refuse_as_asked("没有这个名称。", "Nobody has this name.")


async def _in_transaction(work: Callable[[Connection, City], Awaitable[R]]) -> R:
    settings = settings_here()
    city = load_city(settings.city_directory, settings.time_zone)
    async with connect(settings) as db, db.transaction():
        return await work(db, city)


def _say(as_json: bool, sentence: str, **facts: object) -> None:
    typer.echo(msgspec.json.encode(facts).decode() if as_json else sentence)
