"""The web process: the slices' routes, the site's own, and what operators watch."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import resources
from typing import Any

import structlog
import uvicorn
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

import handlers.web.api
import handlers.web.pages
import intake.web.api
import intake.web.pages
import routing.web.api
import routing.web.pages
import sla.web.api
import sla.web.pages
from deploy import clock, composition
from deploy.accounts.passwords import Passwords
from deploy.accounts.token_secrets import token_secrets
from deploy.composition.acceptance import PostgresKnownKeys, PostgresNonces, PostgresSilentCalls, cabinet_of
from deploy.composition.callers import SealedCallers
from deploy.composition.danger_ear import RulesEar
from deploy.composition.finding import RoutedCodes
from deploy.composition.growing_topics import RoutedTopics, topic_rules
from deploy.composition.knowledge_facts import SlicesFacts
from deploy.composition.lives import NamelessLives
from deploy.composition.made_entries import MadeEntries
from deploy.composition.readers import DeskReaders
from deploy.composition.suggesting import StaffSuggestions, TimelySuggestions
from deploy.database.case_views import PostgresViewCounts
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import LeavingOne, Pool
from deploy.messaging.publisher import PatientPublisher
from deploy.messaging.topics.probe import KafkaProbe
from deploy.notices import pages as notice_pages
from deploy.notices.webhooks import webhook_keys
from deploy.observability.disk import Room
from deploy.processes import operations
from deploy.processes.calendar_watch import calendar_watched
from deploy.processes.runtime import Process
from deploy.processes.starting import patiently
from deploy.settings import Settings
from deploy.web.authentication import Authenticator
from deploy.web.edge import build_site
from deploy.web.exchange import Edge
from deploy.web.large_bodies import LargeBodies
from deploy.web.patience import PatientProtocol
from deploy.web.proxies import proxies_of
from deploy.web.rate_limits import Limits, SharedInPostgres
from deploy.web.site import finding, own_password
from deploy.web.site import pages as site_pages
from deploy.web.site.render import renderer_of
from handlers.steps.read_cases import KeptParts
from intake.steps.entries import KeptEntries
from intake.steps.read_published import PublishedAnswers
from intake.steps.reveal import SealedContacts
from intake.web.addresses import SignedAddresses
from intake.web.case_files import KeptCaseFiles
from intake.web.dependencies import Dependencies, dependencies_of
from routing.core.rules import RoutingRules
from routing.steps.read_matters import KeptMatters
from schemas import topics
from schemas.attachments import CaseFiles
from schemas.http import Route
from schemas.ports import Database, Publisher
from schemas.topics import topic_name
from sla.core.calendar import Calendar
from sla.core.rules import DeadlineRules
from sla.steps.read_clocks import KeptClocks
from sla.web import call_backs, exclusions
from sla.web.stream import AlertHub

log = structlog.get_logger()


def all_routes(
    settings: Settings,
    publisher: Publisher,
    pool: Pool,
    calendar: Calendar,
    rules: DeadlineRules | None = None,
) -> Sequence[Route]:
    """Every line of every slice's table, and the site's own."""
    words = composition.routing_rules(settings)
    citizens = _citizens(settings, publisher, pool, words)
    files = KeptCaseFiles(dependencies=citizens)
    signing_in: dict[str, Any] = {
        "passwords": Passwords(),
        "connections": lambda: _connection(pool),
        "keys": composition.sign_in_keys(settings),
    }
    return (
        *intake.web.api.routes(citizens),
        *intake.web.pages.routes(citizens),
        *_staff_routes(settings, pool, calendar, rules or composition.deadline_rules(settings), files, words),
        *notice_pages.routes(
            zone=composition.city_of(settings).zone,
            public_url=settings.base_url,
            key=webhook_keys(settings)[0],
        ),
        *finding.routes(RoutedCodes(composition.intake_keys(settings))),
        *site_pages.routes(**signing_in, shows_demo=settings.shows_demo),
        *own_password.routes(
            **signing_in, audit_key=composition.audit_key(settings), city=composition.city_of(settings)
        ),
    )


def _citizens(settings: Settings, publisher: Publisher, pool: Pool, words: RoutingRules) -> Dependencies:
    return dependencies_of(
        keys=composition.intake_keys(settings),
        publisher=publisher,
        known_keys=PostgresKnownKeys(pool),
        mini_apps=settings.mini_app_secrets,
        nonces=PostgresNonces(pool),
        silent_calls=PostgresSilentCalls(pool),
        views=PostgresViewCounts(),
        city=composition.city_of(settings),
        cabinet=cabinet_of(settings, pool),
        suggestions=TimelySuggestions(
            words, pool, prefix=settings.topic_prefix, zone=composition.city_of(settings).zone
        ),
        ear=RulesEar(lambda: words),
        facts=SlicesFacts(),
        entries=MadeEntries(),
        public_url=settings.base_url,
        clock=clock.now,
    )


def _staff_routes(
    settings: Settings,
    pool: Pool,
    calendar: Calendar,
    rules: DeadlineRules,
    files: CaseFiles,
    words: RoutingRules,
) -> Iterator[Route]:
    city = composition.city_of(settings)
    contacts = SealedContacts(keys=composition.intake_keys(settings))
    addresses = SignedAddresses(key=composition.attachment_keys(settings)[0])
    clocks = KeptClocks(rules, calendar)
    entries, near = KeptEntries(), StaffSuggestions()
    public = PublishedAnswers(composition.intake_keys(settings))
    callers = SealedCallers(composition.intake_keys(settings))
    desk: dict[str, Any] = {
        "city": city,
        "contacts": contacts,
        "addresses": addresses,
        "files": files,
        "clocks": clocks,
        "callers": callers,
    }
    # The pages of entries that dispatchers review stand before that of one case, which their addresses look like.
    yield from handlers.web.api.routes(**desk, live=entries, near=near, answers=public)
    yield from handlers.web.pages.routes(**desk, entries=entries, near=near, answers=public)
    answers: dict[str, Any] = {"entries": entries, "sample_key": settings.derived("second readings")}
    answers |= {"city": city, "rules": words}
    yield from routing.web.api.routes(addresses=addresses, callers=callers, near=near, **answers)
    yield from routing.web.pages.routes(
        addresses=addresses,
        clocks=clocks,
        callers=callers,
        near=near,
        parts=KeptParts(),
        answers=public,
        **answers,
    )
    views, matters, lives = (
        PostgresViewCounts(),
        KeptMatters(),
        NamelessLives(composition.intake_keys(settings)),
    )
    growing = RoutedTopics(topic_rules(settings))
    calling = call_backs.CallDesk(
        city=city, rules=rules, calendar=calendar, callees=composition.known_callees(settings), contacts=contacts,
        matters=matters, lives=lives,
    )  # fmt: skip
    excluding = exclusions.ExclusionDesk(city=city, calendar=calendar, readers=DeskReaders(), matters=matters)
    yield from sla.web.api.routes(
        city=city, calendar=calendar, rules=rules, views=views, matters=matters, lives=lives,
        hub=AlertHub(lambda: _connection(pool), growing.look), topics=growing, calling=calling, excluding=excluding,
    )  # fmt: skip
    yield from sla.web.pages.routes(
        city=city, calendar=calendar, rules=rules, views=views, matters=matters, lives=lives, topics=growing,
        calling=calling, excluding=excluding,
    )  # fmt: skip


@asynccontextmanager
async def _connection(pool: Pool) -> AsyncIterator[Database]:
    """A connection of its own, for an answer that outlives its request's transaction."""
    async with pool.acquire() as connection:
        yield connection


class _KeptByBrowsers(StaticFiles):
    """Style sheets and scripts: asked for once an hour, and then only whether they changed."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """With how long a browser may keep it."""
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=3600"
        return response


def static_files() -> Mount:
    """What pages load besides themselves."""
    files = _KeptByBrowsers(directory=str(resources.files("deploy.web.site") / "static"))
    return Mount("/static", GZipMiddleware(files), name="static")


class Renewable:
    """A site that can be replaced while it answers: requests that came before are answered by the former one."""

    def __init__(self, make: Callable[[], Awaitable[ASGIApp]]) -> None:
        self._make = make
        self._site: ASGIApp | None = None

    async def renew(self) -> None:
        """From now on a new one answers; where making it fails, the former still does."""
        self._site = await self._make()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._site is not None, "it is made before anybody comes"
        await self._site(scope, receive, send)


async def kept_current(
    process: Process, stack: AsyncExitStack, make: Callable[[DeadlineRules, Calendar], ASGIApp]
) -> ASGIApp:
    """The site, as soon as Postgres is there, as consumers wait for it; made anew whenever days are imported.

    To end for that would refuse whoever comes before the next web listens: on one machine there is no other.
    """

    async def made() -> ASGIApp:
        return make(*await composition.rules_and_calendar(process.settings, process.pool))

    site = Renewable(made)
    await stack.enter_async_context(calendar_watched(process, site.renew))
    await patiently(process, site.renew)
    return site


async def build(process: Process, stack: AsyncExitStack, publisher: Publisher) -> ASGIApp:
    """The whole site, ready to answer."""
    settings = process.settings
    notifier = await stack.enter_async_context(RelayNotifier(process.pool).running())
    edge = Edge(
        settings=settings,
        pool=LeavingOne(process.pool, settings.database_pool_size),
        notifier=notifier,
        authenticator=Authenticator(
            process.pool,
            token_secrets(settings),
            sign_in=composition.sign_in_keys(settings),
            shows_demo=settings.shows_demo,
        ),
        limits=Limits(
            SharedInPostgres(process.pool, settings.derived("limits")),
            submissions_per_minute=settings.submissions_per_minute,
        ),
        large_bodies=LargeBodies(Room(settings)),
        renderer=renderer_of(composition.city_of(settings)),
        csrf_secret=settings.derived("forms"),
        case_secret=settings.derived("opened-cases"),
        audit_key=composition.audit_key(settings),
        trusted_proxies=proxies_of(settings.trusted_proxies),
    )
    kafka = KafkaProbe(settings, [topic_name(topics.SUBMISSIONS, settings.topic_prefix)])
    stack.push_async_callback(kafka.close)

    def make(rules: DeadlineRules, calendar: Calendar) -> ASGIApp:
        routes = all_routes(settings, publisher, process.pool, calendar, rules)
        return build_site(edge, routes, [static_files(), *operations.routes(process, edge, routes, kafka)])

    return await kept_current(process, stack, make)


async def serve(process: Process) -> None:
    """Answer requests until the process stops; requests under way are finished first."""
    async with AsyncExitStack() as stack:
        publisher = await stack.enter_async_context(PatientPublisher(process.settings))
        site = await build(process, stack, publisher)
        server = uvicorn.Server(
            uvicorn.Config(
                site,
                host=process.settings.host,
                port=process.settings.port,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                loop="none",
                http=PatientProtocol,
                timeout_graceful_shutdown=10,
            )
        )
        await _serve_until_stopped(server, process)


async def _serve_until_stopped(server: Any, process: Process) -> None:
    serving = asyncio.create_task(server.serve(), name="http server")
    stopping = asyncio.create_task(process.stopping.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    stopping.cancel()
