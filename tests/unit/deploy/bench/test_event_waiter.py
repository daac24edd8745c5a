"""Hearing that something happened to a case."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from deploy.bench.event_waiter import EventWaiter
from schemas.event import Event, encode
from schemas.events.handlers import CaseClosed, CaseSigned
from schemas.ids import CaseId, DepartmentCode
from schemas.words import CaseState

CASE = CaseId("0198a5f0-0000-4000-8000-000000000001")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CLOSED = CaseClosed(case_id=CASE, version=6, at=NOW, outcome="answered", state=CaseState.CLOSED)
SIGNED = CaseSigned(case_id=CASE, version=4, at=NOW, department=DepartmentCode("housing"), signed_by="w")


@dataclass(frozen=True)
class Record:
    """As much of a Kafka record as is read."""

    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def record(event: Event) -> Record:
    """`event` as it is on Kafka."""
    return Record(encode(event), (("ce_type", event.type.encode()),))


async def test_what_was_said_before_somebody_asked_is_not_lost() -> None:
    """The chain may be faster than the answer to the request that began it."""
    waiter = EventWaiter((CaseClosed,))

    waiter.note(record(CLOSED))

    assert CLOSED == await waiter.wait(CaseClosed, CASE, seconds=1)


async def test_who_waits_hears_it() -> None:
    """And nothing else about that case."""
    waiter = EventWaiter((CaseClosed,))
    waiting = asyncio.create_task(waiter.wait(CaseClosed, CASE, seconds=1))
    await asyncio.sleep(0)

    waiter.note(record(SIGNED))
    waiter.note(record(CLOSED))

    assert CLOSED == await waiting


async def test_what_is_never_said_ends_the_wait() -> None:
    """A measurement fails rather than hang."""
    with pytest.raises(TimeoutError):
        await EventWaiter((CaseClosed,)).wait(CaseClosed, CASE, seconds=0.01)
