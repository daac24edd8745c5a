"""`huiyin doctor` before a city whose operator made mistakes: each is found, and its remedy named."""

import os
import re
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy import clock
from deploy.commands import doctor
from deploy.commands.checks.findings import Finding
from deploy.database.beats import forget, store_beat
from deploy.database.lost_ranges import LostRange, accept, note
from deploy.database.pool import connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.local.prepare import prepare
from deploy.messaging.client.client import open_admin, open_producer
from deploy.messaging.dead.dead_letters import delete_up_to
from deploy.messaging.records.envelope import headers_of
from deploy.messaging.records.signature import event_keys
from deploy.settings import Settings
from schemas.event import encode
from schemas.events.pressing import UrgencyRaised
from schemas.ids import CaseId
from schemas.words import Urgency
from tests.stack import eventually, free_port, fresh_database


@dataclass
class City:
    """A city's servers, and what stands in its operator's environment."""

    data: Path
    monkeypatch: pytest.MonkeyPatch

    @property
    def settings(self) -> Settings:
        """As its operator sets them now."""
        return Settings()

    def topic(self, short: str) -> str:
        """Its whole name."""
        return f"{self.settings.topic_prefix}.{short}.v1"

    @asynccontextmanager
    async def environment(self, **changed: str) -> AsyncIterator[None]:
        """A setting that somebody got wrong."""
        with self.monkeypatch.context() as patch:
            for name, value in changed.items():
                patch.setenv(name, value)
            yield

    @asynccontextmanager
    async def rows(self, made: str, undone: str) -> AsyncIterator[None]:
        """Something in the database."""
        async with connect(self.settings) as db:
            await db.execute(made)
            yield
            await db.execute(undone)

    async def examined(self) -> dict[str, Finding]:
        """What doctor finds, by check."""
        return {finding.check: finding for finding in await doctor.examine(self.data)}


@pytest.fixture
async def durable(postgres_server: EmbeddedPostgres) -> AsyncIterator[None]:
    """The tests' server waits for the disk meanwhile: that it does not is a mistake of its own."""
    before = _configure(postgres_server, "fsync = on\n")
    await _has(postgres_server, "on")
    yield
    _configure(postgres_server, before, instead=True)
    await _has(postgres_server, "off")


def _configure(server: EmbeddedPostgres, said: str, *, instead: bool = False) -> str:
    """Have the running server read that, too, or alone; returns what stood there."""
    file = server.directory / "postgresql.local.conf"
    before = file.read_text(encoding="utf-8")
    file.write_text(said if instead else before + said, encoding="utf-8")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGHUP)
    return before


async def _has(server: EmbeddedPostgres, expected: str) -> None:
    async def shown() -> bool:
        async with connect(Settings(database_url=server.url)) as db:
            return bool(expected == await db.fetchval("SHOW fsync"))

    await eventually(shown)


@pytest.fixture
async def city(settings: Settings, durable: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> City:
    """All that `huiyin migrate` makes, and nothing that is wrong."""
    monkeypatch.setenv("DATABASE_URL", await fresh_database(settings.database_url))
    monkeypatch.setenv("DEPARTMENT_PARTITIONS", "1")
    await prepare(Settings())
    return City(tmp_path, monkeypatch)


@asynccontextmanager
async def _full_disk(city: City) -> AsyncIterator[None]:
    with city.monkeypatch.context() as patch:
        patch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=1000, f_frsize=4096, f_flag=0))
        yield


@asynccontextmanager
async def _no_topic(city: City) -> AsyncIterator[None]:
    async with open_admin(city.settings) as admin:
        await admin.delete_topics([city.topic("sla")])
        yield
        await eventually(lambda: _made_again(city), seconds=30)


async def _made_again(city: City) -> bool:
    await prepare(city.settings)
    return (await city.examined())["topics"].state == "ok"


@asynccontextmanager
async def _long_retention(city: City) -> AsyncIterator[None]:
    name = city.topic("submissions")
    async with open_admin(city.settings) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {"retention.ms": "-1"})])
        yield
        await eventually(lambda: _made_again(city), seconds=30)


def _set_on(short: str, **configs: str) -> "Seed":
    @asynccontextmanager
    async def told(city: City) -> AsyncIterator[None]:
        names = {name.replace("_", "."): value for name, value in configs.items()}
        async with open_admin(city.settings) as admin:
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, city.topic(short), names)])
            yield
            await eventually(lambda: _made_again(city), seconds=30)

    return told


def _process(city: City, health: str) -> AbstractAsyncContextManager[None]:
    @asynccontextmanager
    async def beating() -> AsyncIterator[None]:
        async with connect(city.settings) as db:
            await store_beat(
                db, name="sla", replica="there#7", pid=7, health=health, metrics="", silent_seconds=10.0
            )
            yield
            await forget(db, name="sla", replica="there#7")

    return beating()


def _lost_records(whose: str) -> Callable[[City], AbstractAsyncContextManager[None]]:
    """Of a consumer, or of the server that was put back from before."""

    @asynccontextmanager
    async def noted(city: City) -> AsyncIterator[None]:
        async with connect(city.settings) as db:
            await note(db, [LostRange(whose, city.topic("submissions"), 3, 10, 20)])
            yield
            await accept(db, None, "somebody")

    return noted


Seed = Callable[[City], AbstractAsyncContextManager[None]]


def _dead_message(reason: str, state: str, *, is_ours: bool = False) -> Seed:
    """A message that is a dead letter and no case. `state`: what is then said of them; `is_ours`: one of us signed it."""

    @asynccontextmanager
    async def seeded(city: City) -> AsyncIterator[None]:
        facts = [("dlq_reason", reason.encode()), ("dlq_topic", city.topic("submissions").encode())]
        case_id = str(uuid4())

        async def registered(_: object, case_ids: Sequence[str]) -> set[str]:
            return set(case_ids) & {case_id}

        signed = event_keys(city.settings).signed(city.topic("submissions"), case_id.encode(), b"", [])
        async with open_producer(city.settings) as producer:
            kept = await producer.send_and_wait(
                city.topic("dead-letters"),
                key=case_id.encode(),
                value=b"",
                headers=[*facts, *(signed if is_ours else [])],
            )
        assert state == (await city.examined())["messages"].state
        yield
        with city.monkeypatch.context() as patch:
            # Replayed: it still lies there.
            patch.setattr("deploy.commands.checks.events.known_ids", registered)
            assert "ok" == (await city.examined())["messages"].state
        await delete_up_to(city.settings, kept.partition, kept.offset)

    return seeded


@asynccontextmanager
async def _put_aside(city: City) -> AsyncIterator[None]:
    """What a worker of a release before the event's own put aside; beside it what is not heard there, and another's."""
    keys, topic, dead = event_keys(city.settings), city.topic("handlers"), city.topic("dead-letters")
    event = UrgencyRaised(case_id=CaseId(str(uuid4())), version=2, at=clock.now(), urgency=Urgency.EMERGENCY)
    key, value, event_id = event.case_id.encode(), encode(event), clock.new_event_id()
    facts = [("dlq_reason", b"unknown_type"), ("dlq_topic", topic.encode())]
    bare = headers_of(event_id, event.type, event.at, None)
    signed = keys.signed(topic, key, value, bare)
    unheard = keys.signed(topic, key, value, headers_of(clock.new_event_id(), event.type, event.at, None))
    letters = ((signed, b"sla"), (unheard, b"routing.reviews"), (bare, b"sla"))
    async with open_producer(city.settings) as producer:
        kept = [
            await producer.send_and_wait(
                topic=dead, partition=0, key=key, value=value, headers=[*headers, *facts, ("dlq_stage", stage)]
            )
            for headers, stage in letters
        ]  # fmt: skip
    yield
    async with connect(city.settings) as db:
        await db.execute("INSERT INTO deploy.inbox (consumer, event_id) VALUES ('sla', $1)", event_id)
        # Replayed and handled: it still lies there.
        assert "ok" == (await city.examined())["letters"].state
        await db.execute("DELETE FROM deploy.inbox")
    await delete_up_to(city.settings, kept[-1].partition, kept[-1].offset)


@asynccontextmanager
async def _bad_rules(city: City) -> AsyncIterator[None]:
    file = city.data / "rules.toml"
    file.write_text("[[rules]\n", encoding="utf-8")
    async with city.environment(RULES_FILE=str(file)):
        yield


_OLD_ROW = """INSERT INTO deploy.outbox (topic, case_id, event_id, type, at, body)
    VALUES ('t', gen_random_uuid(), gen_random_uuid(), 'x', now() - interval '10 minutes', '')"""
_ENDING = """INSERT INTO deploy.token (token_hash, name, role, expires_at)
    VALUES ('\\x01', 'portal', 'hotline', now() + interval '3 days')"""
_NAMELESS = """INSERT INTO deploy.token (token_hash, name, role)
    VALUES ('1', 'dispatcher', 'dispatcher'), ('2', 'console', 'dispatcher')"""
_ELSEWHERE = """INSERT INTO sla."case" (case_id, received_at, lead) VALUES (md5('left')::uuid, now(), 'heritage');
    INSERT INTO sla.clock (case_id, clock, state, department, started_at, due_at, rule, allow)
    VALUES (md5('left')::uuid, 'reply', 'running', 'heritage', now(), now(), 'general@1', 'P1D')"""
_NOT_ELSEWHERE = 'DELETE FROM sla.clock; DELETE FROM sla."case"'
_NOBODYS = f"""{_ELSEWHERE.replace("heritage", "housing")};
    INSERT INTO deploy.account (username, password_hash, role, department, disabled)
    VALUES ('left', 'x', 'department', 'housing', true);
    INSERT INTO deploy.token (token_hash, name, role, department, expires_at)
    VALUES ('\\x02', 'ended', 'department', 'housing', now() - interval '1 day'),
        ('\\x03', 'ended', 'department', 'water', NULL)"""  # noqa: S608  ours
_SOMEBODYS = f"{_NOT_ELSEWHERE}; DELETE FROM deploy.token; DELETE FROM deploy.account"  # noqa: S608  ours
_NO_CONNECTIONS = (
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT {}', current_database()); END $$"
)
_LEFT = "DATABASE huiyin_check_0123abcd"
_NO_FILES = '{"ok": false, "files": {"zh": "附件目录已被替换", "en": "not the folder"}}'
_UNFIT = '{"ok": false, "reason": "x.v1 is missing", "reason_zh": "没有主题 x.v1"}'
_NO_ANCHORS = '{"ok": true, "anchors": {"zh": "无法写入存证", "en": "no anchor can be written"}}'
_REVISION = "UPDATE deploy.alembic_version SET version_num ="
#: What somebody got wrong, which check says so, and a word of what was found and of the remedy.
MISTAKES: Sequence[tuple[str, Seed, str, str, str]] = (
    ("a secret that can be guessed", lambda city: city.environment(HUIYIN_SECRET_KEY="a" * 40), "secret",
     "HUIYIN_SECRET_KEY", "openssl rand"),
    ("a process with another secret", lambda city: _process(city, '{"ok": true, "secret": "0123456789abcdef"}'),
     "secrets", "sla on there#7", "HUIYIN_PREVIOUS_SECRET_KEYS"),
    ("a machine whose clock is wrong", lambda city: _process(city, '{"ok": true, "clock_ahead": 61.0}'), "clocks",
     "there#7 is +61.0 s", "NTP"),
    ("a broker whose clock is wrong", lambda city: _process(city, '{"ok": true, "time_refused": true}'), "clocks",
     "sla on there#7: a broker refuses every record", "the brokers' clocks (NTP)"),
    ("a folder of files that is another one", lambda city: _process(city, _NO_FILES), "files", "not the folder",
     "start the processes anew"),
    ("a folder of anchors that is another's", lambda city: _process(city, _NO_ANCHORS), "anchors",
     "no anchor can be written", "chown -R"),
    ("hardly any room", _full_disk, "disk", "GiB free", "make room"),
    ("a topic that is gone", _no_topic, "topics", ".sla.v1", "huiyin reconcile"),
    ("submissions kept for ever", _long_retention, "topics", "keeps longer", "retention.ms"),
    ("anchors that Kafka deletes by time", _set_on("audit", retention_ms="604800000"), "topics", "retention.ms=604800000",
     "huiyin audit verify"),
    ("anchors that Kafka deletes by size", _set_on("audit", retention_ms="-1", retention_bytes="1048576"), "topics",
     "retention.bytes=1048576", "retention.bytes=-1"),
    ("anchors that Kafka compacts", _set_on("audit", cleanup_policy="compact"), "topics", "cleanup.policy=compact",
     "cleanup.policy=delete"),
    ("commands that have their senders' time", _set_on("commands", message_timestamp_type="CreateTime"), "topics",
     "their senders' time", "LogAppendTime"),
    ("other partitions than there are", lambda city: city.environment(TOPIC_PARTITIONS="9"), "replicas",
     "has 4 partitions, the settings say 9", "TOPIC_PARTITIONS"),
    ("fewer replicas than wanted", lambda city: city.environment(REPLICATION_FACTOR="3"), "replicas",
     "has 1 replicas, the settings say 3", "kafka-reassign-partitions.sh"),
    ("a schema of before", lambda city: city.rows(f"{_REVISION} '0004'", f"{_REVISION} '{_newest()}'"), "schema",
     "0004, needs", "huiyin migrate"),
    ("a schema of a later release", lambda city: city.rows(f"{_REVISION} '9999'", f"{_REVISION} '{_newest()}'"),
     "schema", "9999", "Start that release"),
    ("a token that nobody named", lambda city: city.rows(_NAMELESS, "DELETE FROM deploy.token"), "tokens",
     "dispatcher (1)", "huiyin token add --role ROLE --name SYSTEM"),
    ("a token that ends soon", lambda city: city.rows(_ENDING, "DELETE FROM deploy.token"), "tokens",
     "token portal ends", "huiyin token add"),
    ("no relay", lambda city: city.rows(_OLD_ROW, "DELETE FROM deploy.outbox"), "outbox", "waited for Kafka for 6",
     "huiyin relay"),
    ("a backup that was killed", lambda city: city.rows(f"CREATE {_LEFT}", f"DROP {_LEFT}"), "copies",
     "huiyin_check_0123abcd", "huiyin backup FILE"),
    ("no connection left", lambda city: city.rows(_NO_CONNECTIONS.format(0), _NO_CONNECTIONS.format(-1)), "schema",
     "", "DATABASE_URL"),
    ("a department that left with open cases", lambda city: city.rows(_ELSEWHERE, _NOT_ELSEWHERE), "departments",
     "no more: heritage (1)", "/watch?department=heritage"),
    ("open cases of a department whose people have all left", lambda city: city.rows(_NOBODYS, _SOMEBODYS), "departments",
     "no system has a token: housing (1)", "--role department --department housing"),
    ("a consumer that cannot read", lambda city: _process(city, _UNFIT), "processes", "sla: x.v1 is missing", "log"),
    ("records that nobody read", _lost_records("intake"), "records", "10–19", "huiyin lost accept"),
    ("a Kafka of yesterday", _lost_records("kafka"), "servers", "Kafka is older", "huiyin lost accept kafka"),
    ("a Postgres of yesterday", _lost_records("postgres"), "servers", "10–19", "huiyin reconcile"),
    ("a message that nobody could handle", _dead_message("schema", "fail", is_ours=True), "messages",
     "no case: schema (1)", "huiyin dead-letters replay"),
    ("junk that an outsider wrote", _dead_message("schema", "warn"), "messages",
     "none of ours signed are dead letters and no case: schema (1)", "an outsider's"),
    ("a message that none of ours signed", _dead_message("signature", "warn"), "messages",
     "no case: signature (1)", "HUIYIN_SECRET_KEY was changed"),
    ("an event that an earlier release did not know", _put_aside, "letters", "not handled: unknown_type (1)",
     "huiyin dead-letters replay --reason unknown_type"),
    ("rules that do not parse", _bad_rules, "rules", "cannot be used", "huiyin rules check"),
    ("another Kafka", lambda city: city.environment(KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{free_port()}"), "kafka",
     "", "KAFKA_BOOTSTRAP_SERVERS"),
    ("another Postgres", lambda city: city.environment(DATABASE_URL=_nowhere()), "postgres", "", "DATABASE_URL"),
    ("a database that is not there", lambda city: city.environment(DATABASE_URL=_no_such(city)), "postgres",
     "no such database", "create it"),
)  # fmt: skip


_CHINESE = re.compile("[\u4e00-\u9fff]")


def _newest() -> str:
    from deploy.database.migrate import newest_revision

    return str(newest_revision())


def _nowhere() -> str:
    return f"postgresql://huiyin@127.0.0.1:{free_port()}/huiyin"


def _no_such(city: City) -> str:
    return city.settings.database_url.rpartition("/")[0] + "/elsewhere"


async def _said(city: City, seed: Seed, check: str) -> Finding:
    async with seed(city):
        return (await city.examined())[check]


async def test_every_seeded_mistake_is_found_with_its_remedy(city: City) -> None:
    """Each of them, one after the other; before, between and after them nothing is said to be wrong."""
    wrong = {}
    for name, seed, check, found, remedy in MISTAKES:
        said = await _said(city, seed, check)
        if said.state == "ok" or found not in said.found.en or remedy not in said.remedy.en:
            wrong[name] = said
        # What a server says by itself stays as it is; what to do about it is ours to say.
        if not _CHINESE.search(said.remedy.zh) or (found and not _CHINESE.search(said.found.zh)):
            wrong[name] = said
    after = {name: said for name, said in (await city.examined()).items() if said.state == "fail"}

    assert {} == wrong
    assert {} == after
