"""Anchors come to Kafka once each, whatever is killed between, and tell there what files and database hide."""

import asyncio
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import UNSET

import deploy.audit.topic
from deploy import clock, composition
from deploy.audit.anchoring import directory_of, write_anchor
from deploy.audit.anchors import Anchor, AnchorFiles, digest, readable
from deploy.audit.pins import Fault, read_pins
from deploy.audit.restores import restores
from deploy.audit.topic import AnchorTopic, read_topic
from deploy.audit.verification import Verified, verify_chains
from deploy.backup.making import make_backup
from deploy.backup.restoring import restore_backup
from deploy.database.pool import connect, open_pool
from deploy.database.unit_of_work import PostgresUnit
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.messaging.client.client import open_admin, open_producer
from deploy.messaging.topics.topic_pages import topic_pages
from deploy.messaging.topics.topics import wanted_topics
from deploy.processes import anchors
from deploy.processes.anchors import Turns
from deploy.processes.runtime import Process
from deploy.settings import Settings
from handlers.steps import assign
from schemas.city import load_city
from schemas.ids import CaseId
from schemas.topics import AUDIT, topic_name
from tests.integration.deploy.audit.anchored import with_topic
from tests.stack import eventually, free_port
from tests.unit.handlers.making import routed


@pytest.fixture
async def settings(
    postgres_server: EmbeddedPostgres, migrated: str, kafka_server: EmbeddedKafka, tmp_path: Path
) -> Settings:
    """A migrated database with two roles, a folder for anchors, and an empty topic for them."""
    return await with_topic(postgres_server, migrated, kafka_server, tmp_path / "data", AUDIT)


def _name(settings: Settings) -> str:
    return topic_name(AUDIT, settings.topic_prefix)


def _topic(settings: Settings) -> AnchorTopic:
    """As a process that has just started."""
    return AnchorTopic(settings, composition.audit_keys(settings))


def _files(settings: Settings) -> AnchorFiles:
    return AnchorFiles(directory_of(settings))


async def _write(settings: Settings) -> Anchor:
    async with open_pool(settings, size=1) as pool:
        return await write_anchor(settings, pool)


async def _anchor(settings: Settings) -> None:
    await _write(settings)
    assert 1 == await _topic(settings).send(_files(settings))


async def _verify(settings: Settings) -> Verified:
    keys, files = composition.audit_keys(settings), _files(settings)
    topic = await read_topic(settings, set(files.lines()))
    async with connect(settings) as db, db.transaction(isolation="repeatable_read", readonly=True):
        pins = read_pins(files, keys, restores=await restores(db), topic=topic)
        return await verify_chains(db, keys, pins=pins)


async def _open(settings: Settings) -> CaseId:
    event = routed(
        case_id=CaseId(str(clock.new_event_id())), tracking_code="T" + str(clock.new_event_id())[:18]
    )
    async with connect(settings) as db, db.transaction():
        unit = PostgresUnit(db, clock.now(), audit_key=composition.audit_key(settings))
        await assign.open_cases(unit, [event])
    return event.case_id


async def _forget(settings: Settings, case_id: CaseId) -> None:
    """By the database's owner."""
    async with connect(settings.as_owner) as db, db.transaction():
        await db.execute("ALTER TABLE handlers.log DISABLE TRIGGER USER")
        for table in ("handlers.log", "handlers.case"):
            await db.execute(f"DELETE FROM {table} WHERE case_id = $1", case_id)  # noqa: S608  our own tables
        await db.execute("ALTER TABLE handlers.log ENABLE TRIGGER USER")


async def _lines(settings: Settings) -> Sequence[bytes]:
    """Every line on the topic, as often as it is there."""
    return [
        record.value
        async for page in topic_pages(settings, _name(settings))
        for record in page
        if "part" not in dict(record.headers)
    ]


async def test_an_anchor_comes_to_the_topic_once(settings: Settings) -> None:
    """By the process that sent the one before, by one that has just started, and in the files' order."""
    topic = _topic(settings)
    await _open(settings)
    await _write(settings)
    sent = [await topic.send(_files(settings)), await topic.send(_files(settings))]
    await _write(settings)
    sent += [await topic.send(_files(settings)), await _topic(settings).send(_files(settings))]

    assert [1, 0, 1, 0] == sent
    assert list(_files(settings).lines()) == list(await _lines(settings))
    assert (await _verify(settings)).holds


async def test_what_a_kill_left_between_files_and_topic_is_sent_next(settings: Settings) -> None:
    """Nothing of it was sent; or its entries were, and its line was not."""
    await _open(settings)
    first = await _write(settings)
    await _open(settings)
    second = await _write(settings)
    async with open_producer(settings) as producer:
        key = digest(second.line()).encode()
        await producer.send_and_wait(_name(settings), b"half", key=key, headers=[("part", b"0")])

    assert Fault.NOT_ON_TOPIC in {each.why for each in (await _verify(settings)).broken_anchors}
    assert 2 == await _topic(settings).send(_files(settings))
    assert [first.line(), second.line()] == list(await _lines(settings))
    assert (await _verify(settings)).holds


async def test_entries_of_many_cases_come_in_pieces(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker takes a megabyte at once."""
    monkeypatch.setattr(deploy.audit.topic, "_PART_BYTES", 36 * 2)
    for _ in range(5):
        await _open(settings)
    await _anchor(settings)
    shutil.rmtree(directory_of(settings))
    (found,) = await read_topic(settings, ())

    assert found.entries is not None
    assert 5 * 36 == len(found.entries)
    assert (await _verify(settings)).holds


async def test_a_case_that_vanishes_with_the_files_is_known_to_the_topic(settings: Settings) -> None:
    """Also when a new series of files has begun."""
    case_id = await _open(settings)
    await _anchor(settings)
    await _forget(settings, case_id)
    shutil.rmtree(directory_of(settings))
    found = await _verify(settings)
    await _anchor(settings)
    later = await _verify(settings)

    assert [(case_id, "anchor")] == [(each.case_id, each.why) for each in found.broken]
    assert found.broken == later.broken
    assert 1 == later.elsewhere


async def test_an_anchor_that_was_altered_is_named_on_either_side(settings: Settings) -> None:
    """In the files, sealed anew by whoever has the key; and on the topic by somebody who has not."""
    await _open(settings)
    for _ in range(2):
        await _anchor(settings)
    lines = list(_files(settings).lines())
    async with open_producer(settings) as producer:
        await producer.send_and_wait(_name(settings), lines[0].replace(b'"rows":1', b'"rows":0'), key=b"k")
    on_topic = {(each.number, each.why) for each in (await _verify(settings)).broken_anchors}
    altered = lines[1].replace(b'"rows":1', b'"rows":0')
    (directory_of(settings) / "anchors.jsonl").write_bytes(lines[0] + b"\n" + altered + b"\n")
    in_files = {(each.number, each.why) for each in (await _verify(settings)).broken_anchors}

    assert {(1, Fault.SEAL_ON_TOPIC)} == on_topic
    assert {(2, Fault.SEAL), (2, Fault.OTHER_ON_TOPIC)} == in_files - on_topic
    assert 0 == await _topic(settings).send(_files(settings))


async def test_a_topic_that_was_made_anew_gets_what_the_files_have(settings: Settings) -> None:
    """By the process that had sent it to the former one."""
    topic = _topic(settings)
    for _ in range(2):
        await _write(settings)
    assert 2 == await topic.send(_files(settings))
    other = settings.model_copy(update={"topic_prefix": f"t{secrets.token_hex(4)}"})
    async with open_admin(settings) as admin:
        await admin.create_topics([wanted_topics(other, load_city())[_name(other)]])
    topic.name = _name(other)

    assert 2 == await topic.send(_files(settings))


@pytest.mark.parametrize("with_files", [True, False])
async def test_a_restored_copy_is_said_and_holds(
    settings: Settings, tmp_path: Path, *, with_files: bool
) -> None:
    """What was anchored after it tells of what is gone; what is written from then on is checked as ever."""
    await _open(settings)
    await _anchor(settings)
    folders = [directory_of(settings)] if with_files else []
    await make_backup(settings, tmp_path / "copy", folders, lambda *_: None)
    lost = await _open(settings)
    for _ in range(2):
        await _anchor(settings)
    await restore_backup(settings, tmp_path / "copy", lambda *_: None, replace=True)
    at_once = await _verify(settings)
    case_id = await _open(settings)
    await _anchor(settings)
    later = await _verify(settings)
    await _forget(settings, case_id)
    broken = (await _verify(settings)).broken

    assert at_once.holds
    assert later.holds
    assert [2] == [each.anchors for each in at_once.restored] == [each.anchors for each in later.restored]
    assert case_id != lost
    assert [(case_id, "anchor")] == [(each.case_id, each.why) for each in broken]


async def test_a_copy_that_the_database_does_not_remember_is_a_fault(
    settings: Settings, tmp_path: Path
) -> None:
    """The application may not forge the entry, and whoever deletes it is found."""
    await _open(settings)
    await _anchor(settings)
    await make_backup(settings, tmp_path / "copy", [], lambda *_: None)
    await restore_backup(settings, tmp_path / "copy", lambda *_: None, replace=True)
    await _anchor(settings)
    async with connect(settings.as_owner) as db:
        await db.execute("DELETE FROM deploy.restore")

    found = await _verify(settings)
    assert [(2, Fault.EPOCH)] == [(each.number, each.why) for each in found.broken_anchors]
    assert not found.holds


async def test_a_kafka_that_is_away_keeps_no_anchor_from_the_files(settings: Settings) -> None:
    """The sweeper writes when it is due and no oftener, and sends as soon as Kafka is there."""
    away = settings.model_copy(
        update={"kafka_bootstrap_servers": f"127.0.0.1:{free_port()}", "anchor_seconds": 10.0}
    )
    async with open_pool(settings, size=2) as pool:
        turns = Turns(Process(name="sweep", settings=away, pool=pool))
        await turns.turn()
        pauses = [await turns.send_unsent(), await turns.send_unsent()]
        await turns.turn()
        written = len(_files(settings).lines())
        turns.topic = _topic(settings)
        later = await turns.send_unsent()

    assert [10.0, 10.0] == pauses
    assert 1 == written == len(await _lines(settings))
    assert 0 <= later < 10
    assert (await _verify(settings)).holds


class _Hanging(AnchorTopic):
    """A Kafka that takes the connection and never answers."""

    async def send(self, files: AnchorFiles) -> int:
        """For ever."""
        with files.sending():
            return await asyncio.Event().wait()


async def test_who_may_come_in_is_anchored_while_kafka_does_not_answer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As soon as it is seen; and the process stops all the same."""
    for name, value in (("AnchorTopic", _Hanging), ("_LOOK_SECONDS", 0.02), ("_LAST_SECONDS", 0.1)):
        monkeypatch.setattr(anchors, name, value)

    async def written() -> int:
        return len(_files(settings).lines())

    async with open_pool(settings, size=3) as pool, asyncio.timeout(30):
        process = Process(name="sweep", settings=settings, pool=pool)
        sweeping = asyncio.create_task(anchors.anchor_for_ever(process))
        await eventually(written, is_done=lambda number: number == 1)
        async with connect(settings) as db:
            await db.execute(
                "INSERT INTO deploy.account (username, password_hash, role) VALUES ('eve', 'x', 'supervisor')"
            )
        await eventually(written, is_done=lambda number: number == 2)
        process.stopping.set()
        await sweeping
    seen = [readable(line) for line in _files(settings).lines()]

    assert [(), ("account:eve:unlogged",)] == [each.differing for each in seen[:2] if each is not None]
    assert [0, UNSET] == [each.cases for each in seen[:2] if each is not None]


async def test_a_folder_that_is_gone_is_not_made_anew_by_the_last_anchor(settings: Settings) -> None:
    """A city stops where its disk is gone: what lay there comes back under its name, and meets nothing."""
    async with open_pool(settings, size=1) as pool:
        turns = Turns(Process(name="sweep", settings=settings, pool=pool))
        await turns.turn()
        await turns.last()
        before = len(_files(settings).lines())
        settings.data.rename(settings.data.with_name("moved"))
        await turns.last()

    assert 2 == before
    assert not settings.data.exists()
