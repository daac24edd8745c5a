"""`bench intake`: how many messages a second the web accepts, beside a bare server, and how long one waits."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import uvloop

from deploy.bench.environment import CHAIN, Installation, Servers, open_installation, servers
from deploy.bench.figures import milliseconds, say
from deploy.bench.http import Client, client, needed
from deploy.bench.messages import BenchMessage, messages

#: Submissions a second at which the waiting is measured (project choice: ten times a large city's busiest hour); half of
#: what the machine takes where that is less: beyond its measure every wait is as long as the run.
STEADY_RATE = 500
#: Requests under way at full load. Project choice: enough that the server never waits for a client.
_AT_ONCE = 48
_PATH = "/api/v1/submissions"
#: Before anything counts. Project choice.
_WARM_SECONDS = 2.0
#: How often we and the yardstick take turns. Project choice: seconds each, so that both see the same machine.
_TURNS = 4

_keys = (f"bench-{number}" for number in itertools.count())


def measure(seconds: float, *, with_chain: bool, profiled: str | None = None) -> dict[str, Any]:
    """What `bench intake` prints. `with_chain`: the consumers and the relay work at the same time."""
    with servers() as on:
        return uvloop.run(_measure(on, seconds, with_chain=with_chain, profiled=profiled))


async def _measure(on: Servers, seconds: float, *, with_chain: bool, profiled: str | None) -> dict[str, Any]:
    names = ("web", *(CHAIN if with_chain else ()))
    drafts = [body_of(message) for message in itertools.islice(messages(7), 2000)]
    async with (
        open_installation(on, "intake") as installation,
        open_installation(on, "bare") as bare,
        serving(installation, *names, profiled=profiled) as web,
        _bare(bare) as yardstick,
    ):
        for server in (web, yardstick):
            await _full_load(server, drafts, _WARM_SECONDS)
        turns = _in_turns(installation, web, yardstick, drafts, seconds)
        ours, theirs, spent = await installation.failing_loudly(turns)
        used = {name: round(each / (ours * seconds) * 1_000_000) for name, each in spent.items()}
        rate = max(1, min(STEADY_RATE, int(ours / 2)))
        say(f"{ours:,.0f} accepted/s, {theirs:,.0f} at a bare server; {rate}/s for {seconds:g} s")
        waits = milliseconds(await steadily(web, drafts, seconds, rate))
    return {
        "accepted_per_second": round(ours, 1),
        "p99_ms": waits["p99"],
        "latency_ms": waits,
        "steady_rate": rate,
        "with_chain": with_chain,
        "cpu_us_per_message": used,
        "yardstick": "a bare server on the same Kafka: the body decoded and sent with acks=all, no checks, codes or keys",
        "yardstick_per_second": round(theirs, 1),
        "ratio": round(ours / theirs, 3),
    }


async def _in_turns(
    installation: Installation,
    web: Client,
    yardstick: Client,
    drafts: Sequence[Mapping[str, Any]],
    seconds: float,
) -> tuple[float, float, Counter[str]]:
    """Accepted a second by us and by the bare server, a part of the time each, and what ours took of the processors.

    Whatever else runs on the machine meanwhile slows both.
    """
    ours = theirs = 0
    spent: Counter[str] = Counter()
    for turn in range(_TURNS):
        say(f"full load, turn {turn + 1} of {_TURNS}")
        before = installation.cpu()
        ours += await _full_load(web, drafts, seconds / _TURNS)
        spent.update(installation.cpu().since(before))
        theirs += await _full_load(yardstick, drafts, seconds / _TURNS)
    return ours / seconds, theirs / seconds, spent


@asynccontextmanager
async def _bare(installation: Installation) -> AsyncIterator[Client]:
    installation.start_python("bare", "-m", "deploy.bench.bare_server")
    async with answering(installation) as server:
        yield server


@asynccontextmanager
async def serving(
    installation: Installation, *names: str, profiled: str | None = None
) -> AsyncIterator[Client]:
    """Start these processes, the web among them; yields a client once the web answers."""
    installation.start(*names, profiled=profiled)
    async with answering(installation) as web:
        yield web


@asynccontextmanager
async def answering(installation: Installation) -> AsyncIterator[Client]:
    """A client, once the web answers that was started here."""
    async with client(installation.settings.host, installation.settings.port) as web:

        async def answers() -> bool:
            try:
                return (await web.get("/healthz")).status == 200
            except OSError:
                return False

        await installation.until("the web", answers, seconds=60)
        yield web


async def submit(web: Client, draft: Mapping[str, Any]) -> Any:
    """Send one message, with a key of its own, as a form does; returns the receipt."""
    return needed(await web.post(_PATH, draft, {"idempotency-key": next(_keys)}), 202)


def body_of(message: BenchMessage) -> dict[str, Any]:
    """A made-up message as the body of `POST /api/v1/submissions`."""
    return {"title": message.title, "text": message.text, "place": message.place, "contact": message.contact}


async def _full_load(web: Client, drafts: Sequence[Mapping[str, Any]], seconds: float) -> int:
    """Send as fast as the site answers; returns how many were accepted."""
    until = time.perf_counter() + seconds
    counts = await asyncio.gather(*(_send_until(web, drafts[number:], until) for number in range(_AT_ONCE)))
    return sum(counts)


async def _send_until(web: Client, drafts: Sequence[Mapping[str, Any]], until: float) -> int:
    sent = 0
    while time.perf_counter() < until:
        await submit(web, drafts[sent % len(drafts)])
        sent += 1
    return sent


async def steadily(
    web: Client, drafts: Sequence[Mapping[str, Any]], seconds: float, rate: int
) -> list[float]:
    """Seconds from the moment when each was to be sent until it was accepted: a late start counts, too."""
    started = time.perf_counter()
    waits: list[float] = []

    async def send(number: int) -> None:
        await submit(web, drafts[number % len(drafts)])
        waits.append(time.perf_counter() - started - number / rate)

    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            await asyncio.sleep(started + number / rate - time.perf_counter())
            group.create_task(send(number))
    return waits
