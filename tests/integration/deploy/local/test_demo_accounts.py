"""What a demo leaves behind opens nothing where the city then starts in earnest."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from deploy import clock
from deploy.accounts import accounts, sessions, tokens
from deploy.accounts.passwords import Passwords
from deploy.database.pool import connect
from deploy.local.demo_accounts import DEMO_DEPARTMENTS, DEMO_STAFF
from deploy.local.prepare import prepare
from deploy.local.running import DEMO_APP
from deploy.settings import Settings
from schemas.city import load_city
from schemas.words import Role
from tests.stack import fresh_database

_MADE = len(DEMO_DEPARTMENTS) + len(DEMO_STAFF)


@pytest.fixture
async def city(settings: Settings) -> Settings:
    """A city's servers, before anything was prepared on them."""
    url = await fresh_database(settings.database_url)
    apps = {DEMO_APP: SecretStr("s" * 32)}
    return settings.model_copy(update={"database_url": url, "mini_apps": apps})


async def _who_gets_in(settings: Settings, demo: Any, cookie: str) -> tuple[int, int, bool]:
    """How many accounts and tokens of the demo open something, and whether somebody is still signed in."""
    passwords = Passwords()
    given = [*demo["tokens"]["departments"].values()]
    given += [token for name, token in demo["tokens"].items() if name != "departments"]
    async with connect(settings) as db:
        opened = [
            await accounts.verify_password(
                db, passwords, username=account["username"], password=account["password"]
            )
            for account in demo["accounts"]
        ]
        principals = [await tokens.principal_of_token(db, token) for token in given]
        signed_in = await sessions.principal_of_session(db, cookie, clock.now())
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
        own = await tokens.create_token(db, load_city(), name="own", role=Role.HOTLINE)
        cookie = await sessions.open_session(db, "dispatcher", clock.now())
    made = len(demo["tokens"]["departments"]) + len(demo["tokens"]) - 1
    assert (_MADE, made, True) == await _who_gets_in(city, demo, cookie)

    await prepare(city, file, demo=False)
    assert (0, 0, False) == await _who_gets_in(city, demo, cookie)
    assert f"{_MADE} accounts of the demo disabled, {made} of its tokens revoked" in capsys.readouterr().err
    async with connect(city) as db:
        assert await tokens.principal_of_token(db, own)

    await prepare(city, file, demo=True)
    assert (_MADE, made, False) == await _who_gets_in(city, demo, cookie)
