"""docs/capacity.md, made of what `bench capacity` measured: one machine, one run, one page."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

#: Beyond this p95, whoever writes waits noticeably until the department has it (project choice).
CARRIED_MS = 1000.0

_HEAD = """# What one machine carries

Made by `huiyin bench capacity --page docs/capacity.md`: one run on one machine, with Postgres, Kafka and the load on it.
These machines differ by a factor of three from day to day, so read ratios, and the rates beside what a loop of Python took.
What was tried to lower the costs stands in [measurements](measurements.md).
"""


def page(found: Mapping[str, Any], on: str) -> str:
    """The page. `found`: what `capacity.measure` returns; `on`: the day of the measurement."""
    parts = (_machine(found, on), _costs(found), _latencies(found), _taken(found), _processes(found))
    return "\n".join((_HEAD, *("\n".join(part) + "\n" for part in parts)))


def _machine(found: Mapping[str, Any], on: str) -> Iterator[str]:
    runs = " and ".join(f"{run:,.0f}" for run in found["runs"])
    yield f"Measured on {on}: {found['cores']} cores, {found['loop']}: {found['loop_s']}."
    yield f"At full load the chain took {runs} cases/s in its first and its last run ({found['cases']:,} cases each)"
    yield f"and kept {found['busy_cores']} cores busy."


def _costs(found: Mapping[str, Any]) -> Iterator[str]:
    costs, records = found["cpu_us_per_case"], found["records_per_case"]
    whole = sum(costs.values())
    said = f"A case is {records} records on Kafka until its department has it and its clocks run."
    cells = (
        (name, f"{cost:,}", f"{cost / records:,.0f}", f"{cost / whole:.0%}") for name, cost in costs.items()
    )
    whole_row = ("all", f"{whole:,}", f"{whole / records:,.0f}", "")
    table = _table(("process", "µs a case", "µs an event", "share"), (*cells, whole_row))
    return _section("What a case and an event cost", said, table)


def _latencies(found: Mapping[str, Any]) -> Iterator[str]:
    figures: Mapping[str, Mapping[str, float]] = found["latency_ms"]
    carried = [int(rate) for rate, each in figures.items() if each and each["p95"] <= CARRIED_MS]
    most = max(carried, default=0)
    at_least = "at least " if str(most) == [*figures][-1] else ""
    said = (
        "From a message's acceptance until its department has it, with messages that come at a steady rate. With a\n"
        f"p95 of at most {CARRIED_MS / 1000:g} s this machine carries {at_least}**{most} messages a second**."
    )
    rows = ((rate, *_shares(each)) for rate, each in figures.items())
    table = _table(("messages/s", "p50, ms", "p95, ms", "p99, ms"), rows)
    return _section("At which latency", said, table)


def _shares(each: Mapping[str, float]) -> tuple[str, ...]:
    if not each:
        return "not kept up with", "", ""
    return tuple(f"{each[share]:,.0f}" for share in ("p50", "p95", "p99"))


def _taken(found: Mapping[str, Any]) -> Iterator[str]:
    said = (
        "Each taken away by itself. What gains nothing does not stand in the way; "
        "where no core rests, time of cores does."
    )
    return _section("What the next limit is", said, _variants(found["taken_away"], "without"))


def _processes(found: Mapping[str, Any]) -> Iterator[str]:
    said = "A slice's consumers share its partitions. Where all cores are busy, more processes only make smaller batches."
    return _section(
        "More processes of a slice on the same machine", said, _variants(found["processes"], "processes")
    )


def _variants(found: Mapping[str, Mapping[str, float]], what: str) -> Iterator[str]:
    rows = (
        (
            name,
            f"{each['cases_per_second']:,.0f}",
            f"{each['ratio']:.2f}",
            f"{each['cpu_us_per_case']:,}",
            f"{each['busy_cores']}",
        )
        for name, each in found.items()
    )
    return _table((what, "cases/s", "ratio to the chain as it is", "µs a case", "busy cores"), rows)


def _section(title: str, said: str, table: Iterable[str]) -> Iterator[str]:
    yield from (f"## {title}", "", said, "")
    yield from table


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(row)} |"
