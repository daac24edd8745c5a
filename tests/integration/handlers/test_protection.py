"""Whom a case may not reach: whoever is accused gets nothing of it, from the first moment or from the one that says so."""

from typing import Any

import msgspec
import pytest

from handlers.core.actions.extend import Extend
from handlers.core.actions.reply import Reply
from handlers.core.actions.return_ import Return
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.core.views import DeskQuery
from handlers.steps import act_on_case, assign, handle_events, read_cases
from schemas.city import load_city
from schemas.errors import DataRefused, NotFound
from schemas.events.handlers import CaseAssigned, CaseProtected, CaseUpdated
from schemas.events.routing import (
    CaseDeclined,
    CaseMerged,
    CaseRouted,
    CaseUnmerged,
    ReviewDecided,
    ReviewRequested,
    SupplementJudged,
)
from schemas.http import Principal
from schemas.ids import CaseId, DepartmentCode
from schemas.words import CaseState, Kind, ReviewKind, Role
from tests.conftest import RecordingUnit
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, routed

CITY = load_city()
LETTERS = DepartmentCode("letters")
WANG = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)


def accusing(case_id: CaseId, version: int, *accused: DepartmentCode) -> ReviewRequested:
    """routing: the citizen accuses these since, a dispatcher must decide."""
    return ReviewRequested(
        case_id=case_id, version=version, at=MONDAY, kind=ReviewKind.DISPATCH, state=CaseState.IN_REVIEW,
        accused=accused, protected=True,
    )  # fmt: skip


async def _opened(unit: RecordingUnit, **fields: Any) -> CaseRouted:
    event = routed(supporting=(TRANSPORT,), **fields)
    await assign.open_cases(unit, [event])
    unit.emitted.clear()
    unit.emitted_to.clear()
    return event


async def _sees(unit: RecordingUnit, department: DepartmentCode, case_id: CaseId) -> bool:
    """Whether the case is in any list, count, page or action of the department; all of them agree."""
    seen = set()
    for state in ("open", "ended"):
        lines = await read_cases.list_cases(unit, department, DeskQuery(state=state), CITY.zone)
        seen.add(case_id in [line.case_id for line in lines.items])
    try:
        await read_cases.read_case(unit, department, case_id)
        whole = True
    except NotFound:
        whole = False
    assert whole == (True in seen)
    return whole


@pytest.mark.parametrize("part", ["lead", "supporting"])
async def test_a_route_to_the_accused_is_never_opened(unit: RecordingUnit, part: str) -> None:
    """Whoever sent it was wrong: it goes to the dead letters, and nobody was told of anything."""
    fields: dict[str, Any] = {"lead": LETTERS} if part == "lead" else {"supporting": (LETTERS,)}
    event = routed(accused=(LETTERS,), protected=True, **fields)

    with pytest.raises(DataRefused):
        await assign.open_cases(unit, [event])
    assert ([], []) == (unit.emitted, unit.emitted_to)
    assert not await _sees(unit, LETTERS, event.case_id)


async def test_who_is_accused_is_told_to_the_slices_and_to_no_department(unit: RecordingUnit) -> None:
    """The department learns that the case is protected, not whom it accuses; nor does its log tell."""
    event = routed(accused=(LETTERS,), protected=True)
    await assign.open_cases(unit, [event])
    (told,), ((_, whole),) = unit.emitted, unit.emitted_to

    assert isinstance(told, CaseAssigned)
    assert isinstance(whole, CaseAssigned)
    assert ((LETTERS,), True) == (told.accused, told.protected)
    assert ((), True) == (whole.accused, whole.protected)
    read = await read_cases.read_case(unit, HOUSING, event.case_id)
    assert "letters" not in msgspec.json.encode(read).decode()


async def test_a_report_of_an_older_release_is_protected(unit: RecordingUnit) -> None:
    """Its route has no such field yet."""
    event = await _opened(unit, kind=Kind.REPORT)

    assert not (await read_cases.read_case(unit, HOUSING, event.case_id)).may_see_contact


async def test_an_accused_department_loses_the_case_at_once(unit: RecordingUnit) -> None:
    """In its list, its counts, its page and its actions; and so do the others, until somebody has decided."""
    event = await _opened(unit)
    before = await read_cases.count_cases(unit, HOUSING)
    await act_on_case.act(unit, WANG, event.case_id, Action.SIGN, Sign(version=3), CITY)
    unit.emitted.clear()
    unit.emitted_to.clear()

    await handle_events.protect_cases(unit, [accusing(event.case_id, 2, HOUSING)])

    (told,) = unit.emitted
    assert isinstance(told, CaseProtected)
    assert (CaseState.IN_REVIEW, (HOUSING,), 5) == (told.state, told.accused, told.version)
    assert [] == unit.emitted_to
    assert ({"assigned": 1}, {}) == (before[0], (await read_cases.count_cases(unit, HOUSING))[0])
    for department in (HOUSING, TRANSPORT):
        assert not await _sees(unit, department, event.case_id)
    with pytest.raises(NotFound):
        await act_on_case.act(unit, WANG, event.case_id, Action.SIGN, Sign(version=5), CITY)


async def test_nothing_more_is_told_to_them(unit: RecordingUnit) -> None:
    """Not what the citizen added, and not that the case went elsewhere."""
    event = await _opened(unit)
    await handle_events.protect_cases(unit, [accusing(event.case_id, 2, HOUSING)])
    added = SupplementJudged(
        case_id=event.case_id, version=3, at=MONDAY, text="住建局的人收钱", supplemented_at=MONDAY
    )
    await handle_events.supplement_cases(unit, [added])
    assert [] == unit.emitted_to

    again = msgspec.structs.replace(
        event, version=3, lead=LETTERS, supporting=(), accused=(HOUSING,), protected=True, decided_by="li"
    )
    await assign.open_cases(unit, [again])

    assert [LETTERS] == [to for to, _ in unit.emitted_to]
    assert await _sees(unit, LETTERS, event.case_id)
    read = await read_cases.read_case(unit, LETTERS, event.case_id)
    assert ["住建局的人收钱"] == [added.text for added in read.supplements]
    assert not read.may_see_contact
    assert (0, CaseState.ASSIGNED) == (read.return_count, read.state)
    for department in (HOUSING, TRANSPORT):
        assert not await _sees(unit, department, event.case_id)


async def test_a_new_route_is_followed_though_routing_knows_an_older_version(unit: RecordingUnit) -> None:
    """The department had signed and asked for time meanwhile; routing asked again about what it knew."""
    event = await _opened(unit)
    await act_on_case.act(unit, WANG, event.case_id, Action.SIGN, Sign(version=3), CITY)
    asking = Extend(version=4, working_days=3, reason="等材料")
    await act_on_case.act(unit, WANG, event.case_id, Action.EXTEND, asking, CITY)
    await handle_events.protect_cases(unit, [accusing(event.case_id, 2, HOUSING)])

    again = msgspec.structs.replace(event, version=3, lead=LETTERS, supporting=(), decided_by="li")
    await assign.open_cases(unit, [again])

    assert 7 == (await read_cases.read_case(unit, LETTERS, event.case_id)).version


async def test_a_route_back_to_the_accused_is_refused_though_it_does_not_say_so(unit: RecordingUnit) -> None:
    """What was known once stays known."""
    event = await _opened(unit)
    await handle_events.protect_cases(unit, [accusing(event.case_id, 2, HOUSING)])

    with pytest.raises(DataRefused):
        await assign.open_cases(unit, [msgspec.structs.replace(event, version=3, decided_by="li")])


async def test_an_old_review_takes_nothing_away(unit: RecordingUnit) -> None:
    """The one that the route ended, heard once more."""
    event = await _opened(unit, accused=(LETTERS,), protected=True)
    await handle_events.protect_cases(unit, [accusing(event.case_id, 1, LETTERS)])

    assert [] == unit.emitted
    assert await _sees(unit, HOUSING, event.case_id)


async def test_a_refused_return_gives_nothing_back_to_the_accused(unit: RecordingUnit) -> None:
    """The dispatcher decided on the return before they saw the accusation; or declines the case instead."""
    event = await _opened(unit)
    returning = Return(version=3, reason="不归我们", basis="三定方案")
    await act_on_case.act(unit, WANG, event.case_id, Action.RETURN, returning, CITY)
    await handle_events.protect_cases(unit, [accusing(event.case_id, 4, HOUSING)])
    refused = ReviewDecided(
        case_id=event.case_id, version=4, at=MONDAY, kind=ReviewKind.RETURN, accepted=False, decided_by="li"
    )
    unit.emitted.clear()
    unit.emitted_to.clear()
    await handle_events.decide_reviews(unit, [refused], city=CITY)
    # Said to the dispatcher, and to no department.
    assert (["request.dropped"], []) == ([said.name for said in unit.emitted], unit.emitted_to)
    assert not await _sees(unit, HOUSING, event.case_id)

    declined = CaseDeclined(case_id=event.case_id, version=5, at=MONDAY, legal_route="诉讼", decided_by="li")
    await handle_events.decline_cases(unit, [declined])
    assert (["request.dropped", "case.closed"], []) == ([e.name for e in unit.emitted], unit.emitted_to)


async def test_an_answered_case_goes_back_to_a_dispatcher(unit: RecordingUnit) -> None:
    """The answer may be that of the accused; if it were only hidden, an objection would reopen it for nobody."""
    event = await _opened(unit)
    await act_on_case.act(unit, WANG, event.case_id, Action.SIGN, Sign(version=3), CITY)
    reply = Reply(version=4, note="已查", response="查无此事")
    await act_on_case.act(unit, WANG, event.case_id, Action.REPLY, reply, CITY)
    approved = ReviewDecided(
        case_id=event.case_id, version=5, at=MONDAY, kind=ReviewKind.REPLY, accepted=True, decided_by="li"
    )
    await handle_events.decide_reviews(unit, [approved], city=CITY)
    await handle_events.protect_cases(unit, [accusing(event.case_id, 5, HOUSING)])

    told = unit.emitted[-1]
    assert isinstance(told, CaseProtected)
    assert (CaseState.IN_REVIEW, 7) == (told.state, told.version)
    assert not await _sees(unit, HOUSING, event.case_id)


async def test_an_ended_case_disappears_too(unit: RecordingUnit) -> None:
    """It stays ended, and in nobody's archive."""
    event = await _opened(unit)
    declined = CaseDeclined(case_id=event.case_id, version=3, at=MONDAY, legal_route="诉讼", decided_by="li")
    await handle_events.protect_cases(unit, [accusing(event.case_id, 2)])
    await handle_events.decline_cases(unit, [declined])
    unit.emitted.clear()
    await handle_events.protect_cases(unit, [accusing(event.case_id, 4, HOUSING)])

    (told,) = unit.emitted
    assert isinstance(told, CaseProtected)
    assert CaseState.DECLINED is told.state
    assert not await _sees(unit, HOUSING, event.case_id)


async def test_other_departments_hear_as_before(unit: RecordingUnit) -> None:
    """A supplement that accuses nobody is told to all that have the case."""
    event = await _opened(unit)
    added = SupplementJudged(
        case_id=event.case_id, version=3, at=MONDAY, text="是东门", supplemented_at=MONDAY
    )
    await handle_events.supplement_cases(unit, [added])

    assert [(HOUSING, "case.supplemented"), (TRANSPORT, "case.supplemented")] == [
        (to, told.what) for to, told in unit.emitted_to if isinstance(told, CaseUpdated)
    ]


async def test_a_case_that_is_merged_no_more_waits_for_a_route(unit: RecordingUnit) -> None:
    """No department sees it, not even the one that returned it, until a dispatcher has chosen."""
    event = await _opened(unit)
    returning = Return(version=3, reason="不归我们", basis="三定方案")
    await act_on_case.act(unit, WANG, event.case_id, Action.RETURN, returning, CITY)
    merged = CaseMerged(
        case_id=event.case_id, version=5, at=MONDAY, into=CaseId("00000000-0000-4000-8000-000000000001"),
        decided_by="li",
    )  # fmt: skip
    await handle_events.merge_cases(unit, [merged])
    unit.emitted_to.clear()
    unmerged = CaseUnmerged(case_id=event.case_id, version=7, at=MONDAY, why="decided", decided_by="li")
    for _ in range(2):
        await handle_events.unmerge_cases(unit, [unmerged])

    assert ([], False) == (unit.emitted_to, await _sees(unit, HOUSING, event.case_id))
    await assign.open_cases(unit, [msgspec.structs.replace(event, version=8, lead=LETTERS, decided_by="li")])
    read = await read_cases.read_case(unit, LETTERS, event.case_id)
    assert (CaseState.ASSIGNED, 9, None) == (read.state, read.version, read.closed_at)
