"""Kafka records as tests make them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from deploy.messaging.records.envelope import headers_of
from schemas.event import Event, encode
from schemas.events.intake import CaseSupplemented
from schemas.ids import CaseId

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
#: Of no version that tells when it was made.
EVENT_ID = "01920000-0000-4000-8000-000000000001"

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a consumer is handed."""

    value: bytes | None
    headers: Headers
    key: bytes | None = b"key"
    topic: str = "huiyin.intake.v1"
    partition: int = 0
    offset: int = 0
    timestamp: int = 0
    timestamp_type: int = 0


def case(number: int) -> CaseId:
    """The same case for the same number."""
    return CaseId(str(UUID(int=number)))


def supplemented(number: int, *, version: int = 2, text: str = "补充") -> CaseSupplemented:
    """A small event of one case."""
    return CaseSupplemented(case_id=case(number), version=version, at=AT, text=text)


def record_of(event: Event, *, event_id: str = EVENT_ID, traceparent: str | None = None) -> Record:
    """`event` as it lies on its topic."""
    return Record(value=encode(event), headers=headers_of(event_id, event.type, event.at, traceparent))
