"""Records that nobody can handle, straight onto the topics of a running city."""

import json
from collections import Counter
from collections.abc import Sequence

import aiohttp
import msgspec

from deploy import composition
from deploy.clock import new_event_id
from deploy.database.pool import open_pool
from deploy.docgen.golden import sample
from deploy.messaging.client.client import open_producer
from deploy.messaging.dead.dead_letters import StoredLetter, stored_letters
from deploy.messaging.records.envelope import headers_of
from deploy.messaging.records.signature import event_keys
from deploy.settings import Settings
from schemas import topics
from schemas.event import encode
from schemas.events.routing import CaseRouted
from schemas.ports import Subscription
from tests.faults.traffic import Traffic, check
from tests.raw import RawRecord, raw_batch, send_batch
from tests.stack import eventually
from tests.unit.deploy.records import AT, case

NOBODYS = {
    "bad_header": [("ce_type", b"\xff\xfe")],
    "unknown_type": [("ce_type", b"case.dreamt.v9"), ("ce_id", b"0192abcd-0000-7000-8000-00000000abce")],
}
#: What aiokafka alone never gets past.
NAMELESS = [RawRecord(key=b"poison", value=b"{", headers=[(b"\xff\xfe", b"1")])]


async def test_poison_is_put_aside_and_its_neighbours_pass(traffic: Traffic) -> None:
    """On every topic, by every consumer that would have heard it; the messages around it arrive as ever."""
    wanted: Counter[tuple[str, str, str]] = Counter()
    keys = event_keys(traffic.settings)
    async with traffic.flowing(), open_producer(traffic.settings) as producer:
        await traffic.arrive(50)
        heard = await _subscriptions(traffic.settings)
        for short in {short for subscription in heard for short in subscription.topics}:
            topic = topics.topic_name(short, traffic.settings.topic_prefix)
            readers = [subscription for subscription in heard if short in subscription.topics]
            event = next(event for reader in readers for event in reader.table if event.producer == short)
            broken = headers_of(new_event_id(), event.type, AT, None)
            signed = keys.signed(topic, b"poison", b"{", broken)
            for reason, headers in {**NOBODYS, "signature": broken, "decode": signed}.items():
                await producer.send_and_wait(topic, b"{", key=b"poison", headers=headers)
                hit = [
                    reader
                    for reader in readers
                    if reason not in ("signature", "decode") or event in reader.table
                ]
                # Departments sign their commands by themselves: what is no command says nothing that could be signed.
                is_command = short == topics.COMMANDS and reason == "signature"
                wanted.update((topic, "decode" if is_command else reason, reader.name) for reader in hit)
            await send_batch(producer, topic, 0, raw_batch(NAMELESS))
            wanted.update((topic, "bad_header_name", reader.name) for reader in readers)
        await traffic.arrive(50)
    await traffic.quiet()

    letters = [letter for letter in await _letters(traffic) if letter.record.key == b"poison"]
    assert wanted == Counter(
        (letter.fact("topic"), letter.fact("reason"), letter.fact("stage")) for letter in letters
    )
    await check(traffic)


async def _subscriptions(settings: Settings) -> Sequence[Subscription]:
    async with open_pool(settings, size=1) as pool:
        return await composition.subscriptions(settings, pool, composition.SLICES)


async def _letters(traffic: Traffic) -> Sequence[StoredLetter]:
    return [letter async for letter in stored_letters(traffic.settings)]


async def test_text_that_postgres_cannot_hold(traffic: Traffic) -> None:
    """NUL is valid JSON: only that event is put aside, by the consumer that stores the text."""
    routed = msgspec.convert({**sample(CaseRouted), "case_id": case(1), "text": "路灯\x00"}, CaseRouted)
    headers = headers_of(new_event_id(), routed.type, routed.at, None)
    async with traffic.flowing(), open_producer(traffic.settings) as producer:
        topic = topics.topic_name(topics.ROUTING, traffic.settings.topic_prefix)
        key, value = routed.case_id.encode(), encode(routed)
        signed = event_keys(traffic.settings).signed(topic, key, value, headers)
        await producer.send_and_wait(topic, value, key=key, headers=signed)
        await traffic.arrive(50)
    await traffic.quiet()

    (letter,) = [letter for letter in await _letters(traffic) if letter.record.key == routed.case_id.encode()]
    assert ("handlers", "postgres:22021") == (letter.fact("stage"), letter.fact("reason"))
    await check(traffic)


async def test_a_citizens_nul_is_no_poison(traffic: Traffic) -> None:
    """Over HTTP it is stripped, wherever it stands; it never lies on a topic."""
    message = {
        "title": "路灯坏了\x00",
        "text": "东湖区望江路幸福家园南门外的路灯坏了\x00一个多星期，晚上看不清路面。",
    }
    async with (
        aiohttp.ClientSession(traffic.stack.url) as http,
        http.post("/api/v1/submissions", json=message) as answer,
    ):
        status, content = answer.status, await answer.json(content_type=None)
    assert status == 202, content
    query = 'SELECT case_id, title, text FROM intake."case" WHERE tracking_code = $1'
    (row,) = await eventually(lambda: traffic.stack.sql(query, content["tracking_code"]))
    traffic.adopt(str(row["case_id"]))
    await traffic.quiet()

    assert [part.replace("\x00", "") for part in message.values()] == [row["title"], row["text"]]
    await check(traffic)


#: Of sixteen cases one breaks it: the second digit of its id is 0.
_RULE = "get_byte(uuid_send(case_id), 0) % 16 <> 0"


async def test_after_a_fix_a_replay_brings_them_through_once(traffic: Traffic) -> None:
    """A rule that the data breaks, found and lifted: what was put aside comes through, however often replayed."""
    stack = traffic.stack
    known = set(traffic.accepted)
    await stack.sql(f'ALTER TABLE routing."case" ADD CONSTRAINT not_yet CHECK ({_RULE}) NOT VALID')
    await traffic.send(160)
    broken = {found for found in traffic.accepted - known if found[1] == "0"}
    waiting = await eventually(
        lambda: _for_reason(traffic, "postgres:23514"),
        is_done=lambda seen: {letter.record.key.decode() for letter in seen} == broken,
        every=0.3,
    )
    await stack.sql('ALTER TABLE routing."case" DROP CONSTRAINT not_yet')
    for _ in range(2):
        stack.command("dead-letters", "replay", "--reason", "postgres:23514")
    await traffic.quiet()

    listed = stack.command("dead-letters", "list", "--json", "--reason", "postgres:23514").stdout.splitlines()
    assert len(listed) == len(waiting) > 0
    assert {json.loads(line)["stage"] for line in listed} == {"routing"}
    await check(traffic)


async def _for_reason(traffic: Traffic, reason: str) -> Sequence[StoredLetter]:
    return [letter for letter in await _letters(traffic) if letter.fact("reason") == reason]
