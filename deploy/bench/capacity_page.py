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

#: What `measure` does not ask each time.
_GROWTH = """## What grows for ever

Nothing deletes these by age; a city that wants an end to them decides on it itself. Measured once (2026-11-29) on 3,020
short messages that had come to their desks, in bytes with indexes. The year is one of 5,000 messages a day; how many
deeds, looks and rows of logs there are is assumed.

| what | bytes | in a year |
|---|---|---|
| a case at its desk with its clocks, in all four slices | 4,900, and long texts | 9 GB |
| a deed on it: a row of `handlers.log` | 290 | 5 GB at ten a case |
| a look at it, if only as a line of a list: `deploy.case_view` | 216 | 12 GB at thirty a case |
| a file that came with it | its size | |
| an anchor each five minutes, in a folder and on Kafka | 300, and 36 a row of a log | some 1 GB in each |

Rows of imported lists (`intake.sent_row`), events that Kafka refused (`deploy.quarantine`) and what operators did are
as many as there were. What has an end: the inbox (31 days; 1,260 bytes a case until its desk has it, so 200 MB), Kafka's
records (30 days at most; submissions, commands and dead letters seven), notices and letters that were settled, sessions,
tries to sign in, limits, what was searched for, beats of processes, logs of `huiyin up`. Other tables grow with days,
departments and rules, and not with messages.
"""


def page(found: Mapping[str, Any], on: str) -> str:
    """The page. `found`: what `capacity.measure` returns; `on`: the day of the measurement."""
    parts = (_machine(found, on), _costs(found), _latencies(found), _taken(found), _processes(found))
    return "\n".join((_HEAD, *("\n".join(part) + "\n" for part in parts), _GROWTH))


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
