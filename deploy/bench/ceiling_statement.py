"""A hop of the ceiling: an event that a group hears, the one statement that it writes for it, and what it says of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.event import Event

Columns = Callable[[Sequence[Any]], list[list[Any]]]
#: Events for the relay, each with the short name of its topic.
Says = Callable[[Sequence[Any]], list[tuple[str, Event]]]

#: Whether it was heard before, as `deploy.inbox` has it.
SEEN = """WITH e AS MATERIALIZED (SELECT * FROM unnest($1::text[], $2::uuid[], {types}) AS e (consumer, event_id, {names})),
seen AS (INSERT INTO deploy.inbox (consumer, event_id) SELECT consumer, event_id FROM e)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One event type that a group hears: the statement, and its columns after consumer and event id.

    With `asks`, a query by the events' case ids, the columns are made of pairs: an event, and the row of its case. `says`
    is of the same, and what it makes goes to the outbox.
    """

    event: type[Event]
    statement: str
    columns: Columns
    asks: str = ""
    says: Says | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One consumer group of the ceiling: its topics, and what it writes for each event."""

    name: str
    topics: Sequence[str]
    hops: Sequence[Hop] = ()


def statement(columns: Mapping[str, str], *parts: str) -> str:
    """`parts`, the last a plain statement, over the columns (name → type)."""
    types = ", ".join(f"${place}::{type_}[]" for place, type_ in enumerate(columns.values(), start=3))
    *inside, last = parts
    named = (f", p{number} AS ({part})" for number, part in enumerate(inside))
    return SEEN.format(types=types, names=", ".join(columns)) + "".join(named) + " " + last
