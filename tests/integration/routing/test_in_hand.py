"""A dispatcher moves or merges what a department has in hand; handlers has the last word."""

from typing import Any

import pytest
from msgspec.structs import replace

from routing.core.decisions.review import Decision
from routing.steps import handle_events
from routing.steps.decide import decide
from routing.steps.decided import Decided
from routing.steps.read_queue import read_urged
from routing.steps.undo import find_decided
from routing.store import cases, items
from schemas.city import load_city
from schemas.errors import BadInput, StaleVersion
from schemas.events.handlers import (
    CaseClosed,
    CaseReplied,
    ExtensionRequested,
    ReplyPublished,
    RequestDropped,
)
from schemas.events.intake import CaseRegistered
from schemas.events.routing import CaseMerged, CaseRouted, MergedAnswered, MergeRequested, ReviewDecided
from schemas.events.sla import CaseUrged
from schemas.ids import CaseId, CategoryCode, DepartmentCode
from schemas.words import CaseState, ReviewKind
from tests.integration.routing.cases import AT, UNCLEAR, registered, route

CITY = load_city()
TRANSPORT = DepartmentCode("transport")


async def _routed(unit: Any) -> CaseRegistered:
    event = registered()
    await route(unit, [event])
    unit.emitted.clear()
    return event


async def _decide(unit: Any, case_id: CaseId, **said: Any) -> Decided:
    return await decide(unit, CITY, case_id, Decision(**{"version": 4, **said}), "li")


async def test_a_case_in_hand_is_moved_with_a_reason(unit: Any) -> None:
    """Routed anew, and what its department asked for waits no more; of two dispatchers the later is told."""
    event = await _routed(unit)
    asked = ExtensionRequested(
        case_id=event.case_id, version=3, at=AT, department=TRANSPORT, working_days=5, reason="招标"
    )
    await handle_events.review_extensions(unit, [asked])
    unit.emitted.clear()

    decided = await _decide(unit, event.case_id, lead="water", remarks="职责调整", ends=("extension:3",))

    (routed,) = unit.emitted
    assert isinstance(routed, CaseRouted)
    assert (5, "water", "职责调整", "li") == (
        routed.version, routed.lead, routed.moved_because, routed.decided_by
    )  # fmt: skip
    assert (CaseState.ASSIGNED, 5, False) == (decided.state, decided.version, decided.done)
    assert [] == await items.waiting(unit.db, event.case_id)
    with pytest.raises(StaleVersion):
        await _decide(unit, event.case_id, lead="environment", remarks="职责调整")


@pytest.mark.parametrize("how", ["move", "merge"])
async def test_a_system_names_what_its_decision_ends(unit: Any, how: str) -> None:
    """It is told which requests wait, by the names that it then sends; one of another version is another."""
    event, target = await _routed(unit), await _routed(unit)
    asked = ExtensionRequested(
        case_id=event.case_id, version=3, at=AT, department=TRANSPORT, working_days=5, reason="招标"
    )
    await handle_events.review_extensions(unit, [asked])
    unit.emitted.clear()
    into = {"merge_into": target.tracking_code}
    said: dict[str, Any] = {"lead": "water", "remarks": "职责调整"} if how == "move" else into

    for ends in ((), ("extension:2",)):
        with pytest.raises(BadInput) as refused:
            await _decide(unit, event.case_id, **said, ends=ends)
        (error,) = refused.value.errors
        assert ("ends", True, True) == (error.field, "extension:3" in error.zh, "extension:3" in error.en)
    assert ([], 1) == (unit.emitted, len(await items.waiting(unit.db, event.case_id)))

    await _decide(unit, event.case_id, **said, ends=("extension:3",))
    assert ["case.routed" if how == "move" else "merge.requested"] == [each.name for each in unit.emitted]


@pytest.mark.parametrize("said", [{"lead": "environment"}, {"merge_into": "another"}])
async def test_of_two_who_move_what_no_dispatcher_ever_saw_the_later_is_told(
    unit: Any, said: dict[str, str]
) -> None:
    """The machine sent it, so that nothing was ever asked about it: the case is there all the same, and has changed."""
    event = await _routed(unit)
    await _decide(unit, event.case_id, lead="water", remarks="职责调整")

    with pytest.raises(StaleVersion) as refused:
        await _decide(unit, event.case_id, remarks="职责调整", **said)
    assert 5 == refused.value.facts["current"]


async def test_a_case_in_hand_is_merged_once_handlers_has_ended_it(unit: Any) -> None:
    """Until then it is asked for; it gets the answer that the other case has."""
    event, target = await _routed(unit), await _routed(unit)
    await handle_events.answer_merged_cases(unit, [_answer(target.case_id)])
    unit.emitted.clear()

    decided = await _decide(unit, event.case_id, merge_into=target.tracking_code)

    (asked,) = unit.emitted
    assert isinstance(asked, MergeRequested)
    assert (target.case_id, "li", CaseState.MERGED, False) == (
        asked.into, asked.decided_by, decided.state, decided.done
    )  # fmt: skip
    assert "routed" == (await _case(unit, event.case_id)).state
    told = [await find_decided(unit, event.tracking_code, who) for who in ("li", "sun")]
    assert [event.tracking_code, None] == told, "told as done to whoever did it"
    unit.emitted.clear()
    await handle_events.end(unit, [_closed(event.case_id)])

    merged, answered = unit.emitted
    assert isinstance(merged, CaseMerged)
    assert isinstance(answered, MergedAnswered)
    assert (target.case_id, 6, "已延长") == (merged.into, merged.version, answered.response)
    assert "merged" == (await _case(unit, event.case_id)).state


async def test_a_merge_that_was_not_done_leaves_the_case_alone(unit: Any) -> None:
    """Its department had replied before."""
    event, target = await _routed(unit), await _routed(unit)
    await _decide(unit, event.case_id, merge_into=target.tracking_code)
    told = RequestDropped(
        case_id=event.case_id, version=5, at=AT, asked="merge.requested", asked_at=AT, asked_version=5, by="li",
        state=CaseState.REPLIED, lead=TRANSPORT, category=CategoryCode("transport"),
    )  # fmt: skip

    await handle_events.handle_dropped(unit, [told])

    case = await _case(unit, event.case_id)
    assert ("routed", None) == (case.state, case.merged_into)


def _replied(case_id: CaseId, version: int = 8) -> CaseReplied:
    return CaseReplied(
        case_id=case_id, version=version, at=AT, department=TRANSPORT, note="已延长", response="已延长"
    )


@pytest.mark.parametrize("how", ["move", "merge"])
async def test_nobody_moves_a_reply_out_of_the_queue(unit: Any, how: str) -> None:
    """Whatever version is named: who decides on the case has not seen that it was answered, and the reply still waits."""
    event, target = await _routed(unit), await _routed(unit)
    await handle_events.review_replies(unit, [_replied(event.case_id)])
    into = {"merge_into": target.tracking_code}
    said = {"lead": "water", "remarks": "职责调整"} if how == "move" else into

    for version in (5, 9, 20):
        with pytest.raises(StaleVersion):
            await _decide(unit, event.case_id, version=version, **said)

    assert [ReviewKind.REPLY] == [item.kind for item in await items.waiting(unit.db, event.case_id)]


@pytest.mark.parametrize("how", ["move", "merge"])
async def test_a_reply_that_crosses_a_move_is_reviewed(unit: Any, how: str) -> None:
    """With whatever version the move was asked for; what its department asks for later is, too."""
    event, target = await _routed(unit), await _routed(unit)
    into = {"merge_into": target.tracking_code}
    said = {"lead": "water", "remarks": "职责调整"} if how == "move" else into
    await _decide(unit, event.case_id, version=20, **said)
    asked = "case.routed" if how == "move" else "merge.requested"
    told = RequestDropped(
        case_id=event.case_id, version=8, at=AT, asked=asked, asked_at=AT, asked_version=21, by="li",
        state=CaseState.REPLIED, lead=TRANSPORT, category=CategoryCode("transport"),
    )  # fmt: skip
    await handle_events.review_replies(unit, [_replied(event.case_id)])
    await handle_events.handle_dropped(unit, [told])

    await _decide(unit, event.case_id, version=8, kind=ReviewKind.REPLY, accept=False, remarks="请说明何时")
    assert ["review.decided"] == [said.name for said in unit.emitted if isinstance(said, ReviewDecided)]
    later = ExtensionRequested(
        case_id=event.case_id, version=10, at=AT, department=TRANSPORT, working_days=5, reason="招标"
    )
    await handle_events.review_extensions(unit, [later])
    assert [(ReviewKind.EXTENSION, 10)] == [
        (item.kind, item.version) for item in await items.waiting(unit.db, event.case_id)
    ]


async def test_news_of_an_older_request_undo_no_newer_one(unit: Any) -> None:
    """Asked again before it was heard that the first was not done: the second is the one that counts."""
    merged, target, moved = await _routed(unit), await _routed(unit), await _routed(unit)
    for version in (4, 6):
        await _decide(unit, merged.case_id, version=version, merge_into=target.tracking_code)
    for version, lead in ((4, "water"), (6, "environment")):
        await _decide(unit, moved.case_id, version=version, lead=lead, remarks="职责调整")
    told = RequestDropped(
        case_id=merged.case_id, version=6, at=AT, asked="merge.requested", asked_at=AT, asked_version=5, by="li",
        state=CaseState.IN_PROGRESS, lead=TRANSPORT, category=CategoryCode("transport"),
    )  # fmt: skip

    await handle_events.handle_dropped(
        unit, [told, replace(told, case_id=moved.case_id, asked="case.routed")]
    )

    assert target.case_id == (await _case(unit, merged.case_id)).merged_into
    assert "environment" == (await _case(unit, moved.case_id)).lead


async def test_what_is_merged_into_a_case_that_ended_meanwhile_is_decided_alone(unit: Any) -> None:
    """Nobody would answer it."""
    event, target = await _routed(unit), await _routed(unit)
    await _decide(unit, event.case_id, merge_into=target.tracking_code)
    ended = CaseClosed(
        case_id=target.case_id, version=5, at=AT, outcome="withdrawn", state=CaseState.WITHDRAWN
    )
    await handle_events.end(unit, [ended])
    unit.emitted.clear()

    await handle_events.end(unit, [_closed(event.case_id)])

    assert ["case.merged", "case.unmerged"] == [said.name for said in unit.emitted]
    assert 1 == len(await items.waiting(unit.db, event.case_id))


async def test_urging_what_no_department_has_is_told_to_dispatchers(unit: Any) -> None:
    """Above the queue, with how often; not what a department has and nobody decides about."""
    waiting = registered(UNCLEAR)
    await route(unit, [waiting])
    elsewhere = await _routed(unit)
    urged = [
        CaseUrged(case_id=case_id, version=2, at=AT, by="sun")
        for case_id in (waiting.case_id, waiting.case_id, elsewhere.case_id)
    ]

    await handle_events.count_urgings(unit, urged)

    assert [(waiting.case_id, 2)] == [
        (row.case.case_id, row.case.urged_count)
        for row in (await read_urged(unit))[0]
        if row.case.case_id in (waiting.case_id, elsewhere.case_id)
    ]


@pytest.mark.parametrize("accuses", ["its own", "the other"])
async def test_nothing_is_merged_with_what_became_private_meanwhile(unit: Any, accuses: str) -> None:
    """A citizen accused somebody between the dispatcher's request and handlers' yes: the case is decided on alone."""
    case, target = await _routed(unit), await _routed(unit)
    await _decide(unit, case.case_id, merge_into=target.case_id)
    private = case if accuses == "its own" else target
    await unit.db.execute("UPDATE routing.case SET protected = true WHERE case_id = $1", private.case_id)
    unit.emitted.clear()

    await handle_events.end(unit, [_closed(case.case_id)])

    assert ["case.merged", "case.unmerged"] == [event.name for event in unit.emitted]
    assert ("open", None) == ((now := await _case(unit, case.case_id)).state, now.merged_into)
    assert 1 == len(await items.waiting(unit.db, case.case_id))


async def _case(unit: Any, case_id: CaseId) -> Any:
    return (await cases.lock_cases(unit.db, [case_id]))[case_id]


def _closed(case_id: CaseId) -> CaseClosed:
    return CaseClosed(case_id=case_id, version=6, at=AT, outcome="merged", state=CaseState.MERGED)


def _answer(case_id: CaseId) -> ReplyPublished:
    return ReplyPublished(
        case_id=case_id, version=5, at=AT, response="已延长", department=TRANSPORT,
        category=CategoryCode("transport"), public=True,
    )  # fmt: skip
