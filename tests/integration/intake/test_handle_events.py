"""The citizen's view on a real Postgres: whatever order the topics come in."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TypeVar

import msgspec
import pytest

from intake.core.following.view import View, allowed_actions, pending_actions
from intake.steps.act_on_case import withdraw
from intake.steps.handle_events import (
    handle_deadlines,
    handle_merged_answers,
    handle_protected,
    handle_undone,
    update_views,
)
from intake.store.view import find_view
from schemas.event import Event
from schemas.events.handlers import (
    CaseAssigned,
    CaseClosed,
    CaseProtected,
    CaseReplied,
    CaseResumed,
    CaseSigned,
    CaseSuspended,
    ReplyPublished,
)
from schemas.events.routing import (
    CaseDeclined,
    CaseMerged,
    CaseUnmerged,
    DecisionUndone,
    MergedAnswered,
    ReviewRequested,
    WithdrawalConfirmed,
)
from schemas.events.sla import DeadlineSet
from schemas.events.undone import CaseRecalled
from schemas.ids import CaseId, TrackingCode
from schemas.values import Contact
from schemas.words import CaseState
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import handle_replies, register
from tests.unit.intake.messages import KEYS, NOW, draft, message

E = TypeVar("E", bound=Event)
CASE = message(draft(publish=True))
_OPEN = ("supplement", "withdrawal")
#: What each event says of the state, and of what the citizen may do.
_STANDS: Mapping[type[Event], tuple[str, tuple[str, ...] | None]] = {
    ReviewRequested: ("in_review", None),
    CaseAssigned: ("assigned", _OPEN),
    CaseSigned: ("in_progress", _OPEN),
    CaseReplied: ("replied", ("supplement",)),
    CaseClosed: ("closed", ("rating", "objection")),
    CaseMerged: ("merged", ()),
    CaseProtected: ("in_review", _OPEN),
    MergedAnswered: ("merged", ("rating", "objection")),
    CaseUnmerged: ("in_review", _OPEN),
    WithdrawalConfirmed: ("withdrawn", ()),
}
FACTS = {
    "tracking_code": CASE.codes.tracking_code,
    "channel": "web",
    "received_at": NOW,
    "kind": "complaint",
    "urgency": "normal",
    "category": "labour",
    "lead": "housing",
    "region": "donghu",
    "department": "housing",
    "signed_by": "张三",
    "note": "内部情况",
    "response": "您好，路灯已修好。",
    "public": True,
    "outcome": "answered",
    "due_at": NOW + timedelta(days=7),
    "deadline_version": 1,
    "rule": "general",
    "decided_by": "李四",
    "why": "objected",
}


def said(event_class: type[E], version: int, *, case_id: CaseId = CASE.codes.case_id, **more: object) -> E:
    """An event about the case, with whatever facts its type needs; each version a minute after the one before."""
    wanted = set(event_class.__struct_fields__)
    state, may = _STANDS.get(event_class, (None, None))
    told = FACTS | {"state": state, "citizen_may": may} | more
    facts = {name: value for name, value in told.items() if name in wanted}
    facts |= {"case_id": case_id, "version": version, "at": NOW + timedelta(minutes=version)}
    return msgspec.convert(facts, event_class)


async def view_of(unit: RecordingUnit, code: TrackingCode = CASE.codes.tracking_code) -> View:
    found = await find_view(unit.db, code)
    assert found is not None
    return found


@pytest.fixture
async def case(unit: RecordingUnit) -> View:
    """A registered case."""
    await register(unit, CASE)
    return await view_of(unit)


@pytest.mark.parametrize("is_reviewed_first", [False, True])
async def test_a_withdrawal_in_review_stays(unit: RecordingUnit, is_reviewed_first: bool) -> None:
    """Whichever is heard first, the citizen reads `withdrawn` from their own word on, and that nothing is pending."""
    await register(unit, CASE)
    review = said(ReviewRequested, 2, kind="dispatch")
    if is_reviewed_first:
        await update_views(unit, [review])
    await withdraw(unit, KEYS, await view_of(unit), reason="已解决")
    if not is_reviewed_first:
        await update_views(unit, [review])
    before = await view_of(unit)
    await update_views(unit, [said(WithdrawalConfirmed, 3)])

    for view in (before, await view_of(unit)):
        assert ("withdrawn", [], []) == (view.state, allowed_actions(view, NOW), pending_actions(view))


async def test_what_was_decided_meanwhile_is_told(unit: RecordingUnit) -> None:
    """A dispatcher was quicker than the withdrawal: refused or merged the case has ended, and nothing is pending."""
    await register(unit, CASE)
    await update_views(unit, [said(ReviewRequested, 2, kind="dispatch")])
    await withdraw(unit, KEYS, await view_of(unit), reason="已解决")
    await update_views(unit, [said(CaseMerged, 3, into=CASE.codes.case_id)])
    view = await view_of(unit)

    assert ("merged", []) == (view.state, pending_actions(view))


async def test_a_new_case_shows_as_registered(case: View) -> None:
    """Before anything else is heard of it."""
    assert (CaseState.REGISTERED, 1, None) == (case.state, case.version, case.due_at)
    assert ["received", "registered"] == [line.event for line in case.whole_timeline]


async def test_the_view_follows_the_case_to_its_answer(unit: RecordingUnit, case: View) -> None:
    """State, department, deadline, answer; each with its line."""
    await update_views(unit, [said(CaseAssigned, 3)])
    await handle_deadlines(unit, [said(DeadlineSet, 3)])
    await update_views(unit, [said(CaseSigned, 4)])
    await update_views(unit, [said(CaseReplied, 5)])
    await handle_replies(unit, [said(ReplyPublished, 6)])
    await update_views(unit, [said(CaseClosed, 6)])
    view = await view_of(unit)

    assert (CaseState.CLOSED, 6, "housing", "labour") == (
        view.state,
        view.version,
        view.department,
        view.category,
    )
    assert (FACTS["due_at"], "您好，路灯已修好。") == (view.due_at, view.response)
    assert NOW + timedelta(minutes=6) == view.response_at
    lines = [line.event for line in view.timeline]
    assert ["assigned", "in_progress", "replied", "answered", "closed"] == lines


async def test_what_the_citizen_may_do_is_what_they_were_told(unit: RecordingUnit, case: View) -> None:
    """Before any department has the case by intake's own rule; then each event's word, the newer version's."""
    assert ["supplement", "withdrawal"] == allowed_actions(case, unit.now)

    await update_views(unit, [said(CaseReplied, 5)])
    await update_views(unit, [said(CaseAssigned, 3)])
    assert ["supplement"] == allowed_actions(await view_of(unit), unit.now)

    await update_views(unit, [said(CaseClosed, 6, citizen_may=())])
    assert [] == allowed_actions(await view_of(unit), unit.now)


async def test_a_record_that_tells_no_state_leaves_it(unit: RecordingUnit, case: View) -> None:
    """Records from before the field, and questions that move nothing."""
    await update_views(unit, [said(CaseReplied, 5)])
    await update_views(unit, [said(CaseSigned, 6, state=None, citizen_may=None)])
    view = await view_of(unit)

    assert (CaseState.REPLIED, ["supplement"], 6) == (
        view.state,
        allowed_actions(view, unit.now),
        view.version,
    )


async def test_an_older_version_changes_no_state_but_keeps_its_line(unit: RecordingUnit, case: View) -> None:
    """routing's topic may be read after handlers'."""
    await update_views(unit, [said(CaseAssigned, 3)])
    await update_views(unit, [said(ReviewRequested, 2, kind="dispatch")])
    view = await view_of(unit)

    assert (CaseState.ASSIGNED, 3) == (view.state, view.version)
    assert ["registered", "in_review", "assigned"] == [line.event for line in view.whole_timeline][1:]


async def test_a_deadline_may_come_before_everything_else(unit: RecordingUnit, case: View) -> None:
    """And an older one never replaces a newer one."""
    later = NOW + timedelta(days=20)
    await handle_deadlines(unit, [said(DeadlineSet, 3, deadline_version=2, due_at=later, cause="extended")])
    await handle_deadlines(unit, [said(DeadlineSet, 3)])
    view = await view_of(unit)

    assert (later, CaseState.REGISTERED, 1) == (view.due_at, view.state, view.version)
    await update_views(unit, [said(CaseAssigned, 3)])
    assert CaseState.ASSIGNED == (await view_of(unit)).state


async def test_a_deadline_that_may_move_is_said_to_be_one(unit: RecordingUnit, case: View) -> None:
    """Until the year's holidays are announced; the line that told it stays what it was."""
    await handle_deadlines(unit, [said(DeadlineSet, 3, provisional=True, cause="extended")])
    provisional = await view_of(unit)
    await handle_deadlines(unit, [said(DeadlineSet, 4, deadline_version=2, cause="calendar")])
    announced = await view_of(unit)

    assert (False, True, False) == (case.provisional, provisional.provisional, announced.provisional)
    assert [True, False] == [line.provisional for line in announced.timeline]


async def test_a_case_that_is_merged_no_more_has_no_deadline_until_it_has_a_department(
    unit: RecordingUnit, case: View
) -> None:
    """The one that was told counts no more; the next one shows, whatever is said about older versions."""
    await update_views(unit, [said(CaseAssigned, 3)])
    await handle_deadlines(unit, [said(DeadlineSet, 3, provisional=True)])
    await update_views(unit, [said(CaseMerged, 4, into=CASE.codes.case_id)])
    await update_views(unit, [said(CaseUnmerged, 6, why="decided")])
    without = await view_of(unit)
    later = NOW + timedelta(days=20)
    await handle_deadlines(unit, [said(DeadlineSet, 8, deadline_version=2, due_at=later)])
    await update_views(unit, [said(CaseAssigned, 8)])
    await update_views(unit, [said(CaseUnmerged, 6, why="decided")])

    assert (None, False) == (without.due_at, without.provisional)
    assert later == (await view_of(unit)).due_at


async def test_a_decision_that_was_taken_back_is_told(unit: RecordingUnit, case: View) -> None:
    """Whether it was a department's, which is named no more, or an end: a dispatcher decides once more."""
    await update_views(unit, [said(CaseAssigned, 3)])
    await update_views(unit, [said(CaseRecalled, 5, state="in_review", citizen_may=_OPEN)])
    recalled = await view_of(unit)
    await update_views(unit, [said(CaseDeclined, 6, state="declined", legal_route="诉讼", citizen_may=())])
    await handle_undone(unit, [said(DecisionUndone, 8, state="in_review", citizen_may=_OPEN)])
    undone = await view_of(unit)

    assert ("in_review", None, "undone") == (recalled.state, recalled.department, recalled.timeline[-1].event)
    assert ("in_review", "undone", _OPEN) == (undone.state, undone.timeline[-1].event, undone.citizen_may)


async def test_what_was_promised_before_a_refusal_that_was_taken_back_has_ended(
    unit: RecordingUnit, case: View
) -> None:
    """No desk knows of it any more: nobody would keep it, and it would break."""
    await unit.db.execute(
        """INSERT INTO intake.promise (case_id, number, department, until, granted_at, ended_at, outcome, publishable)
        VALUES ($1, 1, 'housing', $2, $3, $3, 'declined', true)""",
        CASE.codes.case_id,
        NOW + timedelta(days=30),
        NOW,
    )
    await update_views(unit, [said(CaseDeclined, 6, state="declined", legal_route="诉讼", citizen_may=())])
    await handle_undone(unit, [said(DecisionUndone, 8, state="in_review", citizen_may=_OPEN)])

    assert "declined" == await unit.db.fetchval("SELECT outcome FROM intake.promise")


async def test_a_citizen_reads_until_when_their_case_stands_still(unit: RecordingUnit, case: View) -> None:
    """While it does; a record of before pauses had an end says nothing of it."""
    until = NOW + timedelta(days=9)
    await update_views(unit, [said(CaseSuspended, 5, until=until, reason="等鉴定", state="suspended")])
    suspended = await view_of(unit)
    await update_views(unit, [said(CaseResumed, 6, state="in_progress")])

    assert (until, until) == (suspended.paused_until, suspended.timeline[-1].due_at)
    assert (await view_of(unit)).paused_until is None


async def test_events_about_a_case_that_is_not_here_are_remembered(unit: RecordingUnit) -> None:
    """A view may be older than its case, after a restore for instance."""
    await update_views(unit, [said(CaseAssigned, 3)])
    await register(unit, CASE)

    assert CaseState.ASSIGNED == (await view_of(unit)).state


async def test_a_merged_case_shows_nothing_of_the_other_case(unit: RecordingUnit, case: View) -> None:
    """Its answer is told to it alone, if it may read that; then it may be rated and objected to."""
    other = message(entropy=bytes([1]) * 32).codes
    await register(unit, message(entropy=bytes([1]) * 32))
    await update_views(unit, [said(CaseMerged, 2, into=other.case_id)])
    await handle_replies(unit, [said(ReplyPublished, 6, case_id=other.case_id, response="只给本人")])
    view = await view_of(unit)
    assert (CaseState.MERGED, None, None, []) == (
        view.state,
        view.response,
        view.department,
        allowed_actions(view, unit.now),
    )

    await update_views(unit, [said(MergedAnswered, 4)])
    view = await view_of(unit)
    assert ("您好，路灯已修好。", "housing", ["rating", "objection"]) == (
        view.response, view.department, allowed_actions(view, unit.now),
    )  # fmt: skip


@pytest.mark.parametrize("is_named", [True, False])
async def test_nobody_reads_whom_the_answer_to_another_case_calls_by_name(
    unit: RecordingUnit, case: View, is_named: bool
) -> None:
    """Nor the number that its citizen left: neither in the answer nor in the history; also where an event names no case."""
    contact = Contact(name="欧阳珩璟", phone="13812345678")
    lead = message(draft(contact=contact), entropy=bytes([1]) * 32)
    await register(unit, lead)
    into = lead.codes.case_id
    await update_views(unit, [said(CaseMerged, 2, into=into)])
    told = said(
        MergedAnswered,
        4,
        response="欧阳珩璟您好，已按13812345678与您联系，路灯已修好。",
        into=into if is_named else None,
    )
    await handle_merged_answers(unit, [told], keys=KEYS)
    view = await view_of(unit)

    assert "路灯已修好" in (view.response or "")
    assert [] == [part for part in ("珩璟", "13812345678") if part in repr(view)]


async def test_a_case_that_is_merged_no_more_is_a_dispatchers(unit: RecordingUnit, case: View) -> None:
    """It may be added to and withdrawn again."""
    await update_views(unit, [said(CaseMerged, 2, into=message(entropy=bytes([1]) * 32).codes.case_id)])
    await update_views(unit, [said(CaseUnmerged, 4)])
    view = await view_of(unit)

    assert (CaseState.IN_REVIEW, ["supplement", "withdrawal"]) == (
        view.state,
        allowed_actions(view, unit.now),
    )
    assert await unit.db.fetchval(
        "SELECT merged_into IS NULL FROM intake.view WHERE case_id = $1", view.case_id
    )


async def test_a_second_answer_replaces_the_first(unit: RecordingUnit, case: View) -> None:
    """After an objection; a redelivered older one changes nothing."""
    await handle_replies(unit, [said(ReplyPublished, 9, response="再次答复", public=False)])
    await handle_replies(unit, [said(ReplyPublished, 6)])

    assert "再次答复" == (await view_of(unit)).response


async def test_what_accuses_officials_is_published_no_more(unit: RecordingUnit, case: View) -> None:
    """The answer had been, before the citizen said it; the case shows as with a dispatcher, and with no department."""
    await handle_replies(unit, [said(ReplyPublished, 6)])
    await handle_protected(unit, [said(CaseProtected, 9)])

    view = await view_of(unit)
    await update_views(unit, [said(CaseAssigned, 11, lead="letters")])

    assert 0 == await unit.db.fetchval("SELECT count(*) FROM intake.published")
    assert (CaseState.IN_REVIEW, None) == (view.state, view.department)
    assert "letters" == (await view_of(unit)).department


async def test_only_public_answers_are_published(unit: RecordingUnit, case: View) -> None:
    """An answer that may not be public any more is taken back."""
    await handle_replies(unit, [said(ReplyPublished, 6)])
    assert 1 == await unit.db.fetchval("SELECT count(*) FROM intake.published")

    await handle_replies(unit, [said(ReplyPublished, 9, public=False)])
    assert 0 == await unit.db.fetchval("SELECT count(*) FROM intake.published")


async def test_a_batch_of_cases_is_followed_at_once(unit: RecordingUnit) -> None:
    """Each gets its own change."""
    messages = [message(draft(), entropy=bytes([n]) * 32) for n in range(5)]
    await register(unit, *messages)
    await update_views(
        unit, [said(CaseAssigned, 3, case_id=m.codes.case_id, lead=f"d-{n}") for n, m in enumerate(messages)]
    )

    departments = [(await view_of(unit, each.codes.tracking_code)).department for each in messages]
    assert [f"d-{n}" for n in range(5)] == departments
