"""`huiyin bench`: the project's measurements, on servers of its own. JSON on stdout, progress on stderr."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy import clock
from deploy.bench.figures import report

_Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
_Cases = Annotated[int, typer.Option(min=100, help="Cases in the run at full load.")]
_Seconds = Annotated[float, typer.Option(min=1, help="How long each figure is measured.")]
_Profile = Annotated[
    str | None, typer.Option(metavar="NAME", help="Also say on stderr where the time of this process goes.")
]
_Together = Annotated[
    bool, typer.Option("--together", help="Slices, relay and sweeper in one process (WORKERS=together).")
]
_Sizes = Annotated[
    list[int] | None,
    typer.Option(min=1000, help="Old cases; give it again for several.  [default: 10000, 1000000]"),
]

_Clients = Annotated[
    list[int] | None,
    typer.Option(
        min=1,
        help="Lifecycles at the same time where the cost of one is measured; give it again for several.  "
        "[default: 1, 8, 64, 256]",
    ),
]

bench = typer.Typer(
    no_args_is_help=True, help="Measure this release on this machine, each time on fresh servers."
)


@bench.command()
def pipeline(
    cases: _Cases = 30_000,
    seconds: _Seconds = 20.0,
    ceiling: Annotated[bool, typer.Option(help="Measure the ceiling, too, before and after.")] = True,
    together: _Together = False,
    profile: _Profile = None,
    as_json: _Json = False,
) -> None:
    """Cases a second through all slices, against what Kafka and Postgres allow; and how long one takes."""
    from deploy.bench import pipeline as measured
    from deploy.bench.environment import CHAIN, TOGETHER

    chain = TOGETHER if together else CHAIN
    options = measured.PipelineOptions(
        cases=cases, seconds=seconds, ceiling=ceiling, profiled=profile, chain=chain
    )
    _report(lambda: measured.measure(options), as_json=as_json)


@bench.command()
def lifecycle(
    rows: _Sizes = None,
    seconds: _Seconds = 20.0,
    at_once: Annotated[int, typer.Option(min=1, help="Lifecycles under way at the same time.")] = 256,
    clients: _Clients = None,
    ceiling: Annotated[bool, typer.Option(help="Measure a city without our code, too, in turns.")] = True,
    together: _Together = False,
    profile: _Profile = None,
    as_json: _Json = False,
) -> None:
    """From the citizen's message to the published answer, over HTTP, beside few and many old cases."""
    from deploy.bench import lifecycle as measured
    from deploy.bench.environment import BEHIND_THE_WEB, TOGETHER

    options = measured.LifecycleOptions(
        sizes=tuple(rows or measured.SIZES),
        seconds=seconds,
        at_once=at_once,
        clients=tuple(clients or measured.CLIENTS),
        ceiling=ceiling,
        profiled=profile,
        chain=TOGETHER if together else BEHIND_THE_WEB,
    )
    _report(lambda: measured.measure(options), as_json=as_json)


@bench.command()
def intake(
    seconds: _Seconds = 15.0,
    chain: Annotated[
        bool, typer.Option("--with-chain", help="Let the consumers work at the same time.")
    ] = False,
    profile: _Profile = None,
    as_json: _Json = False,
) -> None:
    """Messages a second that the web accepts, and how long one waits at 500 a second."""
    from deploy.bench import intake as measured

    _report(lambda: measured.measure(seconds, with_chain=chain, profiled=profile), as_json=as_json)


@bench.command()
def sweep(
    rows: Annotated[int, typer.Option(min=10_000, help="Open clocks.")] = 1_000_000,
    seconds: _Seconds = 20.0,
    as_json: _Json = False,
) -> None:
    """A thousand alerts among a million open clocks, and how late an alert is heard."""
    from deploy.bench import sweep as measured

    _report(lambda: measured.measure(rows, seconds), as_json=as_json)


@bench.command()
def search(
    rows: Annotated[int, typer.Option(min=1000, help="Published answers.")] = 300_000,
    seconds: _Seconds = 15.0,
    as_json: _Json = False,
) -> None:
    """The public search over many published answers (pages: everything else that lists or counts)."""
    from deploy.bench import search as measured

    _report(lambda: measured.measure(rows, seconds), as_json=as_json)


@bench.command()
def pages(
    rows: Annotated[int, typer.Option(min=20_000, help="Cases of the city that has many.")] = 300_000,
    times: Annotated[int, typer.Option(min=3, help="How often each thing is asked for.")] = 9,
    as_json: _Json = False,
) -> None:
    """Every list, count and figure of the web, of 10,000 cases and of many, in turns (search: published answers alone)."""
    from deploy.bench import pages as measured
    from deploy.docgen.reference import every_route

    _report(lambda: measured.measure(rows, times, every_route()), as_json=as_json)


@bench.command()
def stream(
    listeners: Annotated[int, typer.Option(min=1, help="How many listen at once.")] = 2000,
    as_json: _Json = False,
) -> None:
    """How long until everybody who listens has seen an alert, and what a listener costs the web."""
    from deploy.bench import stream as measured

    _report(lambda: measured.measure(listeners), as_json=as_json)


@bench.command()
def classify(
    cases: _Cases = 20_000,
    seconds: _Seconds = 5.0,
    as_json: _Json = False,
) -> None:
    """Messages a second that one core classifies, and how late the event loop is while they are consumed."""
    from deploy.bench import classify as measured

    _report(lambda: measured.measure(cases, seconds), as_json=as_json)


@bench.command()
def capacity(
    cases: _Cases = 6000,
    seconds: _Seconds = 6.0,
    page: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write it there as a page.")] = None,
    as_json: _Json = False,
) -> None:
    """What this machine carries at which latency, what the next limit is, and what more processes bring."""
    from deploy.bench import capacity as measured
    from deploy.bench.capacity_page import page as written

    def measure() -> dict[str, Any]:
        found = measured.measure(measured.CapacityOptions(cases=cases, seconds=seconds))
        if page:
            page.write_text(written(found, f"{clock.now():%Y-%m-%d}"), encoding="utf-8")
        return found

    _report(measure, as_json=as_json)


def _report(measure: Callable[[], dict[str, Any]], *, as_json: bool) -> None:
    # A client that meets a topic made a moment ago says so as an error, and tries again.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    report(measure(), as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add `huiyin bench …` to the command line."""
    app.add_typer(bench, name="bench")
