"""Somebody who signs in to the made-up site."""

import secrets
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime

import aiohttp
import pytest

from deploy.accounts import accounts, sessions
from deploy.accounts.passwords import Passwords
from deploy.database.pool import Pool
from deploy.web.site.cookies import SESSION
from schemas.city import load_city
from schemas.words import Role
from tests.integration.deploy.accounts.signing_in import CHANGING, FORGET_ACCOUNTS, SIGNING


@pytest.fixture
async def clerk(pool: Pool, http: aiohttp.ClientSession) -> AsyncIterator[str]:
    """A department's clerk, whose password this is; signed in for longer than anybody's shift."""
    password = secrets.token_urlsafe()
    with closing(Passwords()) as passwords:
        async with pool.acquire() as db:
            await db.execute(FORGET_ACCOUNTS)
            await accounts.create_account(
                db, passwords, load_city(), CHANGING, username="wang", password=password, role=Role.SUPERVISOR
            )
            cookie = await sessions.open_session(db, SIGNING, "wang", datetime.now(UTC) - sessions.LONGEST)
    http.cookie_jar.update_cookies({SESSION: cookie})
    yield password
    await pool.execute(FORGET_ACCOUNTS)
