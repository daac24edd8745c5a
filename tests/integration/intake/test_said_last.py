"""The citizen's view shows of each thing what the newest event that says it said, in whatever order the topics come."""

from datetime import timedelta
from typing import Any

import pytest

from intake.core.view import View
from intake.steps.follow import follow_cases, follow_deadlines
from schemas.events.handlers import CaseAssigned, QuestionAsked
from schemas.events.routing import CaseUnmerged, ReviewRequested
from schemas.events.sla import DeadlineSet
from tests.conftest import RecordingUnit
from tests.integration.intake.test_follow import _FACTS as FACTS
from tests.integration.intake.test_follow import _view as view_of
from tests.integration.intake.test_follow import case as case
from tests.integration.intake.test_follow import said
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
    await follow_cases(unit, [said(ReviewRequested, 9, kind="dispatch")])
    for event in told:
        await follow_cases(unit, [event])
    await follow_cases(unit, told[:1])

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
    await follow_cases(unit, [said(ReviewRequested, 12, kind="dispatch")])
    deadline = said(DeadlineSet, 3, provisional=True, cause="assigned")
    if is_assigned_first:
        await follow_deadlines(unit, [deadline])
    await follow_cases(unit, [said(CaseUnmerged, 9)])
    if not is_assigned_first:
        await follow_deadlines(unit, [deadline])
    view = await view_of(unit)
    assert (None, False) == (view.due_at, view.provisional)

    await follow_deadlines(unit, [said(DeadlineSet, 11, deadline_version=2, cause="assigned")])

    assert FACTS["due_at"] == (await view_of(unit)).due_at
