"""Everything of a running city that somebody may look at: routes, topics, logs, tables. Each place with what lies there."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import asyncpg

from deploy.docgen.reference import every_route
from deploy.messaging.client.client import open_admin
from schemas.http import Route
from schemas.words import Role
from tests.faults.traffic import settings_of
from tests.flow.lives import Life
from tests.integration.deploy.reading import records_on_each
from tests.integration.security.callers import Caller, everybody
from tests.stack import Stack

#: What no route table holds: operators' places, open to their network.
OPERATORS = ("/healthz", "/readyz", "/metrics", "/openapi.json", "/asyncapi")
#: Has no end; what it sends is `sla.alert` rows, which are read in the database.
_ENDLESS = "/api/v1/sla/stream"
_OTHER = "education"
#: By message: the departments that have it.
Having = Mapping[int, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What can be read somewhere. `homes_of`: the messages whose home belongs there: who must go has to know where."""

    name: str
    text: str
    homes_of: frozenset[int] | None = frozenset()


async def on_routes(
    city: Stack, http: aiohttp.ClientSession, lives: Sequence[Life], having: Having
) -> AsyncIterator[Place]:
    """What every GET route shows everybody, refusals included; each case to its own departments and to others."""
    for path in OPERATORS:
        yield Place(name=path, text=await _read(http, path, {}))
    departments = {code: code for code in {life.lead for life in lives} | {"transport", _OTHER}}
    callers = await everybody(city, departments, with_the_case=set())
    for route in every_route():
        if route.method == "GET" and route.guess is None and route.path != _ENDLESS:
            async for place in _on_route(http, route, callers, lives, having):
                yield place
    for life in lives:
        yield await _to_the_citizen(http, life)


async def _on_route(
    http: aiohttp.ClientSession,
    route: Route,
    callers: Sequence[Caller],
    lives: Sequence[Life],
    having: Having,
) -> AsyncIterator[Place]:
    paths = {_path(route, life) for life in lives}
    for path in paths:
        for caller in callers if route.who else callers[:1]:
            for query in _queries(route):
                text = await _read(http, path + query, caller.headers(page=route.page))
                homes = _homes(route, caller, having)
                yield Place(name=f"{path}{query} for {caller.name}", text=text, homes_of=homes)


def _path(route: Route, life: Life) -> str:
    """Of that case; whatever else has an id is asked for by the case's: files, entries, reports, letters' addresses."""
    return route.path.format_map(defaultdict(lambda: life.case_id, tracking_code=life.tracking_code))


def _queries(route: Route) -> Sequence[str]:
    if route.path == "/api/v1/desk/cases":
        return "?limit=100&state=open", "?limit=100&state=ended"
    if route.path == "/published":
        return "?q=路灯", ""
    return ("?limit=100",) if route.query and "limit" in route.query.__struct_fields__ else ("",)


def _homes(route: Route, caller: Caller, having: Having) -> frozenset[int] | None:
    """The dispatcher reads every case; a department its own."""
    if caller.role not in route.who:
        return frozenset()
    if "/review" in route.path:
        return None
    return _of_department(caller.name, having) if caller.role is Role.DEPARTMENT else frozenset()


def _of_department(code: str, having: Having) -> frozenset[int]:
    return frozenset(number for number, departments in having.items() if code in departments)


async def _to_the_citizen(http: aiohttp.ClientSession, life: Life) -> Place:
    """Their own case: the place that they wrote, and how the department calls them."""
    headers = {"Access-Code": life.message.codes.get("access_code", "")}
    path = f"/api/v1/submissions/{life.tracking_code}"
    text = await _read(http, path, headers) if life.message.codes else ""
    return Place(name=f"{path} for its citizen", text=text, homes_of=frozenset([life.message.number]))


async def _read(http: aiohttp.ClientSession, path: str, headers: Mapping[str, str]) -> str:
    async with http.get(path, headers=headers, allow_redirects=False) as answer:
        assert answer.status < 500, path
        return str(answer.headers) + await answer.text()


async def on_topics(city: Stack, having: Having) -> AsyncIterator[Place]:
    """Everything on every topic but the submissions'."""
    async for topic, text in _topics(city):
        if topic != _submissions(city):
            yield Place(name=topic, text=text, homes_of=_homes_on(topic.removeprefix(city.prefix), having))


async def submissions(city: Stack) -> Place:
    """Messages as they were sent: what intake alone may read."""
    texts = {topic: text async for topic, text in _topics(city) if topic == _submissions(city)}
    return Place(name=_submissions(city), text=texts[_submissions(city)])


def _submissions(city: Stack) -> str:
    return f"{city.prefix}.submissions.v1"


async def _topics(city: Stack) -> AsyncIterator[tuple[str, str]]:
    async with open_admin(settings_of(city)) as admin:
        names = [name for name in await admin.list_topics() if name.startswith(city.prefix)]
    for topic, records in (await records_on_each(settings_of(city), names)).items():
        yield topic, _text_of(records)


async def records_of(city: Stack, topic: str) -> str:
    """Everything that one topic holds now."""
    return _text_of((await records_on_each(settings_of(city), [topic]))[topic])


def _text_of(records: Sequence[Any]) -> str:
    """Keys, what headers say, and bodies."""
    parts = (
        part
        for record in records
        for part in (record.key or b"", *(value or b"" for _, value in record.headers), record.value or b"")
    )
    return "\n".join(part.decode(errors="replace") for part in parts)


def _homes_on(topic: str, having: Having) -> frozenset[int] | None:
    """Our slices hand the place on; a department's own topic has those of its cases."""
    return _of_department(topic.split(".")[2], having) if topic.startswith(".department.") else None


def in_logs(city: Stack) -> Sequence[Place]:
    """What every process has said."""
    return [
        Place(name=file.name, text=file.read_text(encoding="utf-8", errors="replace"))
        for file in sorted(city.directory.rglob("*.log"))
    ]


async def in_tables(city: Stack) -> AsyncIterator[Place]:
    """Every row of every table, as whoever holds a copy of the database reads it; the outbox and the quarantine, too."""
    connection = await asyncpg.connect(city.database_url)
    try:
        tables = await connection.fetch(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN "
            "('intake', 'routing', 'handlers', 'sla', 'deploy')"
        )
        for schema, table in tables:
            rows = await connection.fetch(f'SELECT t::text FROM {schema}."{table}" AS t')  # noqa: S608  names of ours
            public = (schema, table) in {("intake", "published"), ("intake", "withheld")}
            homes = frozenset[int]() if public or (schema == "deploy" and table != "outbox") else None
            text = "\n".join(row[0] for row in rows)
            yield Place(name=f"{schema}.{table}", text=text, homes_of=homes)
    finally:
        await connection.close()


async def said_by_commands(city: Stack) -> Sequence[Place]:
    """What operators see who look at what is wrong, without asking for one record whole."""
    asked = (("dead-letters", "list", "--json"), ("status", "--json"), ("doctor",), ("audit", "verify"))
    done = await asyncio.gather(*(asyncio.to_thread(city.command, *words, check=False) for words in asked))
    return [
        Place(name=f"huiyin {' '.join(words)}", text=command.stdout + command.stderr)
        for words, command in zip(asked, done, strict=True)
    ]
