"""`bench pages`: every list, count and figure of the real web, of a young city and of one with many cases behind it.

Two databases laid out alike on one server, each with a web process of its own, are asked in turns. The yardstick is what
Postgres touches: pages of tables and indexes do not swing with whatever else the machine does.
"""

import json
import re
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any

import asyncpg
import uvloop

from deploy import clock
from deploy.bench.alike import KnownOfCity, lay_out
from deploy.bench.environment import MeasurementFailed, Servers, open_installation, servers
from deploy.bench.figures import milliseconds, percentile, say
from deploy.bench.http import Client, Response
from deploy.bench.intake import serving
from deploy.bench.pages_asked import PageAsked, requests
from deploy.bench.touched import count_touched, touched
from deploy.database.pool import Connection
from deploy.web.site.cookies import SESSION
from schemas.http import Route

#: The young city's cases (as in `bench lifecycle`).
FEW = 10_000
#: Before figures count: connections and plans (project choice).
_WARM_UP = 2
#: How far a list is followed (project choice: further than anybody reads).
_LATER_PAGES = 9
#: What grows (project choices): half as much again, and by more than indexes that are a step deeper.
MOST_RATIO, FREE_PAGES = 1.5, 60
_NEXT = re.compile(r'href="([^"]*[?;&](?:cursor|[a-z_]*after|[a-z_]*before)=[^"]*)"')


@dataclass(kw_only=True)
class AlikeCity:
    """One of the two: where to ask, as whom, and what is known there."""

    database: str
    web: Client
    known: KnownOfCity
    #: Seconds, and pages touched, by what was asked.
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    pages: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    async def ask(self, asked: PageAsked) -> Response:
        """The answer to that.

        Raises:
            MeasurementFailed: it is none.
        """
        answer = await self.web.get(asked.path, self._headers(asked))
        if answer.status not in (200, 303):
            said = answer.body[:300].decode(errors="replace")
            raise MeasurementFailed(problem=f"{answer.status} to {asked.path}", logs=said)
        return answer

    async def ask_and_count(self, db: Connection, name: str, asked: PageAsked) -> None:
        """The same, kept as `name`: how long it took, and what Postgres touched for it."""
        before, started = await touched(db, self.database), time.perf_counter()
        await self.ask(asked)
        self.seconds[name].append(time.perf_counter() - started)
        self.pages[name].append(await touched(db, self.database) - before)

    async def later(self, asked: PageAsked) -> PageAsked | None:
        """A later page of what is asked; None where it has but one."""
        found = asked
        for _ in range(_LATER_PAGES):
            address = next_address(asked, await self.ask(found))
            if address is None:
                break
            found = replace(asked, path=address)
        return None if found is asked else found

    def _headers(self, asked: PageAsked) -> Mapping[str, str]:
        if asked.role is None:
            return {"access-code": self.known.access_code} if "/submissions/" in asked.path else {}
        if asked.page:
            return {"cookie": f"{SESSION}={self.known.cookies[asked.role]}"}
        return {"authorization": f"Bearer {self.known.tokens[asked.role]}"}


def next_address(asked: PageAsked, answer: Response) -> str | None:
    """Where the list in this answer goes on; None where it ends."""
    path, _, _ = asked.path.partition("?")
    if not asked.page:
        found = answer.json() if answer.body[:1] == b"{" else {}
        cursor = found.get("next_cursor") or found.get("next_before")
        name = "before" if found.get("next_before") else "cursor"
        return f"{asked.path}{'&' if '?' in asked.path else '?'}{name}={cursor}" if cursor else None
    addresses = (unescape(each) for each in _NEXT.findall(answer.body.decode(errors="replace")))
    # The way back from what a list names is no later page.
    own = (each for each in addresses if each.partition("?")[0] in ("", path))
    return next((each if each[:1] == "/" else path + each for each in own), None)


def measure(rows: int, times: int, routes: Sequence[Route]) -> dict[str, Any]:
    """What `huiyin bench pages --json` prints."""
    with servers() as on:
        count_touched(on.postgres)
        return uvloop.run(_measure(on, rows, times, routes))


async def _measure(on: Servers, rows: int, times: int, routes: Sequence[Route]) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        few, many = [
            await stack.enter_async_context(_city(on, name, cases))
            for name, cases in (("few", FEW), ("many", rows))
        ]
        counting = await asyncpg.connect(on.postgres.url.rpartition("/")[0] + "/postgres")
        stack.push_async_callback(counting.close)
        today = clock.now().date()
        asked = [dict(requests(routes, city.known.places, today)) for city in (few, many)]
        say(f"asking for {len(asked[0])} things of {FEW:,} and of {rows:,} cases, {times} times in turns")
        refused = {**await _unanswered(few, asked[0]), **await _unanswered(many, asked[1])}
        for name in [name for name in asked[0] if name not in refused]:
            await _ask_in_turns(counting, name, ((few, asked[0][name]), (many, asked[1][name])), times)
    return report_of(few, many, rows) | {"unanswered": refused}


async def _unanswered(city: AlikeCity, asked: Mapping[str, PageAsked]) -> dict[str, str]:
    """What the city answers with a refusal, and with which."""
    refused = {}
    for name, each in asked.items():
        try:
            await city.ask(each)
        except MeasurementFailed as error:
            refused[name] = str(error).partition(".")[0]
    return refused


@asynccontextmanager
async def _city(on: Servers, name: str, cases: int) -> AsyncIterator[AlikeCity]:
    async with open_installation(on, name, demo=True) as installation:
        demo = json.loads(installation.demo_file.read_text(encoding="utf-8"))
        known = await lay_out(installation.settings, demo, cases)
        async with serving(installation, "web") as web:
            yield AlikeCity(database=name, web=web, known=known)


async def _ask_in_turns(
    db: Connection, name: str, asked: Sequence[tuple[AlikeCity, PageAsked]], times: int
) -> None:
    """The first page of each city; where both have one, also one much further on."""
    for turn in range(_WARM_UP + times):
        for city, first in asked:
            await (city.ask(first) if turn < _WARM_UP else city.ask_and_count(db, name, first))
    later = [(city, found) for city, first in asked if (found := await city.later(first))]
    for _ in range(times if len(later) == len(asked) else 0):
        for city, further in later:
            await city.ask_and_count(db, f"{name} · later page", further)


def report_of(few: AlikeCity, many: AlikeCity, rows: int) -> dict[str, Any]:
    """What is printed: each thing of both cities, the dearest first, and what grows."""
    lines = sorted(
        (_line(name, few, many) for name in few.pages), key=lambda line: (-line["ratio"], line["what"])
    )
    every = [[wait for waits in city.seconds.values() for wait in waits] for city in (few, many)]
    return {
        "yardstick": f"the same of a city of {FEW:,} cases, asked in turns",
        "yardstick_ms": round(percentile(every[0], 0.95) * 1000, 1),
        "ratio": round(percentile(every[1], 0.95) / percentile(every[0], 0.95), 2),
        "cases": [FEW, rows],
        "asked": len(lines),
        "grow": [line["what"] for line in lines if grows(*line["pages"])],
        "lines": lines,
    }


def _line(name: str, few: AlikeCity, many: AlikeCity) -> dict[str, Any]:
    pages = [round(statistics.median(city.pages[name])) for city in (few, many)]
    waits = [milliseconds(city.seconds[name], (0.5, 0.95)) for city in (few, many)]
    return {
        "what": name,
        "pages": pages,
        "ratio": round(pages[1] / max(pages[0], 1), 2),
        "ms": waits,
        "ratio_of_p50": round(waits[1]["p50"] / max(waits[0]["p50"], 0.1), 2),
    }


def grows(few: int, many: int) -> bool:
    """Whether so many pages of a city with many cases are more than deeper indexes explain."""
    return many > MOST_RATIO * few and many - few > FREE_PAGES
