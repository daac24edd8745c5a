"""`bench search`: the public search over many published answers, as a reader's browser sees it."""

import asyncio
import itertools
import random
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import uvloop

from deploy.bench.environment import CHAIN, Servers, open_installation, servers
from deploy.bench.figures import milliseconds, percentile, say
from deploy.bench.http import Client, needed
from deploy.bench.intake import body_of, serving, steadily
from deploy.bench.messages import messages
from deploy.bench.preload import preload
from deploy.composition.housekeeping import count_words
from deploy.database.pool import connect, open_pool
from schemas.city import load_city

#: Queries before the clock runs: connections, plans and the index's upper pages (project choice).
_WARM_UP = 60
#: What a search was before answers were ranked: with a day besides, all that hold the word are counted as they were then.
_YARDSTICK = "common word since a day"
#: Messages a second that come while suggestions are asked for (their aim: 100 ms at 95 %, quiet) (project choice).
_FLOWING = 50
#: Before suggestions count: the chain's processes start meanwhile (project choice).
_WARM_SECONDS = 10.0
#: Between two suggestions (project choice: as somebody who types; one address may ask for 240 a minute).
_BETWEEN_SECONDS = 0.25


def measure(rows: int, seconds: float) -> dict[str, Any]:
    """What `huiyin bench search --json` prints: how long a search of published answers takes."""
    with servers() as on:
        return uvloop.run(_measure(on, rows, seconds))


async def _measure(on: Servers, rows: int, seconds: float) -> dict[str, Any]:
    async with open_installation(on, "search") as installation:
        # A third of the settled cases is published.
        await preload(installation.settings, -(-rows * 300 // 95), only=('intake."case"', "intake.published"))
        async with open_pool(installation.settings) as pool:
            await count_words(installation.settings, pool)
        async with connect(installation.settings) as db:
            published = await db.fetchval("SELECT count(*) FROM intake.published")
        async with serving(installation, "web") as web:
            asked = queries()
            for query in itertools.islice(asked, _WARM_UP):
                await _search(web, query)
            say(f"searching {published:,} answers for {seconds:g} s")
            until = time.perf_counter() + seconds
            waits = await installation.failing_loudly(_search_until(web, asked, until))
            installation.start(*CHAIN)
            say(f"suggestions beside {_FLOWING} messages/s")
            suggested = await _suggest_beside(web, seconds)
    by_kind = {kind: [wait for name, wait in waits if name == kind] for kind in {name for name, _ in waits}}
    every = [wait for _, wait in waits]
    p95 = {kind: round(percentile(found, 0.95) * 1000, 1) for kind, found in sorted(by_kind.items())}
    return {
        "yardstick": "a word of two characters since a day, newest first, those that hold it counted",
        "yardstick_ms": p95[_YARDSTICK],
        "ratio": round(max(p95["title"], p95["whole question"]) / p95[_YARDSTICK], 2),
        "rows": published,
        "p50_ms": round(percentile(every, 0.5) * 1000, 1),
        "p95_ms": round(percentile(every, 0.95) * 1000, 1),
        "p95_ms_by_kind": p95,
        "searches": len(every),
        "suggestions_ms": milliseconds(suggested),
        "suggestions": len(suggested),
        "messages_per_second_meanwhile": _FLOWING,
    }


async def _suggest_beside(web: Client, seconds: float) -> list[float]:
    """How long each suggestion took while messages came steadily, and all slices worked on them."""
    drafts = [body_of(message) for message in itertools.islice(messages(97), 500)]
    await steadily(web, drafts, _WARM_SECONDS, _FLOWING)
    flowing = asyncio.create_task(steadily(web, drafts, seconds, _FLOWING))
    waits: list[float] = []
    for message in messages(96):
        if flowing.done():
            break
        started = time.perf_counter()
        needed(await web.post("/api/v1/suggestions", {"title": message.title, "text": message.text}), 200)
        waits.append(time.perf_counter() - started)
        await asyncio.sleep(_BETWEEN_SECONDS)
    await flowing
    return waits


async def _search_until(
    web: Client, asked: Iterator[tuple[str, str]], until: float
) -> list[tuple[str, float]]:
    waits: list[tuple[str, float]] = []
    while time.perf_counter() < until:
        query = next(asked)
        started = time.perf_counter()
        await _search(web, query)
        waits.append((query[0], time.perf_counter() - started))
    return waits


async def _search(web: Client, query: tuple[str, str]) -> None:
    needed(await web.get(f"/api/v1/published?{query[1]}"), 200)


def queries() -> Iterator[tuple[str, str]]:
    """What readers look for, one kind after the other: its name, and the query string."""
    dice = random.Random(5)  # noqa: S311  drawn for variety, not secrecy
    categories = [category.code for category in load_city().categories]
    for message in messages(98):
        phrase = quote(message.text[30:36].strip("，。"))
        yield "whole question", f"q={quote(message.text[30:90])}"
        yield "title", f"q={quote(message.title)}&order=best"
        word = f"q={quote(dice.choice(('路灯', '物业', '工资', '医院', '噪音', '公交')))}"
        yield "common word", word
        yield _YARDSTICK, f"{word}&from=2000-01-01"
        yield "two words", f"q={quote(message.title[:4] + ' ' + message.title[-3:])}"
        yield "phrase", f"q={phrase}"
        yield "nothing found", f"q={quote('火星移民' + dice.choice('甲乙丙丁'))}"
        yield "within a category", f"q={quote(message.title[:3])}&category={dice.choice(categories)}"
        yield "newest", f"category={dice.choice(categories)}"
