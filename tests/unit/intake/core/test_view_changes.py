"""What each event says to the citizen, field by field: the line that is read, and what else changes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from intake.core.view import TimelineEntry
from intake.core.view_changes import ViewChange, change_of, deadline_entry
from schemas.event import Event
from schemas.events import handlers, routing, sla
from schemas.ids import CaseId, CategoryCode, DepartmentCode, RegionCode, TrackingCode
from schemas.words import CaseState, Channel, CitizenAction, Kind, ReviewKind, Urgency

CASE = CaseId("6a1f0000-0000-4000-8000-000000000001")
OTHER = CaseId("6a1f0000-0000-4000-8000-000000000002")
AT = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
HOUSING = DepartmentCode("housing")
CATEGORY = CategoryCode("urban-construction")
REGION = RegionCode("yuelu")
MAY = (CitizenAction.SUPPLEMENT,)
#: What every event has, and what one that tells the state has beside it.
HEAD: dict[str, Any] = {"case_id": CASE, "version": 4, "at": AT}
STATE: dict[str, Any] = {**HEAD, "state": CaseState.IN_PROGRESS, "citizen_may": MAY}


def _line(event: str, **more: Any) -> TimelineEntry:
    return TimelineEntry(at=AT, event=event, **more)


def _closed(outcome: Any) -> handlers.CaseClosed:
    return handlers.CaseClosed(**STATE, outcome=outcome)


#: Each event with the line that the citizen reads of it; None: the citizen reads nothing.
LINES: list[tuple[Event, TimelineEntry | None]] = [
    (routing.ReviewRequested(**HEAD, kind=ReviewKind.DISPATCH), _line("in_review")),
    (routing.ReviewRequested(**HEAD, kind=ReviewKind.REPLY), None),
    (routing.CaseDeclined(**STATE, legal_route="请向法院起诉", decided_by="d"), _line("declined")),
    (routing.CaseMerged(**STATE, into=OTHER, decided_by="d"), _line("merged")),
    (handlers.CaseSigned(**STATE, department=HOUSING, signed_by="w"), _line("in_progress", department=HOUSING)),
    (
        handlers.CaseReturned(**STATE, department=HOUSING, reason="r", basis="b", return_count=1),
        _line("in_review"),
    ),
    (handlers.ReturnRefused(**STATE, department=HOUSING), _line("kept", department=HOUSING)),
    (
        handlers.ExtensionDecided(**HEAD, granted=True, working_days=3, decided_by="d", extension_count=1),
        _line("extended", working_days=3),
    ),
    (handlers.ExtensionDecided(**HEAD, granted=False, working_days=3, decided_by="d", extension_count=0), None),
    (
        handlers.CaseReplied(**STATE, department=HOUSING, note="n", response="r"),
        _line("replied", department=HOUSING),
    ),
    (_closed("withdrawn"), _line("withdrawn")),
    (_closed("answered"), _line("closed")),
    (_closed("declined"), None),
    (_closed("merged"), None),
    (handlers.CaseReopened(**STATE, reason="r", lead=HOUSING), _line("reopened")),
]  # fmt: skip


@pytest.mark.parametrize(("event", "line"), LINES, ids=lambda value: getattr(value, "type", None))
def test_each_event_is_the_line_that_it_should_be(event: Event, line: TimelineEntry | None) -> None:
    """With its moment, and whatever its sentence needs; what concerns the city alone is no line."""
    assert line == change_of(event).entry


def test_an_assignment_shows_where_the_case_is() -> None:
    """Category, region and department at once, with the state and what may be done from then on."""
    event = handlers.CaseAssigned(
        **STATE, tracking_code=TrackingCode("X"), channel=Channel.WEB, received_at=AT, kind=Kind.COMPLAINT,
        urgency=Urgency.NORMAL, category=CATEGORY, lead=HOUSING, region=REGION,
    )  # fmt: skip

    assert ViewChange(
        state=CaseState.IN_PROGRESS, citizen_may=MAY, category=CATEGORY, department=HOUSING, region=REGION,
        entry=_line("assigned", department=HOUSING),
    ) == change_of(event)  # fmt: skip


def test_an_answer_brings_its_words_and_whose_it_is() -> None:
    """The response is what was published, never the department's note."""
    event = handlers.ReplyPublished(
        **HEAD, response="已修好。", department=HOUSING, category=CATEGORY, region=REGION, public=True
    )

    assert ViewChange(
        response="已修好。", category=CATEGORY, department=HOUSING,
        entry=_line("answered", department=HOUSING, words="已修好。"),
    ) == change_of(event)  # fmt: skip


def test_a_merged_case_leads_to_the_other_and_a_declined_one_to_the_legal_route() -> None:
    """So that its citizen finds the answer, or the place where it is given."""
    merged = change_of(routing.CaseMerged(**STATE, into=OTHER, decided_by="d"))
    declined = change_of(routing.CaseDeclined(**STATE, legal_route="请向法院起诉", decided_by="d"))

    assert (OTHER, None) == (merged.merged_into, merged.response)
    assert (None, "请向法院起诉") == (declined.merged_into, declined.response)


def test_a_deadline_that_moved_is_a_line_with_the_new_date_and_the_reason() -> None:
    """At the moment at which it moved."""
    due = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    event = sla.DeadlineSet(
        **HEAD, due_at=due, department=HOUSING, deadline_version=2, rule="general", cause="extended"
    )

    assert _line("deadline", due_at=due, cause="extended") == deadline_entry(event)
