"""What citizens add to their case, on a real Postgres: so much, each thing once, and all of it read again."""

from datetime import timedelta
from typing import Any

import pytest

from intake.steps.act_on_case import MOST_A_DAY, MOST_ADDITIONS, Addition, TooManyAdditions, supplement
from intake.store.view import find_view
from schemas.errors import BadInput
from schemas.events.intake import CaseSupplemented
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site, register
from tests.integration.intake.test_handle_events import CASE
from tests.unit.intake.messages import CONTACT, KEYS, NEW_KEYS, draft, message

CODE = "/api/v1/submissions/{tracking_code}"
AT = {"tracking_code": CASE.codes.tracking_code}
ACCESS = {"access-code": CASE.codes.access_code}


@pytest.fixture
def site() -> Site:
    """Intake's web, with a Kafka that takes everything."""
    return Site()


async def test_nobody_adds_without_end(site: Site, unit: RecordingUnit) -> None:
    """So much in a day, so much altogether; what was said may be said again, and the next day goes on."""
    await register(unit, CASE)

    async def add(text: object) -> None:
        await site.call(
            unit, "POST", f"{CODE}/supplement", {"text": f"第 {text} 次补充"}, at=AT, headers=ACCESS
        )

    for number in range(MOST_A_DAY):
        await add(number)
    said = len(unit.emitted)
    await add(3)
    with pytest.raises(TooManyAdditions):
        await add("再来一")
    assert said == len(unit.emitted)

    await unit.db.execute("UPDATE intake.supplement SET at = at - interval '25 hours'")
    await add("第二天")
    await unit.db.execute(
        """INSERT INTO intake.supplement (case_id, content_hash, at, text)
        SELECT $1::uuid, number::text::bytea, now() - interval '2 days', '' FROM generate_series(1, $2::int) AS number""",
        CASE.codes.case_id,
        MOST_ADDITIONS,
    )
    with pytest.raises(TooManyAdditions):
        await add("最后一")


async def test_a_supplement_is_masked_and_kept_once(site: Site, unit: RecordingUnit) -> None:
    """The sender's own name is hidden as well; the same again leaves one line, however often."""
    given = message(draft(contact=CONTACT), entropy=b"s" * 32)
    await register(unit, given)
    unit.emitted.clear()
    at, headers = {"tracking_code": given.codes.tracking_code}, {"access-code": given.codes.access_code}
    for _ in range(3):
        case: Any = await site.call(
            unit, "POST", f"{CODE}/supplement", {"text": "周丽华补充：昨晚又坏了"}, at=at, headers=headers
        )

    (event,) = unit.emitted
    assert isinstance(event, CaseSupplemented)
    assert "周**补充：昨晚又坏了" == event.text
    assert ["supplemented", "supplemented_again"] == [line.event for line in case.timeline[-2:]]
    assert 1 == sum(line.event == "supplemented_again" for line in case.timeline)
    assert ["周**补充：昨晚又坏了"] == [said.text for said in case.supplements]


async def test_an_addition_sent_again_over_a_change_of_the_master_secret_is_one(unit: RecordingUnit) -> None:
    """Whoever never saw the answer sends it again, and says nothing new; other words are."""
    await register(unit, CASE)
    for keys, text in ((KEYS, "昨晚又坏了"), (NEW_KEYS, "昨晚又坏了"), (NEW_KEYS, "今天也是")):
        case = await find_view(unit.db, CASE.codes.tracking_code)
        assert case is not None
        await supplement(unit, keys, case, Addition(text=text))

    said = [event.text for event in unit.emitted if isinstance(event, CaseSupplemented)]
    assert ["昨晚又坏了", "今天也是"] == said


async def test_the_latest_twenty_additions_are_shown(site: Site, unit: RecordingUnit) -> None:
    """In the order of time, and none of another case's; those before go on from there, to the first one."""
    await register(unit, CASE)
    bare: Any = await site.call(unit, "GET", CODE, at=AT, headers=ACCESS)
    assert [] == bare.supplements
    await unit.db.execute(
        """INSERT INTO intake.supplement (case_id, content_hash, at, text)
        SELECT $1::uuid, n::text::bytea, $2::timestamptz + n * interval '1 minute', '第 ' || n
        FROM generate_series(1, 30) AS n""",
        CASE.codes.case_id,
        unit.now - timedelta(days=9),
    )
    case: Any = await site.call(unit, "POST", f"{CODE}/supplement", {"text": "最后"}, at=AT, headers=ACCESS)

    assert [*(f"第 {n}" for n in range(12, 31)), "最后"] == [said.text for said in case.supplements]
    query = {"supplements_before": case.older_supplements}
    older: Any = await site.call(unit, "GET", CODE, at=AT, headers=ACCESS, query=query)
    assert [f"第 {n}" for n in range(1, 12)] == [said.text for said in older.supplements]
    assert older.older_supplements is None


async def test_additions_of_one_moment_are_all_on_some_page(site: Site, unit: RecordingUnit) -> None:
    """Each once, though no clock tells them apart."""
    await register(unit, CASE)
    await site.call(unit, "POST", f"{CODE}/supplement", {"text": "最后"}, at=AT, headers=ACCESS)
    await unit.db.execute(
        """INSERT INTO intake.supplement (case_id, content_hash, at, text)
        SELECT $1::uuid, n::text::bytea, $2::timestamptz, '第 ' || n FROM generate_series(1, 50) AS n""",
        CASE.codes.case_id,
        unit.now,
    )
    said: list[str] = []
    before: str | None = None
    while True:
        query: dict[str, str] = {"supplements_before": before} if before else {}
        case: Any = await site.call(unit, "GET", CODE, at=AT, headers=ACCESS, query=query)
        said += [each.text for each in case.supplements]
        if (before := case.older_supplements) is None:
            break

    assert sorted([*(f"第 {n}" for n in range(1, 51)), "最后"]) == sorted(said)


@pytest.mark.parametrize("cursor", ["x", "W10", "WyIyMDI2IiwgIl9fIl0", "\u2028", "bnVsbA", "é"])
async def test_a_cursor_that_is_not_ours_is_refused(site: Site, unit: RecordingUnit, cursor: str) -> None:
    """As one, whether anything was added or not."""
    await register(unit, CASE)
    with pytest.raises(BadInput):
        await site.call(unit, "GET", CODE, at=AT, headers=ACCESS, query={"supplements_before": cursor})


async def test_the_row_of_a_case_grows_by_no_words_that_were_added(site: Site, unit: RecordingUnit) -> None:
    """It is written anew with each line; what was added stands once, among the additions."""
    await register(unit, CASE)
    long = "路灯" * 5000
    case: Any = await site.call(unit, "POST", f"{CODE}/supplement", {"text": long}, at=AT, headers=ACCESS)
    size = await unit.db.fetchval(
        "SELECT length(timeline::text) FROM intake.view WHERE case_id = $1", CASE.codes.case_id
    )

    assert size < 300
    assert ([long], ("supplemented", "")) == (
        [said.text for said in case.supplements],
        (case.timeline[-1].event, case.timeline[-1].words),
    )
