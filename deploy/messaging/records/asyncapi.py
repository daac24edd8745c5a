"""/asyncapi: what is said on which topic, made from the event types themselves.

FastStream can write this document, too, but our subscribers take raw batches, of which it knows no payload.
"""

from importlib.metadata import version
from typing import Any

import msgspec

import schemas.events  # noqa: F401  registers every event
from deploy.settings import Settings
from schemas.event import EVENT_TYPES, Event
from schemas.ids import DepartmentCode
from schemas.topics import department_topic, topic_name

_COMPONENT = "#/components/schemas/{name}"
#: What a department hears on its own topic.
DEPARTMENT_EVENTS = (
    "case.assigned.v1",
    "case.updated.v1",
    "deadline.near.v1",
    "deadline.reminded.v1",
    "reminders.digested.v1",
    "deadline.missed.v1",
    "breach.withdrawn.v1",
    "case.urged.v1",
    "part.asked.v1",
    "part.withdrawn.v1",
    "command.answered.v1",
)
_HEADERS = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {
            "type": "string",
            "format": "uuid",
            "description": "Handled once, however often it arrives.",
        },
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string"},
        "ce_time": {"type": "string", "format": "date-time"},
        "content-type": {"const": "application/json"},
        "traceparent": {
            "type": "string",
            "description": "W3C trace context; where no trace is kept, its trace id is the case's id.",
        },
        "hy_key": {"type": "string", "description": "Which of Huiyin's keys signed the record."},
        "hy_signature": {
            "type": "string",
            "description": "HMAC-SHA-256 of topic, id, type, key and body: Huiyin's slices believe nothing unsigned.",
        },
    },
}


def document(settings: Settings) -> dict[str, Any]:
    """AsyncAPI 3.0. Every record's key is the case id."""
    _, components = msgspec.json.schema_components(list(EVENT_TYPES.values()), ref_template=_COMPONENT)
    by_topic: dict[str, list[str]] = {}
    for name, event in EVENT_TYPES.items():
        by_topic.setdefault(topic_name(event.producer, settings.topic_prefix), []).append(name)
    department = topic_name(department_topic(DepartmentCode("CODE")), settings.topic_prefix)
    by_topic[department] = [name for name in DEPARTMENT_EVENTS if name in EVENT_TYPES]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Huiyin 回音", "version": version("huiyin")},
        "channels": {topic: _channel(topic, names) for topic, names in by_topic.items()},
        "components": {
            "schemas": components,
            "messages": {name: _message(name, event) for name, event in EVENT_TYPES.items()},
        },
    }


def _channel(topic: str, names: list[str]) -> dict[str, Any]:
    return {
        "address": topic,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"kafka": {"key": "the case id"}},
    }


def _message(name: str, event: type[Event]) -> dict[str, Any]:
    return {
        "name": name,
        "contentType": "application/json",
        "summary": (event.__doc__ or "").strip().partition("\n")[0],
        "headers": _HEADERS,
        "payload": {"$ref": _COMPONENT.format(name=event.__name__)},
    }
