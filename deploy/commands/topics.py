"""`huiyin topics`: what grows in this city now, or in a file of messages as if they came one after the other."""

import asyncio
import csv
import re
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import typer

from deploy.commands.labelled import TextColumns, refuse_columns, rows_in, wording
from deploy.commands.progress import show_line
from deploy.commands.refusals import refuse, unreadable
from deploy.commands.speech import told
from deploy.composition import city_of
from deploy.composition.growing_topics import topic_rules
from deploy.database.pool import open_pool
from deploy.database.unit_of_work import unit_of_work
from deploy.local.running import settings_here
from routing.core.topics.heat import TopicRules, most_people
from routing.core.topics.stream import TopicMessage, TopicStream, absorbed_in, root_of
from routing.steps.topics import read_hot
from schemas.errors import Unusable
from schemas.values import GrowingTopic

# Messages in one step, between two lines of progress (project choice).
_AT_ONCE = 1_000
#: Titles that are shown of a topic (project choice: enough to see what it is about, as on the page).
_SAMPLES = 3
#: Behind a time of day: what it is ahead of UTC; in hours alone as Postgres writes it.
_OFFSET = re.compile(r"(:\d\d(?:\.\d+)?)\s*(Z|[+-]\d\d(?::?\d\d)?)$")
_File = Annotated[Path | None, typer.Option(help="A CSV file to look through instead of this city's cases.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


class _Row(NamedTuple):
    told: TopicMessage
    author: str
    #: In the file; its header is row 1.
    number: int


def topics(
    file: _File = None,
    text_column: TextColumns = None,
    time_column: Annotated[str, typer.Option(help="When each message came.")] = "received_at",
    author_column: Annotated[str, typer.Option(help="Who wrote; people count, not messages.")] = "author",
    as_json: _Json = False,
) -> None:
    """List the topics that different people write of (苗头), the hottest first.

    Of a file: those that would have been early warnings, with their rows.
    """
    rules = topic_rules(settings_here())
    found = (
        asyncio.run(_of_city(rules))
        if file is None
        else _of_file(
            _rows(file, text_column or ("title", "text"), (time_column, author_column), _zone()), rules
        )
    )
    typer.echo(msgspec.json.encode(found).decode() if as_json else _as_text(found))


async def _of_city(rules: TopicRules) -> dict[str, Any]:
    settings = settings_here()
    async with open_pool(settings, size=1) as pool, unit_of_work(pool, prefix=settings.topic_prefix) as unit:
        return {"topics": [_shown(topic) for topic in await read_hot(unit, rules)]}


def _shown(topic: GrowingTopic) -> dict[str, Any]:
    """Without titles: what a command shows of a case is not written down anywhere."""
    known = msgspec.structs.asdict(topic)
    return {**known, "samples": [sample.tracking_code for sample in topic.samples]}


def _zone() -> ZoneInfo:
    return city_of(settings_here()).zone


def _rows(file: Path, columns: Sequence[str], time_and_author: tuple[str, str], zone: ZoneInfo) -> list[_Row]:
    try:
        reader = rows_in(file)
        if missing := {*columns, *time_and_author}.difference(reader.fieldnames or ()):
            refuse_columns(sorted(missing), reader.fieldnames or ())
        rows = [_row(row, number, columns, time_and_author, zone) for number, row in enumerate(reader, 2)]
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        refuse(unreadable(file, error))
    return sorted(rows, key=lambda row: row.told.at)


def _row(
    row: dict[str, str], number: int, columns: Sequence[str], time_and_author: tuple[str, str], zone: ZoneInfo
) -> _Row:
    time_column, author_column = time_and_author
    title, text = ([row[name] or "" for name in columns] + [""])[:2]
    told = wording(title, text)
    try:
        at = _moment(row[time_column] or "", zone)
    except (ValueError, OverflowError) as error:
        given = row[time_column]
        raise Unusable(
            zh=f"第 {number} 行：{given!r} 不是时间，写法如 2026-11-22 16:45",
            en=f"row {number}: {given!r} is no time, as in 2026-11-22 16:45",
        ) from error
    return _Row(TopicMessage(told.title, told.text, at), (row[author_column] or "").strip(), number)


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """As ISO 8601 writes it, with an offset or else of the city's zone; or with slashes and single digits."""
    text = text.strip().upper()
    if offset := _OFFSET.search(text):
        ahead = datetime.fromisoformat(f"1970-01-01T00:00{offset[2]}").tzinfo
        return _at(text[: offset.end(1)], ahead).astimezone(zone)
    return _at(text, zone)


def _at(text: str, zone: tzinfo | None) -> datetime:
    day, _, hour = text.replace("/", "-").replace("T", " ").partition(" ")
    year, month, date = (int(part) for part in day.split("-"))
    hours, minutes, seconds, *_ = [*(int(float(part)) for part in hour.split(":") if part), 0, 0, 0]
    return datetime(year, month, date, hours, minutes, seconds, tzinfo=zone)


def _of_file(rows: Sequence[_Row], rules: TopicRules) -> dict[str, Any]:
    began = time.process_time()
    groups = list(_grouped(rows))
    seconds = time.process_time() - began
    found = [_topic(members, rules) for members in groups if len(members) > 1]
    hot = [topic for topic in found if topic["people"] >= rules.least_people]
    hot.sort(key=lambda topic: (-topic["people"], -topic["cases"], topic["rows"]))
    return {
        "messages": len(rows),
        "messages_per_second": round(len(rows) / max(seconds, 1e-9)),
        "topics": hot,
    }


def _grouped(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    stream, into, at = TopicStream(), dict[int, int](), list[int]()
    for begin in range(0, len(rows), _AT_ONCE):
        joined = stream.join([row.told for row in rows[begin : begin + _AT_ONCE]])
        into |= absorbed_in(joined)
        at += [one.group for one in joined]
        show_line(
            told(f"已读来件：{len(at):,} / {len(rows):,}", f"messages read: {len(at):,} of {len(rows):,}")
        )
    groups: dict[int, list[_Row]] = {}
    for row, group in zip(rows, at, strict=True):
        groups.setdefault(root_of(into, group), []).append(row)
    yield from groups.values()


def _topic(members: Sequence[_Row], rules: TopicRules) -> dict[str, Any]:
    return {
        "people": most_people([(row.told.at, row.author) for row in members], rules),
        "cases": len(members),
        "authors": len({row.author for row in members}),
        "first_at": members[0].told.at,
        "last_at": members[-1].told.at,
        "rows": [row.number for row in members],
        "samples": [row.told.title for row in members[:_SAMPLES]],
    }


def _as_text(found: dict[str, Any]) -> str:
    lines = [_line(topic) for topic in found["topics"]]
    if "messages" in found:
        counted = told(
            "{messages:,} 件来件，处理器每秒 {messages_per_second:,} 件",
            "{messages:,} messages, {messages_per_second:,} a second of processor time",
        )
        lines.append(counted.format_map(found))
    return "\n".join(lines or [told("没有苗头", "nothing grows")])


def _line(topic: dict[str, Any]) -> str:
    people, cases = f"{topic['people']:>4}", f"{topic['cases']:>5}"
    samples = told("；", "; ").join(topic["samples"])
    return told(f"{people} 人 {cases} 件  {samples}", f"{people} people {cases} messages  {samples}")


def register(app: typer.Typer) -> None:
    """Add `huiyin topics` to the command line."""
    app.command()(topics)
