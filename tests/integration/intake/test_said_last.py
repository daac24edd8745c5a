"""The citizen's view shows of each thing what the newest event that says it said, in whatever order the topics come."""

from datetime import timedelta
from typing import Any

import pytest

from intake.core.following.view import View
from intake.steps.handle_events import handle_deadlines, update_views
from schemas.events.handlers import CaseAssigned, QuestionAsked
from schemas.events.routing import CaseUnmerged, ReviewRequested
from schemas.events.sla import DeadlineSet
from tests.conftest import RecordingUnit
from tests.integration.intake.test_handle_events import FACTS, said, view_of
from tests.integration.intake.test_handle_events import case as case
from tests.unit.intake.messages import NOW


async def test_what_only_some_events_say_is_what_the_newest_of_these_says(
    unit: RecordingUnit, case: View
) -> None:
    """The dispatcher's next review was heard first, of another topic, and says neither department, category nor question."""
    asked: dict[str, Any] = {"text": "哪一路？", "until": NOW + timedelta(days=3)}
    told = [
        said(CaseAssigned, 3), said(QuestionAsked, 4, **asked),
        said(CaseAssigned, 6, lead="transport", category="transport", region="xishan"),
        said(QuestionAsked, 7, **asked | {"text": "哪一站？"}),
    ]  # fmt: skip
    await update_views(unit, [said(ReviewRequested, 9, kind="dispatch")])
    for event in told:
        await update_views(unit, [event])
    await update_views(unit, told[:1])

    view = await view_of(unit)
    assert ("in_review", 9, "transport", "transport") == (
        view.state,
        view.version,
        view.department,
        view.category,
    )
    assert view.question is not None
    assert "哪一站？" == view.question.text
    region = await unit.db.fetchval("SELECT region FROM intake.view WHERE case_id = $1", case.case_id)
    assert "xishan" == region


@pytest.mark.parametrize("is_assigned_first", [False, True])
async def test_a_deadline_of_before_a_case_was_taken_out_is_over(
    unit: RecordingUnit, case: View, is_assigned_first: bool
) -> None:
    """Whichever is heard first, also where something newer was; that of the next department counts."""
    await update_views(unit, [said(ReviewRequested, 12, kind="dispatch")])
    deadline = said(DeadlineSet, 3, provisional=True, cause="assigned")
    if is_assigned_first:
        await handle_deadlines(unit, [deadline])
    await update_views(unit, [said(CaseUnmerged, 9)])
    if not is_assigned_first:
        await handle_deadlines(unit, [deadline])
    view = await view_of(unit)
    assert (None, False) == (view.due_at, view.provisional)

    await handle_deadlines(unit, [said(DeadlineSet, 11, deadline_version=2, cause="assigned")])

    assert FACTS["due_at"] == (await view_of(unit)).due_at


async def test_what_an_older_release_said_beside_this_one_is_as_new_as_its_version(
    unit: RecordingUnit, case: View
) -> None:
    """It knows of no versions but the case's; what is newer than that says it anew, whatever else was heard since."""
    await update_views(unit, [said(CaseAssigned, 5)])
    older = "UPDATE intake.view SET version = 9, category = 'transport', department = 'transport' WHERE case_id = $1"
    await unit.db.execute(older, case.case_id)
    await update_views(unit, [said(ReviewRequested, 12, kind="dispatch")])

    await update_views(unit, [said(CaseAssigned, 7)])

    assert ("transport", "transport") == ((await view_of(unit)).category, (await view_of(unit)).department)
    await update_views(unit, [said(CaseAssigned, 10)])
    assert FACTS["lead"] == (await view_of(unit)).department


@pytest.mark.parametrize("line", ["assigned", "move_undone", "answered"])
async def test_what_an_older_release_said_as_it_was_is_as_new_as_its_version(
    unit: RecordingUnit, case: View, line: str
) -> None:
    """The department gave the case away and got it back: the assignment between, heard late, does not have it again."""
    await update_views(unit, [said(CaseAssigned, 5)])
    older = """UPDATE intake.view SET version = 9, timeline = timeline || jsonb_build_object('event', $2::text, 'at', now())
        WHERE case_id = $1"""
    await unit.db.execute(older, case.case_id, line)
    await update_views(unit, [said(ReviewRequested, 12, kind="dispatch")])

    await update_views(unit, [said(CaseAssigned, 7, lead="transport", category="transport", region="xishan")])

    assert (FACTS["lead"], FACTS["category"]) == (
        (await view_of(unit)).department,
        (await view_of(unit)).category,
    )
    await update_views(
        unit, [said(CaseAssigned, 10, lead="transport", category="transport", region="xishan")]
    )
    assert "transport" == (await view_of(unit)).department


async def test_an_assignment_of_an_older_release_that_names_no_region_leaves_the_region(
    unit: RecordingUnit, case: View
) -> None:
    """What names one and is older than it, heard late, still does."""
    await update_views(unit, [said(CaseAssigned, 2)])
    older = """UPDATE intake.view SET version = 5,
        timeline = timeline || jsonb_build_object('event', 'assigned', 'at', now())
        WHERE case_id = $1"""
    await unit.db.execute(older, case.case_id)

    await update_views(unit, [said(CaseAssigned, 4, region="xishan")])

    region = await unit.db.fetchval("SELECT region FROM intake.view WHERE case_id = $1", case.case_id)
    assert "xishan" == region


async def test_what_an_older_release_said_of_nothing_else_leaves_all_else(
    unit: RecordingUnit, case: View
) -> None:
    """That the department signed says neither department nor category: an assignment before it does, heard late."""
    await update_views(unit, [said(CaseAssigned, 5)])
    older = """UPDATE intake.view SET version = 9,
        timeline = timeline || jsonb_build_object('event', 'in_progress', 'at', now())
        WHERE case_id = $1"""
    await unit.db.execute(older, case.case_id)

    await update_views(unit, [said(CaseAssigned, 7, lead="transport", category="transport", region="xishan")])

    assert "transport" == (await view_of(unit)).department


@pytest.mark.parametrize("is_older_release", [False, True])
async def test_a_deadline_that_an_older_release_kept_is_as_new_as_the_case(
    unit: RecordingUnit, case: View, is_older_release: bool
) -> None:
    """It notes no version with it: what this one knows of the deadline before says nothing of that."""
    await handle_deadlines(unit, [said(DeadlineSet, 3, cause="assigned")])
    await update_views(unit, [said(ReviewRequested, 12, kind="dispatch")])
    if is_older_release:
        older = "UPDATE intake.view SET due_at = $2, deadline_version = 2 WHERE case_id = $1"
        await unit.db.execute(older, case.case_id, FACTS["due_at"])
    else:
        await handle_deadlines(unit, [said(DeadlineSet, 3, deadline_version=2, cause="extended")])

    await update_views(unit, [said(CaseUnmerged, 9)])

    assert (FACTS["due_at"] if is_older_release else None) == (await view_of(unit)).due_at
