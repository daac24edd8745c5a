"""What citizens wrote is not to be read among the dead letters, and comes back from there byte for byte."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from pydantic import SecretStr

from deploy import clock
from deploy.commands import dead_letters as command
from deploy.messaging.client.client import client_options, open_admin
from deploy.messaging.client.record_batches import UNREADABLE_BATCH
from deploy.messaging.dead import dead_letters
from deploy.messaging.dead.dead_letter_seal import LetterSealed, letter_seal
from deploy.messaging.dead.dead_letters import DeadLetter, DeadLetters, StoredLetter, replay, stored_letters
from deploy.messaging.records.envelope import FORGOTTEN, made_at_ms
from deploy.messaging.topics.retention import kept_too_long, set_right
from deploy.messaging.topics.topics import create_topics, promised_topics
from schemas import topics
from schemas.city import load_city
from tests.integration.deploy.rig import Rig
from tests.stack import eventually

CASE = b"01920000-0000-7000-8000-000000000001"
WORDS = "我叫王小明，电话13800138000，望江路12号漏水"
RAW = WORDS.encode()
#: As submissions come, and as broken ones may: without a key, without a value, with the words where none belong.
RECORDS: Sequence[dict[str, Any]] = (
    {"key": CASE, "value": RAW, "headers": [("ce_id", b"1"), ("ce_type", b"submission.accepted.v1")]},
    {"key": None, "value": RAW, "headers": []},
    {"key": CASE, "value": None, "headers": [("ce_id", RAW * 3)]},
    {"key": RAW * 3, "value": b"", "headers": [(UNREADABLE_BATCH, RAW), ("ce_type", None)]},
)


@pytest.fixture
async def letters(rig: Rig) -> list[StoredLetter]:
    """Dead letters of those submissions, in their order."""
    topic = topics.topic_name(topics.SUBMISSIONS, rig.settings.topic_prefix)
    for content in RECORDS:
        await rig.producer.send_and_wait(topic, partition=0, **content)
    store = DeadLetters(rig.producer, rig.settings.topic_prefix, letter_seal(rig.settings))
    came = await _read(rig, topic, len(RECORDS))
    await store.store([DeadLetter(record=record, stage="intake", reason="decode") for record in came])
    found = await rig.letters()
    return sorted(found, key=lambda letter: int(letter.fact("offset")))


async def _read(rig: Rig, topic: str, count: int) -> list[Any]:
    consumer = AIOKafkaConsumer(topic, **client_options(rig.settings), auto_offset_reset="earliest")
    await consumer.start()
    try:
        return [await asyncio.wait_for(consumer.getone(), 20) for _ in range(count)]
    finally:
        await consumer.stop()


def _bytes_of(record: Any) -> bytes:
    headers = b"".join(name.encode() + (value or b"") for name, value in record.headers)
    return (record.key or b"") + (record.value or b"") + headers


async def test_no_word_of_a_submission_is_on_the_topic(letters: list[StoredLetter]) -> None:
    """Neither in the value nor in key or headers; the case's id and the event's type stay readable."""
    on_topic = [_bytes_of(letter.record) for letter in letters]

    assert len(RECORDS) == len(letters)
    assert not [
        raw for raw in on_topic if any(word.encode() in raw for word in ("王小明", "13800138000", "望江路"))
    ]
    assert (CASE, b"submission.accepted.v1") == (
        letters[0].record.key,
        dict(letters[0].record.headers)["ce_type"],
    )


async def test_a_replay_is_the_original_byte_for_byte(rig: Rig, letters: list[StoredLetter]) -> None:
    """Key, value and headers, on the topic that it came from."""
    for letter in letters:
        await replay(rig.producer, letter)
    again = await _read(rig, letters[0].fact("topic"), 2 * len(RECORDS))

    sent = [(one["key"], one["value"], one["headers"]) for one in RECORDS]
    came = [(record.key, record.value, [*record.headers]) for record in again]
    assert sorted(2 * sent, key=str) == sorted(came, key=str)


async def test_a_message_that_inboxes_would_have_forgotten_comes_back_where_somebody_vouches(
    rig: Rig,
) -> None:
    """Under a new id, signed anew: its own would be a dead letter again. No other event gets one, nor does any by itself."""
    old = "01920000-0000-7000-8000-00000000000a"
    topic = topics.topic_name(topics.SUBMISSIONS, rig.settings.topic_prefix)
    for type_ in (b"submission.accepted.v1", b"case.registered.v1"):
        await rig.producer.send_and_wait(
            topic, RAW, key=CASE, partition=0, headers=[("ce_id", old.encode()), ("ce_type", type_)]
        )
    store = DeadLetters(rig.producer, rig.settings.topic_prefix, letter_seal(rig.settings))
    came = await _read(rig, topic, 2)
    await store.store([DeadLetter(record=record, stage="intake", reason=FORGOTTEN) for record in came])
    message, other = sorted(await rig.letters(), key=lambda letter: int(letter.fact("offset")))
    for letter, vouching in ((message, None), (other, rig.keys), (message, rig.keys)):
        await replay(rig.producer, letter, vouching)
    *kept, renewed = (await _read(rig, topic, 5))[2:]
    made_at = made_at_ms(dict(renewed.headers)["ce_id"].decode()) or 0

    assert [old.encode()] * 2 == [dict(record.headers)["ce_id"] for record in kept]
    assert abs(made_at - clock.now_ms()) < 60_000
    assert rig.keys.have_signed(renewed)


async def test_show_unseals(
    rig: Rig, letters: list[StoredLetter], capsys: pytest.CaptureFixture[str]
) -> None:
    """For whoever has the master secret; with another it is a sentence."""
    await asyncio.to_thread(command.show, letters[0].id)
    shown = json.loads(capsys.readouterr().out)
    stranger = rig.settings.model_copy(
        update={"secret_key": SecretStr("somebody else's secret, long enough 42")}
    )

    assert WORDS == shown["value"]
    for settings in (stranger, stranger.model_copy(update={"secret_key": SecretStr("")})):
        with pytest.raises(LetterSealed, match="HUIYIN_SECRET_KEY"):
            [letter.original() async for letter in stored_letters(settings)]


async def test_the_beginning_of_what_is_too_large_is_sealed_too(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of any other record, with its size beside it."""
    monkeypatch.setattr(dead_letters, "MAX_KEPT_BYTES", 10)
    topic = topics.topic_name(topics.SUBMISSIONS, rig.settings.topic_prefix)
    await rig.producer.send_and_wait(topic, RAW, key=CASE)
    (record,) = await _read(rig, topic, 1)
    store = DeadLetters(rig.producer, rig.settings.topic_prefix, letter_seal(rig.settings))
    await store.store([DeadLetter(record=record, stage="intake", reason="oversized")])
    (letter,) = await rig.letters()

    assert RAW not in _bytes_of(letter.record)
    assert (RAW, str(len(RAW) + len(CASE))) == (letter.original().value, letter.fact("cut_from"))


async def test_topics_of_earlier_releases_keep_no_longer_than_promised(rig: Rig) -> None:
    """Their other settings stay as they are; those that keep less do so."""
    city = load_city()
    wanted = {topic.name: topic for topic in promised_topics(rig.settings, city)}
    dead, commands = (
        topics.topic_name(short, rig.settings.topic_prefix)
        for short in (topics.DEAD_LETTERS, topics.COMMANDS)
    )
    await create_topics(rig.settings, city)
    async with open_admin(rig.settings) as admin:

        async def longer(**limits: str) -> dict[str, dict[str, str]]:
            for name, limit in limits.items():
                wanted[{"dead": dead, "commands": commands}[name]].topic_configs["retention.ms"] = limit
            return {
                name: dict(found) for name, found in (await kept_too_long(admin, wanted.values())).items()
            }

        assert {} == await longer()
        assert {dead: {"segment.ms": "21600000", "retention.ms": "1000"}} == await longer(dead="1000")
        await set_right(admin, wanted.values(), {})
        assert {} == await eventually(longer, is_done=lambda found: not found)
        assert {} == await longer(commands="9999999999")


async def test_a_topic_with_large_segments_keeps_longer_than_it_says(rig: Rig) -> None:
    """Brokers delete whole segments: those of earlier releases held a week, on top of the retention."""
    city = load_city()
    name = topics.topic_name(topics.SUBMISSIONS, rig.settings.topic_prefix)
    wanted = [topic for topic in promised_topics(rig.settings, city) if topic.name == name]
    week = {"retention.ms": wanted[0].topic_configs["retention.ms"], "segment.ms": "604800000"}
    await create_topics(rig.settings, city)
    async with open_admin(rig.settings) as admin:

        async def longer() -> Mapping[str, Mapping[str, str]]:
            return await kept_too_long(admin, wanted)

        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, week)])
        found = await eventually(longer)
        await create_topics(rig.settings, city)

        assert "21600000" == found[name]["segment.ms"]
        assert {} == await eventually(longer, is_done=lambda found: not found)
