"""Direct answers that another dispatcher reads again: by a sample that nobody knows, recalled where they are wrong."""

from datetime import timedelta
from typing import Any

import pytest

from deploy.web.site.render import renderer_of
from intake.steps.entries import KeptEntries
from routing.core.decisions.direct import ReadingOver, SecondReading, is_read_again
from routing.core.decisions.review import Decision, DirectAnswer
from routing.steps import direct
from routing.steps.decide import decide
from routing.steps.decided import Decided
from routing.web import readings
from routing.web.pages import show_case
from schemas.errors import BadInput, NotFound
from schemas.events.intake import RefusalObjected
from schemas.http import Call, Principal
from schemas.ids import CaseId
from schemas.words import CaseState, CitizenAction, Language, Role
from tests.conftest import RecordingUnit
from tests.integration.centre import ASKED, CASE, CITY, ENTRY, TEXT, Centre


@pytest.fixture
def centre(unit: RecordingUnit) -> Centre:
    """On Monday morning."""
    return Centre(unit)


async def _sampled(centre: Centre) -> int:
    """Answered, and in the sample, as everything is without a secret; the version."""
    await centre.begin()
    await centre.answer()
    version: int = await centre.unit.db.fetchval("SELECT version FROM routing.case WHERE case_id = $1", CASE)
    return version


async def _found(centre: Centre, version: int, by: str, *, right: bool, remarks: str = "") -> Decided:
    found = SecondReading(is_right=right, remarks=remarks)
    done = await direct.read_again(centre.unit, CASE, version, found, by)
    await centre.slices.carry()
    return done


async def test_a_sample_is_read_by_another(centre: Centre) -> None:
    """Never by whoever answered; once; found right, the case stays closed."""
    version = await _sampled(centre)
    assert [] == await direct.list_readings(centre.unit, "li")
    (waiting,) = await direct.list_readings(centre.unit, "sun")
    assert (CASE, "li", str(ENTRY)) == (waiting.case.case_id, waiting.answered_by, str(waiting.entry_id))
    with pytest.raises(NotFound):
        await _found(centre, version, "li", right=True)
    with pytest.raises(BadInput):
        await direct.read_again(
            centre.unit, CASE, version, SecondReading(is_right=True), "system", is_person=False
        )
    await _found(centre, version, "sun", right=True)

    assert CaseState.CLOSED is (await centre.seen()).state
    assert [] == await direct.list_readings(centre.unit, "sun")
    # Sent twice it is done; found otherwise, or by somebody else, it is too late.
    assert CASE == (await _found(centre, version, "sun", right=True)).case_id
    for by, right in (("sun", False), ("zhao", True)):
        with pytest.raises(ReadingOver):
            await _found(centre, version, by, right=right, remarks="错")
    with pytest.raises(NotFound):
        await _found(centre, version, "li", right=True)


@pytest.mark.parametrize("path", ["/api/v1/review/readings", "/review/readings"])
@pytest.mark.parametrize(("by", "fields"), [("li", []), ("sun", ["title", "text", "response"])])
async def test_whoever_reads_it_again_has_seen_it(
    centre: Centre, path: str, by: str, fields: list[str]
) -> None:
    """Its title, message and answer, over the API and on the page: a row says so. Whoever gave it is shown nothing."""
    await _sampled(centre)
    all_of_them = (*readings.routes(), *readings.pages())
    (route,) = [route for route in all_of_them if (route.method, route.path) == ("GET", path)]
    call = Call(
        principal=Principal(role=Role.DISPATCHER, name=by), language=Language.ZH, path={}, headers={},
        address="10.0.0.1", unit_or_none=centre.unit, query=route.query() if route.query else None,
    )  # fmt: skip
    await route.answer(call)

    assert ({CASE: fields} if fields else {}) == {case: list(seen) for case, seen in call.shown.items()}


async def test_a_wrong_answer_is_recalled(centre: Centre) -> None:
    """With a reason: nobody else reads it any more, the case waits for somebody else, and its time runs."""
    version = await _sampled(centre)
    with pytest.raises(BadInput):
        await _found(centre, version, "sun", right=False)
    centre.unit.now += timedelta(hours=1)
    await _found(centre, version, "sun", right=False, remarks="已改为网上办理")
    seen = await centre.seen()

    assert CaseState.IN_REVIEW is seen.state
    assert ("recalled", None) == (seen.timeline[-1].event, seen.response)
    assert "review_objection:dispatcher" in await centre.running()
    found: Any = await centre.site.call(centre.unit, "GET", "/api/v1/published")
    assert ASKED.codes.tracking_code not in [item.tracking_code for item in found.items]
    with pytest.raises(BadInput):
        await centre.answer("li")
    told = len(centre.unit.emitted)
    assert CASE == (await _found(centre, version, "sun", right=False, remarks="已改为网上办理")).case_id
    assert told == len(centre.unit.emitted)
    await centre.answer("sun")
    assert CaseState.CLOSED is (await centre.seen()).state


async def test_a_recall_is_no_objection_on_the_page_either(centre: Centre) -> None:
    """Whoever decides reads that the answer was taken back: no citizen has objected to it."""
    version = await _sampled(centre)
    await _found(centre, version, "sun", right=False, remarks="已改为网上办理")
    call = Call(
        principal=Principal(role=Role.DISPATCHER, name="sun"), language=Language.ZH, path={"case_id": CASE},
        headers={}, address="10.0.0.1", unit_or_none=centre.unit,
    )  # fmt: skip
    page = await show_case(call, city=CITY)
    html = renderer_of(CITY).render(
        page, language=call.language, principal=call.principal, csrf_token="t", path="/review"
    )

    assert "直接答复已撤回</h2>" in html


async def test_a_recall_is_not_the_citizens_objection(centre: Centre) -> None:
    """Of the second answer they may object as of any other, once."""
    version = await _sampled(centre)
    centre.unit.now += timedelta(hours=1)
    await _found(centre, version, "sun", right=False, remarks="已改为网上办理")
    await centre.answer("sun")
    assert CitizenAction.OBJECTION in (await centre.seen()).allowed_actions
    await centre.do("objection", reason="没说要不要照片")

    assert CaseState.IN_REVIEW is (await centre.seen()).state
    await centre.answer("zhao")
    assert [CitizenAction.RATING] == (await centre.seen()).allowed_actions


async def test_an_objection_that_crosses_a_recall_is_read(centre: Centre) -> None:
    """Its words stand beside what waits for the other dispatcher, and the citizen may object to what comes of it."""
    version = await _sampled(centre)
    before = centre.unit.now
    await _found(centre, version, "sun", right=False, remarks="已改为网上办理")
    centre.unit.emit(RefusalObjected(case_id=CASE, version=version, at=before, reason="没说要不要照片"))
    await centre.slices.carry()

    row = await centre.unit.db.fetchrow("SELECT state, supplement FROM routing.case WHERE case_id = $1", CASE)
    assert ("open", True) == (row["state"], "没说要不要照片" in row["supplement"])
    assert 1 == await centre.unit.db.fetchval(
        "SELECT count(*) FROM routing.review_item WHERE case_id = $1 AND state = 'open'", CASE
    )
    await centre.answer("zhao")
    assert CitizenAction.OBJECTION in (await centre.seen()).allowed_actions


async def test_after_an_objection_nobody_reads_the_answer_again(centre: Centre) -> None:
    """It is none any more: nothing waits for ever."""
    await _sampled(centre)
    await centre.do("objection", reason="没说要不要照片")

    assert 0 == await centre.unit.db.fetchval("SELECT count(*) FROM routing.reading WHERE read_at IS NULL")


async def test_what_became_private_is_nobody_elses_to_read_again(centre: Centre) -> None:
    """An objection that accuses somebody makes a report of it."""
    version = await _sampled(centre)
    await centre.unit.db.execute("UPDATE routing.case SET protected = true WHERE case_id = $1", CASE)

    assert [] == await direct.list_readings(centre.unit, "sun")
    with pytest.raises(NotFound):
        await _found(centre, version, "sun", right=True)


def test_one_in_five_is_in_the_sample() -> None:
    """Which ones, only whoever has the secret knows; without one, all."""
    ids = [CaseId(f"0198b2c4-0000-7000-8000-{number:012x}") for number in range(1000)]
    one, other = ({case for case in ids if is_read_again(case, key)} for key in (b"one", b"other"))

    assert all(150 < len(sample) < 250 for sample in (one, other))
    assert len(one & other) < 80
    assert all(is_read_again(case, None) for case in ids)


async def test_the_secret_decides_who_is_read_again(centre: Centre) -> None:
    """Whoever decides, by page or by API."""
    key = next(key for key in (b"%d" % number for number in range(99)) if not is_read_again(CASE, key))
    await centre.begin()
    decision = Decision(version=await centre.version(), answer=DirectAnswer(entry_id=ENTRY, text=TEXT))
    await decide(centre.unit, CITY, CASE, decision, "li", KeptEntries(), sample_key=key)

    assert [] == await direct.list_readings(centre.unit, "sun")
