"""Who may write on a slice's topic, and has no key, changes nothing; what lay there before an upgrade is not lost."""

import asyncio
from collections.abc import Sequence
from typing import Any

from deploy.commands import dead_letters as command
from deploy.database.pool import connect
from deploy.database.unit_of_work import unit_of_work
from deploy.messaging.dead.dead_letters import replay
from deploy.messaging.records.envelope import headers_of
from deploy.messaging.records.first_signed import first_signed, mark_first_signed
from deploy.messaging.records.signature import EventKeys
from deploy.messaging.relay import Relay
from deploy.messaging.topics.topics import create_topics
from schemas.city import load_city
from schemas.event import encode
from tests.integration.deploy.rig import REFUSED, Rig, with_text
from tests.unit.deploy.records import AT, case, supplemented

EVENT, ANOTHER_ID = supplemented(1, text="ours"), "01920000-0000-4000-8000-0000000000ff"
KEY, BODY = EVENT.case_id.encode(), encode(EVENT)


def _forgeries(rig: Rig) -> dict[str, dict[str, Any]]:
    plain = headers_of(ANOTHER_ID, EVENT.type, AT, None)
    ours = rig.keys.signed(rig.topic, KEY, BODY, plain)
    other_id = [(name, ANOTHER_ID[:-1].encode() + b"e" if name == "ce_id" else text) for name, text in ours]
    return {
        "unsigned": {"headers": plain},
        "another's key": {"headers": EventKeys(b"x" * 32).signed(rig.topic, KEY, BODY, plain)},
        "altered body": {"headers": ours, "value": encode(supplemented(1, text="forged"))},
        "swapped key": {"headers": ours, "key": case(2).encode()},
        "swapped id": {"headers": other_id},
        "of another topic": {"headers": rig.keys.signed("huiyin.department.housing.v1", KEY, BODY, plain)},
    }


async def _send(rig: Rig, forged: Sequence[dict[str, Any]]) -> None:
    for one in forged:
        await rig.producer.send_and_wait(rig.topic, **{"key": KEY, "value": BODY} | one)


async def test_forgeries_change_nothing_and_stop_nothing(rig: Rig) -> None:
    """However many: each is a dead letter with its reason, no defect of ours, and what we sign goes on."""
    rig.dead_letter_limit = 3
    forged = _forgeries(rig)
    await _send(rig, list(forged.values()))

    async with rig.consuming():
        letters = await rig.has_letters(len(forged))
        await rig.send(supplemented(7, version=1))
        seen = await rig.has_seen(1)

    assert [(7, 1)] == seen
    assert {"signature"} == {letter.fact("reason") for letter in letters}
    assert len(forged) == len(letters)
    assert not rig.ended


async def test_junk_of_outsiders_stops_nothing(rig: Rig) -> None:
    """What we did not sign counts against no limit, also where it is no event at all."""
    rig.dead_letter_limit = 3
    await _send(rig, [{"headers": [], "value": b"junk"}] * 10)

    async with rig.consuming():
        letters = await rig.has_letters(10)
        await rig.send(supplemented(7, version=1))
        await rig.has_seen(1)

    assert {"bad_header"} == {letter.fact("reason") for letter in letters}
    assert not rig.ended


async def test_a_replayed_dead_letter_keeps_its_signature(rig: Rig) -> None:
    """What the operator brings back is believed as before; a forgery that is brought back is not."""
    await rig.send(with_text(supplemented(3), REFUSED))
    await _send(rig, [_forgeries(rig)["unsigned"]])
    async with rig.consuming():
        letters = await rig.has_letters(2)
        rig.fixed.add(REFUSED)
        for letter in letters:
            await replay(rig.producer, letter)
        await rig.has_letters(3)
        seen = await rig.has_seen(1)

    assert [(3, 2)] == seen


async def test_an_operator_may_vouch_for_what_nobody_signed(rig: Rig) -> None:
    """What an earlier release sent after the mark is not lost: `dead-letters replay --sign`."""
    await _send(rig, [_forgeries(rig)["unsigned"]])
    async with rig.consuming():
        await rig.has_letters(1)
        await asyncio.to_thread(command.replay_, reason="signature", sign=True)

        assert [(1, 2)] == await rig.has_seen(1)


async def test_nothing_in_flight_is_lost_at_the_upgrade(rig: Rig) -> None:
    """What an earlier release left unsigned on Kafka is handled; what comes unsigned after the mark is not."""
    await create_topics(rig.settings, load_city())
    plain = [headers_of(ANOTHER_ID[:-1] + str(number), EVENT.type, AT, None) for number in range(6)]
    await _send(rig, [{"headers": headers} for headers in plain[:3]])
    await mark_first_signed(rig.settings)
    await _send(rig, [{"headers": headers} for headers in plain[3:]])
    await mark_first_signed(rig.settings)
    rig.first_signed = await first_signed(rig.settings, rig.pool)

    async with rig.consuming():
        await rig.has_seen(3)
        letters = await rig.has_letters(3)

    ids = [dict(letter.original_headers())["ce_id"] for letter in letters]
    assert {dict(headers)["ce_id"] for headers in plain[3:]} == set(ids)
    assert 3 == len(await rig.seen())


async def test_what_the_relay_sends_is_signed(rig: Rig) -> None:
    """Also what lay in the outbox before."""
    async with unit_of_work(rig.pool, prefix=rig.settings.topic_prefix) as unit:
        unit.emit(supplemented(5, version=1))
    async with connect(rig.settings) as connection:
        relay = Relay(connection, rig.producer, keys=rig.keys, batch=10)
        assert 1 == await relay.send_once()

    async with rig.consuming():
        assert [(5, 1)] == await rig.has_seen(1)
