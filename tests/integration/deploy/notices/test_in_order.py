"""Letters to one citizen about one case arrive in the order in which things happened."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from deploy.notices import store
from deploy.notices.carriers import NotNow
from schemas.notices import KeptNotice, Message, NoticeChannel, Occasion
from tests.integration.deploy.notices.office import Office


async def test_news_of_one_case_arrives_in_order(office: Office) -> None:
    """However long the server thinks about the first letter: "with a department" makes no sense before "received"."""
    carrier = _Pensive()
    await office.case()
    delivery = office.delivery()
    await office.send(replace(delivery, carriers={NoticeChannel.EMAIL: carrier}))

    assert ["received", "received taken", "assigned", "assigned taken"] == carrier.heard


@pytest.mark.parametrize("refusals", [1, 2])
async def test_news_waits_behind_earlier_news_that_was_put_off(office: Office, refusals: int) -> None:
    """A server that takes nothing from a stranger at first (greylisting): what it did not take goes first, however often."""
    carrier = _Greylisting(refusals)
    await office.case()
    delivery = replace(office.delivery(), carriers={NoticeChannel.EMAIL: carrier})
    for _ in range(10):
        await office.send(delivery)
        office.ahead += timedelta(seconds=30)

    assert ["received", "assigned"] == carrier.taken


async def test_news_goes_at_last_though_earlier_news_is_never_taken(office: Office) -> None:
    """It may be that one alone which its receiver cannot take."""
    carrier = _Greylisting(100, only="received")
    await office.case()
    delivery = replace(office.delivery(), carriers={NoticeChannel.EMAIL: carrier})
    for _ in range(store.HOLDS_UP_TRIES):
        await office.send(delivery)
        office.ahead += timedelta(minutes=20)
    assert [] == carrier.taken
    await office.send(delivery)

    assert ["assigned"] == carrier.taken


async def test_news_of_the_night_comes_in_the_morning_in_order(office: Office) -> None:
    """What waited for the end of the quiet hours is due at one moment."""
    cases = [(await office.case())[1] for _ in range(6)]
    night, lease = office.now(), timedelta(minutes=15)
    email = [NoticeChannel.EMAIL]
    taken = await store.take(office.city.pool, email, night, lease=lease, limit=100)
    morning = night + timedelta(hours=8)
    await store.put_off(office.city.pool, taken, morning, reason="quiet-hours")
    again = await store.take(office.city.pool, email, morning, lease=lease, limit=100)

    told = {case: [notice.occasion for notice in again if notice.case_id == case] for case in cases}
    assert [[Occasion.RECEIVED, Occasion.ASSIGNED]] * len(cases) == list(told.values())


async def test_much_that_waits_behind_what_was_put_off_is_looked_at_once(office: Office) -> None:
    """A mail server that is away for minutes: a turn would take seconds, were each looked up among all the others."""
    for occasion, due in (
        (Occasion.RECEIVED, timedelta(minutes=5)),
        (Occasion.ASSIGNED, -timedelta(minutes=1)),
    ):
        await office.city.pool.execute(
            """
            INSERT INTO deploy.notice (id, occasion, case_id, audience, department, channel, facts, at, send_after, attempts)
            SELECT gen_random_uuid(), $1, md5(n::text)::uuid, 'citizen', '', 'email', '{}', $2, $3, 1
            FROM generate_series(1, 5000) AS n
            """,
            occasion.value,
            office.now(),
            office.now() + due,
        )
    began = time.perf_counter()
    taken = await store.take(
        office.city.pool, [NoticeChannel.EMAIL], office.now(), lease=timedelta(minutes=15), limit=40
    )

    assert [] == taken
    assert time.perf_counter() - began < 5


@dataclass
class _Greylisting:
    """Puts off what comes first, or all that is of one occasion."""

    refusals: int
    only: str = ""
    taken: list[str] = field(default_factory=list)

    async def carry(self, notice: KeptNotice, _: Message) -> None:
        if self.refusals and self.only in ("", notice.occasion.value):
            self.refusals -= 1
            raise NotNow("SMTP 451")
        self.taken.append(notice.occasion.value)


@dataclass
class _Pensive:
    """Takes a letter once another one begins, or nobody has begun one for half a second."""

    heard: list[str] = field(default_factory=list)
    another: asyncio.Event = field(default_factory=asyncio.Event)

    async def carry(self, notice: KeptNotice, _: Message) -> None:
        self.another.set()
        self.another = asyncio.Event()
        self.heard.append(notice.occasion.value)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.another.wait(), 0.5)
        self.heard.append(f"{notice.occasion.value} taken")
