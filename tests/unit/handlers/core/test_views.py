"""How lists are asked for, continued, and read."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from handlers.core.rules import ENDED, Action, Actor
from handlers.core.views import DeskQuery, Line, Matter, due_window, full, is_late, position_of
from schemas.ids import CategoryCode, TrackingCode
from schemas.words import CaseState, Channel, Kind, Urgency
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, case, fresh_case

CHINA = ZoneInfo("Asia/Shanghai")


def line(due_at: datetime | None) -> Line:
    """One open case."""
    return Line(
        case_id=fresh_case(), tracking_code=TrackingCode("A"), title="t", state=CaseState.ASSIGNED, version=3,
        kind=Kind.HELP, urgency=Urgency.NORMAL, category=CategoryCode("transport"), channel=Channel.WEB,
        lead=HOUSING, part=Actor.LEAD, due_at=due_at, overdue=False, received_at=MONDAY, assigned_at=MONDAY,
        closed_at=MONDAY, urged_count=0, supervised=False,
    )  # fmt: skip


@pytest.mark.parametrize("due_at", [MONDAY, None])
def test_a_list_goes_on_where_its_last_case_stands(due_at: datetime | None) -> None:
    """Open cases by their deadline, also where there is none yet, and ended ones by their end."""
    last = line(due_at)

    assert (due_at, UUID(last.case_id)) == position_of(last, is_ended=False)
    assert (MONDAY, UUID(last.case_id)) == position_of(last, is_ended=True)


def test_today_is_a_day_of_the_city() -> None:
    """From midnight to midnight where the city is, not the last 24 hours."""
    late_evening = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    start, end = due_window("today", late_evening, CHINA)

    assert datetime(2026, 11, 22, 16, tzinfo=UTC) == start
    assert datetime(2026, 11, 23, 16, tzinfo=UTC) == end


def test_states_are_open_or_ended() -> None:
    """Every state of a case with a department is found under exactly one of the two words."""
    words = set(DeskQuery(state="open").states) | set(DeskQuery(state="ended").states)

    assert set(CaseState) - {CaseState.RECEIVED, CaseState.REGISTERED} == words
    assert set(ENDED) == set(DeskQuery(state="ended").states)
    assert DeskQuery(state="closed").is_ended
    assert not DeskQuery(state="under_review").is_ended


@pytest.mark.parametrize(
    ("state", "late"),
    [
        (CaseState.IN_PROGRESS, True),
        (CaseState.SUSPENDED, False),
        (CaseState.REPLIED, False),
        (CaseState.CLOSED, False),
    ],
)
def test_a_passed_deadline_is_late_while_its_clock_runs(state: CaseState, late: bool) -> None:
    """Not while suspended, answered or ended; but what was late once stays so."""
    after = datetime(2026, 11, 30, tzinfo=UTC)

    assert late == is_late(case(state=state, due_at=MONDAY), after)
    assert is_late(case(state=state, due_at=MONDAY, overdue=True), after)


def test_a_department_reads_what_it_may_do() -> None:
    """Its own part, and nothing that is not a desk's action."""
    matter = Matter(
        tracking_code=TrackingCode("A"), channel=Channel.WEB, received_at=MONDAY, title="t", text="x",
        place=None, has_contact=True,
    )  # fmt: skip
    held = case(supporting=(TRANSPORT,), confidential=True)
    lead, support = (full(held, matter, (), (), code, MONDAY) for code in (HOUSING, TRANSPORT))

    assert (
        support.allowed_actions, support.part, support.may_see_contact
    ) == ((Action.NOTE,), Actor.SUPPORTING, False)  # fmt: skip
    assert Action.REPLY in lead.allowed_actions
    assert lead.may_see_contact
