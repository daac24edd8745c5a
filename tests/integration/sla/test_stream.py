"""Alerts as they are raised."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas.errors import Unavailable
from schemas.http import Call, Principal
from schemas.ids import CaseId
from schemas.ports import Database
from schemas.values import GrowingTopic
from schemas.words import Language, Role
from sla.web import stream
from sla.web.stream import AlertHub, StreamFrame, StreamQuery
from tests.integration.sla.events import Sla, registered
from tests.unit.handlers.making import MONDAY, fresh_case
from tests.unit.sla.web.test_topic_watch import TOPIC


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again at once, and let others have their turn."""
    monkeypatch.setattr(stream, "LOOK_SECONDS", 0.005)
    monkeypatch.setattr(stream, "_PING_LOOKS", 2)


def _call(last: str = "") -> Call:
    return Call(
        principal=Principal(role=Role.SUPERVISOR),
        language=Language.ZH,
        path={},
        headers={"last-event-id": last} if last else {},
        address="127.0.0.1",
    )


@pytest.fixture
async def looks(sla: Sla) -> AsyncIterator["_Looks"]:
    """Connections for looks at what the test raises; what reads on ends with the test."""
    yield _Looks(sla)
    tasks = [task for task in asyncio.all_tasks() if task.get_name() == "reader of alerts"]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(looks: "_Looks", last: str = "") -> AsyncIterator[bytes]:
    answer = await stream.stream_alerts(_call(last), hub=AlertHub(looks))
    return answer.chunks


class _Patient:
    """A connection that ends what it began though nobody waits for it any more."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def fetch(self, *args: Any) -> list[Any]:
        """All rows."""
        return await _to_the_end(self._db.fetch(*args))  # type: ignore[no-any-return]  # rows

    async def fetchval(self, *args: Any) -> Any:
        """One value."""
        return await _to_the_end(self._db.fetchval(*args))


async def _to_the_end(work: Coroutine[Any, Any, Any]) -> Any:
    doing = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait({doing})
        raise


class _Looks:
    """Connections of one unit, counted; they fail while `away`."""

    def __init__(self, sla: Sla) -> None:
        self._sla = sla
        self.taken = 0
        self.away = False
        #: One connection does one thing at a time.
        self._at_work = asyncio.Lock()

    async def raise_one(self) -> CaseId:
        """Something is raised; of which case."""
        case = fresh_case()
        async with self._at_work:
            await self._sla.hear(registered(case))
            await self._sla.sweep_at(MONDAY + timedelta(hours=2, seconds=1))
        return case

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Database]:
        self.taken += 1
        if self.away:
            raise ConnectionError("away")
        async with self._at_work:
            yield _Patient(self._sla.unit.db)  # type: ignore[misc]  # of a database what looks use


async def _next_alert(chunks: AsyncIterator[bytes]) -> tuple[str, str]:
    async for chunk in chunks:
        if chunk.startswith(b"id:"):
            number, _, body = chunk.decode().splitlines()[:3]
            return number.removeprefix("id: "), json.loads(body.removeprefix("data: "))["case_id"]
    raise AssertionError("the stream ended")


async def test_an_alert_arrives_once(looks: _Looks) -> None:
    """From listening on, each new alert, and none from before."""
    await looks.raise_one()
    chunks = await _listen(looks)
    assert (await anext(chunks)).startswith(b": listening\n")

    first = await looks.raise_one()
    assert first == (await _next_alert(chunks))[1]
    second = await looks.raise_one()
    assert second == (await _next_alert(chunks))[1]


async def test_a_reconnecting_browser_misses_nothing(looks: _Looks) -> None:
    """What was raised after the last event that it saw comes first."""
    chunks = await _listen(looks)
    await anext(chunks)
    await looks.raise_one()
    number, _ = await _next_alert(chunks)
    missed = await looks.raise_one()

    assert missed == (await _next_alert(await _listen(looks, number)))[1]


async def test_a_quiet_stream_says_that_it_lives(looks: _Looks) -> None:
    """A comment now and then, so that no proxy closes the line."""
    chunks = await _listen(looks, "not a number")

    assert [b": listening\nretry: 3000\n\n", b": ping\n\n"] == [await anext(chunks), await anext(chunks)]


async def test_without_a_database_it_says_so() -> None:
    """503, not an empty stream."""
    with pytest.raises(Unavailable):
        await stream.stream_alerts(_call(), hub=None)


async def test_a_look_is_for_all_who_listen(looks: _Looks) -> None:
    """A thousand listeners cost as many looks as one, each gets each alert, and nobody looks when all have gone."""
    hub = AlertHub(looks)
    everybody = [aiter(hub.listen(None)) for _ in range(1000)]
    for one in everybody:
        await anext(one)
    case = await looks.raise_one()
    before = looks.taken
    found = [await _next_batch(one) for one in everybody]

    assert {case} == {batch.alerts[0].alert.case_id for batch in found}
    assert looks.taken - before < 50
    for one in everybody:
        await one.aclose()  # type: ignore[attr-defined]  # an async generator
    assert 0 == hub.listeners
    taken = looks.taken
    await asyncio.sleep(5 * stream.LOOK_SECONDS)
    assert taken == looks.taken


async def _next_batch(batches: AsyncIterator[StreamFrame]) -> StreamFrame:
    while not (batch := await anext(batches)).alerts:
        continue
    return batch


async def test_whoever_reads_too_slowly_is_let_go_and_misses_nothing(
    looks: _Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits is bounded: the line ends, others go on, and the last number that was read leads to the rest."""
    monkeypatch.setattr(stream, "WAITING_LOOKS", 2)
    hub = AlertHub(looks)
    slow, quick = aiter(hub.listen(None)), aiter(hub.listen(None))
    await anext(slow), await anext(quick)
    raised, read = [], []
    for _ in range(4):
        raised.append(await looks.raise_one())
        read.append(await _next_batch(quick))

    assert raised == [batch.alerts[0].alert.case_id for batch in read]
    assert [] == [batch async for batch in slow]
    number = read[0].alerts[-1].number
    again = aiter(hub.listen(number))
    assert raised[1:] == [alert.alert.case_id for alert in (await _next_batch(again)).alerts]


async def test_a_reader_that_fails_ends_every_line(looks: _Looks) -> None:
    """Nobody waits for what nobody reads: all come back, and once Postgres is there again they get what they missed."""
    hub = AlertHub(looks)
    one = aiter(hub.listen(None))
    await anext(one)
    number = (await _raise_and_read(looks, one)).alerts[-1].number
    looks.away = True
    assert [] == [batch async for batch in one if batch.alerts]
    with pytest.raises(ConnectionError):
        await anext(aiter(hub.listen(number)))
    looks.away = False
    missed = await looks.raise_one()

    assert missed == (await _next_batch(aiter(hub.listen(number)))).alerts[0].alert.case_id


async def _raise_and_read(looks: _Looks, batches: AsyncIterator[StreamFrame]) -> StreamFrame:
    await looks.raise_one()
    return await _next_batch(batches)


async def test_topics_that_cannot_be_read_hold_up_no_alert(
    looks: _Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deadlines are more pressing; topics are looked for again."""
    monkeypatch.setattr(stream, "TOPIC_LOOKS", 1)

    async def look(db: Database) -> list[GrowingTopic]:
        raise TimeoutError

    batches = aiter(AlertHub(looks, look).listen(None))
    await anext(batches)
    await _raise_and_read(looks, batches)
    assert (await _raise_and_read(looks, batches)).alerts


async def test_a_page_is_told_that_there_is_something(looks: _Looks) -> None:
    """Without a word of any case, and so without a row of who saw it."""
    call = _call()
    call.query = StreamQuery(only="changes")
    answer = await stream.stream_alerts(call, hub=AlertHub(looks))
    await anext(answer.chunks)
    case = await looks.raise_one()
    chunk = b""
    while not chunk.startswith(b"id:"):
        chunk = await anext(answer.chunks)

    assert b"event: changed" in chunk
    assert case.encode() not in chunk
    assert {} == call.shown


@pytest.mark.parametrize(
    ("role", "only", "told"),
    [
        (Role.SUPERVISOR, "alerts", {"alert", "topic"}),
        (Role.SUPERVISOR, "topics", {"topic"}),
        (Role.DISPATCHER, "alerts", {"topic"}),
        (Role.DISPATCHER, "changes", {"topic"}),
        (Role.SUPERVISOR, "changes", {"changed"}),
    ],
)
async def test_topics_reach_supervisors_and_dispatchers(
    looks: _Looks, monkeypatch: pytest.MonkeyPatch, role: Role, only: Any, told: set[str]
) -> None:
    """Dispatchers hear of topics alone; a page that asks for changes hears no topic."""
    monkeypatch.setattr(stream, "TOPIC_LOOKS", 1)
    found: list[list[GrowingTopic]] = [[], [TOPIC]]

    async def look(db: Database) -> list[GrowingTopic]:
        return found.pop(0) if len(found) > 1 else found[0]

    call = replace(_call(), principal=Principal(role=role), query=StreamQuery(only=only))
    answer = await stream.stream_alerts(call, hub=AlertHub(looks, look))
    heard: set[str] = set()
    pings = 0
    await anext(aiter(answer.chunks))
    await looks.raise_one()
    async for chunk in answer.chunks:
        heard |= {line[7:] for line in chunk.decode().splitlines() if line.startswith("event: ")}
        pings += chunk.startswith(b": ping")
        if told <= heard and pings > 3:
            break

    assert told == heard
