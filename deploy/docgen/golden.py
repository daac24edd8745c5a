"""Golden payloads: one body of each published event type, as it was when the type was first published.

A payload is written once and never again, so that today's readers are tested with yesterday's records.
"""

import json
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from schemas.event import EVENT_TYPES, Event

GOLDEN = Path("tests/contract/golden")

_PLAIN: Mapping[Any, object] = {
    int: 2,
    float: 0.5,
    bool: True,
    datetime: "2026-11-23T02:00:00Z",
    date: "2026-11-23",
}
#: Texts whose form matters to a reader.
_TEXTS: Mapping[str, str] = {
    "case_id": "0198b2c4-0000-7000-8000-000000000001",
    "similar_to": "0198b2c4-0000-7000-8000-000000000002",
    "into": "0198b2c4-0000-7000-8000-000000000002",
    "tracking_code": "2345-6789-ABCD-EFGH",
}


def add_missing(root: Path) -> Sequence[Path]:
    """Write a payload for each event type that has none; returns what was written."""
    missing = [name for name in EVENT_TYPES if not golden_path(root, name).exists()]
    for name in missing:
        path = golden_path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            json.dumps(sample(EVENT_TYPES[name]), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
    return [golden_path(root, name) for name in missing]


def golden_path(root: Path, name: str) -> Path:
    """Where the payload of the event type `name` stands."""
    return root / GOLDEN / f"{name}.json"


def sample(event: type[Event]) -> Mapping[str, object]:
    """A body with every field filled in."""
    return _struct(event)


def _struct(kind: type[msgspec.Struct]) -> Mapping[str, object]:
    return {field.encode_name: _value(field.name, field.type) for field in msgspec.structs.fields(kind)}


def _value(name: str, kind: Any) -> object:
    if isinstance(kind, typing.NewType):
        return _value(name, kind.__supertype__)
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return _value(name, next(part for part in typing.get_args(kind) if part is not type(None)))
    if typing.get_origin(kind) is tuple:
        return [_value(name, typing.get_args(kind)[0])]
    if typing.get_origin(kind) is dict:
        key, value = typing.get_args(kind)
        return {str(_value(f"{name}_key", key)): _value(name, value)}
    if typing.get_origin(kind) is typing.Literal:
        return typing.get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return next(iter(kind)).value
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(kind)
    return _TEXTS.get(name, f"{name} 例") if kind is str else _PLAIN[kind]
