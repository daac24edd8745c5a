"""How many functions of ours one message passes: the way stays as short as docs/architecture.md shows it."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from types import FrameType
from typing import Any

import pytest
from aiokafka import TopicPartition

from deploy import clock, composition
from deploy.bench.sending import signed_record
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import Pool
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.messaging import publisher
from deploy.messaging.consuming.consumer import GroupConsumer
from deploy.messaging.consuming.consumer_context import ConsumerContext
from deploy.messaging.consuming.executor import PrepareExecutor
from deploy.messaging.dead.dead_letter_seal import letter_seal
from deploy.messaging.dead.dead_letters import DeadLetters
from deploy.messaging.records.signature import Genuine, event_keys
from deploy.settings import Settings
from intake.core.accepting import Envelope, accepted
from intake.core.draft import Draft
from schemas.topics import topic_name
from schemas.values import Contact
from schemas.words import Role
from tests.architecture.source import PACKAGES, ROOT
from tests.integration.deploy.web.city_of_views import SECRET, WatchedCity, watched_city
from tests.stack import eventually, fresh_database
from tests.unit.deploy.records import Record
from tests.unit.intake.messages import WEB

#: Functions that the second message of its kind may pass: as many as it does. A rule that needs another one raises it;
#: docs/measurements.md says what they grew by.
MOST = {"post": 85, "batch": 96, "reply": 106}

#: What goes on beside every message, at moments of its own; and what the driver asks of whatever is written meanwhile.
_BESIDE = {"RelayNotifier._pass_on", "Offsets._commit_soon", "Offsets.commit", "_Rest.__instancecheck__"}
_OURS = tuple(f"{ROOT / package}/" for package in PACKAGES)
#: Behind a proxy, so that limits count.
_CITIZEN = {"x-forwarded-for": "203.0.113.9", "accept-language": "zh-CN"}


class Passed:
    """The functions of ours that are entered while it watches; also in threads that begin after it was made."""

    def __init__(self) -> None:
        self.functions: set[str] = set()
        self._watches = False
        threading.setprofile(self._note)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """From here on, to the end."""
        self.functions.clear()
        self._watches = True
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(None)
            self._watches = False

    def _note(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        is_ours = code.co_filename.startswith(_OURS) and code.co_name[0] != "<"
        if self._watches and event == "call" and is_ours and code.co_qualname not in _BESIDE:
            self.functions.add(f"{code.co_filename.removeprefix(f'{ROOT}/')}:{code.co_qualname}")

    def must_be_few(self, path: str) -> None:
        """No more than `MOST` allows; a longer way is told function by function."""
        files = {function.partition(":")[0] for function in self.functions}
        told = "\n".join(sorted(self.functions))

        assert len(self.functions) <= MOST[path], f"{len(self.functions)} in {len(files)} files:\n{told}"


@pytest.fixture
def passed() -> Iterator[Passed]:
    """What one message passes."""
    yield Passed()
    threading.setprofile(None)


class Producer:
    """Takes whatever it is given."""

    async def send(self, topic: str, **_: Any) -> asyncio.Future[None]:
        """Confirmed at once."""
        confirmed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        confirmed.set_result(None)
        return confirmed


class Client:
    """Kafka's side of a consumer: one partition that lost nothing."""

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Each from the start."""
        return dict.fromkeys(partitions, 0)

    async def committed(self, _: TopicPartition) -> None:
        """Nothing yet."""

    def assignment(self) -> frozenset[TopicPartition]:
        """None is left to commit for."""
        return frozenset()


@pytest.fixture(scope="module")
async def city(postgres_server: EmbeddedPostgres, migrated: str) -> AsyncIterator[WatchedCity]:
    """The site, as citizens and departments reach it; Kafka takes whatever it is given."""

    @asynccontextmanager
    async def open_producer(*_: Any, **__: Any) -> AsyncIterator[Producer]:
        yield Producer()

    url = await fresh_database(postgres_server.url, like=migrated)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publisher, "open_producer", open_producer)
        async with (
            publisher.PatientPublisher(Settings(database_url=url, secret_key=SECRET)) as kafka,
            watched_city(url, kafka) as city,
        ):
            await _connect_all(city.pool)
            yield city


async def _connect_all(pool: Pool) -> None:
    """No message waits for a connection to be made."""
    async with AsyncExitStack() as stack:
        for _ in range(pool.get_max_size()):
            await stack.enter_async_context(pool.acquire())


async def test_a_message(city: WatchedCity, passed: Passed) -> None:
    """From the request to its 202."""
    await eventually(lambda: _submitted(city), is_done=lambda status: status == 202)

    with passed.watching():
        status = await _submitted(city)

    assert status == 202
    passed.must_be_few("post")


async def _submitted(city: WatchedCity) -> int:
    message = {"title": "路灯不亮", "text": "河边第三盏路灯不亮了。", "contact": {"phone": "13800138000"}}
    async with city.http.post("/api/v1/submissions", json=message, headers=_CITIZEN) as answer:
        return answer.status


async def test_a_reply(city: WatchedCity, passed: Passed) -> None:
    """From a department's request to its answer, committed."""
    signed = await _acted(city, "sign", version=3)

    with passed.watching():
        replied = await _acted(
            city, "reply", version=signed["version"], note="已派人更换", response="已经修好。"
        )

    assert replied["state"] == "replied"
    passed.must_be_few("reply")


async def _acted(city: WatchedCity, action: str, **body: Any) -> Any:
    path = f"/api/v1/desk/cases/{city.in_hand.case_id}/actions/{action}"
    headers = {"authorization": f"Bearer {city.tokens[Role.DEPARTMENT]}"}
    async with city.http.post(path, json=body, headers=headers) as answer:
        return await answer.json()


async def test_a_batch(city: WatchedCity, passed: Passed) -> None:
    """A consumer's batch of one message, from its record to its offset."""
    (subscription, *_) = await composition.subscriptions(city.settings, city.pool, ("intake",))
    with PrepareExecutor() as executor:
        consumer = GroupConsumer(subscription, _context(city, executor))
        first, second = _record(city, 0), _record(city, 1)
        await consumer.handle([first], Client())
        with passed.watching():
            await consumer.handle([second], Client())
    await consumer.leave()

    assert await city.pool.fetchval("SELECT count(*) FROM intake.case WHERE title = '路灯不亮'") == 2
    passed.must_be_few("batch")


def _context(city: WatchedCity, executor: PrepareExecutor) -> ConsumerContext:
    return ConsumerContext(
        pool=city.pool,
        dead_letters=DeadLetters(Producer(), city.settings.topic_prefix, letter_seal(city.settings)),
        is_genuine=Genuine(event_keys(city.settings), {}),
        executor=executor,
        notifier=RelayNotifier(city.pool),
        prefix=city.settings.topic_prefix,
        audit_key=composition.audit_key(city.settings),
        retry_seconds=10,
        dead_letter_limit=100,
        inbox_days=city.settings.inbox_days,
        end_process=_end,
    )


async def _end(error: BaseException) -> None:
    raise error


def _record(city: WatchedCity, number: int) -> Record:
    """A citizen's message as it lies on its topic, signed."""
    draft = Draft(title="路灯不亮", text="河边第三盏路灯不亮了。", contact=Contact(phone="13800138000"))
    envelope = Envelope(sender=WEB, key=None, now=clock.now(), entropy=bytes([number] * 32))
    event = accepted(draft, envelope, keys=composition.intake_keys(city.settings)).event
    topic = topic_name(event.producer)
    return Record(**signed_record(event, topic, event_keys(city.settings)), topic=topic, offset=number)
