"""`huiyin user` and `huiyin token`, as an operator types them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
import typer
from typer.testing import CliRunner, Result

from deploy.accounts import sessions, tokens
from deploy.accounts.changes import AccountChange
from deploy.accounts.passwords import Passwords
from deploy.accounts.token_secrets import token_secrets
from deploy.accounts.who_runs import who_runs
from deploy.commands.accounts import register
from deploy.composition import audit_key
from deploy.database.pool import Connection, connect
from deploy.database.sealed_rows import every_row, held_rows
from deploy.settings import Settings
from schemas.http import Principal
from schemas.ids import DepartmentCode
from schemas.words import Role
from tests.integration.deploy.accounts.signing_in import FORGET_ACCOUNTS, SIGNING, who_signs_in

PASSWORD = "correct horse"
R = TypeVar("R")


def _in_database(work: Callable[[Connection], Awaitable[R]]) -> R:
    async def run() -> R:
        async with connect(Settings()) as db:
            return await work(db)

    return asyncio.run(run())


@pytest.fixture
def huiyin(schema: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """The command line; what it wrote is deleted afterwards, for a command commits."""
    monkeypatch.setenv("DATABASE_URL", schema)
    monkeypatch.setenv("HUIYIN_SECRET_KEY", "a secret for tests only, long enough")
    app = typer.Typer()
    register(app)
    yield lambda *words, typed="": CliRunner().invoke(app, words, input=typed)
    _in_database(lambda db: db.execute(FORGET_ACCOUNTS))


def _verified(username: str, password: str) -> Principal | None:
    return _in_database(lambda db: who_signs_in(db, Passwords(), username=username, password=password))


def test_a_new_account_opens(huiyin: Callable[..., Result]) -> None:
    """The password is read from stdin and opens the account; the answer is JSON where one asks for it."""
    answer = huiyin(
        "user", "add", "wang", "--role", "department", "--department", "housing", "--json",
        "--password-stdin",
        typed=f"{PASSWORD}\n",
    )  # fmt: skip

    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout) == {"username": "wang", "role": "department", "department": "housing"}
    assert _verified("wang", PASSWORD) is not None


def test_the_password_is_asked_for_twice(huiyin: Callable[..., Result]) -> None:
    """Without --password-stdin the password is typed, twice, and never shown."""
    answer = huiyin("user", "add", "zhao", "--role", "supervisor", typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert answer.exit_code == 0, answer.output
    assert PASSWORD not in answer.output
    assert _verified("zhao", PASSWORD) is not None


@pytest.mark.parametrize(
    ("words", "typed", "why"),
    [
        (["user", "add", "x", "--role", "department", "--department", "gone"], PASSWORD, "department:"),
        (["user", "add", "x", "--role", "department"], PASSWORD, "department: Say which department."),
        (["user", "add", "x", "--role", "supervisor"], "short", "password:"),
        (["user", "disable", "nobody"], "", "Nobody has this name."),
        (["token", "add", "--department", "gone"], "", "department:"),
        (
            ["user", "add", "x", "--role", "citizen"],
            PASSWORD,
            "--role is one of department",
        ),
        (
            ["user", "add", "x", "--role", "hotline"],
            PASSWORD,
            "--role is one of department",
        ),
        (
            ["token", "add", "--role", "citizen"],
            "",
            "--role is one of dispatcher",
        ),
        (
            ["token", "add", "--role", "department"],
            "",
            "--role is one of dispatcher",
        ),
        (["token", "add"], "", "--department or --role"),
        (["token", "add", "--department", "housing", "--role", "hotline"], "", "--department or --role"),
    ],
)
def test_refusals_are_said(huiyin: Callable[..., Result], words: list[str], typed: str, why: str) -> None:
    """What cannot be done is said in a sentence, with an exit status, and nothing is written."""
    answer = huiyin(*words, *(["--password-stdin"] if typed else []), typed=f"{typed}\n")

    assert answer.exit_code != 0
    assert why in answer.stderr
    assert answer.stdout == ""


def test_a_token_is_printed_once(huiyin: Callable[..., Result]) -> None:
    """The token is all that stdout holds, and it calls as the department."""
    answer = huiyin("token", "add", "--department", "housing", "--name", "bureau system")
    principal = _in_database(
        lambda db: tokens.principal_of_token(db, token_secrets(Settings()), answer.stdout.strip())
    )

    housing = DepartmentCode("housing")
    assert Principal(role=Role.DEPARTMENT, name="bureau system", department=housing) == principal


def test_no_two_systems_have_one_name(huiyin: Callable[..., Result]) -> None:
    """A role's token without a name gets one of its own, and says so; the hotline's stays, as its calls belong to it."""
    made = [
        json.loads(huiyin("token", "add", "--role", "dispatcher", "--json").stdout)["name"] for _ in range(2)
    ]
    answer = huiyin("token", "add", "--role", "supervisor")
    named = huiyin("token", "add", "--role", "dispatcher", "--name", "console", "--acts-for-people", "--json")

    assert len({*made, "dispatcher"}) == 3
    assert all(name.startswith("dispatcher-") for name in made)
    assert "It is called supervisor-" in answer.stderr
    assert "console" == json.loads(named.stdout)["name"]
    assert "hotline" == json.loads(huiyin("token", "add", "--role", "hotline", "--json").stdout)["name"]


def test_a_revoked_token_no_longer_calls(huiyin: Callable[..., Result]) -> None:
    """Revoking by name ends it."""
    token = huiyin("token", "add", "--role", "hotline").stdout.strip()
    answer = huiyin("token", "revoke", "hotline", "--json")

    assert json.loads(answer.stdout) == {"name": "hotline", "revoked": 1}
    assert _in_database(lambda db: tokens.principal_of_token(db, token_secrets(Settings()), token)) is None


def test_a_name_that_no_token_has_is_refused(huiyin: Callable[..., Result]) -> None:
    """Whoever mistypes it would leave the one that is to end at work; one that has ended is no mistake."""
    huiyin("token", "add", "--role", "hotline")
    wrong = huiyin("token", "revoke", "hot-line")
    ended = [huiyin("token", "revoke", "hotline").exit_code for _ in range(2)]

    assert (1, "Nobody has this name.") == (wrong.exit_code, wrong.stderr.strip())
    assert [0, 0] == ended


def test_the_tokens_that_work_are_listed(huiyin: Callable[..., Result]) -> None:
    """By name, without the tokens themselves; none that was revoked."""
    made = [
        huiyin("token", "add", "--department", "housing").stdout.strip(),
        huiyin(
            "token", "add", "--role", "dispatcher", "--name", "console", "--acts-for-people"
        ).stdout.strip(),
        huiyin("token", "add", "--role", "hotline").stdout.strip(),
    ]
    huiyin("token", "revoke", "hotline")
    answer = huiyin("token", "list")
    told = json.loads(huiyin("token", "list", "--json").stdout)
    today = f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m-%d}"

    assert [
        f"console  dispatcher  -  {today}  acts for people",
        f"housing  department  housing  {today}",
    ] == answer.stdout.splitlines()
    assert [("console", True), ("housing", False)] == [
        (each["name"], each["acts_for_people"]) for each in told
    ]
    assert not any(token in answer.stdout for token in made)


def test_a_token_is_given_until_a_day(huiyin: Callable[..., Result]) -> None:
    """The last moment of that day in the city, told by `list` in both forms; a day that is over is refused."""
    made = huiyin("token", "add", "--role", "hotline", "--expires", "2199-12-31", "--json")
    listed = huiyin("token", "list").stdout
    over = huiyin("token", "add", "--role", "hotline", "--expires", "2020-01-01")

    assert "2199-12-31T16:00:00Z" == json.loads(made.stdout)["expires_at"]
    assert "until 2199-12-31, that day included" in listed
    assert (2, "") == (over.exit_code, over.stdout)
    assert 1 == len(json.loads(huiyin("token", "list", "--json").stdout))


def test_a_disabled_account_comes_back_with_a_new_password(huiyin: Callable[..., Result]) -> None:
    """Disabling shuts the door; a new password opens it again."""
    huiyin("user", "add", "zhao", "--role", "supervisor", "--password-stdin", typed=f"{PASSWORD}\n")
    huiyin("user", "disable", "zhao")
    shut = _verified("zhao", PASSWORD)
    huiyin("user", "password", "zhao", "--password-stdin", typed="another horse\n")

    assert shut is None
    assert _verified("zhao", "another horse") is not None


def test_who_may_sign_in_is_listed(huiyin: Callable[..., Result]) -> None:
    """By name, disabled ones too; whoever is signed in with when they were seen last, and nobody who was idle since."""
    people = {
        "sun": ["--role", "dispatcher"],
        "wang": ["--role", "department", "--department", "housing"],
        "zhao": ["--role", "supervisor"],
    }
    for name, words in people.items():
        huiyin("user", "add", name, *words, "--password-stdin", typed=f"{PASSWORD}\n")
    seen = datetime.now(UTC)
    _in_database(lambda db: sessions.open_session(db, SIGNING, "wang", seen))
    _in_database(lambda db: sessions.open_session(db, SIGNING, "sun", seen - sessions.IDLE))
    huiyin("user", "disable", "zhao")
    lines = huiyin("user", "list").stdout.splitlines()
    told = json.loads(huiyin("user", "list", "--json").stdout)

    assert "sun  dispatcher  -" == lines[0]
    assert f"wang  department  housing  signed in, seen {seen:%Y-%m-%dT%H:%M:%SZ}" == lines[1]
    assert "zhao  supervisor  -  disabled" == lines[2]
    assert [("sun", False), ("wang", False), ("zhao", True)] == [
        (each["username"], each["disabled"]) for each in told
    ]
    assert [True, False, True] == [each["last_seen_at"] is None for each in told]


def test_another_role_ends_the_sessions_of_the_old_one(huiyin: Callable[..., Result]) -> None:
    """The password stays; a department is asked for where the role has one."""
    huiyin("user", "add", "zhao", "--role", "supervisor", "--password-stdin", typed=f"{PASSWORD}\n")
    _in_database(lambda db: sessions.open_session(db, SIGNING, "zhao", datetime.now(UTC)))
    refused = huiyin("user", "role", "zhao", "--role", "department")
    given = huiyin("user", "role", "zhao", "--role", "department", "--department", "housing", "--json")
    left = _in_database(lambda db: db.fetchval("SELECT count(*) FROM deploy.session"))

    assert "department:" in refused.stderr
    assert {"username": "zhao", "role": "department", "department": "housing"} == json.loads(given.stdout)
    assert 0 == left
    housing = DepartmentCode("housing")
    assert Principal(role=Role.DEPARTMENT, name="zhao", department=housing) == _verified("zhao", PASSWORD)
    assert "Nobody has this name." in huiyin("user", "role", "nobody", "--role", "supervisor").stderr


def test_who_made_and_revoked_a_token_is_logged(huiyin: Callable[..., Result]) -> None:
    """By whoever runs the command, each token of the name, and whether its system may ask for people; never the token."""
    for more in ([], ["--acts-for-people"]):
        huiyin("token", "add", "--role", "dispatcher", "--name", "console", *more)
    huiyin("token", "add", "--department", "housing", "--name", "bureau")
    huiyin("token", "revoke", "console")
    huiyin("token", "revoke", "console")

    async def logged(db: Connection) -> list[tuple[Any, ...]]:
        rows = await db.fetch(
            "SELECT what, account, role, department, by FROM deploy.account_change ORDER BY number"
        )
        assert all(held_rows(await every_row(db, AccountChange), [audit_key(Settings())]))
        return [tuple(row) for row in rows]

    console: tuple[str | None, ...] = ("console", "dispatcher", None, who_runs())
    made: list[tuple[str | None, ...]] = [("token", *console), ("token-for-people", *console)]
    made += [("token", "bureau", "department", "housing", who_runs())]
    assert [*made, *[("token-revoked", *console)] * 2] == _in_database(logged)


def test_what_is_done_to_an_account_is_logged_without_its_password(huiyin: Callable[..., Result]) -> None:
    """With what it has from then on, and by whoever runs the command; what was refused leaves no row."""
    huiyin("user", "add", "li", "--role", "supervisor", "--password-stdin", typed=f"{PASSWORD}\n")
    huiyin("user", "password", "li", "--password-stdin", typed="short\n")
    huiyin("user", "password", "li", "--password-stdin", typed="a quieter stable\n")
    huiyin("user", "role", "li", "--role", "department", "--department", "housing")
    huiyin("user", "disable", "li")
    huiyin("user", "password", "li", "--password-stdin", typed="another stable\n")

    async def logged(db: Connection) -> list[tuple[Any, ...]]:
        rows = await db.fetch(
            "SELECT what, role, department, by FROM deploy.account_change WHERE account = 'li' ORDER BY number"
        )
        assert all(held_rows(await every_row(db, AccountChange), [audit_key(Settings())]))
        return [tuple(row) for row in rows]

    by = who_runs()
    told: list[tuple[str, str, str | None]]
    told = [("added", "supervisor", None), ("password", "supervisor", None)]
    told += [(what, "department", "housing") for what in ("role", "disabled", "password", "enabled")]
    assert [(*each, by) for each in told] == _in_database(logged)
