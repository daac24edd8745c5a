"""A merged case keeps its rights: an answer of its own, an objection, and a dispatcher where there is no answer."""

from typing import Any

import pytest

from routing.core.decisions.review import Decision
from routing.core.rules import load_rules
from routing.steps import handle_events, merging
from routing.steps.decide import decide
from routing.steps.route import note_duplicates
from routing.store import cases, items
from routing.web import pages, queries
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, BadInput, NotFound, StaleVersion
from schemas.events.handlers import CaseClosed, CaseReopened, ReplyPublished
from schemas.events.intake import (
    CaseRegistered,
    CaseSupplemented,
    CaseWithdrawn,
    CitizenObjected,
    DuplicateSuspected,
)
from schemas.events.routing import CaseRouted, CaseUnmerged, MergedAnswered
from schemas.http import Redirect
from schemas.ids import CaseId, CategoryCode, DepartmentCode
from schemas.words import CaseState, CitizenAction, Kind, Language
from tests.integration.routing.cases import (
    AT,
    CLEAR,
    UNCLEAR,
    new_case_id,
    object_to_answer,
    registered,
    reopen,
    route,
    supplement,
    withdraw,
)
from tests.integration.routing.test_queue import call_of, html_of

CITY = load_city()
ANSWER = "路灯已修好"


async def _merged(unit: Any, words: tuple[str, str] = CLEAR) -> tuple[CaseRegistered, CaseRegistered]:
    """A case that waits for a dispatcher was merged into another one; what was said is forgotten."""
    case, target = registered(UNCLEAR), registered(words)
    await route(unit, [case, target])
    await decide(unit, CITY, case.case_id, Decision(version=2, merge_into=target.case_id), "li")
    unit.emitted.clear()
    return case, target


def _published(case_id: CaseId, version: int = 6, response: str = ANSWER) -> ReplyPublished:
    return ReplyPublished(
        case_id=case_id, version=version, at=AT, response=response, department=DepartmentCode("transport"),
        category=CategoryCode("transport"), public=False,
    )  # fmt: skip


def _closed(case_id: CaseId, outcome: Any, version: int = 6) -> CaseClosed:
    return CaseClosed(case_id=case_id, version=version, at=AT, outcome=outcome, state=CaseState.CLOSED)


async def _waits(unit: Any, case_id: CaseId, *unmerged: str) -> bool:
    """Whether a dispatcher has the case again, for these reasons; and is told so."""
    case = await cases.find(unit.db, case_id)
    waiting = await items.waiting(unit.db, case_id)
    [told] = [e for e in unit.emitted if isinstance(e, CaseUnmerged) and e.case_id == case_id]
    assert case is not None
    assert (told.version, told.state) == (case.version, CaseState.IN_REVIEW)
    assert (CitizenAction.SUPPLEMENT, CitizenAction.WITHDRAWAL) == told.citizen_may
    return (case.state, case.merged_into, [tuple(item.detail["unmerged"]) for item in waiting]) == (
        "open", None, [unmerged],
    )  # fmt: skip


@pytest.mark.parametrize("private", [{"confidential": True}, {"kind": Kind.REPORT}])
@pytest.mark.parametrize("which", ["case", "target"])
async def test_private_cases_are_not_merged(unit: Any, private: dict[str, Any], which: str) -> None:
    """Neither into another one, nor another one into them: an answer would reach somebody else."""
    case = registered(UNCLEAR, **(private if which == "case" else {}))
    target = registered(UNCLEAR, **(private if which == "target" else {}))
    await route(unit, [case, target])

    with pytest.raises(BadInput):
        await decide(unit, CITY, case.case_id, Decision(version=2, merge_into=target.case_id), "li")


async def test_a_merged_case_names_the_other_one(unit: Any) -> None:
    """And offers it to be merged into no longer."""
    case, target = await _merged(unit)
    alike = DuplicateSuspected(
        case_id=case.case_id, version=1, at=AT, similar_to=target.case_id, similarity=0.9
    )
    await note_duplicates(unit, [alike])

    html = html_of(await pages.show_case(call_of(unit, case.case_id), city=CITY), Language.ZH)

    assert f'href="/review/{target.case_id}">{target.tracking_code}</a>' in html
    assert "可并单" not in html


async def test_an_answer_is_also_that_of_the_merged_case(unit: Any) -> None:
    """In a version after everything that was said of it; a later answer takes its place."""
    case, target = await _merged(unit)

    await handle_events.answer_merged_cases(unit, [_published(target.case_id)])
    await handle_events.answer_merged_cases(unit, [_published(target.case_id, 9, "再次修好")])

    first, second = unit.emitted
    assert isinstance(first, MergedAnswered)
    assert (case.case_id, ANSWER, "transport", 5) == (
        first.case_id,
        first.response,
        first.department,
        first.version,
    )
    assert (CitizenAction.RATING, CitizenAction.OBJECTION) == first.citizen_may
    assert ("再次修好", 7) == (second.response, second.version)


async def test_a_case_that_is_merged_after_the_answer_gets_it_at_once(unit: Any) -> None:
    """And where the citizen has objected since, the next one."""
    target, first, second = registered(CLEAR), registered(UNCLEAR), registered(UNCLEAR)
    await route(unit, [target, first, second])
    await handle_events.answer_merged_cases(unit, [_published(target.case_id)])
    await decide(unit, CITY, first.case_id, Decision(version=2, merge_into=target.case_id), "li")
    reopened = CaseReopened(
        case_id=target.case_id, version=7, at=AT, reason="没修", lead=DepartmentCode("transport")
    )
    await reopen(unit, [reopened])
    await decide(unit, CITY, second.case_id, Decision(version=2, merge_into=target.case_id), "li")

    assert [first.case_id] == [e.case_id for e in unit.emitted if isinstance(e, MergedAnswered)]


@pytest.mark.parametrize("outcome", ["withdrawn", "declined", "merged"])
async def test_a_case_that_ends_without_an_answer_gives_its_merged_ones_back(unit: Any, outcome: str) -> None:
    """To a dispatcher, who reads why, and sends them on their own way."""
    case, target = await _merged(unit)

    await handle_events.end(unit, [_closed(target.case_id, outcome)])

    assert await _waits(unit, case.case_id, outcome)
    again = await decide(unit, CITY, case.case_id, Decision(version=5, lead="water"), "li")
    assert ("routed", 6) == (again.state, again.version)
    assert isinstance(unit.emitted[-1], CaseRouted)


async def test_an_answered_case_keeps_its_merged_ones(unit: Any) -> None:
    """They have the answer."""
    _, target = await _merged(unit)
    await handle_events.end(unit, [_closed(target.case_id, "answered")])

    assert [] == unit.emitted


async def test_a_declined_case_gives_its_merged_ones_back(unit: Any) -> None:
    """No department ever had it, so that nobody but routing can say so."""
    case, target = await _merged(unit, UNCLEAR)
    await decide(unit, CITY, target.case_id, Decision(version=2, decline=True), "li")

    assert await _waits(unit, case.case_id, "declined")


async def test_a_case_withdrawn_in_review_gives_its_merged_ones_back(unit: Any) -> None:
    """Not so where a department has it: handlers decides whether it still can be withdrawn."""
    case, target = await _merged(unit, UNCLEAR)
    _, with_department = await _merged(unit)
    told = [CaseWithdrawn(case_id=e.case_id, version=2, at=AT) for e in (target, with_department)]
    for event in told:
        await withdraw(unit, [event])

    assert await _waits(unit, case.case_id, "withdrawn")
    assert [case.case_id] == [e.case_id for e in unit.emitted if isinstance(e, CaseUnmerged)]


async def test_a_case_that_accuses_since_gives_its_merged_ones_back(unit: Any) -> None:
    """Nothing of it is for anybody else's eyes any more."""
    case, target = await _merged(unit)
    added = CaseSupplemented(
        case_id=target.case_id, version=3, at=AT, text="交通局路政大队收钱放行超载车，请查"
    )
    await supplement(unit, [added])
    await handle_events.answer_merged_cases(unit, [_published(target.case_id)])

    assert await _waits(unit, case.case_id, "protected")
    assert not [e for e in unit.emitted if isinstance(e, MergedAnswered)]


async def test_what_was_merged_into_a_private_case_before_needs_an_answer_of_its_own(unit: Any) -> None:
    """Merged by an earlier release: it gets nothing of that answer, and a dispatcher."""
    case, target = await _merged(unit)
    await unit.db.execute("UPDATE routing.case SET confidential = true WHERE case_id = $1", target.case_id)
    await handle_events.answer_merged_cases(unit, [_published(target.case_id)])

    assert await _waits(unit, case.case_id, "protected")
    assert ANSWER not in str(unit.emitted)


async def test_a_merged_citizens_objection_reaches_a_dispatcher(unit: Any) -> None:
    """With its words; one about another case is for handlers."""
    case, target = await _merged(unit)
    for case_id in (target.case_id, new_case_id(), case.case_id):
        objected = CitizenObjected(case_id=case_id, version=8, at=AT, reason="我家的没修")
        await object_to_answer(unit, [objected])

    assert await _waits(unit, case.case_id, "objected", "我家的没修")
    assert [10] == [e.version for e in unit.emitted]


async def test_a_merged_citizens_objection_that_accuses_protects_their_case(unit: Any) -> None:
    """And not the one that it was merged into."""
    case, target = await _merged(unit)
    objected = CitizenObjected(
        case_id=case.case_id, version=8, at=AT, reason="交通局路政大隊收錢放行超載車，請查"
    )
    await object_to_answer(unit, [objected])
    after, other = await cases.find(unit.db, case.case_id), await cases.find(unit.db, target.case_id)

    assert after is not None
    assert other is not None
    assert (("transport",), True, "open") == (after.accused, after.protected, after.state)
    assert not other.protected


async def test_a_dispatcher_takes_a_case_out_again(unit: Any) -> None:
    """Of the version that they saw, once, and only of one that is merged."""
    case, target = await _merged(unit)
    for case_id, version, refusal in (
        (case.case_id, 2, StaleVersion),
        (target.case_id, 2, ActionNotAllowed),
        (new_case_id(), 2, NotFound),
    ):
        with pytest.raises(refusal):
            await merging.unmerge(unit, case_id, version, "li")

    await merging.unmerge(unit, case.case_id, 3, "li")

    assert await _waits(unit, case.case_id, "decided")
    with pytest.raises(ActionNotAllowed):
        await merging.unmerge(unit, case.case_id, 5, "li")


async def test_the_page_of_a_merged_case_has_the_button(unit: Any) -> None:
    """It leads to the queue, where the case waits with the reason in words."""
    case, _ = await _merged(unit)
    page = await pages.show_case(call_of(unit, case.case_id), city=CITY, rules=load_rules())
    assert 'value="unmerge"' in html_of(page, Language.ZH)

    form = {"action": "unmerge", "version": "3"}
    answer = await pages.decide_on_page(call_of(unit, case.case_id, form), city=CITY, rules=load_rules())
    page = await pages.show_case(call_of(unit, case.case_id), city=CITY, rules=load_rules())

    assert Redirect(to=f"/review?done={case.tracking_code}") == answer
    assert "派单员解除" in html_of(page, Language.ZH)
    queue = call_of(unit, query=queries.QueueQuery(done=case.tracking_code))
    assert f"{case.tracking_code} 已处理" in html_of(await pages.show_queue(queue, city=CITY), Language.ZH)


@pytest.mark.parametrize("private", ["confidential", "protected"])
async def test_what_an_earlier_release_merged_into_a_private_case_comes_back(unit: Any, private: str) -> None:
    """Answered or not: its citizen would wait for ever. Others stay; a second look finds nothing."""
    (case, target), (other, _) = await _merged(unit), await _merged(unit)
    await unit.db.execute(
        f"UPDATE routing.case SET {private} = true, response = $2 WHERE case_id = $1",  # noqa: S608  one of ours
        target.case_id,
        ANSWER,
    )

    counted = [await merging.leave_private_cases(unit) for _ in range(2)]

    assert [1, 0] == counted
    assert await _waits(unit, case.case_id, "protected")
    stays = await cases.find(unit.db, other.case_id)
    assert stays is not None
    assert "merged" == stays.state
