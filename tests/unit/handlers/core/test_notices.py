"""What departments hear of their cases by letter: that there is something to do, never what, and not of what is over."""

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from handlers.core.case import CaseChange
from handlers.core.chain import LogEntry
from handlers.core.notices import Standing, assignment, has, news, why_not_told
from schemas.event import Event
from schemas.events.handlers import (
    CaseReopened,
    CaseSigned,
    ExtensionDecided,
    PromiseDecided,
    QuestionAnswered,
    ReplySentBack,
    ReturnRefused,
    SuspensionDecided,
)
from schemas.ids import CaseId, DepartmentCode
from schemas.notices import Audience, Notice, Occasion
from schemas.words import CaseState, Urgency
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, case, routed

LATER = MONDAY + timedelta(hours=5)
WATER = DepartmentCode("water")
HELD = case(supporting=(TRANSPORT,))
HEAD: dict[str, Any] = {"case_id": HELD.case_id, "version": 4, "at": LATER}


def _notice(
    occasion: Occasion, department: DepartmentCode, mark: str, case_id: CaseId = HELD.case_id
) -> Notice:
    return Notice(
        occasion=occasion, audience=Audience.DEPARTMENT, at=LATER, mark=mark, case_id=case_id, department=department
    )  # fmt: skip


def _change(*events: Event, **fields: Any) -> CaseChange:
    entry = LogEntry(
        case_id=HELD.case_id, seq=1, at=LATER, actor="li", role="dispatcher", action="route",
        from_state="in_progress", to_state="in_progress", version=4, detail={},
    )  # fmt: skip
    return CaseChange(after=HELD, entry=entry, events=events, **fields)


def test_each_department_of_a_new_case_hears_that_there_is_one() -> None:
    """Under the version that the case has once it is open."""
    route = routed(supporting=(TRANSPORT,))
    assert list(assignment(route, LATER)) == [
        _notice(Occasion.NEW_CASE, HOUSING, "3", route.case_id),
        _notice(Occasion.NEW_CASE, TRANSPORT, "3", route.case_id),
    ]


def test_whoever_joins_hears_of_a_new_case() -> None:
    """Not whoever has back what they had: nothing is to be signed."""
    assert list(news(_change(joined=(WATER, TRANSPORT)), LATER)) == [
        _notice(Occasion.NEW_CASE, WATER, "4"),
        _notice(Occasion.NEW_CASE, TRANSPORT, "4"),
    ]
    assert list(news(_change(joined=(WATER,), what="move.undone"), LATER)) == []


_EXTENSION: dict[str, Any] = {"working_days": 5, "decided_by": "li", "extension_count": 0}
_SUSPENSION: dict[str, Any] = {"until": LATER, "decided_by": "li", "suspension_count": 0}


@pytest.mark.parametrize(
    ("event", "occasion"),
    [
        (ReplySentBack(**HEAD, department=HOUSING, remarks=""), Occasion.SENT_BACK),
        (ReturnRefused(**HEAD, department=HOUSING, state=CaseState.ASSIGNED), Occasion.SENT_BACK),
        (ExtensionDecided(**HEAD, granted=False, **_EXTENSION), Occasion.SENT_BACK),
        (SuspensionDecided(**HEAD, granted=False, **_SUSPENSION), Occasion.SENT_BACK),
        (PromiseDecided(**HEAD, granted=False, date=date(2026, 12, 25), decided_by="li"), Occasion.SENT_BACK),
        (CaseReopened(**HEAD, reason="没修好", lead=HOUSING), Occasion.REOPENED),
        (QuestionAnswered(**HEAD, text="三栋"), Occasion.CITIZEN_WROTE),
    ],
)
def test_the_lead_hears_what_is_to_be_done_again(event: Event, occasion: Occasion) -> None:
    """It alone, and beside what is no news to it."""
    signed = CaseSigned(**HEAD, department=HOUSING, signed_by="wang")
    assert list(news(_change(signed, event), LATER)) == [_notice(occasion, HOUSING, "4")]


def test_what_they_did_or_wished_for_is_no_letter() -> None:
    """A signature of their own, and days that were granted."""
    granted = ExtensionDecided(**HEAD, granted=True, **_EXTENSION)
    taken_back = ReplySentBack(**HEAD, department=HOUSING, remarks="", cause="withdrawn")
    assert list(news(_change(taken_back), LATER)) == []
    assert list(news(_change(CaseSigned(**HEAD, department=HOUSING, signed_by="wang"), granted), LATER)) == []


_PRESSING = {
    Occasion.NEW_CASE, Occasion.NEAR, Occasion.MISSED, Occasion.URGED, Occasion.SUPERVISED, Occasion.CITIZEN_WROTE,
}  # fmt: skip


@pytest.mark.parametrize("occasion", list(Occasion))
@pytest.mark.parametrize("fields", [{"closed_at": MONDAY}, {"state": CaseState.MERGED}])
def test_of_a_case_that_is_over_only_what_presses_is_outdated(
    fields: dict[str, Any], occasion: Occasion
) -> None:
    """To whoever watches as to its departments."""
    standing = Standing("ABCD", replace(HELD, **fields))
    for department in (HOUSING, TRANSPORT, None):
        assert why_not_told(standing, occasion, department) == ("outdated" if occasion in _PRESSING else "")


@pytest.mark.parametrize("occasion", list(Occasion))
def test_a_reply_that_waits_is_near_to_nothing_and_sent_back_no_more(occasion: Occasion) -> None:
    """The department has done its part, or that it was sent back was undone; all else of an open case is told."""
    replied = Standing("ABCD", replace(HELD, state=CaseState.REPLIED))
    is_settled = occasion in (Occasion.NEAR, Occasion.SENT_BACK)
    assert why_not_told(replied, occasion, HOUSING) == ("outdated" if is_settled else "")
    assert why_not_told(Standing("ABCD", HELD), occasion, HOUSING) == ""


def test_whoever_has_it_no_more_hears_nothing() -> None:
    """Whatever it is about, also where it is over."""
    for held in (HELD, replace(HELD, closed_at=MONDAY)):
        assert why_not_told(Standing("ABCD", held), Occasion.REOPENED, WATER) == "moved"


@pytest.mark.parametrize(
    ("fields", "who"),
    [
        ({}, {HOUSING, TRANSPORT}),
        ({"accused": (HOUSING,)}, {TRANSPORT}),
        ({"accused": (TRANSPORT,)}, {HOUSING}),
        ({"withheld": True}, set()),
    ],
)
def test_who_sees_a_case(fields: dict[str, Any], who: set[DepartmentCode]) -> None:
    """Its departments, none that it accuses, and nobody while it is withheld."""
    assert {each for each in (HOUSING, TRANSPORT, WATER) if has(replace(HELD, **fields), each)} == who


@pytest.mark.parametrize("private", ["protected", "confidential", "withheld"])
def test_of_a_private_case_not_even_that_there_is_one_is_told(private: str) -> None:
    """Each of the three is enough."""
    assert Standing("ABCD", replace(HELD, **{private: True})).is_private
    assert not Standing("ABCD", HELD).is_private


@pytest.mark.parametrize("urgency", list(Urgency))
def test_emergencies_are_told_at_night(urgency: Urgency) -> None:
    """Nothing else is."""
    assert Standing("ABCD", replace(HELD, urgency=urgency)).is_emergency is (urgency is Urgency.EMERGENCY)
