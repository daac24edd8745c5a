"""What every event is: a frozen value with a type, a producer, a case and that case's version."""

from datetime import datetime
from typing import Any, ClassVar, Final, TypeVar

import msgspec

from schemas.ids import CaseId
from schemas.words import CaseState, CitizenAction


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to one case.

    `version` is the case's version after it happened: it grows by one with each change of state, whoever makes
    it, so that a reader of two topics can tell old from new. `at` is aware, UTC.
    """

    #: `case.registered.v1`: the CloudEvents type.
    type: ClassVar[str]
    #: The type without its version: `case.registered`, which stays the same when a second version comes.
    name: ClassVar[str]
    #: The short name of the topic it is published on.
    producer: ClassVar[str]

    case_id: CaseId
    version: int
    at: datetime


class StateEvent(Event, frozen=True, kw_only=True):
    """An event after which a case may stand elsewhere: it says where, so that no reader works it out again.

    Both fields are None in records older than the fields, and where the event leaves things as they were.
    """

    #: Where the case stands from now on.
    state: CaseState | None = None
    #: What the citizen may do next.
    citizen_may: tuple[CitizenAction, ...] | None = None


E = TypeVar("E", bound=Event)

EVENT_TYPES: dict[str, type[Event]] = {}

#: The JSON body that goes on the wire.
encode: Final = msgspec.json.Encoder().encode
_decoders: dict[type[Event], msgspec.json.Decoder[Any]] = {}


def event_type(event_class: type[E]) -> type[E]:
    """Class decorator: registers an event type by its name."""
    if event_class.type in EVENT_TYPES:
        raise ValueError(f"two events are called {event_class.type}")
    event_class.name = event_class.type.rpartition(".v")[0]
    EVENT_TYPES[event_class.type] = event_class
    _decoders[event_class] = msgspec.json.Decoder(event_class)
    return event_class


def decode(event_class: type[Event], body: bytes) -> Event:
    """The event in `body`; unknown fields are ignored, so that producers may add some.

    Raises:
        msgspec.DecodeError: not JSON, or not this event.
    """
    event: Event = _decoders[event_class].decode(body)
    return event
