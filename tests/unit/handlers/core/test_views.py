"""How lists are asked for, continued, and read."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from handlers.core.actions import ACTIONS
from handlers.core.asks import AskedOrder, Asks
from handlers.core.case import Case, CaseFile
from handlers.core.history import Happening
from handlers.core.rules import Action, Actor
from handlers.core.views import (
    DeskLine,
    DeskQuery,
    Matter,
    Supplement,
    Told,
    due_window,
    full,
    is_late,
    position_of,
    shown_fields,
)
from schemas.ids import AttachmentId, CategoryCode, RegionCode, TrackingCode
from schemas.values import Attachment, Place
from schemas.words import ENDED_STATES, CaseField, CaseState, Channel, FileAudience, Kind, Urgency
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, case, fresh_case

CHINA = ZoneInfo("Asia/Shanghai")


def line(due_at: datetime | None) -> DeskLine:
    """One open case."""
    return DeskLine(
        case_id=fresh_case(), tracking_code=TrackingCode("A"), title="t", state=CaseState.ASSIGNED, version=3,
        kind=Kind.HELP, urgency=Urgency.NORMAL, category=CategoryCode("transport"), channel=Channel.WEB,
        lead=HOUSING, part=Actor.LEAD, due_at=due_at, overdue=False, received_at=MONDAY, assigned_at=MONDAY,
        closed_at=MONDAY, urged_count=0, supervised=False,
    )  # fmt: skip


@pytest.mark.parametrize("due_at", [MONDAY, None])
def test_a_list_goes_on_where_its_last_case_stands(due_at: datetime | None) -> None:
    """Open cases by their deadline, also where there is none yet, or by their receipt, and ended ones by their end."""
    last = line(due_at)

    assert (due_at, UUID(last.case_id)) == position_of(last, DeskQuery())
    assert (MONDAY, UUID(last.case_id)) == position_of(last, DeskQuery(order="newest"))
    assert (MONDAY, UUID(last.case_id)) == position_of(last, DeskQuery(state="ended"))


def test_today_is_a_day_of_the_city() -> None:
    """From midnight to midnight where the city is, not the last 24 hours."""
    late_evening = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    start, end = due_window("today", late_evening, CHINA)

    assert datetime(2026, 11, 22, 16, tzinfo=UTC) == start
    assert datetime(2026, 11, 23, 16, tzinfo=UTC) == end


def test_a_week_is_seven_days_from_this_midnight() -> None:
    """Where nothing is asked, or what is late, the list has no window."""
    start, end = due_window("week", datetime(2026, 11, 23, 15, 30, tzinfo=UTC), CHINA)

    assert datetime(2026, 11, 22, 16, tzinfo=UTC) == start
    assert datetime(2026, 11, 29, 16, tzinfo=UTC) == end
    assert (None, None) == due_window(None, MONDAY, CHINA) == due_window("overdue", MONDAY, CHINA)


def test_states_are_open_or_ended() -> None:
    """Every state of a case with a department is found under exactly one of the two words."""
    words = set(DeskQuery(state="open").states) | set(DeskQuery(state="ended").states)

    assert set(CaseState) - {CaseState.RECEIVED, CaseState.REGISTERED} == words
    assert set(ENDED_STATES) == set(DeskQuery(state="ended").states)
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
    lead, support = (full(held, matter, Told(), code, MONDAY) for code in (HOUSING, TRANSPORT))

    assert (
        support.allowed_actions, support.part, support.may_see_contact
    ) == ((Action.NOTE,), Actor.SUPPORTING, False)  # fmt: skip
    assert Action.REPLY in lead.allowed_actions
    assert set(lead.allowed_actions) <= ACTIONS.keys()
    assert lead.may_see_contact


def test_a_case_is_shown_as_it_is() -> None:
    """Every field from the case or from what the citizen sent; late since its deadline."""
    day = timedelta(days=1)
    held = case(
        region=RegionCode("donghu"), supporting=(TRANSPORT,), confidential=True, due_at=MONDAY,
        sign_due_at=MONDAY + day, return_count=1, extension_count=2, extension_days=3, urged_count=4,
        supervised=True, note="内部", response="答复", closed_at=MONDAY + 2 * day,
        asks=Asks(order=AskedOrder(number=1, text="请说明", by="sun")),
    )  # fmt: skip
    matter = Matter(
        tracking_code=TrackingCode("A"), channel=Channel.HOTLINE, received_at=MONDAY - day, title="题",
        text="文", place=Place(address="望江路"), has_contact=False,
    )  # fmt: skip
    happening = Happening(
        at=MONDAY, event="sign", text="", actor="wang", role="lead", state="in_progress", version=4, detail={}
    )
    added = Supplement(at=MONDAY, text="补充")
    shown = msgspec.structs.asdict(
        full(held, matter, Told(timeline=(happening,), supplements=(added,)), HOUSING, MONDAY + day)
    )

    computed = {
        "part": Actor.LEAD, "overdue": True, "extension_pending": True, "pause_pending": False,
            "paused_until": None, "suspension_count": 0, "question": None, "promise_pending": None,
            "promised": None, "promise_count": 0, "parts": (), "may_see_contact": False, "order": held.asks.order,
        "timeline": (happening,), "supplements": (added,),
        "allowed_actions": shown["allowed_actions"],
        "audiences": tuple(FileAudience),
        # How often staff looked is for supervisors, who do not come to a desk.
        "views": None,
        "older_timeline": None, "older_supplements": None,
        # What sla keeps is read beside.
        "clocks": (),
    }  # fmt: skip
    given = msgspec.structs.asdict(held) | msgspec.structs.asdict(matter) | computed
    assert {name: given[name] for name in shown} == shown


def test_whoever_reads_a_case_is_noted_with_what_somebody_wrote_in_it() -> None:
    """Not with what is empty; a department's file counts as one, with or without the citizen's."""
    matter = Matter(
        tracking_code=TrackingCode("A"), channel=Channel.WEB, received_at=MONDAY, title="题", text="文",
        place=None, has_contact=False,
    )  # fmt: skip
    file = Attachment(attachment_id=AttachmentId("a1"), name="函.pdf")
    added = CaseFile(file=file, department=HOUSING, audience=FileAudience.DEPARTMENTS, at=MONDAY)
    sent = msgspec.structs.replace(matter, attachments=(file,))
    written = [CaseField.TITLE, CaseField.TEXT]

    def shown(held: Case, matter: Matter) -> list[CaseField]:
        return sorted(shown_fields(full(held, matter, Told(), HOUSING, MONDAY)))

    assert sorted(written) == shown(case(), matter)
    assert sorted([*written, CaseField.ATTACHMENTS]) == shown(case(files=(added,)), matter)
    assert sorted([*written, CaseField.ATTACHMENTS]) == shown(case(files=(added,)), sent)
    assert sorted([*written, CaseField.NOTE]) == shown(case(note="内部"), matter)


@pytest.mark.parametrize("narrowed", [{"item": "manhole"}, {"tag": "night"}, {"words": "路灯"}], ids=str)
def test_a_list_is_narrowed_by_what_is_looked_for(narrowed: dict[str, str]) -> None:
    """Blanks look for nothing."""
    assert DeskQuery(**narrowed).is_narrowed  # type: ignore[arg-type]  # one field of text
    assert not DeskQuery(words="  ").is_narrowed


def test_a_deadline_is_met_in_its_last_moment() -> None:
    """Late begins after it."""
    assert not is_late(case(due_at=MONDAY), MONDAY)
    assert is_late(case(due_at=MONDAY), MONDAY + timedelta(microseconds=1))
    assert not is_late(case(due_at=None), MONDAY)
