"""What a demo leaves behind opens nothing where the city then starts in earnest."""

import asyncio
import json
import secrets
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from deploy import clock
from deploy.accounts import accounts, sessions, tokens
from deploy.accounts.changes import AccountChange
from deploy.accounts.passwords import Passwords
from deploy.accounts.token_secrets import token_secrets
from deploy.commands import doctor
from deploy.composition import audit_key, changing_by_command, sign_in_keys
from deploy.database.pool import connect
from deploy.database.sealed_rows import every_row, held_rows
from deploy.local import prepare_once
from deploy.local.demo_accounts import DEMO_DEPARTMENTS, DEMO_STAFF, DemoNamesTaken
from deploy.local.prepare import prepare
from deploy.local.running import DEMO_APP
from deploy.settings import Settings
from schemas.city import load_city
from schemas.words import Role
from tests.integration.deploy.accounts.signing_in import CHANGING, who_signs_in
from tests.stack import eventually, fresh_database

#: One for all tests here: what a demo leaves behind stands in the database.
_PREFIX = f"t{secrets.token_hex(4)}"
_MADE = len(DEMO_DEPARTMENTS) + len(DEMO_STAFF)


@pytest.fixture
async def city(settings: Settings, migrated: str) -> Settings:
    """A city's servers with its schema, and topics from the first test on; nobody may do anything yet."""
    url = await fresh_database(settings.database_url, like=migrated)
    apps = {DEMO_APP: SecretStr("s" * 32)}
    return settings.model_copy(update={"database_url": url, "mini_apps": apps, "topic_prefix": _PREFIX})


async def _who_gets_in(settings: Settings, demo: Any, cookie: str) -> tuple[int, int, bool]:
    """How many accounts and tokens of the demo open something, and whether somebody is still signed in."""
    passwords = Passwords()
    given = [*demo["tokens"]["departments"].values()]
    given += [token for name, token in demo["tokens"].items() if name != "departments"]
    async with connect(settings) as db:
        opened = [
            await who_signs_in(db, passwords, username=account["username"], password=account["password"])
            for account in demo["accounts"]
        ]
        principals = [await tokens.principal_of_token(db, token_secrets(settings), token) for token in given]
        signed_in = await sessions.principal_of_session(db, sign_in_keys(settings), cookie, clock.now())
    passwords.close()
    return len([who for who in opened if who]), len([who for who in principals if who]), signed_in is not None


async def test_what_a_demo_left_opens_nothing_without_it(
    city: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Said so; the city's own accounts and tokens stay, and with `--demo` the demo's work again."""
    file = tmp_path / "demo.json"
    await prepare(city, file, demo=True)
    demo = json.loads(file.read_text(encoding="utf-8"))
    async with connect(city) as db:
        own = await tokens.create_token(
            db, token_secrets(city), load_city(), changing_by_command(city), name="own", role=Role.HOTLINE
        )
        cookie = await sessions.open_session(db, sign_in_keys(city), "dispatcher", clock.now())
    made = len(demo["tokens"]["departments"]) + len(demo["tokens"]) - 1
    assert (_MADE, made, True) == await _who_gets_in(city, demo, cookie)

    await prepare(city, file, demo=False)
    assert (0, 0, False) == await _who_gets_in(city, demo, cookie)
    assert f"{_MADE} accounts of the demo disabled, {made} of its tokens revoked" in capsys.readouterr().err
    async with connect(city) as db:
        assert await tokens.principal_of_token(db, token_secrets(city), own)

    await prepare(city, file, demo=True)
    assert (_MADE, made, False) == await _who_gets_in(city, demo, cookie)
    async with connect(city) as db:
        every = await db.fetch("SELECT what, account, role FROM deploy.account_change ORDER BY number")
        assert all(held_rows(await every_row(db, AccountChange), [audit_key(city)]))
    told = [row for row in every if not row["what"].startswith("token")]
    of_tokens = [row["what"] for row in every if row["account"].startswith("demo-")]
    for what in ("token", "token-revoked", "token-restored"):
        assert made == of_tokens.count(what)
    assert ["added"] * _MADE + ["disabled"] * _MADE + ["enabled"] * _MADE == [row["what"] for row in told]
    assert 3 == [(row["account"], row["role"]) for row in told].count(("dispatcher", "dispatcher"))


async def test_whoever_changes_several_accounts_and_whoever_changes_one_wait_for_no_circle(
    city: Settings, tmp_path: Path
) -> None:
    """A demo that begins beside a new password: what changes accounts waits before it holds any of them."""
    file, theirs, passwords = tmp_path / "demo.json", load_city(), Passwords()
    await prepare(city, file, demo=True)

    async def another_password() -> None:
        async with connect(city) as db, db.transaction():
            await accounts.set_password(
                db, passwords, theirs, CHANGING, username="supervisor", password="her own long phrase 7"
            )

    async with connect(city) as db, db.transaction():
        await accounts.disable_account(db, CHANGING, username="dispatcher")
        changing = asyncio.create_task(another_password())
        async with connect(city) as watching:
            await eventually(
                partial(watching.fetchval, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            )
        await accounts.disable_account(db, CHANGING, username="supervisor")
    await changing
    async with connect(city) as db:
        told = await db.fetch("SELECT what, account FROM deploy.account_change ORDER BY number DESC LIMIT 4")
    passwords.close()

    order = [
        ("disabled", "dispatcher"),
        ("disabled", "supervisor"),
        ("password", "supervisor"),
        ("enabled", "supervisor"),
    ]
    assert order == [tuple(row) for row in reversed(told)]


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


async def test_a_demo_whose_file_was_moved_away_is_shut_out(city: Settings, tmp_path: Path) -> None:
    """The database knows what a demo made: no file is asked."""
    file = tmp_path / "demo.json"
    await prepare(city, file, demo=True)
    demo = _read(file.rename(tmp_path / "elsewhere.json"))

    await prepare(city, file, demo=False)

    assert (0, 0, False) == await _who_gets_in(city, demo, "")
    assert not file.exists()


async def test_a_demo_on_another_port_tells_its_address(
    city: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The accounts stay; the start on the old port is prepared, that on another is not."""
    file, ports = tmp_path / "demo.json", []
    monkeypatch.setattr(prepare_once, "_prepare", lambda told, *_, **__: ports.append(told["HUIYIN_PORT"]))
    await prepare(city, file, demo=True)
    before = _read(file)
    for port in ("8080", "8080", "8081"):
        environment = {"HUIYIN_HOST": "127.0.0.1", "HUIYIN_PORT": port}
        await asyncio.to_thread(prepare_once.prepare_once, environment, tmp_path, demo=True, is_ours=True)

    await prepare(city.model_copy(update={"port": 8081}), file, demo=True)

    assert ["8080", "8081"] == ports
    assert {**before, "url": f"http://{city.host}:8081"} == _read(file)


async def test_a_start_that_has_nothing_to_prepare_shuts_a_demo_out(
    city: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It came back with a backup: the stamp says that these servers are prepared, and the accounts live."""
    environment = {
        "DATABASE_URL": city.database_url,
        "HUIYIN_SECRET_KEY": city.secret_key.get_secret_value(),
    }
    monkeypatch.setattr(prepare_once, "_prepare", lambda *_, **__: None)
    await asyncio.to_thread(prepare_once.prepare_once, environment, tmp_path, demo=False, is_ours=True)
    file = tmp_path / "demo.json"
    await prepare(city, file, demo=True)

    await asyncio.to_thread(prepare_once.prepare_once, environment, tmp_path, demo=False, is_ours=True)

    assert (0, 0, False) == await _who_gets_in(city, _read(file), "")


@pytest.mark.parametrize(
    "content", [None, "", "{", "[]", '{"tokens": 3}', '{"accounts": [], "tokens": {"departments": {}}}']
)
async def test_a_demo_whose_file_is_gone_or_no_use_gets_new_secrets(
    city: Settings, tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sentence says so; the new ones work, the old ones open nothing."""
    file = tmp_path / "demo.json"
    await prepare(city, file, demo=True)
    before = _read(file)
    file.unlink()
    if content is not None:
        file.write_text(content, encoding="utf-8")

    await prepare(city, file, demo=True)

    made = len(before["tokens"]["departments"]) + len(before["tokens"]) - 1
    assert (0, 0, False) == await _who_gets_in(city, before, "")
    assert (_MADE, made, False) == await _who_gets_in(city, _read(file), "")
    assert "was gone or no use" in capsys.readouterr().err
    assert 0o600 == file.stat().st_mode & 0o777


async def test_an_account_with_a_new_password_is_somebodys_own(city: Settings, tmp_path: Path) -> None:
    """No start disables it, and no demo takes it back: a sentence names it."""
    file = tmp_path / "demo.json"
    await prepare(city, file, demo=True)
    passwords = Passwords()
    async with connect(city) as db:
        await accounts.set_password(
            db, passwords, load_city(), CHANGING, username="dispatcher", password="her own long phrase 7"
        )

    await prepare(city, file, demo=False)
    file.unlink()
    with pytest.raises(DemoNamesTaken, match="dispatcher"):
        await prepare(city, file, demo=True)

    async with connect(city) as db:
        found = await who_signs_in(db, passwords, username="dispatcher", password="her own long phrase 7")
    passwords.close()
    assert found
    assert not file.exists()


async def test_doctor_fails_while_a_demo_lives_where_none_is_shown(city: Settings, tmp_path: Path) -> None:
    """Whoever started these servers without `--demo`; where it is shown, it may live."""
    await prepare(city, tmp_path / "demo.json", demo=True)
    without, with_demo = [await doctor.demo_finding(city, is_shown=shown) for shown in (False, True)]
    await prepare(city, tmp_path / "demo.json", demo=False)
    after = await doctor.demo_finding(city, is_shown=False)

    assert ["fail", "ok", "ok"] == [without.state, with_demo.state, after.state]
    assert f"{_MADE} accounts" in without.found.en


async def test_a_process_that_shows_no_demo_lets_none_of_it_in(city: Settings, tmp_path: Path) -> None:
    """However it was started, while the demo's accounts still work elsewhere: no password, session, token or command."""
    file = tmp_path / "demo.json"
    await prepare(city, file, demo=True)
    demo, keys = _read(file), token_secrets(city)
    department = load_city().departments[0].code
    token = demo["tokens"]["departments"][department]
    async with connect(city) as db:
        cookie = await sessions.open_session(db, sign_in_keys(city), "dispatcher", clock.now())
        found = {
            shows: (
                await accounts.find_account(db, "dispatcher", shows_demo=shows),
                await sessions.principal_of_session(
                    db, sign_in_keys(city), cookie, clock.now(), shows_demo=shows
                ),
                await tokens.principal_of_token(db, keys, token, shows_demo=shows),
                [*await tokens.command_keys_of(db, keys, department, shows_demo=shows)],
            )
            for shows in (True, False)
        }

    assert all(found[True])
    assert (None, None, None, []) == found[False]


def test_only_a_start_with_demo_shows_one() -> None:
    """A web process or a worker that somebody starts by hand knows of none."""
    assert not Settings().shows_demo
