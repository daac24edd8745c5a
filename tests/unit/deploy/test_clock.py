"""Fresh ids, the present moment, and waiting."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest

from deploy import clock


def test_event_ids_are_uuids_of_version_7() -> None:
    """RFC 9562: version 7, the usual variant, in the usual spelling."""
    text = clock.new_event_id()
    parsed = UUID(text)

    assert text == str(parsed)
    assert parsed.version == 7
    assert RFC_4122 == parsed.variant


def test_event_ids_hold_the_moment() -> None:
    """The first 48 bits are milliseconds since 1970."""
    before = time.time_ns() // 1_000_000
    milliseconds = UUID(clock.new_event_id()).int >> 80

    assert before <= milliseconds <= time.time_ns() // 1_000_000


def test_later_ids_sort_later() -> None:
    """As text, within one millisecond and from one to the next."""
    ids = [clock.new_event_id() for _ in range(20_000)]

    assert ids == sorted(ids)
    assert len({UUID(one).int >> 80 for one in ids}) > 1


def test_no_two_ids_are_equal() -> None:
    """Not within one millisecond either."""
    assert len({clock.new_event_id() for _ in range(20_000)}) == 20_000


def test_now_is_utc() -> None:
    """Aware, and UTC."""
    assert UTC == clock.now().tzinfo
    assert timedelta(0) == clock.now().utcoffset()


async def test_waiting_ends_with_the_event_or_with_the_time() -> None:
    """Whichever comes first; neither is an error."""
    event = asyncio.Event()
    started = time.monotonic()
    await clock.wait_for(event, 0.05)
    waited = time.monotonic() - started
    event.set()
    await clock.wait_for(event, 60)

    assert 0.05 <= waited < 1
    assert time.monotonic() - started < 2


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was heard from the database yet."""
    monkeypatch.setattr(clock, "_heard", clock._DatabaseTime())


def test_all_go_by_the_databases_clock(unheard: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it was heard, nobody sets it: a machine whose own clock jumps keeps the time, and knows that it is wrong."""
    database = clock.own_now() - timedelta(days=3)
    clock.note_database_time(database, asked_at=clock.counted())
    told = clock.now() - database
    true_now = clock.own_now
    monkeypatch.setattr(clock, "own_now", lambda: true_now() + timedelta(days=9))

    assert timedelta() <= told < timedelta(seconds=1)
    assert clock.now() - database < timedelta(seconds=1)
    assert 12 == round(clock.ahead_seconds() / 86_400)


@pytest.mark.parametrize("days", [-20_000, -40, 40, 20_000])
def test_event_ids_hold_the_databases_moment(unheard: None, days: int) -> None:
    """A machine that began in 1970 makes no id that is older than inboxes remember: what it took was a dead letter."""
    database = clock.own_now() - timedelta(days=days)
    clock.note_database_time(database, asked_at=clock.counted())
    ids = [clock.new_event_id() for _ in range(1_000)]
    made = {datetime.fromtimestamp((UUID(each).int >> 80) / 1000, UTC) for each in ids}

    assert all(abs(each - database) < timedelta(minutes=1) for each in made)
    assert {7} == {UUID(each).version for each in ids}
    assert ids == sorted(set(ids))


def test_a_slow_answer_does_not_replace_a_quick_one(unheard: None) -> None:
    """It is less exact, unless it shows that the database's clock was set since."""
    database = clock.own_now()
    clock.note_database_time(database, asked_at=clock.counted())
    clock.note_database_time(database - timedelta(seconds=2), asked_at=clock.counted() - 4)
    assert abs(clock.now() - database) < timedelta(seconds=1)

    clock.note_database_time(database + timedelta(hours=1), asked_at=clock.counted() - 4)
    assert clock.now() - database > timedelta(minutes=59)


def test_unheard_it_is_this_machines(unheard: None) -> None:
    """Who has no database yet has no better clock."""
    assert abs(clock.now() - clock.own_now()) < timedelta(seconds=1)
    assert 0.0 == clock.ahead_seconds()
