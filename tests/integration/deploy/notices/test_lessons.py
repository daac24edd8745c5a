"""What users of other systems reported of notices, and the rule that it gives us (numbers as in the design)."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.notices import endpoints, store
from deploy.notices.letters import bounced_notice
from deploy.observability import metrics
from schemas.notices import Audience, NoticeChannel
from schemas.words import AlertLevel
from tests.integration.deploy.notices.addresses import alert, hears
from tests.integration.deploy.notices.office import Office, letters
from tests.integration.deploy.notices.receiver import Receiver
from tests.mail_servers import SmtpServer

NAMELESS = {"contact": {"name": "王芳"}}


async def test_lesson_25_no_letter_of_ours_starts_a_loop(office: Office, smtp: SmtpServer) -> None:
    """Zammad #1131, #4941: bounces and automatic answers were answered. Ours say what they are; a bounce makes no letter."""
    await hears(office, "housing@city.example")
    await office.case()
    await office.send()
    sent = letters(smtp.letters)
    assert 2 <= len(sent)
    assert {("auto-generated", "All")} == {
        (letter["Auto-Submitted"], letter["X-Auto-Response-Suppress"]) for letter in sent
    }

    for letter in sent:
        report = f"Action: failed\nStatus: 5.1.1\n\nMessage-ID: {letter['Message-ID']}".encode()
        found = bounced_notice(report)
        assert found is not None
        assert await store.note_bounced(office.city.pool, found[0], office.now(), found[1])
        assert not await store.note_bounced(office.city.pool, found[0], office.now(), found[1])
    office.ahead += timedelta(hours=2)
    await office.send()
    assert len(sent) == len(smtp.letters)


async def test_lesson_39_each_recipient_has_its_own_state(
    office: Office, smtp: SmtpServer, receiver: Receiver
) -> None:
    """FixMyStreet #3168: of two destinations one failed, and both were marked as sent."""
    await hears(office, "housing@city.example")
    await hears(office, receiver.url)
    await hears(office, receiver.url + "?city", Audience.CITY)
    receiver.status = 503
    _, case_id = await office.case(**NAMELESS)
    await office.send()
    states = {(row["channel"], row["audience"], row["state"]) for row in await office.rows(case_id)}

    assert {("email", "department", "sent"), ("webhook", "department", "waiting")} == states
    receiver.status = 200
    office.ahead += timedelta(minutes=10)
    await office.send()
    assert {"sent"} == {row["state"] for row in await office.rows(case_id)}
    assert 1 == len(smtp.letters)


async def test_lesson_40_what_fails_goes_on_and_is_counted(office: Office, receiver: Receiver) -> None:
    """FixMyStreet #2091: updates were silent after the first error. Tried again, counted, and shown once given up."""
    await hears(office, receiver.url)
    receiver.status = 500
    _, case_id = await office.case(**NAMELESS)
    given_up = metrics.NOTICES.labels(NoticeChannel.WEBHOOK.value, "given_up")
    before, tries = given_up._value.get(), []
    for _ in range(4):
        await office.send()
        tries += [row["attempts"] for row in await office.rows(case_id)]
        office.ahead += timedelta(hours=1)
    assert [1, 2, 3, 4] == tries

    office.ahead += timedelta(days=4)
    await office.send()
    async with office.city.pool.acquire() as db:
        waiting, _, troubled = await store.waiting(db, office.now())
    assert (0, 1) == (waiting, troubled)
    assert before + 1 == given_up._value.get()


@pytest.mark.parametrize(
    "ends",
    [
        "state = 'merged'",
        "state = 'withdrawn', closed_at = now()",
        "state = 'closed', closed_at = now()",
    ],
)
async def test_a_case_that_ended_meanwhile_presses_nobody(
    office: Office, smtp: SmtpServer, receiver: Receiver, ends: str
) -> None:
    """Merged, withdrawn or closed between the event and the letter: neither a letter nor a webhook says that it is late."""
    await hears(office, "housing@city.example")
    await hears(office, receiver.url)
    _, case_id = await office.case(**NAMELESS)
    await alert(office, case_id, AlertLevel.MISSED)
    await office.city.pool.execute(
        f"UPDATE handlers.case SET {ends} WHERE case_id = $1::uuid",  # noqa: S608  the test's own words
        case_id,
    )
    await office.send()

    assert ([], []) == (smtp.letters, receiver.got)
    assert {("dropped", "outdated")} == {(row["state"], row["reason"]) for row in await office.rows(case_id)}


async def test_an_office_that_moved_meanwhile_is_not_written_to(office: Office, smtp: SmtpServer) -> None:
    """What waits for its former address goes nowhere; from then on the new one hears."""
    old = await hears(office, "housing@city.example")
    await office.case(**NAMELESS)
    await endpoints.remove(office.city.pool, old.id, by="sun", now=datetime.now(UTC))
    await hears(office, "housing-new@city.example")
    await office.send()
    assert [] == smtp.letters
    await office.case(**NAMELESS)
    await office.send()

    assert ["housing-new@city.example"] == [letter["To"] for letter in letters(smtp.letters)]
