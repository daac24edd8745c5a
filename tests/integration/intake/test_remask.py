"""What an earlier masker let through is masked anew, once, in public and where it is kept aside."""

from datetime import timedelta

import pytest

from intake.steps import remask
from intake.steps.handle_events import handle_replies
from intake.store.published import hide_answer
from intake.store.remasking import Table
from schemas.events.handlers import ReplyPublished
from schemas.masking import MASKER
from schemas.values import Contact
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import register
from tests.integration.intake.test_handle_events import said
from tests.unit.intake.messages import KEYS, draft, message

CONTACT = Contact(name="欧阳珩璟", phone="13812345678")
MESSAGES = [
    message(draft("路灯不亮", "路灯坏了。", contact=CONTACT, publish=True), entropy=bytes([n]) * 32)
    for n in range(5)
]
LEAKY = "欧阳珩璟您好，已按13812345678与您联系，修好了翠竹苑5号楼三单元502。"


@pytest.fixture
async def leaky(unit: RecordingUnit) -> RecordingUnit:
    """Answers as an earlier release published them; the last is kept aside."""
    await register(unit, *MESSAGES)
    await handle_replies(
        unit, [said(ReplyPublished, 9, case_id=m.codes.case_id) for m in MESSAGES], keys=KEYS
    )
    await unit.db.execute("UPDATE intake.published SET masked = 0, response = $1", LEAKY)
    await hide_answer(unit.db, MESSAGES[-1].codes.case_id, unit.now)
    return unit


async def _all(unit: RecordingUnit) -> None:
    tables: tuple[Table, ...] = ("published", "withheld")
    for table in tables:
        after = (await remask.remask_answers(unit, KEYS, table)).after
        while after is not None:
            after = (await remask.remask_answers(unit, KEYS, table, after)).after


@pytest.mark.parametrize("at_once", [1, 2, 4, 100])
async def test_every_answer_is_masked_anew_once(
    leaky: RecordingUnit, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Whose it is, how to reach them and where they live goes; nothing else changes; a second look finds nothing."""
    monkeypatch.setattr(remask, "AT_ONCE", at_once)
    before = await leaky.db.fetch("SELECT case_id, title, replied_at FROM intake.published ORDER BY case_id")
    await _all(leaky)
    read = (
        "SELECT response, masked FROM intake.published UNION ALL SELECT response, masked FROM intake.withheld"
    )
    first = await leaky.db.fetch(read)
    await leaky.db.execute("UPDATE intake.published SET response = 'kept' WHERE masked = $1", MASKER)
    await _all(leaky)

    assert 5 * [("欧**您好，已按138****5678与您联系，修好了翠竹苑***。", MASKER)] == [
        tuple(row) for row in first
    ]
    assert before == await leaky.db.fetch(
        "SELECT case_id, title, replied_at FROM intake.published ORDER BY case_id"
    )
    assert 4 == await leaky.db.fetchval("SELECT count(*) FROM intake.published WHERE response = 'kept'")


async def test_a_contact_that_no_key_opens_stops_nobody(leaky: RecordingUnit) -> None:
    """That answer is named and left as it is; its neighbours are masked anew."""
    locked = MESSAGES[1].codes.case_id
    await leaky.db.execute("UPDATE intake.sealed SET sealed = sha512('?') WHERE case_id = $1", locked)

    done = await remask.remask_answers(leaky, KEYS, "published")

    assert ([locked], None) == (done.unreadable, done.after)
    left = await leaky.db.fetch("SELECT case_id::text FROM intake.published WHERE response = $1", LEAKY)
    assert [locked] == [row["case_id"] for row in left]


async def test_what_is_hidden_is_not_found_either(leaky: RecordingUnit) -> None:
    """The bigrams are those of the new text."""
    await _all(leaky)
    found = "SELECT count(*) FROM intake.published WHERE search @@ $1::text::tsquery"

    assert 0 == await leaky.db.fetchval(found, "'三单'")
    assert 4 == await leaky.db.fetchval(found, "'修好'")


async def test_what_is_published_now_needs_no_second_look(unit: RecordingUnit) -> None:
    """It says which masker made it."""
    await register(unit, MESSAGES[0])
    event = said(ReplyPublished, 9, case_id=MESSAGES[0].codes.case_id)
    await handle_replies(unit, [event], keys=KEYS)
    unit.now += timedelta(minutes=1)

    assert [MASKER] == [row["masked"] for row in await unit.db.fetch("SELECT masked FROM intake.published")]
