"""Messages that keep coming while things break, and what must be true of every one of them afterwards."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any

import asyncpg
from aiokafka.errors import KafkaError

from deploy.bench.submissions import submissions
from deploy.commands.status import groups
from deploy.composition import city_of, intake_keys, routing_rules
from deploy.database.pool import TRANSIENT
from deploy.messaging.client.client import open_admin
from deploy.messaging.publisher import kafka_publisher
from deploy.messaging.topics.topics import lag_of
from deploy.settings import Settings
from schemas import topics
from schemas.errors import Unavailable
from schemas.events.intake import SubmissionAccepted
from schemas.ports import Publisher
from tests.integration.deploy.reading import Sent, everything_on_each
from tests.stack import Stack, eventually, settings_in

#: Messages on the way at most: enough that every process has some in hand, so few that none waits for long.
ON_THE_WAY = 300
_AT_ONCE = 25
#: While things break: every process has some in hand. As many as the machine can carry would be thousands for each restart,
#: and take it the processor.
_A_SECOND = 40
_seeds = count(1)


class Traffic:
    """Messages to one running city, each sent until Kafka has it."""

    def __init__(self, stack: Stack, publisher: Publisher) -> None:
        self.stack = stack
        self.settings = settings_of(stack)
        self.accepted: set[str] = set()
        self._publisher = publisher
        self._messages = _messages(self.settings)

    async def send(self, number: int) -> None:
        """So many more."""
        for first in range(0, number, _AT_ONCE):
            batch = list(islice(self._messages, min(_AT_ONCE, number - first)))
            await asyncio.gather(*map(self._send, batch))
            await eventually(self.on_the_way, is_done=lambda waiting: waiting <= ON_THE_WAY, seconds=120)

    async def _send(self, message: SubmissionAccepted) -> None:
        async def look() -> bool:
            try:
                await self._publisher.publish(message)
            except Unavailable:
                return False
            return True

        await eventually(look, seconds=120)
        self.accepted.add(message.case_id)

    def adopt(self, case_id: str) -> None:
        """A message that came another way counts from here on."""
        self.accepted.add(case_id)

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """Some every moment, all the while."""
        enough = asyncio.Event()

        async def flow() -> None:
            while not enough.is_set():
                await self.send(_AT_ONCE)
                await asyncio.sleep(_AT_ONCE / _A_SECOND)

        task = asyncio.create_task(flow(), name="traffic")
        try:
            yield
        finally:
            enough.set()
            await task

    async def on_the_way(self) -> int:
        """Accepted and not with a department yet; as long as Postgres does not say, too many."""
        try:
            return len(self.accepted) - await self.stack.number('SELECT count(*) FROM handlers."case"')
        except (asyncpg.PostgresError, *TRANSIENT):
            return ON_THE_WAY + 1

    async def arrive(self, more: int) -> None:
        """Return once `more` have come to a department; revives what ended by itself, as `huiyin up` does."""
        arrived = 'SELECT count(*) FROM handlers."case"'
        wanted = await self.stack.number(arrived) + more

        async def look() -> int:
            self.stack.revive()
            try:
                return await self.stack.number(arrived)
            except (asyncpg.PostgresError, *TRANSIENT):
                return 0

        await eventually(look, is_done=lambda seen: seen >= wanted, seconds=120)

    async def quiet(self) -> None:
        """Return once nothing is under way any more: no outbox row, and no consumer behind."""
        named = groups(self.settings)

        async def look() -> Any:
            self.stack.revive()
            waiting = await self.stack.number("SELECT count(*) FROM deploy.outbox")
            under_way = {"on the way": await self.on_the_way(), "outbox": waiting}
            if any(under_way.values()):
                return under_way
            try:
                return await lag_of(self.settings, named)
            except KafkaError as error:
                return {"kafka": type(error).__name__}

        await eventually(look, is_done=lambda seen: not any(seen.values()), seconds=120, every=0.3)

    async def members(self, group: str, wanted: int) -> None:
        """Return once so many consumers share the group's partitions."""

        async def look() -> int:
            async with open_admin(self.settings) as admin:
                (answer,) = await admin.describe_consumer_groups([f"{self.settings.topic_prefix}.{group}"])
            _, _, state, _, _, members, *_ = answer.groups[0]
            return len(members) if state == "Stable" else 0

        await eventually(look, is_done=lambda seen: seen == wanted, every=0.2)


@asynccontextmanager
async def traffic_to(stack: Stack) -> AsyncIterator[Traffic]:
    """Messages straight onto Kafka, as the importer sends them."""
    async with kafka_publisher(settings_of(stack)) as publisher:
        yield Traffic(stack, publisher)


def settings_of(stack: Stack) -> Settings:
    """What the stack's processes run with."""
    return settings_in(stack.environment)


def _messages(settings: Settings) -> Any:
    keys, rules, now = intake_keys(settings), routing_rules(settings), datetime.now(UTC)
    for seed in _seeds:
        yield from submissions(200, keys=keys, rules=rules, now=now, seed=seed)


async def check(traffic: Traffic) -> None:
    """Every accepted message became exactly one case everywhere, and everything was said once and in order."""
    await _check_tables(traffic)
    sent = await _said(traffic, (topics.INTAKE, topics.ROUTING, topics.HANDLERS, topics.SLA))
    for short, type_ in {
        topics.INTAKE: "case.registered.v1",
        topics.ROUTING: "case.routed.v1",
        topics.HANDLERS: "case.assigned.v1",
        topics.SLA: "deadline.set.v1",
    }.items():
        _check_said_once(type_, sent[short], traffic.accepted)
    for records in sent.values():
        _check_order(records)
    _check_said_once("case.assigned.v1", await _departments(traffic), traffic.accepted)


async def _said(traffic: Traffic, shorts: Sequence[str]) -> dict[str, Sequence[Sent]]:
    """What each topic says of our messages; poison that a test put there is nobody's."""
    names = {topics.topic_name(short, traffic.settings.topic_prefix): short for short in shorts}
    found = await everything_on_each(traffic.settings, list(names))
    return {
        names[name]: [record for record in records if record.case_id in traffic.accepted]
        for name, records in found.items()
    }


async def _check_tables(traffic: Traffic) -> None:
    for table, condition in (
        ('intake."case"', "true"),
        ('routing."case"', "true"),
        ('handlers."case"', "true"),
        ("handlers.log", "true"),
        ("sla.clock", "clock = 'reply'"),
    ):
        rows = await traffic.stack.sql(f"SELECT case_id FROM {table} WHERE {condition}")  # noqa: S608  names of ours
        found = [str(row["case_id"]) for row in rows]
        assert (table, len(traffic.accepted)) == (table, len(found))
        assert traffic.accepted == set(found), table


async def _departments(traffic: Traffic) -> Sequence[Sent]:
    """What lead departments were sent on their own topics."""
    rows = await traffic.stack.sql('SELECT case_id, lead FROM handlers."case"')
    leads = {str(row["case_id"]): row["lead"] for row in rows}
    codes = {topics.department_topic(d.code): d.code for d in city_of(traffic.settings).departments}
    said = await _said(traffic, list(codes))
    return [one for short, sent in said.items() for one in sent if leads[one.case_id] == codes[short]]


def _check_said_once(type_: str, records: Sequence[Sent], cases: set[str]) -> None:
    """A crash may send an event twice, with one id; nobody may decide it twice, which makes two ids."""
    ids: dict[str, set[str]] = defaultdict(set)
    for record in records:
        if record.type == type_:
            ids[record.case_id].add(record.event_id)
    assert (type_, cases) == (type_, set(ids))
    assert not {case: found for case, found in ids.items() if len(found) > 1}, type_


def _check_order(records: Sequence[Sent]) -> None:
    """Whoever drops what has a known id never sees a case's version go back."""
    seen: set[str] = set()
    versions: dict[str, int] = {}
    for record in records:
        if record.event_id in seen:
            continue
        seen.add(record.event_id)
        assert record.version >= versions.get(record.case_id, 0), record
        versions[record.case_id] = record.version
