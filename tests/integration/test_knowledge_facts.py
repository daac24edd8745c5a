"""What routing and handlers know of knowledge entries, for the figures of knowledge."""

from datetime import timedelta

from deploy.composition.knowledge_facts import SlicesFacts
from handlers.steps import entries as steps
from tests.conftest import RecordingUnit
from tests.integration.centre import ASKED, CASE, Centre
from tests.integration.handlers.conftest import li, wang
from tests.integration.handlers.entry_desk import Staff, acted, published

__all__ = ["li", "wang"]


async def test_entries_are_counted_as_they_stand(unit: RecordingUnit, wang: Staff, li: Staff) -> None:
    """Those that everybody may read, what ended since, and what contradicts."""
    begun = unit.now
    one = await published(wang, li)
    other = await published(wang, li, answer="带身份证到社区，7个工作日内办好。")
    facts = await SlicesFacts().of(unit, begun)
    assert ({one, other}, 0, 1) == (set(facts.live), facts.expired, facts.contradicting)

    await acted(wang, other, "withdraw", remarks="过时")
    end = (await wang.read(one)).holds_until
    assert end is not None
    unit.now = end
    assert () == (await SlicesFacts().of(unit, begun)).live
    await steps.expire(unit)
    facts = await SlicesFacts().of(unit, begun)
    assert ((), 1, 0) == (facts.live, facts.expired, facts.contradicting)
    assert 0 == (await SlicesFacts().of(unit, end + timedelta(seconds=1))).expired


async def test_enquiries_that_an_entry_answered_are_counted(unit: RecordingUnit) -> None:
    """Of those that came; one that is kept to those who handle it is in no figure."""
    centre = Centre(unit)
    await centre.begin()
    since = ASKED.event.at
    before = await SlicesFacts().of(unit, since)
    await centre.answer()
    after = await SlicesFacts().of(unit, since)

    assert ((1, 0), (1, 1)) == (
        (before.enquiries, before.answered),
        (after.enquiries, after.answered),
    )
    assert 0 == (await SlicesFacts().of(unit, since + timedelta(seconds=1))).enquiries
    for kept in ("confidential = true", "protected = true", "state = 'merged'"):
        await unit.db.execute(f"UPDATE routing.case SET {kept} WHERE case_id = $1", CASE)  # noqa: S608  our own words
        assert 0 == (await SlicesFacts().of(unit, since)).enquiries
        undo = kept.replace("true", "false").replace("merged", "answered")
        await unit.db.execute(f"UPDATE routing.case SET {undo} WHERE case_id = $1", CASE)  # noqa: S608  our own words
