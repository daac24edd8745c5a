"""What operators watch, and who may."""

import aiohttp

from deploy.accounts import tokens
from deploy.accounts.token_secrets import token_secrets
from deploy.database.pool import Pool
from deploy.settings import Settings
from schemas.city import load_city
from schemas.words import Role


async def test_metrics_are_the_operators(http: aiohttp.ClientSession, pool: Pool, settings: Settings) -> None:
    """This machine and administrators' tokens see them; strangers and other tokens do not, nor who comes by a proxy."""
    async with pool.acquire() as db:
        tokens_of = {
            role: await tokens.create_token(
                db, token_secrets(settings), load_city(), name=role.value, role=role
            )
            for role in (Role.ADMINISTRATOR, Role.SUPERVISOR)
        }
    elsewhere = {"X-Forwarded-For": "203.0.113.7"}
    statuses = []
    for headers in (
        {},
        elsewhere,
        elsewhere | {"Authorization": f"Bearer {tokens_of[Role.SUPERVISOR]}"},
        elsewhere | {"Authorization": f"Bearer {tokens_of[Role.ADMINISTRATOR]}"},
    ):
        async with http.get("/metrics", headers=headers) as answer:
            statuses.append(answer.status)
            text = await answer.text()

    assert [200, 401, 403, 200] == statuses
    assert 'process="web"' in text
