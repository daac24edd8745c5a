"""Alerts as they are raised."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from schemas.errors import Unavailable
from schemas.http import Call, Principal
from schemas.ports import Database
from schemas.words import Language, Role
from sla.web import stream
from tests.integration.sla.events import MONDAY, Sla, fresh_case, registered


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again at once."""
    monkeypatch.setattr(stream, "LOOK_SECONDS", 0)


def _call(last: str = "") -> Call:
    return Call(
        principal=Principal(role=Role.SUPERVISOR),
        language=Language.ZH,
        path={},
        headers={"last-event-id": last} if last else {},
        address="127.0.0.1",
    )


async def _listen(sla: Sla, last: str = "") -> AsyncIterator[bytes]:
    @asynccontextmanager
    async def connections() -> AsyncIterator[Database]:
        yield sla.unit.db

    answer = await stream.stream_alerts(_call(last), connections=connections)
    return answer.chunks


async def _raise_one(sla: Sla) -> str:
    case = fresh_case()
    await sla.hear(registered(case))
    await sla.sweep_at(MONDAY + timedelta(hours=2, seconds=1))
    return case


async def _next_alert(chunks: AsyncIterator[bytes]) -> tuple[str, str]:
    async for chunk in chunks:
        if chunk.startswith(b"id:"):
            number, _, body = chunk.decode().splitlines()[:3]
            return number.removeprefix("id: "), json.loads(body.removeprefix("data: "))["case_id"]
    raise AssertionError("the stream ended")


async def test_an_alert_arrives_once(sla: Sla) -> None:
    """From listening on, each new alert, and none from before."""
    await _raise_one(sla)
    chunks = await _listen(sla)
    assert b": listening\n\n" == await anext(chunks)

    first = await _raise_one(sla)
    assert first == (await _next_alert(chunks))[1]
    second = await _raise_one(sla)
    assert second == (await _next_alert(chunks))[1]


async def test_a_reconnecting_browser_misses_nothing(sla: Sla) -> None:
    """What was raised after the last event that it saw comes first."""
    chunks = await _listen(sla)
    await anext(chunks)
    await _raise_one(sla)
    number, _ = await _next_alert(chunks)
    missed = await _raise_one(sla)

    assert missed == (await _next_alert(await _listen(sla, number)))[1]


async def test_a_quiet_stream_says_that_it_lives(sla: Sla) -> None:
    """A comment now and then, so that no proxy closes the line."""
    chunks = await _listen(sla, "not a number")

    assert [b": listening\n\n", b": ping\n\n"] == [await anext(chunks), await anext(chunks)]


async def test_without_a_database_it_says_so() -> None:
    """503, not an empty stream."""
    with pytest.raises(Unavailable):
        await stream.stream_alerts(_call(), connections=None)
