"""The events as documents: a catalogue for people, and a JSON Schema for each published type."""

import inspect
import json
import re
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

import schemas.events  # noqa: F401  registers every event
from deploy.docgen.hearers import groups_by_event
from deploy.messaging.records.asyncapi import DEPARTMENT_EVENTS
from schemas.event import EVENT_TYPES, Event
from schemas.topics import topic_name

SCHEMAS = Path("schemas/json")

_COMMENTED = re.compile(r"((?:^    #:.*\n)+)    (\w+): ", re.MULTILINE)
_COMMON = tuple(field.name for field in msgspec.structs.fields(Event))

_OPENING = """# Events

Everything that happens to a case, by the topic it is published on. The record's key is the case id; the type
stands in the header `ce_type`; the body is JSON. Every event has these fields:

| field | type | meaning |
|---|---|---|
| `case_id` | text | the case, of `huiyin.knowledge.v1` the entry; also the record's key |
| `version` | integer | the case's version after it happened |
| `at` | time | when it happened (UTC) |

Fields are only ever added, and those with a default may be absent in older records. Readers pass over fields
that they do not know. The [schemas](../schemas/json) are what other systems may rely on. "Heard by" names our
consumer groups, `<slice>.…`; what they do with it says the slice's `subscribers.py`.
"""


def catalogue() -> str:
    """The text of docs/events.md: every topic, every event with its fields."""
    topics: dict[str, list[type[Event]]] = {}
    for event in EVENT_TYPES.values():
        topics.setdefault(event.producer, []).append(event)
    parts = [_OPENING, *(_topic(producer, topics[producer]) for producer in sorted(topics)), _department()]
    return "\n".join(parts)


def schema_path(name: str) -> Path:
    """Where the schema of the event type `name` is committed."""
    return SCHEMAS / f"{name}.json"


def schema_text(event: type[Event]) -> str:
    """The JSON Schema (2020-12) of one event's body."""
    schema = msgspec.json.schema(event)
    body = schema["$defs"][event.__name__]
    comments = field_comments(event)
    for field in msgspec.structs.fields(event):
        described = body["properties"][field.name]
        described |= {"description": comments[field.name]} if field.name in comments else {}
        described |= {"format": "date-time"} if field.type is datetime else {}
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:huiyin:event:{event.type}",
    }
    return json.dumps(whole | schema, ensure_ascii=False, indent=2) + "\n"


def field_comments(event: type) -> Mapping[str, str]:
    """What stands in `#:` lines above each field, in the class and its bases."""
    comments: dict[str, str] = {}
    for owner in reversed(event.__mro__):
        if owner.__module__.startswith("schemas."):
            comments |= {name: _joined(lines) for lines, name in _COMMENTED.findall(inspect.getsource(owner))}
    return comments


def type_words(kind: Any) -> str:
    """A field's type as a reader of JSON knows it."""
    if isinstance(kind, typing.NewType):
        return type_words(kind.__supertype__)
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        parts = [part for part in typing.get_args(kind) if part is not msgspec.UnsetType]
        return " or ".join("null" if part is type(None) else type_words(part) for part in parts)
    if typing.get_origin(kind) is tuple:
        return f"list of {type_words(typing.get_args(kind)[0])}"
    if typing.get_origin(kind) is dict:
        name, value = map(type_words, typing.get_args(kind))
        return f"object: {value} by {name}"
    if typing.get_origin(kind) is typing.Literal:
        return " · ".join(f"`{value}`" for value in typing.get_args(kind))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return " · ".join(f"`{member.value}`" for member in kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        inner = ", ".join(f"{field.name}: {type_words(field.type)}" for field in msgspec.structs.fields(kind))
        return f"{kind.__name__} ({inner})"
    return _PLAIN[kind]


_PLAIN: Mapping[Any, str] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "true or false",
    datetime: "time",
    date: "day",
}


def _topic(producer: str, events: Sequence[type[Event]]) -> str:
    return f"## `{topic_name(producer)}`\n\n" + "\n".join(_event(event) for event in events)


def _event(event: type[Event]) -> str:
    comments = field_comments(event)
    rows = [
        f"| `{field.name}` | {type_words(field.type)} | {_default(field)} | {comments.get(field.name, '')} |"
        for field in msgspec.structs.fields(event)
        if field.name not in _COMMON
    ]
    table = ["| field | type | default | meaning |", "|---|---|---|---|", *rows, ""] if rows else []
    link = f"[schema](../{schema_path(event.type)})"
    told = f"{inspect.getdoc(event)} ({link})"
    return "\n".join([f"### `{event.type}`", "", told, "", f"Heard by {_hearers(event)}.", "", *table])


def _hearers(event: type[Event]) -> str:
    groups = groups_by_event().get(event.type, ())
    return ", ".join(f"`{group}`" for group in groups) or "no slice: it is for other systems"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return ""
    if field.default is msgspec.UNSET:
        return "not there"
    if field.default_factory is not msgspec.NODEFAULT:
        return f"`{json.dumps(msgspec.to_builtins(field.default_factory()))}`"
    return f"`{json.dumps(msgspec.to_builtins(field.default), ensure_ascii=False)}`"


def _department() -> str:
    names = [name for name in DEPARTMENT_EVENTS if name in EVENT_TYPES]
    lines = [f"- `{name}`" for name in names]
    opening = "What one department reads, and nobody else: its own cases, masked."
    return "\n".join(["## `huiyin.department.<code>.v1`", "", opening, "", *lines, ""])


def _joined(lines: str) -> str:
    return " ".join(line.strip().removeprefix("#:").strip() for line in lines.splitlines())
