"""`bench lifecycle`: from the citizen's message to the published answer, beside few and many old cases and a bare city.

First a city alone, with one, eight, … lifecycles at a time: what each costs. Then fresh cities on the same servers, in
turns, so that whatever else the machine does slows each alike: ours of every size, and one without our code.
"""

import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvloop

from deploy.bench.citizens import HEARD, Citizens
from deploy.bench.environment import (
    BEHIND_THE_WEB,
    CHAIN,
    Installation,
    Servers,
    open_installation,
    servers,
)
from deploy.bench.event_waiter import listening
from deploy.bench.figures import percentile, say
from deploy.bench.intake import answering
from deploy.bench.preload import preload, settle
from schemas.topics import HANDLERS, ROUTING

#: Cases in the database: a small city's month, and a large city's year (project choice).
SIZES = (10_000, 1_000_000)
#: Lifecycles under way at once. Project choice: enough that the processes, not the waits, set the pace.
AT_ONCE = 256
#: The same where the cost of one is measured: somebody alone, a city's day, its busiest hour, and a crowd (project choice).
CLIENTS = (1, 8, 64, 256)
#: How often cities take turns (project choice: each long enough that filling up counts for little).
_TURNS = 2
#: Before the clock runs: connections and plans (project choice).
_WARM_UP_SECONDS = 5.0
_YARDSTICK = "the same requests, statements and records without our code, beside as many old cases, in turns"


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleOptions:
    """What to measure. `seconds`: of each city at full load, and of each number of `clients`."""

    sizes: Sequence[int] = SIZES
    seconds: float = 20.0
    at_once: int = AT_ONCE
    clients: Sequence[int] = CLIENTS
    #: Also a city without our code.
    ceiling: bool = True
    profiled: str | None = None
    chain: Sequence[str] = BEHIND_THE_WEB


@dataclass(kw_only=True)
class MeasuredCity:
    """One of them: where it is, who lives there, and what came of it so far."""

    cases: int
    installation: Installation
    citizens: Citizens
    finished: int = 0
    seconds: float = 0.0
    used: Counter[str] = field(default_factory=Counter)

    async def live(self, at_once: int, seconds: float) -> None:
        """So many lifecycles at the same time, for so long; adds to what came of it."""
        before, started = self.installation.cpu(), time.perf_counter()
        await self.installation.failing_loudly(self.citizens.live(at_once, seconds))
        # Work goes on until the last one that was begun is done: its time is counted, and it is, too.
        self.finished += self.citizens.finished_since
        self.seconds += time.perf_counter() - started
        self.used.update(self.installation.cpu().since(before))

    def forget(self) -> None:
        """What came of it so far does not count."""
        self.finished, self.seconds, self.used = 0, 0.0, Counter()
        self.citizens.waits.clear()

    @property
    def rate(self) -> float:
        """Lifecycles that were finished, a second."""
        return self.finished / self.seconds

    def cost(self, unit: float) -> dict[str, float]:
        """Processor time of one lifecycle by process, in so many parts of a second."""
        return {name: round(spent / self.finished * unit, 1) for name, spent in self.used.items()}

    def waits(self, share: float) -> dict[str, float]:
        """Milliseconds by step that this share of them did not exceed."""
        return {step: round(percentile(each, share) * 1000, 1) for step, each in self.citizens.waits.items()}


def measure(options: LifecycleOptions) -> dict[str, Any]:
    """What `huiyin bench lifecycle --json` prints."""
    with servers() as on:
        return uvloop.run(_measure(on, options))


async def _measure(on: Servers, options: LifecycleOptions) -> dict[str, Any]:
    async with _city(on, options, "alone", options.sizes[0]) as alone:
        costs = {str(number): await _cost(alone, number, options.seconds) for number in options.clients}
    async with AsyncExitStack() as stack:
        ours = [
            await stack.enter_async_context(_city(on, options, f"city{number}", size))
            for number, size in enumerate(options.sizes, start=1)
        ]
        bare = await stack.enter_async_context(_bare(on, options.sizes[0])) if options.ceiling else None
        await _in_turns([*ours, *([bare] if bare else [])], options)
    return figures(ours, bare, costs, options)


@asynccontextmanager
async def _city(on: Servers, options: LifecycleOptions, name: str, cases: int) -> AsyncIterator[MeasuredCity]:
    """One of ours, with so many old cases."""
    async with open_installation(on, name, demo=True) as installation:
        await preload(installation.settings, cases)
        say("counting what has ended")
        await settle(installation.settings)
        installation.start("web", *options.chain, profiled=options.profiled)
        async with _inhabited(installation, cases) as found:
            yield found


@asynccontextmanager
async def _bare(on: Servers, cases: int) -> AsyncIterator[MeasuredCity]:
    """One city without our code, on tables like ours."""
    async with open_installation(on, "bare", demo=True) as installation:
        await preload(installation.settings, cases)
        for name in CHAIN:
            installation.start_python(name, "-m", "deploy.bench.ceiling", name)
        installation.start_python("web", "-m", "deploy.bench.bare_city")
        async with _inhabited(installation, cases) as found:
            yield found


@asynccontextmanager
async def _inhabited(installation: Installation, cases: int) -> AsyncIterator[MeasuredCity]:
    tokens = json.loads(installation.demo_file.read_text(encoding="utf-8"))["tokens"]
    async with (
        answering(installation) as web,
        listening(installation.settings, (HANDLERS, ROUTING), HEARD) as waiter,
    ):
        citizens = Citizens(web, waiter, tokens)
        say("waiting for the chain")
        await installation.failing_loudly(citizens.live_one())
        yield MeasuredCity(cases=cases, installation=installation, citizens=citizens)


async def _cost(city: MeasuredCity, clients: int, seconds: float) -> dict[str, float]:
    """Milliseconds of processor time for one lifecycle, by process, while nothing else lives on the servers."""
    await city.live(clients, _WARM_UP_SECONDS)
    city.forget()
    await city.live(clients, seconds)
    found = city.cost(1e3)
    say(f"{clients} at once: {sum(spent for name, spent in found.items() if name != 'load'):.1f} ms each")
    return found


async def _in_turns(cities: Sequence[MeasuredCity], options: LifecycleOptions) -> None:
    for city in cities:
        await city.live(options.at_once, _WARM_UP_SECONDS)
        city.forget()
    for turn in range(_TURNS):
        say(f"{options.at_once} at once, turn {turn + 1} of {_TURNS}")
        # There and back: what one leaves to be done falls into another's time each time.
        for city in cities if turn % 2 else reversed(cities):
            await city.live(options.at_once, options.seconds / _TURNS)


def figures(
    ours: Sequence[MeasuredCity],
    bare: MeasuredCity | None,
    costs: dict[str, dict[str, float]],
    options: LifecycleOptions,
) -> dict[str, Any]:
    """The report. `costs`: milliseconds by process, by how many lived at once; `bare`: None where it was not asked for."""
    rates = [city.rate for city in ours]
    say(f"{rates[0]:,.0f} lifecycles/s")
    return {
        "sizes": [_size(city, options) for city in ours],
        "flatness": round(rates[-1] / rates[0], 3) if rates[1:] else None,
        "cpu_ms_per_lifecycle": costs,
        **(_beside(rates[0], bare) if bare else {}),
    }


def _size(city: MeasuredCity, options: LifecycleOptions) -> dict[str, Any]:
    return {
        "cases": city.cases,
        "lifecycles_per_second": round(city.rate, 1),
        "p95_ms": city.waits(0.95),
        "p50_ms": city.waits(0.5),
        "at_once": options.at_once,
        "cpu_us_per_lifecycle": city.cost(1e6),
        "seconds": round(city.seconds, 1),
    }


def _beside(rate: float, bare: MeasuredCity) -> dict[str, Any]:
    ceiling = bare.rate
    say(f"{ceiling:,.0f} lifecycles/s without our code")
    return {
        "ceiling_per_second": round(ceiling, 1),
        "share_of_ceiling": round(rate / ceiling, 3),
        "ceiling_cpu_us_per_lifecycle": bare.cost(1e6),
        "yardstick": _YARDSTICK,
        "yardstick_per_second": round(ceiling, 1),
        "ratio": round(rate / ceiling, 3),
    }
