"""A fetch within a session brings what a whole one would, whatever becomes of answers, brokers and sessions."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.protocol.fetch import FetchRequest
from hypothesis import given
from hypothesis import strategies as st

from deploy.messaging.client import fetch_sessions
from deploy.messaging.client.fetch_sessions import FetchSession

PLACES = [("intake", 0), ("intake", 1), ("sla", 0)]
_GONE, _WRONG_EPOCH = 70, 71


class Broker:
    """Speaks sessions as KIP-227 says; a log is as long as it says."""

    def __init__(self, *, version: int = 11) -> None:
        self.version = version
        self.logs = dict.fromkeys(PLACES, 0)
        self.knows_sessions = True
        self.session: dict[tuple[str, int], int] | None = None
        self.id = self.epoch = 0
        #: How many partitions each request named.
        self.named: list[int] = []
        #: What becomes of the next answers: lost where True.
        self.loses: list[bool] = []

    async def send(self, request: Any) -> Any:
        """The answer, unless it gets lost on its way."""
        built = request.prepare({1: (0, self.version)})
        answer = self._answer(built)
        if self.loses and self.loses.pop(0):
            raise TimeoutError
        return answer

    def _answer(self, built: Any) -> Any:
        said = {(topic, each[0]): each[-3] for topic, parts in built.topics for each in parts}
        self.named.append(len(said))
        if self.version < 7:
            return SimpleNamespace(topics=self._news(said, everything=True))
        if built.session_epoch == 0:
            self.id, self.epoch, self.session = self.id + 1, 1, dict(said)
            found = self.id if self.knows_sessions else 0
            return SimpleNamespace(error_code=0, session_id=found, topics=self._news(said, everything=True))
        if self.session is None or built.session_id != self.id:
            return SimpleNamespace(error_code=_GONE, session_id=0, topics=[])
        if built.session_epoch != self.epoch:
            return SimpleNamespace(error_code=_WRONG_EPOCH, session_id=0, topics=[])
        self.epoch = 1 if self.epoch == 2**31 - 1 else self.epoch + 1
        for topic, numbers in built.forgotten_topics_data:
            for number in numbers:
                del self.session[topic, number]
        self.session |= said
        topics = self._news(self.session, everything=False)
        return SimpleNamespace(error_code=0, session_id=self.id, topics=topics)

    def _news(self, asked: Mapping[tuple[str, int], int], *, everything: bool) -> list[Any]:
        return [
            (topic, [(number, list(range(offset, self.logs[topic, number])))])
            for (topic, number), offset in asked.items()
            if everything or self.logs[topic, number] > offset
        ]


def _whole(wanted: Mapping[tuple[str, int], int]) -> FetchRequest:
    return FetchRequest(
        2000, 1, 50, 0, [(topic, [(number, offset, 9)]) for (topic, number), offset in wanted.items()]
    )


def _records(answer: Any) -> dict[tuple[str, int], list[int]]:
    return {
        (topic, number): records for topic, parts in answer.topics for number, records in parts if records
    }


async def _fetched(session: FetchSession, broker: Broker, **wanted: int) -> dict[tuple[str, int], list[int]]:
    """`intake_0=3`: that partition from offset 3 on."""
    places = {(name.partition("_")[0], int(name[-1])): offset for name, offset in wanted.items()}
    return _records(await session.fetch(broker.send, _whole(places)))


async def test_only_what_changed_is_said() -> None:
    """Three partitions the first time, then the one that was read, then none."""
    broker, session = Broker(), FetchSession()
    broker.logs["intake", 0] = 2

    first = await _fetched(session, broker, intake_0=0, intake_1=0, sla_0=0)
    second = await _fetched(session, broker, intake_0=2, intake_1=0, sla_0=0)
    broker.logs["sla", 0] = 1
    third = await _fetched(session, broker, intake_0=2, intake_1=0, sla_0=0)

    assert [3, 1, 0] == broker.named
    assert [{("intake", 0): [0, 1]}, {}, {("sla", 0): [0]}] == [first, second, third]


async def test_what_was_not_read_comes_again() -> None:
    """An answer that the client threw away: it asks from where it was, and the broker sends that once more."""
    broker, session = Broker(), FetchSession()
    broker.logs["intake", 0] = 2

    first = await _fetched(session, broker, intake_0=0)

    assert first == await _fetched(session, broker, intake_0=0)


async def test_a_partition_that_is_not_asked_for_is_forgotten() -> None:
    """It went to somebody else, or is paused: nothing of it comes, until it is asked for again."""
    broker, session = Broker(), FetchSession()
    await _fetched(session, broker, intake_0=0, sla_0=0)
    broker.logs["sla", 0] = 1

    without = await _fetched(session, broker, intake_0=0)
    again = await _fetched(session, broker, intake_0=0, sla_0=0)

    assert [{}, {("sla", 0): [0]}] == [without, again]


async def test_a_broker_that_forgot_is_asked_for_everything_at_once() -> None:
    """It was started anew, or had no room: the client's fetch is answered as if nothing had been."""
    broker, session = Broker(), FetchSession()
    await _fetched(session, broker, intake_0=0, sla_0=0)
    broker.session, broker.logs["sla", 0] = None, 1

    found = await _fetched(session, broker, intake_0=0, sla_0=0)

    assert ({("sla", 0): [0]}, [2, 0, 2]) == (found, broker.named)


async def test_one_that_answers_errors_alone_is_asked_twice_and_no_more() -> None:
    """Then aiokafka hears that there is nothing, and asks again in its own time."""
    broker, session = Broker(), FetchSession()
    asked = []

    async def refuse(request: Any) -> Any:
        asked.append(request)
        return SimpleNamespace(error_code=-1, session_id=0, topics=[])

    answer = await session.fetch(refuse, _whole({("sla", 0): 0}))

    assert (2, {}) == (len(asked), _records(answer))
    assert {} == await _fetched(session, broker, sla_0=0)


@pytest.mark.parametrize(("version", "knows"), [(4, True), (11, False)])
async def test_where_there_are_no_sessions_everything_is_said(version: int, *, knows: bool) -> None:
    """An old broker, and one that has no room for ours."""
    broker, session = Broker(version=version), FetchSession()
    broker.knows_sessions = knows
    broker.logs["sla", 0] = 1
    for _ in range(3):
        assert {("sla", 0): [0]} == await _fetched(session, broker, intake_0=0, sla_0=0)

    assert [2, 2, 2] == broker.named


async def test_epochs_begin_again_at_one() -> None:
    """After two thousand million fetches; 0 would ask for a new session."""
    broker, session = Broker(), FetchSession()
    await _fetched(session, broker, sla_0=0)
    session._epoch = broker.epoch = fetch_sessions._LAST

    await _fetched(session, broker, sla_0=0)
    await _fetched(session, broker, sla_0=0)

    assert (2, [1, 0, 0]) == (broker.epoch, broker.named)


_PLACES = st.sampled_from(PLACES)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), _PLACES),
        st.tuples(st.just("fetch"), st.sets(_PLACES), st.booleans(), st.booleans()),
        st.tuples(st.just("forget"), _PLACES),
    ),
    max_size=30,
)


@given(_STEPS)
def test_it_brings_what_whole_fetches_would(steps: list[Any]) -> None:
    """Whatever is written, taken, given away, lost on its way or forgotten by the broker: nothing is missed or moved."""
    broker, session = Broker(), FetchSession()
    positions = dict.fromkeys(PLACES, 0)
    for kind, what, *how in steps:
        if kind == "write":
            broker.logs[what] += 1
        elif kind == "forget":
            broker.session = None
        else:
            lost, takes = how
            broker.loses = [lost]
            wanted = {place: positions[place] for place in what}
            try:
                found = _records(asyncio.run(session.fetch(broker.send, _whole(wanted))))
            except TimeoutError:
                continue
            expected = {
                place: list(range(positions[place], broker.logs[place]))
                for place in what
                if broker.logs[place] > positions[place]
            }
            assert expected == found
            if takes:
                positions |= {place: broker.logs[place] for place in found}
