"""Publication: nothing whose citizen did not say yes, whatever door it came by; they may say it later, and take it back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from intake.core.public.publication import TooManyConsents
from intake.steps.handle_events import handle_shielded, update_views
from schemas.errors import ActionNotAllowed, NotFound
from schemas.events.handlers import CaseClosed, ReplyPublished
from schemas.events.intake import CaseRegistered, PublicationDecided
from schemas.events.routing import CaseShielded
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site, handle_replies, register
from tests.integration.intake.test_handle_events import said
from tests.unit.intake.messages import draft, message

CODE = "/api/v1/submissions/{tracking_code}"
#: Its citizen said nothing of publication.
CASE = message()
CASE_DRAFT = draft()
AT = {"tracking_code": CASE.codes.tracking_code}
ACCESS = {"access-code": CASE.codes.access_code}
CODES = {"tracking_code": CASE.codes.tracking_code, "access_code": CASE.codes.access_code}


@pytest.fixture
def site() -> Site:
    """Intake's web."""
    return Site()


async def _answer(unit: RecordingUnit, version: int = 6, **more: object) -> None:
    given = {"public": False, "publishable": True, "case_id": CASE.codes.case_id} | more
    await handle_replies(unit, [said(ReplyPublished, version, **given)])  # type: ignore[arg-type]  # fields of the event
    await update_views(unit, [said(CaseClosed, version, case_id=CASE.codes.case_id)])


async def _is_public(site: Site, unit: RecordingUnit) -> bool:
    try:
        await site.call(unit, "GET", "/api/v1/published/{tracking_code}", at=AT)
    except NotFound:
        return False
    return True


async def _allow(site: Site, unit: RecordingUnit, *, publish: bool = True) -> Any:
    return await site.call(unit, "POST", f"{CODE}/publication", {"publish": publish}, at=AT, headers=ACCESS)


async def test_what_nobody_asked_to_publish_is_published_once_they_say_so(
    site: Site, unit: RecordingUnit
) -> None:
    """And taken back again; both stand in the timeline."""
    await register(unit, CASE)
    await _answer(unit)
    case: Any = await site.call(unit, "GET", CODE, at=AT, headers=ACCESS)
    assert ("withheld", False) == (case.publication, await _is_public(site, unit))

    case = await _allow(site, unit)
    assert ("public", True) == (case.publication, await _is_public(site, unit))
    assert case == await _allow(site, unit)
    found: Any = await site.call(unit, "GET", "/api/v1/published", query={"q": "路灯"})
    assert [CASE.codes.tracking_code] == [item.tracking_code for item in found.items]

    case = await _allow(site, unit, publish=False)
    assert ("withheld", False) == (case.publication, await _is_public(site, unit))
    events = [line.event for line in case.timeline]
    assert {"publication_allowed", "publication_refused"} <= set(events)


async def test_who_goes_on_changing_their_mind_ends_with_a_no(site: Site, unit: RecordingUnit) -> None:
    """Each time counts, and a no always does; neither the timeline nor a topic grows for ever."""
    await register(unit, CASE)
    await _answer(unit)
    for number in range(20):
        case = await _allow(site, unit, publish=number % 2 == 0)
    said = sum(isinstance(event, PublicationDecided) for event in unit.emitted)
    for _ in range(3):
        with pytest.raises(TooManyConsents):
            await _allow(site, unit)
        case = await _allow(site, unit, publish=False)

    assert ("withheld", False) == (case.publication, await _is_public(site, unit))
    assert 20 == said == sum(isinstance(event, PublicationDecided) for event in unit.emitted)
    lines = await unit.db.fetchval(
        "SELECT count(*) FROM intake.view, jsonb_array_elements(timeline) AS n WHERE n->>'event' LIKE 'publication%'"
    )
    assert 20 == lines


async def test_what_they_add_now_is_their_last_word(site: Site, unit: RecordingUnit) -> None:
    """Also where the process that heard their yes had a clock some seconds fast."""
    await register(unit, CASE)
    await _answer(unit)
    unit.now += timedelta(seconds=5)
    await _allow(site, unit)
    unit.now -= timedelta(seconds=5)
    await site.call(
        unit, "POST", f"{CODE}/rating", {"score": 3, "comment": "请替我保密。"}, at=AT, headers=ACCESS
    )

    assert not await _is_public(site, unit)


async def test_a_confidential_case_or_a_report_is_never_published(site: Site, unit: RecordingUnit) -> None:
    """There is nothing to allow, whatever is sent; nor before there is an answer."""
    await register(unit, CASE)
    with pytest.raises(ActionNotAllowed):
        await _allow(site, unit)
    await _answer(unit, publishable=False)
    with pytest.raises(ActionNotAllowed):
        await _allow(site, unit)

    assert not await _is_public(site, unit)


async def test_an_answer_that_is_no_longer_publishable_is_gone(site: Site, unit: RecordingUnit) -> None:
    """The newer reply of a case that was protected meanwhile."""
    await register(unit, CASE)
    await _answer(unit)
    await _allow(site, unit)
    await _answer(unit, 9, publishable=False)
    with pytest.raises(ActionNotAllowed):
        await _allow(site, unit)

    assert not await _is_public(site, unit)


async def test_consent_holds_for_the_next_answer(site: Site, unit: RecordingUnit) -> None:
    """Reopened and answered anew: what the citizen said last counts; an answer that comes late changes nothing."""
    await register(unit, CASE)
    await _answer(unit)
    await _allow(site, unit)
    await _answer(unit, 9, response="换成了太阳能路灯")
    assert await _is_public(site, unit)

    await _allow(site, unit, publish=False)
    await _answer(unit, 12, response="又换了一盏", public=True)
    await _answer(unit, 6)
    assert not await _is_public(site, unit)
    assert "又换了一盏" == await unit.db.fetchval("SELECT response FROM intake.withheld")


async def test_silence_of_an_earlier_release_is_no_yes(unit: RecordingUnit) -> None:
    """A message that waited on Kafka while the new release was installed."""
    said_by_default = msgspec.structs.replace(CASE.event, publish=True, revision=1)
    await register(unit, replace(CASE, event=said_by_default))
    (registered,) = [event for event in unit.emitted if isinstance(event, CaseRegistered)]

    assert not registered.publish
    assert not await unit.db.fetchval("SELECT publish FROM intake.case")


async def test_the_page_asks(site: Site, unit: RecordingUnit) -> None:
    """A choice must be made; then the page shows what became of it."""
    await register(unit, CASE)
    await _answer(unit)
    at = {"action": "publication"}
    page: Any = await site.call(unit, "POST", "/follow/{action}", at=at, form=CODES)
    assert (422, ["publish-yes"]) == (page.status, [error.field for error in page.context["errors"].summary])

    page = await site.call(unit, "POST", "/follow/{action}", at=at, form=CODES | {"publish": "yes"})
    assert ("publication", "public") == (page.context["done"], page.context["case"].publication)
    assert await _is_public(site, unit)


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("rating", {"score": 2, "comment": "请替我保密"}),
        ("objection", {"reason": "没有解决，请不要公开我的诉求"}),
    ],
)
async def test_whoever_asks_for_secrecy_since_is_published_no_more(
    site: Site, unit: RecordingUnit, action: str, body: dict[str, object]
) -> None:
    """Their words take back the yes that they gave before; they may give it again."""
    await register(unit, CASE)
    await _answer(unit)
    await unit.db.execute(
        "UPDATE intake.view SET citizen_may = '{rating,objection}' WHERE case_id = $1", CASE.codes.case_id
    )
    await _allow(site, unit)
    assert await _is_public(site, unit)
    case: Any = await site.call(unit, "POST", f"{CODE}/{action}", {**CODES, **body}, at=AT, headers=ACCESS)

    assert "publication_refused" in [line.event for line in case.timeline]
    assert not await _is_public(site, unit)
    await _allow(site, unit)
    assert await _is_public(site, unit)


async def test_an_addition_that_asks_for_secrecy_is_heeded_before_there_is_an_answer(
    site: Site, unit: RecordingUnit
) -> None:
    """The answer then waits for another yes."""
    asked = message(msgspec.structs.replace(CASE_DRAFT, publish=True), entropy=b"s" * 32)
    at = {"tracking_code": asked.codes.tracking_code}
    access = {"access-code": asked.codes.access_code}
    await register(unit, asked)
    await site.call(unit, "POST", f"{CODE}/supplement", {"text": "请勿公开"}, at=at, headers=access)
    await _answer(unit, case_id=asked.codes.case_id)
    case: Any = await site.call(unit, "GET", CODE, at=at, headers=access)

    assert "withheld" == case.publication


async def test_what_accuses_somebody_since_is_nobody_elses_whoever_answered_it(
    site: Site, unit: RecordingUnit
) -> None:
    """A dispatcher answered it directly; then its citizen rated that in words that accuse officials."""
    await register(unit, CASE)
    await _answer(unit, public=True)
    await _allow(site, unit)
    assert await _is_public(site, unit)
    await unit.db.execute(
        """INSERT INTO intake.promise (case_id, number, department, until, granted_at, publishable)
        VALUES ($1, 1, 'water', now(), now(), true)""",
        CASE.codes.case_id,
    )
    await handle_shielded(unit, [CaseShielded(case_id=CASE.codes.case_id, version=7, at=unit.now)])

    assert not await _is_public(site, unit)
    assert 0 == await unit.db.fetchval("SELECT count(*) FROM intake.promise WHERE publishable")
