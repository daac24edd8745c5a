"""A topic that outsiders write to: whatever they do, it stops nothing; what we do wrong still does, here alone."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest

from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.messaging.consuming.consumer import GroupConsumer
from deploy.messaging.dead import dead_letter_policy, dead_letters
from deploy.messaging.topics.topics import create_topics
from deploy.observability import metrics
from schemas.city import load_city
from schemas.event import Event
from schemas.ports import Unit
from schemas.topics import COMMANDS, topic_name
from tests.integration.deploy.rig import DEFECT, NUL, Rig, events, with_text
from tests.stack import eventually
from tests.unit.deploy.records import supplemented

FORGED = "forged"


async def validate_senders(unit: Unit, batch: Sequence[Event]) -> Sequence[str | None]:
    """Events of one text have a sender whom nobody believes."""
    await unit.db.fetchval("SELECT 1")
    return ["nobodys" if getattr(event, "text", "") == FORGED else None for event in batch]


async def _break(rig: Rig, number: int) -> None:
    """So many records that are no events."""
    for _ in range(number):
        await rig.producer.send(rig.topic, b"{", key=b"broken", headers=[])
    await rig.producer.flush()


def _refused(reason: str, kept: str) -> float:
    return float(metrics.REFUSED_RECORDS.labels("scratch", reason, kept)._value.get())


async def test_what_outsiders_do_wrong_stops_nothing(rig: Rig) -> None:
    """Ten times the limit, of both kinds, with good events between: all good ones once, all bad ones with reasons."""
    rig.validate_senders, rig.dead_letter_limit = validate_senders, 20
    before = _refused("nobodys", "yes")
    batch = [with_text(event, FORGED) if number % 2 else event for number, event in enumerate(events(200))]
    await _break(rig, 50)
    await rig.send_many(batch)
    await _break(rig, 50)

    async with rig.consuming():
        await rig.has_seen(100)
        letters = await rig.has_letters(200)
        await rig.has_committed(300)

    assert [(number, 1) for number in range(1, 201, 2)] == sorted(await rig.seen())
    assert {"bad_header": 100, "nobodys": 100} == Counter(letter.fact("reason") for letter in letters)
    assert _refused("nobodys", "yes") - before == 100
    assert not rig.ended


async def test_the_same_from_our_own_slices_stops_the_consumer(rig: Rig) -> None:
    """What we signed and nobody can read is a bad release, however many outsiders write beside it."""
    rig.dead_letter_limit = 20
    await _break(rig, 50)
    for number in range(50):
        await rig.send(supplemented(number + 1), value=b"{")

    async with rig.consuming():
        error = await rig.has_ended()

    assert isinstance(error, dead_letter_policy.TooManyDeadLetters)


async def test_a_record_under_another_key_is_refused(rig: Rig) -> None:
    """It would stand in no order with the rest of its case: another case's key, none; what nobody believes is that first."""
    rig.validate_senders = validate_senders
    await rig.send(supplemented(1), key=supplemented(2).case_id.encode())
    await rig.send(supplemented(2), key=None)
    await rig.send(with_text(supplemented(3), FORGED), key=None)
    await rig.send(supplemented(4))

    async with rig.consuming():
        await rig.has_seen(1)
        letters = await rig.has_letters(3)

    assert [(4, 2)] == await rig.seen()
    assert {"key": 2, "nobodys": 1} == Counter(letter.fact("reason") for letter in letters)


async def test_forgeries_are_found_at_once_not_by_halving(rig: Rig) -> None:
    """Half a batch of them costs the steps nothing: the rest is handled in as few calls as ever."""
    rig.validate_senders = validate_senders
    batch = [with_text(event, FORGED) if number % 2 else event for number, event in enumerate(events(400))]
    await rig.send_many(batch)

    async with rig.consuming():
        await rig.has_seen(200)
        await rig.has_letters(200)

    assert 200 == sum(rig.calls)
    assert len(rig.calls) <= 12, rig.calls


async def test_a_forgery_is_not_remembered(rig: Rig) -> None:
    """Its event id stays free, for a replay after the sender's token was added, or for the one it was stolen from."""
    rig.validate_senders = validate_senders
    event_id = "0192abcd-0000-7000-8000-00000000abcd"
    await rig.send(with_text(supplemented(1), FORGED), event_id=event_id)
    async with rig.consuming():
        await rig.has_letters(1)
        await rig.send(supplemented(1), event_id=event_id)
        await rig.has_seen(1)

    assert [(1, 2)] == await rig.seen()


async def test_an_id_that_another_used_takes_nothing_from_anybody(rig: Rig) -> None:
    """Two senders, one id, two records: both are handled, in one batch or in two; the same record again is not."""
    rig.validate_senders = validate_senders
    event_id = "0192abcd-0000-7000-8000-00000000abcd"
    for number in (1, 2, 1):
        await rig.send(supplemented(number), event_id=event_id)
    async with rig.consuming():
        await rig.has_committed(3)
        await rig.send(supplemented(3), event_id=event_id)
        await rig.has_committed(4)

    assert [(1, 2), (2, 2), (3, 2)] == sorted(await rig.seen())


@pytest.mark.parametrize("text", [DEFECT, NUL])
async def test_our_own_failures_halt_this_consumer_and_end_nothing(rig: Rig, text: str) -> None:
    """Nothing is passed or committed, a metric says so; the process and its other consumers go on; a restart resumes."""
    rig.validate_senders, rig.dead_letter_limit = validate_senders, 10
    await rig.send_many([with_text(event, text) for event in events(40)])

    async with rig.consuming() as consumer:
        await _until_halted(consumer)
        assert 1 == metrics.HALTED.labels("scratch")._value.get()
    assert (rig.ended, await rig.letters(), await rig.committed()) == ([], [], {})

    rig.validate_senders, rig.fixed = _repairing, {DEFECT}
    async with rig.consuming() as consumer:
        await rig.has_committed(40)
        assert not consumer.is_halted
        assert 0 == metrics.HALTED.labels("scratch")._value.get()


async def _until_halted(consumer: GroupConsumer) -> None:
    async def look() -> bool:
        return consumer.is_halted

    await eventually(look, seconds=20)


async def _repairing(unit: Unit, batch: Sequence[Event]) -> Sequence[str | None]:
    """The fix of a release: what Postgres cannot hold is found before."""
    return ["nul" if NUL in getattr(event, "text", "") else None for event in batch]


async def test_a_vet_that_fails_on_one_event_costs_that_one(rig: Rig) -> None:
    """A defect there is found by halving, like one of a step, and counts against us."""

    async def failing(unit: Unit, batch: Sequence[Event]) -> Sequence[str | None]:
        if any(getattr(event, "text", "") == DEFECT for event in batch):
            raise KeyError(DEFECT)
        return await validate_senders(unit, batch)

    rig.validate_senders = failing
    batch = events(30)
    await rig.send_many(
        [*batch[:7], with_text(batch[7], DEFECT), *batch[8:20], with_text(batch[20], FORGED), *batch[21:]]
    )
    async with rig.consuming():
        await rig.has_seen(28)
        letters = await rig.has_letters(2)

    assert {"defect:KeyError", "nobodys"} == {letter.fact("reason") for letter in letters}
    assert not rig.ended


async def test_a_vet_waits_for_postgres(rig: Rig) -> None:
    """A passing error is retried in place, as everywhere."""
    failures = iter([ConnectionResetError(), TimeoutError()])

    async def away(unit: Unit, batch: Sequence[Event]) -> Sequence[str | None]:
        for error in failures:
            raise error
        return await validate_senders(unit, batch)

    rig.validate_senders = away
    await rig.send_many(events(10))
    async with rig.consuming():
        await rig.has_seen(10)

    assert (await rig.letters(), rig.ended) == ([], [])


async def test_outsiders_cannot_fill_the_dead_letters(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the allowance of a reason its records are counted and passed; another reason has an allowance of its own."""
    monkeypatch.setattr(dead_letter_policy, "BUDGET_BYTES", 50 * 1024)
    rig.validate_senders = validate_senders
    before = _refused("bad_header", "no")
    await _break(rig, 300)
    await rig.send_many([with_text(event, FORGED) for event in events(20)])
    await rig.send_many(events(5, 2)[5:])

    async with rig.consuming():
        await rig.has_seen(5)
        await rig.has_committed(325)
    letters = await rig.letters()

    assert {"bad_header": 50, "nobodys": 20} == Counter(letter.fact("reason") for letter in letters)
    assert _refused("bad_header", "no") - before == 250
    assert not rig.ended


async def test_a_record_larger_than_the_dead_letters_take(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some clusters let such through: its beginning is kept, with its size, and its neighbour is handled."""
    monkeypatch.setattr(dead_letters, "MAX_KEPT_BYTES", 700 * 1024)
    rig.validate_senders = validate_senders
    await rig.send(supplemented(1), value=b"x" * 800_000)
    await rig.send(supplemented(2))

    async with rig.consuming():
        (letter,) = await rig.has_letters(1)
        await rig.has_seen(1)

    assert ("oversized", "scratch") == (letter.fact("reason"), letter.fact("stage"))
    assert 800_000 < int(letter.fact("cut_from")) < 801_000
    assert b"x" * 512 * 1024 == letter.record.value


async def test_no_senders_clock_begins_a_segment(rig: Rig, kafka_server: EmbeddedKafka) -> None:
    """Records stamped hours apart, of 1970 and since, lie in one file, as any others: a broker may open some thousand."""
    await create_topics(rig.settings, load_city())
    topic = topic_name(COMMANDS, rig.settings.topic_prefix)
    for number in range(20):
        stamp = int(number * timedelta(hours=7) / timedelta(milliseconds=1))
        await rig.producer.send_and_wait(topic, b"{", key=b"k", partition=0, timestamp_ms=stamp)

    segments = [
        each.name for each in kafka_server.directory.rglob("*.log") if each.parent.name == f"{topic}-0"
    ]
    assert ["00000000000000000000.log"] == segments
