"""The envelope: CloudEvents 1.0, binary mode, in Kafka headers; the body is JSON."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from deploy import clock
from deploy.messaging.client.record_batches import UNREADABLE_BATCH, UNREADABLE_NAMES
from deploy.observability.tracing import valid_traceparent
from schemas.event import EVENT_TYPES, Event, decode
from schemas.ids import EventId, is_uuid
from schemas.ports import ReadFaulty, RefusedRecord

CONTENT_TYPE = "application/json"
#: Our largest event, a long hotline transcript, has 256 KiB; whatever is larger than this is none of ours (project choice:
#: twice that).
MAX_RECORD_BYTES = 512 * 1024

#: Of a Kafka record, in order; a name may come twice.
Headers = Sequence[tuple[str, bytes | None]]
#: The same by name; of one that comes twice, the last.
HeaderValues = Mapping[str, bytes | None]
#: What a record is at first sight.
Opened = tuple[type[Event], HeaderValues]
#: Hexadecimal digits of a span's id (W3C Trace Context §3.2.2.4).
_SPAN_DIGITS = 16
#: The reason of what is larger.
_OVERSIZED = "oversized"
#: What Kafka calls a record's time that the broker set: `LogAppendTime` (Kafka's protocol).
_BROKERS_TIME = 1
#: What every event of ours says alike.
_ALWAYS: Headers = (
    ("ce_specversion", b"1.0"),
    ("ce_source", b"/huiyin"),
    ("content-type", CONTENT_TYPE.encode()),
)


class Undecodable(Exception):
    """A record that is no event of ours; `reason` is what the dead letter says."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class EventHead(msgspec.Struct, frozen=True, gc=False):
    """What the headers say, before the body is looked at."""

    event_class: type[Event]
    event_id: EventId
    traceparent: str | None
    said: HeaderValues


class Received(msgspec.Struct, frozen=True):
    """A record that was understood."""

    record: Any
    event_id: EventId
    event: Event
    traceparent: str | None
    #: Whether it is no event of ours, and its sender is told so.
    is_faulty: bool = False


def headers_of(
    event_id: str, type_: str, at: datetime, traceparent: str | None, key: bytes | None = None
) -> Headers:
    """The headers of one event, without its signature (`signature.py`).

    `key`: its record's, the case's id. An event that belongs to no trace names its case as one that nobody records, so that
    whoever follows traces finds all that was said of the case.
    """
    headers: list[tuple[str, bytes | None]] = [
        *_ALWAYS,
        ("ce_id", event_id.encode()),
        ("ce_type", type_.encode()),
        ("ce_time", at.isoformat().encode()),
    ]
    if traceparent:
        headers.append(("traceparent", traceparent.encode()))
    elif key:
        span = event_id.replace("-", "")[-_SPAN_DIGITS:].encode()
        headers.append(("traceparent", b"00-%s-%s-00" % (key.replace(b"-", b""), span)))
    return headers


def opened(record: Any) -> Opened:
    """Which event of ours a Kafka record says that it is, and all its headers by name.

    Raises:
        Undecodable: it is larger than any event of ours, or says that it is none.
    """
    if len(record.value or b"") > MAX_RECORD_BYTES:
        raise Undecodable(_OVERSIZED, f"{len(record.value)} bytes")
    said = dict(record.headers)
    event_class = EVENT_TYPES.get(_text(said, "ce_type"))
    if event_class is None:
        raise _of_no_type(record, said)
    return event_class, said


def head_of(record: Any, at_first: Opened | None = None) -> EventHead:
    """The head of a Kafka record. Headers that we do not read may hold anything.

    `at_first`: what `opened` said of it, where it was looked at before.

    Raises:
        Undecodable: with the reason.
    """
    event_class, said = at_first or opened(record)
    event_id = _text(said, "ce_id").lower()
    if not is_uuid(event_id):
        raise Undecodable("bad_header", "ce_id is not a UUID")
    named = said.get("traceparent") or b""
    # What names its case alone belongs to no trace, and need not be kept: `headers_of` says it anew.
    is_its_case = named[-3:] == b"-00" and record.key and named[3:35] == record.key.replace(b"-", b"")
    trace = None if is_its_case or not named else valid_traceparent(_text(said, "traceparent"))
    return EventHead(event_class, EventId(event_id), trace, said)


def receive(record: Any, head: EventHead | None = None) -> Received:
    """The event in a Kafka record; `head` where it was looked at before.

    Raises:
        Undecodable: with the reason.
    """
    head = head or head_of(record)
    try:
        event = decode(head.event_class, record.value or b"")
    except msgspec.ValidationError as error:
        raise Undecodable("schema", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Undecodable("decode", str(error)) from error
    # One spelling only: another one of the same UUID would be another case in a batch, and not in Postgres.
    if not is_uuid(event.case_id):
        raise Undecodable("schema", "case_id is not a UUID in its usual form")
    return Received(record, head.event_id, event, head.traceparent)


#: What `deploy/messaging/client/record_batches.py` hands over in the place of what nobody can read.
_UNREADABLE = {UNREADABLE_NAMES: "bad_header_name", UNREADABLE_BATCH: "unreadable_batch"}


def _text(said: HeaderValues, name: str) -> str:
    try:
        return (said.get(name) or b"").decode()
    except UnicodeDecodeError as error:
        raise Undecodable("bad_header", str(error.reason)) from error


def _of_no_type(record: Any, said: HeaderValues) -> Undecodable:
    if said.get("ce_type") is not None:
        return Undecodable(UNKNOWN_TYPE, _text(said, "ce_type"))
    reasons = (_UNREADABLE[name] for name, _ in record.headers if name in _UNREADABLE)
    return Undecodable(next(reasons, "bad_header"), "ce_type")


#: What is said of an event that no inbox can know any more; and of one that another release may know.
FORGOTTEN, UNKNOWN_TYPE = "forgotten", "unknown_type"


def made_at_ms(event_id: str) -> int | None:
    """When that id was made, in milliseconds since 1970: our slices' ids say so (UUIDv7, RFC 9562 §5.7). None for others."""
    return int(event_id[:8] + event_id[9:13], 16) if event_id[14:15] == "7" else None


def key_fault(received: Received) -> str | None:
    """What is wrong with the record's key, or None: one that is not its case's may lie on any partition, beside no other."""
    is_good = received.is_faulty or received.record.key == received.event.case_id.encode()
    return None if is_good else "key"


def with_own_id(received: Received) -> Received:
    """The same with an id made of what was sent: an outsider's own id may be another's, by accident or on purpose."""
    digest = hashlib.sha256(received.event_id.encode() + (received.record.value or b"")).digest()
    return msgspec.structs.replace(received, event_id=EventId(str(UUID(bytes=digest[:16]))))


def as_taken(received: Received) -> Received:
    """The same with an id of our own, and with the moment at which the broker took it, whatever its sender says."""
    event = msgspec.structs.replace(received.event, at=taken_at(received.record))
    return msgspec.structs.replace(with_own_id(received), event=event)


def taken_at(record: Any) -> datetime:
    """When the broker took it; now, where its sender set the time instead."""
    if record.timestamp_type != _BROKERS_TIME:
        return clock.now()
    return datetime.fromtimestamp(record.timestamp / 1000, UTC)


def answerable(record: Any, reason: str, read_faulty: ReadFaulty) -> Received | None:
    """A record that is no event of ours, as whoever answers its sender gets it; None where nobody can be answered.

    What is larger than any command is not read: its sender would have us work for nothing.
    """
    if reason == _OVERSIZED:
        return None
    headers = dict(record.headers)
    at = taken_at(record)
    refused = RefusedRecord(headers=headers, key=record.key, value=record.value, taken_at=at, reason=reason)
    event = read_faulty(refused)
    if event is None:
        return None
    own_id = EventId((headers.get("ce_id") or b"").hex())
    return with_own_id(Received(record, own_id, event, None, is_faulty=True))
