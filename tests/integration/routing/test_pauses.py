"""Pauses are granted by dispatchers, ended by them, and what was not done is told to whoever decided it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from routing.core.decisions.review import Decision
from routing.steps import handle_events
from routing.steps.decide import decide, end_pause
from routing.steps.decided import Decided
from routing.steps.read_queue import read_case, read_dropped
from routing.steps.undo import find_decided
from routing.store import cases, items
from routing.web import pages
from schemas.city import load_city
from schemas.errors import NotFound, Overtaken
from schemas.events.handlers import CaseResumed, RequestDropped, SuspensionRequested
from schemas.events.routing import ReviewDecided
from schemas.http import Page, Redirect
from schemas.ids import CaseId, CategoryCode, DepartmentCode
from schemas.words import CaseState, Language, ReviewKind
from tests.integration.routing.cases import AT, registered, route
from tests.integration.routing.test_queue import call_of, html_of

CITY = load_city()
TRANSPORT = DepartmentCode("transport")
NOWHERE = "6a1f0000-0000-4000-8000-00000000ffff"


async def _asked(unit: Any, until: datetime = AT) -> CaseId:
    event = registered()
    await route(unit, [event])
    asked = SuspensionRequested(
        case_id=event.case_id,
        version=5,
        at=AT,
        department=TRANSPORT,
        reason="等鉴定",
        basis="合同",
        until=until,
    )
    await handle_events.review_suspensions(unit, [asked])
    unit.emitted.clear()
    return event.case_id


async def _decide(unit: Any, case_id: CaseId, *, accept: bool) -> Decided:
    return await decide(unit, CITY, case_id, Decision(version=5, accept=accept), "li")


@pytest.mark.parametrize(("accept", "state"), [(True, CaseState.SUSPENDED), (False, CaseState.IN_PROGRESS)])
async def test_a_pause_is_decided_and_the_answer_says_what_will_be(
    unit: Any, accept: bool, state: CaseState
) -> None:
    """Accepted, not done: the department's case follows."""
    case_id = await _asked(unit)
    (item,) = await items.waiting(unit.db, case_id)
    assert ("等鉴定", "合同") == (item.detail["reason"], item.detail["basis"])

    decided = await _decide(unit, case_id, accept=accept)

    (said,) = unit.emitted
    assert isinstance(said, ReviewDecided)
    assert (5, ReviewKind.SUSPENSION, accept) == (said.version, said.kind, said.accepted)
    assert (state, 5, accept, False) == (decided.state, decided.version, decided.accepted, decided.done)


async def test_a_granted_pause_is_ended_by_a_dispatcher(unit: Any) -> None:
    """Said as a no to what was asked for; not where nothing was granted."""
    case_id = await _asked(unit)
    with pytest.raises(NotFound):
        await end_pause(unit, case_id, "", "li")
    await _decide(unit, case_id, accept=True)
    assert (await read_case(unit, case_id)).pause is not None
    unit.emitted.clear()

    await end_pause(unit, case_id, "鉴定已出", "sun")

    code = (await read_case(unit, case_id)).case.tracking_code
    assert code == await find_decided(unit, code, "sun"), "told as done to whoever did it"
    (said,) = unit.emitted
    assert isinstance(said, ReviewDecided)
    assert (5, ReviewKind.SUSPENSION, False, "sun", "鉴定已出") == (
        said.version, said.kind, said.accepted, said.decided_by, said.remarks
    )  # fmt: skip


async def test_a_pause_that_its_department_ended_is_over_for_dispatchers_too(unit: Any) -> None:
    """They are told no more that the case stands still, and can neither end the pause nor take it back; the next one can."""
    case_id = await _asked(unit, until=unit.now + timedelta(days=9))
    await decide(unit, CITY, case_id, Decision(version=5, accept=True), "dispatcher")
    page = await pages.show_case(call_of(unit, case_id), city=CITY)
    assert ("自动恢复办理" in (html := html_of(page, Language.ZH)), "撤销刚才的决定" in html) == (True, True)

    await handle_events.handle_resumed(unit, [CaseResumed(case_id=case_id, version=7, at=AT)])

    page = await pages.show_case(call_of(unit, case_id), city=CITY)
    assert ("自动恢复办理" in (html := html_of(page, Language.ZH)), "撤销刚才的决定" in html) == (
        False,
        False,
    )
    with pytest.raises(NotFound):
        await end_pause(unit, case_id, "鉴定已出", "sun")
    again = SuspensionRequested(
        case_id=case_id, version=8, at=AT, department=TRANSPORT, reason="再等", basis="合同", until=AT
    )
    await handle_events.review_suspensions(unit, [again])
    await decide(unit, CITY, case_id, Decision(version=8, accept=True), "li")
    await handle_events.handle_resumed(unit, [CaseResumed(case_id=case_id, version=7, at=AT)])
    assert (await read_case(unit, case_id)).pause is not None


@pytest.mark.parametrize("silence", ["", " ", "……"])
async def test_whoever_ends_a_pause_on_the_page_says_why(unit: Any, silence: str) -> None:
    """At the field, and in the summary that leads there: the department loses time that it was given."""
    case_id = await _asked(unit, until=unit.now + timedelta(days=9))
    await _decide(unit, case_id, accept=True)
    form = {"action": "resume", "remarks": silence}

    page = await pages.decide_on_page(call_of(unit, case_id, form), city=CITY)

    assert isinstance(page, Page)
    html = html_of(page, Language.ZH)
    assert (422, 1) == (page.status, html.count("govuk-error-message"))
    assert 'href="#resume-remarks"' in html
    assert 'aria-describedby="resume-remarks-error"' in html
    done = await pages.decide_on_page(call_of(unit, case_id, form | {"remarks": "鉴定已出"}), city=CITY)
    assert isinstance(done, Redirect)


@pytest.mark.parametrize("language", list(Language))
async def test_whoever_ends_a_pause_that_is_over_sees_the_case_as_it_is(
    unit: Any, language: Language
) -> None:
    """The page was opened before its department went on: it says so, and keeps what was written."""
    case_id = await _asked(unit, until=unit.now + timedelta(days=9))
    await _decide(unit, case_id, accept=True)
    await handle_events.handle_resumed(unit, [CaseResumed(case_id=case_id, version=7, at=AT)])
    form = {"action": "resume", "remarks": "鉴定已出"}

    page = await pages.decide_on_page(call_of(unit, case_id, form, language=language), city=CITY)

    assert isinstance(page, Page)
    html = html_of(page, language)
    assert 409 == page.status
    assert Overtaken().message(language) in html
    assert '<p class="govuk-body written" lang="zh">鉴定已出</p>' in html
    with pytest.raises(NotFound):
        await pages.decide_on_page(call_of(unit, NOWHERE, form), city=CITY)


@pytest.mark.parametrize("is_resumed", [False, True])
async def test_a_pause_is_ended_once_by_whoever_presses_twice(unit: Any, *, is_resumed: bool) -> None:
    """Told as done both times, whether or not the department has heard of it between; another, or later, is overtaken."""
    case_id = await _asked(unit, until=unit.now + timedelta(days=9))
    await _decide(unit, case_id, accept=True)
    unit.emitted.clear()
    form = {"action": "resume", "remarks": "鉴定已出"}
    first = await pages.decide_on_page(call_of(unit, case_id, form), city=CITY)
    if is_resumed:
        await handle_events.handle_resumed(unit, [CaseResumed(case_id=case_id, version=7, at=AT)])

    again = await pages.decide_on_page(call_of(unit, case_id, form), city=CITY)

    assert isinstance(first, Redirect)
    assert (first, 1) == (again, len(unit.emitted))
    unit.now += timedelta(minutes=1)
    await handle_events.handle_resumed(unit, [CaseResumed(case_id=case_id, version=7, at=AT)])
    later = await pages.decide_on_page(call_of(unit, case_id, form), city=CITY)
    assert isinstance(later, Page)
    assert 409 == later.status


async def test_a_refused_pause_is_not_ended(unit: Any) -> None:
    """There is none."""
    case_id = await _asked(unit)
    await _decide(unit, case_id, accept=False)

    with pytest.raises(NotFound):
        await end_pause(unit, case_id, "", "li")


async def test_what_was_not_done_is_told_once_to_whoever_decided_it(unit: Any) -> None:
    """The citizen's own requests are not a dispatcher's business; a route that was not followed is taken back."""
    case_id = await _asked(unit)
    told = RequestDropped(
        case_id=case_id, version=6, at=AT, asked="review.decided", asked_at=AT, asked_version=5, by="li",
        review=ReviewKind.SUSPENSION, accepted=True, state=CaseState.REPLIED, lead=TRANSPORT,
        category=CategoryCode("transport"),
    )  # fmt: skip
    rerouted = replace(
        told, asked="case.routed", review=None, accepted=None, lead=DepartmentCode("water"),
        supporting=(TRANSPORT,),
    )  # fmt: skip

    await handle_events.handle_dropped(unit, [told])
    await handle_events.handle_dropped(unit, [told])
    await handle_events.handle_dropped(unit, [rerouted])
    await handle_events.handle_dropped(unit, [replace(told, asked="case.withdrawn", by="")])

    kept = await read_dropped(unit, "li")
    assert {("review.decided", ReviewKind.SUSPENSION), ("case.routed", None)} == {
        (one.asked, one.review) for one in kept
    }
    assert (2, CaseState.REPLIED) == (len(kept), kept[0].case_state)
    assert [] == await read_dropped(unit, "sun")
    case = (await cases.lock_cases(unit.db, [case_id]))[case_id]
    assert ("water", ("transport",), "transport") == (case.lead, case.supporting, case.category)
