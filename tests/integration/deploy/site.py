"""A made-up slice's routes behind the real HTTP edge, on a real port."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, nullcontext
from typing import Annotated

import msgspec
import uvicorn
from starlette.types import ASGIApp

from deploy.accounts.passwords import Passwords
from deploy.accounts.token_secrets import token_secrets
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import Pool
from deploy.messaging.topics.probe import KafkaProbe
from deploy.observability.disk import Room
from deploy.processes import operations
from deploy.processes.runtime import Process
from deploy.processes.serve import static_files
from deploy.settings import Settings
from deploy.web.authentication import Authenticator
from deploy.web.edge import build_site
from deploy.web.exchange import Edge
from deploy.web.large_bodies import LargeBodies
from deploy.web.rate_limits import Limits, SharedInPostgres
from deploy.web.site import own_password
from deploy.web.site import pages as site_pages
from deploy.web.site.render import renderer_of
from schemas.city import load_city
from schemas.errors import NotFound, StaleVersion
from schemas.http import ANYONE, STAFF, Call, Download, Limit, Page, Redirect, Route, Stream
from schemas.tried_secrets import TriedSecret
from schemas.words import Role
from tests.integration.deploy.accounts.signing_in import SIGNING
from tests.stack import eventually, free_port
from tests.unit.deploy.records import case, supplemented


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What is posted: a case's number and a text."""

    number: int
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What comes back."""

    rows: int


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A query."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    text: str | None = None


async def write(call: Call) -> Written:
    """One row, and an event about it."""
    note: Note = call.body
    await _store(call, note.number, note.text)
    return Written(rows=await call.unit.db.fetchval("SELECT count(*) FROM scratch.seen"))


async def write_and_fail(call: Call) -> Written:
    """Writes, then finds that it must not have."""
    await write(call)
    if call.body.text == "defect":
        raise KeyError(call.body.text)
    raise StaleVersion(current=7)


async def count(call: Call) -> Written:
    """No more than were asked for."""
    text = call.path.get("text") or call.query.text
    rows: int = await call.unit.db.fetchval(
        "SELECT count(*) FROM scratch.seen WHERE $1::text IS NULL OR text = $1", text
    )
    return Written(rows=min(rows, call.query.limit))


async def nothing(call: Call) -> Written:
    """Needs no database."""
    return Written(rows=0)


async def endless(call: Call) -> Stream:
    """Says one thing and then waits for ever."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b": first\n"
        await asyncio.Event().wait()

    return Stream(chunks=chunks())


async def unknown(call: Call) -> Written:
    """What a code opens."""
    if not guessed(call).is_right:
        raise NotFound
    return Written(rows=1)


def guessed(call: Call) -> TriedSecret:
    """A case by its name in the header, and the one code that opens it."""
    shown = call.form or call.headers
    return TriedSecret(of=shown.get("case", ""), is_right=shown.get("code") == "right")


async def missing(call: Call) -> Page:
    """The same on a page."""
    await unknown(call)
    return await kept(call)


async def form(call: Call) -> Page:
    """A page with a form."""
    return Page(template="site/sign-in.html", context={"next": "/", "username": "", "problem": ""})


async def table(call: Call) -> Download:
    """A file that somebody exports."""
    return Download(body=b"a,b", content_type="text/csv; charset=utf-8", filename="table.csv")


async def kept(call: Call) -> Page:
    """A page that is the same for all visitors."""
    return Page(template="site/error.html", context={"title": "T", "message": "M", "status": 200})


async def submit(call: Call) -> Page | Redirect:
    """Writes; what is typed wrong comes back as a page, and nothing stays written. A draft is shown."""
    text = call.form.get("text", "")
    if call.is_draft:
        return Page(template="site/error.html", context={"title": "Draft", "message": text, "status": 200})
    await _store(call, 1, text)
    if text == "wrong":
        return Page(
            template="site/error.html", context={"title": "T", "message": "M", "status": 422}, status=422
        )
    return Redirect(to=f"/scratch#{call.form_token}" if text == "token" else "/scratch")


async def act(call: Call) -> Redirect:
    """Writes whatever comes, drafts too: the edge must not hand it any."""
    await _store(call, 1, call.form.get("text", ""))
    return Redirect(to="/acted")


async def _store(call: Call, number: int, text: str) -> None:
    await call.unit.db.execute(
        "INSERT INTO scratch.seen (case_id, version, text) VALUES ($1, 1, $2)", case(number), text
    )
    call.unit.emit(supplemented(number))


ROUTES: Sequence[Route] = (
    Route(method="POST", path="/api/v1/notes", answer=write, who=ANYONE, summary="…", body=Note, status=201),
    Route(method="GET", path="/api/v1/notes", answer=count, who=ANYONE, summary="…", query=Wanted),
    Route(method="GET", path="/api/v1/notes/{text}", answer=count, who=ANYONE, summary="…", query=Wanted),
    Route(method="POST", path="/api/v1/failing", answer=write_and_fail, who=ANYONE, summary="…", body=Note),
    Route(
        method="POST",
        path="/api/v1/small",
        answer=write,
        who=ANYONE,
        summary="…",
        body=Note,
        max_body_bytes=100,
    ),
    Route(method="GET", path="/api/v1/idle", answer=nothing, who=ANYONE, summary="…", database=False),
    Route(
        method="GET",
        path="/api/v1/endless",
        answer=endless,
        who=frozenset({Role.SUPERVISOR}),
        summary="…",
        database=False,
    ),
    Route(method="GET", path="/table", answer=table, who=ANYONE, summary="…", page=True),
    Route(method="GET", path="/kept", answer=kept, who=ANYONE, summary="…", page=True, keep_seconds=60),
    Route(method="GET", path="/api/v1/staff", answer=nothing, who=STAFF, summary="…"),
    Route(method="GET", path="/api/v1/watch", answer=nothing, who=frozenset({Role.SUPERVISOR}), summary="…"),
    Route(method="GET", path="/api/v1/guess", answer=unknown, who=ANYONE, summary="…", guess=guessed),
    Route(
        method="POST",
        path="/guess",
        answer=missing,
        who=ANYONE,
        summary="…",
        page=True,
        guess=guessed,
        takes_drafts=True,
    ),
    Route(
        method="POST",
        path="/api/v1/limited",
        answer=nothing,
        who=ANYONE,
        summary="…",
        limit=Limit.SUBMISSIONS,
        database=False,
    ),
    Route(method="GET", path="/scratch", answer=form, who=ANYONE, summary="…", page=True),
    Route(method="POST", path="/scratch", answer=submit, who=ANYONE, summary="…", page=True),
    Route(method="GET", path="/words", answer=form, who=ANYONE, summary="…", page=True),
    Route(method="POST", path="/words", answer=submit, who=ANYONE, summary="…", page=True, keeps_words=True),
    Route(
        method="POST",
        path="/limited",
        answer=submit,
        who=ANYONE,
        summary="…",
        page=True,
        limit=Limit.SUBMISSIONS,
    ),
    Route(method="GET", path="/staff", answer=form, who=STAFF, summary="…", page=True),
    Route(method="POST", path="/staff", answer=submit, who=STAFF, summary="…", page=True, takes_drafts=True),
    Route(method="POST", path="/staff/acts", answer=act, who=STAFF, summary="…", page=True),
    *(
        Route(method="POST", path=path, answer=unknown, who=STAFF, summary="…", page=True, takes_drafts=True)
        for path in ("/staff/missing", "/staff/missing/{case_id}")
    ),
    Route(
        method="POST", path="/others", answer=act, who=frozenset({Role.DEPARTMENT}), summary="…", page=True
    ),
)


@asynccontextmanager
async def serving(settings: Settings, pool: Pool, *, submissions_per_minute: int = 3) -> AsyncIterator[str]:
    """The site's address."""
    async with RelayNotifier(pool).running() as notifier:
        edge = Edge(
            settings=settings,
            pool=pool,
            notifier=notifier,
            authenticator=Authenticator(pool, token_secrets(settings), sign_in=SIGNING),
            limits=Limits(SharedInPostgres(pool, b"l" * 32), submissions_per_minute=submissions_per_minute),
            large_bodies=LargeBodies(Room(settings)),
            renderer=renderer_of(load_city()),
            csrf_secret=b"s" * 32,
            case_secret=b"c" * 32,
            audit_key=b"a" * 32,
            trusted_proxies=frozenset({"127.0.0.1"}),
        )
        kafka = KafkaProbe(settings)
        with closing(Passwords()) as passwords:
            routes = (
                *ROUTES,
                *site_pages.routes(passwords=passwords, connections=pool.acquire, keys=SIGNING),
                *own_password.routes(
                    passwords=passwords,
                    connections=pool.acquire,
                    keys=SIGNING,
                    audit_key=b"a" * 32,
                    city=load_city(),
                ),
            )
            others = (
                static_files(),
                *operations.routes(Process(name="web", settings=settings, pool=pool), edge, routes, kafka),
            )
            async with listening(build_site(edge, routes, others)) as address:
                yield address
        await kafka.close()


@asynccontextmanager
async def listening(site: ASGIApp) -> AsyncIterator[str]:
    """Any site on a free port: its address."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(site, port=port, log_config=None, access_log=False, lifespan="off")
    )
    server.capture_signals = nullcontext  # type: ignore[assignment]  # they are pytest's
    running = asyncio.create_task(server.serve())

    async def is_up() -> bool:
        return server.started

    await eventually(is_up)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running


async def rows(pool: Pool) -> tuple[int, int]:
    """Rows of the slice and of the outbox."""
    seen = await pool.fetchval("SELECT count(*) FROM scratch.seen")
    waiting = await pool.fetchval("SELECT count(*) FROM deploy.outbox")
    return seen, waiting
