"""Find topics that grow (苗头预警), off every message's path: cases are read after they were routed, some at a time."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from routing.core.topics.groups import ENDS_AFTER
from routing.core.topics.heat import WEEKS_BEFORE, TopicRules, crowd_of, is_hot, reading
from routing.core.topics.stream import TopicMessage, TopicStream, absorbed_in, root_of
from routing.store import topics as store
from routing.store.topics import Unread
from schemas.events.routing import TopicWarned
from schemas.ids import CaseId
from schemas.keysets import ENDS
from schemas.ports import Authors, Database, Unit
from schemas.simplified import as_read
from schemas.values import GrowingTopic

#: Cases that are read in one transaction. Project choice: a second of work at most, and a city of twenty million sends
#: two a second.
AT_ONCE = 1_000
#: Cases that a new process reads again to know what topics there are. Project choice: some seconds of work.
_REMEMBERED = 20_000
#: What comes later than so is looked for once an hour only (project choices: a consumer that
#: lags does so for minutes, and whatever comes after an outage presses no more).
_LATE = timedelta(minutes=10)
_SELDOM = timedelta(hours=1)
#: Topics that are looked at: the latest to grow. Project choice: more than anybody reads.
_MOST_TOPICS = 500
_MOST_HOT = 50
#: Before every case of one moment.
_FIRST = CaseId(ENDS["uuid"][0])


class TopicFinder:
    """What one process knows of the topics there are. It learns that anew where it has not looked for a while."""

    def __init__(self, authors: Authors, rules: TopicRules) -> None:
        self._authors, self._rules = authors, rules
        self._stream: TopicStream | None = None
        #: The row that was written last, as far as is known here.
        self._seq = -1
        self._looked_at: datetime | None = None
        self._looked_back_at: datetime | None = None

    async def look(self, unit: Unit) -> int:
        """Read cases that nobody has read, and warn of what has become hot; how many were read.

        After an error, or if the unit does not commit, call `forget`.
        """
        if not await store.lead(unit.db):
            return 0
        seq, group = await store.newest(unit.db)
        if self._stream is None or seq != self._seq:
            self._stream = await self._learn(unit, group + 1)
        found = await store.unread(unit.db, self._since(unit.now), AT_ONCE)
        if found:
            await self._take_in(unit, self._stream, found)
        self._looked_at = found[-1].at if len(found) == AT_ONCE else unit.now
        self._seq, _ = await store.newest(unit.db)
        return len(found)

    def forget(self) -> None:
        """Forget what was read: the next look reads everything anew."""
        self._stream, self._seq, self._looked_at, self._looked_back_at = None, -1, None, None

    def _since(self, now: datetime) -> datetime:
        """From when on to look: all that can still be part of an early warning, now and then."""
        if self._looked_at is None or self._looked_back_at is None or now - self._looked_back_at > _SELDOM:
            self._looked_back_at = now
            return now - self._rules.window
        return min(self._looked_at, now) - _LATE

    async def _learn(self, unit: Unit, next_group: int) -> TopicStream:
        stream = TopicStream(next_group=next_group)
        known: list[Unread] = []
        before = (unit.now + timedelta(days=1), _FIRST)
        while len(known) < _REMEMBERED:
            more = await store.read_before(unit.db, unit.now - ENDS_AFTER, before, AT_ONCE)
            known += [case for case in more if not case.is_hidden]
            if len(more) < AT_ONCE:
                break
            before = (more[-1].at, more[-1].case_id)
        known.reverse()
        await asyncio.to_thread(stream.join, [_told(case) for case in known])
        return stream

    async def _take_in(self, unit: Unit, stream: TopicStream, found: Sequence[Unread]) -> None:
        fit = [case for case in found if not case.is_hidden]
        joined = await asyncio.to_thread(stream.join, [_told(case) for case in fit])
        authors = await self._authors.of(unit, [case.case_id for case in fit])
        into = absorbed_in(joined)
        group = {case.case_id: root_of(into, one.group) for case, one in zip(fit, joined, strict=True)}
        rows = [(each.case_id, group.get(each.case_id), each.at, authors.get(each.case_id)) for each in found]
        await store.keep(unit.db, rows)
        if into:
            await store.absorb(unit.db, into)
        last = {
            group[case.case_id]: case.at for case in fit if stream.groups.size_of(group[case.case_id]) > 1
        }
        if last:
            await store.grow(unit.db, last, crowd=crowd_of(self._rules))
            await self._warn(unit, last)

    async def _warn(self, unit: Unit, topics: Iterable[int]) -> None:
        hot = await _read(unit.db, unit.now, list(topics), self._rules)
        before = await store.warned(unit.db, [topic.topic for topic in hot])
        due = [
            topic
            for topic in hot
            if topic.samples and _is_due(topic, *before[topic.topic], unit.now, self._rules)
        ]
        for topic in sorted(due, key=lambda topic: topic.samples[0].case_id):
            case_id = topic.samples[0].case_id
            unit.emit(
                _warning(topic, case_id, await store.version_of(unit.db, case_id), unit.now, self._rules)
            )
        if due:
            await store.note_warned(unit.db, {topic.topic: topic.people for topic in due}, unit.now)


def _told(case: Unread) -> TopicMessage:
    return TopicMessage(as_read(case.title), as_read(case.text), case.at, case.region, case.topic)


def _is_due(topic: GrowingTopic, people: int, at: datetime | None, now: datetime, rules: TopicRules) -> bool:
    """Whether to warn of it: for the first time, again after a quiet window, or as twice as many write."""
    return at is None or topic.people >= 2 * people or now - at > rules.window


def _warning(
    topic: GrowingTopic, case_id: CaseId, version: int, now: datetime, rules: TopicRules
) -> TopicWarned:
    return TopicWarned(
        case_id=case_id,
        version=version,
        at=now,
        topic=topic.topic,
        people=topic.people,
        cases=topic.cases,
        days=rules.window.days,
        first_at=topic.first_at,
        category=topic.category,
        region=topic.region,
        heat=topic.heat,
        is_burst=topic.is_burst,
    )


async def read_hot(unit: Unit, rules: TopicRules) -> list[GrowingTopic]:
    """The topics that are early warnings now, the hottest first."""
    return await hot_at(unit.db, unit.now, rules)


async def hot_at(db: Database, now: datetime, rules: TopicRules) -> list[GrowingTopic]:
    """As `hot`, at that moment, for readers that ask again and again without a unit."""
    crowded = await store.crowded(db, now - rules.window, _MOST_TOPICS)
    return (await _read(db, now, crowded, rules))[:_MOST_HOT]


async def _read(db: Database, now: datetime, topics: Sequence[int], rules: TopicRules) -> list[GrowingTopic]:
    since = now - rules.window * (WEEKS_BEFORE + 1)
    found = await store.members(db, topics, since)
    readings = [reading(number, members, rules, now) for number, members in found.items()]
    hot = [topic for topic in readings if is_hot(topic.people, rules)]
    return sorted(hot, key=lambda topic: (-topic.heat, topic.topic))
