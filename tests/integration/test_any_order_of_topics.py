"""Kafka orders one topic, never two: whichever of them is read first, a reader of several has the same rows in the end."""

import json
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from schemas.city import load_city
from schemas.event import Event
from schemas.events.intake import RefusalObjected
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import register
from tests.integration.scattered import ANOTHER, CASE, SURE, Place, Scattered, act

CITY = load_city()
Rows = Mapping[str, Any]


async def _figures(unit: RecordingUnit) -> Rows:
    """What sla knows of the case, and whatever runs or stands still for it."""
    row = dict(await unit.db.fetchrow('SELECT * FROM sla."case" WHERE case_id = $1', CASE))
    clocks = await unit.db.fetch(
        "SELECT clock, state, department, started_at, due_at FROM sla.clock WHERE case_id = $1 AND state <> 'stopped'",
        CASE,
    )
    if row["private"]:
        # When tags were said that it has not.
        del row["tags_at"]
    return {**row, **{clock["clock"]: dict(clock) for clock in clocks}}


async def _view(unit: RecordingUnit) -> Rows:
    """What its citizen and everybody may read."""
    rows: dict[str, Any] = {}
    for table in ("published", "withheld", "promise"):
        found = await unit.db.fetch(f"SELECT * FROM intake.{table} WHERE case_id = $1", CASE)  # noqa: S608  our own
        rows[table] = sorted((tuple(row) for row in found), key=repr)
    row = await unit.db.fetchrow("SELECT * FROM intake.view WHERE case_id = $1", CASE)
    view = dict(row) if row else {}
    view["timeline"] = sorted(map(repr, json.loads(view["timeline"]))) if view else []
    return {**view, **rows}


_READERS: Mapping[str, Callable[[RecordingUnit], Awaitable[Rows]]] = {"sla": _figures, "intake": _view}


async def _life(unit: RecordingUnit, chance: random.Random) -> tuple[Sequence[Event], Sequence[str]]:
    """All that is said of a case that goes as it likes, each heard by everybody at once; and what was done."""
    slices, done = Scattered(unit, CITY, chance), []
    await register(unit, SURE)
    await register(unit, ANOTHER)
    for _ in range(120):
        if what := await act(slices, CITY, chance):
            done.append(what)
        await slices.hear_all()
    return slices.said, done


async def _after(reader: str, unit: RecordingUnit, events: Sequence[Event]) -> Rows:
    """What this reader has when it has heard these, in this order; all of it is taken back."""
    point, now = unit.db.transaction(), unit.now
    await point.start()
    slices = Scattered(unit, CITY, random.Random(0))
    if reader == "intake":
        await register(unit, SURE)
        await register(unit, ANOTHER)
    for event in events:
        await slices.deliver(Place(reader, event.producer, event.case_id), event)
    rows = await _READERS[reader](unit)
    await point.rollback()
    unit.emitted.clear()
    unit.now = now
    return rows


def _orders(events: Sequence[Event], chance: random.Random) -> Iterator[Sequence[Event]]:
    """One topic before the others, each in turn; and some orders at random, near to how it was and far from it."""
    topics = [(event.producer, event.case_id) for event in events]
    for first in sorted({topic for topic, _ in topics}):
        yield sorted(events, key=lambda event: event.producer != first)
        yield sorted(events, key=lambda event: event.producer == first)
    for reach in (2, 4, 8, 30):
        waiting = {
            topic: [each for each, of in zip(events, topics, strict=True) if of == topic] for topic in topics
        }
        turns = [*zip((at + chance.uniform(0, reach) for at in range(len(topics))), topics, strict=True)]
        yield [waiting[topic].pop(0) for _, topic in sorted(turns)]


async def _lived(
    unit: RecordingUnit, reader: str, seed: int
) -> tuple[list[Event], random.Random, Sequence[str]]:
    chance = random.Random(seed)
    point = unit.db.transaction()
    await point.start()
    now = unit.now
    said, done = await _life(unit, chance)
    await point.rollback()
    unit.now = now
    every = Scattered(unit, CITY, chance)
    return [event for event in said if every.hearing(reader, event)], chance, done


@pytest.mark.parametrize("reader", _READERS)
@pytest.mark.parametrize("seed", [1, 3, 5, 11, 17])
async def test_the_rows_are_the_same(unit: RecordingUnit, reader: str, seed: int) -> None:
    """As if all had been heard in the order in which it was said."""
    events, chance, done = await _lived(unit, reader, seed)
    as_said = await _after(reader, unit, events)
    for order in _orders(events, chance):
        rows = await _after(reader, unit, order)
        found = (
            _differing(as_said, rows)
            if _loses_no_time(events)
            else _differing(_untimed(as_said), _untimed(rows))
        )
        assert {} == found, (done, [f"{e.name}@{e.version}" for e in order])


def _loses_no_time(events: Sequence[Event]) -> bool:
    """What a refusal stood before its citizen objected is given back, unless both are heard before what they end."""
    return not any(isinstance(event, RefusalObjected) for event in events)


def _untimed(rows: Rows) -> Rows:
    return {name: {**row, "due_at": None} if isinstance(row, dict) else row for name, row in rows.items()}


def _differing(one: Rows, other: Rows) -> Mapping[str, Any]:
    return {
        name: (one.get(name), other.get(name))
        for name in one.keys() | other.keys()
        if one.get(name) != other.get(name)
    }
