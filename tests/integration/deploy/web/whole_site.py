"""Every route that we have behind the real edge, over real tables; what is for Kafka goes wherever a test says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from deploy import composition
from deploy.accounts.token_secrets import token_secrets
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import Pool
from deploy.observability.disk import Room
from deploy.processes.serve import all_routes
from deploy.settings import Settings
from deploy.web.authentication import Authenticator
from deploy.web.edge import build_site
from deploy.web.exchange import Edge
from deploy.web.large_bodies import LargeBodies
from deploy.web.rate_limits import Limits, SharedInPostgres
from deploy.web.site.render import renderer_of
from schemas.city import load_city
from sla.core.calendar import china_calendar
from tests.integration.deploy.site import listening


@asynccontextmanager
async def whole_site(settings: Settings, pool: Pool, kafka: Any) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller of the site."""
    async with RelayNotifier(pool).running() as notifier:
        edge = Edge(
            settings=settings,
            pool=pool,
            audit_key=composition.audit_key(settings),
            notifier=notifier,
            authenticator=Authenticator(
                pool, token_secrets(settings), sign_in=composition.sign_in_keys(settings)
            ),
            limits=Limits(SharedInPostgres(pool, b"l" * 32), submissions_per_minute=1000),
            large_bodies=LargeBodies(Room(settings)),
            renderer=renderer_of(load_city()),
            csrf_secret=settings.derived("forms"),
            case_secret=settings.derived("opened-cases"),
            trusted_proxies=frozenset({"127.0.0.1"}),
        )
        routes = all_routes(settings, kafka, pool, china_calendar())
        async with listening(build_site(edge, routes)) as address, aiohttp.ClientSession(address) as http:
            yield http
