"""What a department's actions say and change."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from handlers.core import desk
from handlers.core.actions import ACTIONS
from handlers.core.asks import Asks
from handlers.core.case import By, Case, CaseChange
from handlers.core.desk import may_see_contact
from handlers.core.rules import MAX_RETURNS, Action, Actor
from handlers.core.texts import clean, tidy
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, BadInput, StaleVersion
from schemas.events.handlers import CaseReplied, CaseReturned, CaseSigned, ExtensionRequested
from schemas.http import read
from schemas.words import CaseState, CitizenAction
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, by_lead, case

CITY = load_city()


def do(held: Case, action: Action, by: By | None = None, **fields: Any) -> CaseChange:
    """The action on the version that the case has."""
    body = read(ACTIONS[action].body, {"version": held.version, **fields})
    return desk.perform(held, action, body, by or by_lead(), CITY)


def test_signing_starts_the_work() -> None:
    """The case is in progress, one version on, and everyone learns who signed."""
    held = case(state=CaseState.ASSIGNED)
    change = do(held, Action.SIGN)
    event = CaseSigned(
        case_id=held.case_id, version=5, at=MONDAY, department=HOUSING, signed_by="wang",
        state=CaseState.IN_PROGRESS, citizen_may=(CitizenAction.SUPPLEMENT, CitizenAction.WITHDRAWAL),
    )  # fmt: skip

    assert (event,) == change.events
    assert (change.after.state, change.after.version) == (CaseState.IN_PROGRESS, 5)
    assert change.what == "case.signed"


def test_a_reply_is_masked_everywhere() -> None:
    """Neither the event, nor the case, nor the log holds the number that was typed."""
    change = do(case(), Action.REPLY, note="已电话13812345678核实", response="请联系13912345678。")

    assert "138****5678" in msgspec.json.encode(change).decode()
    assert "13812345678" not in msgspec.json.encode(change).decode()
    assert "13912345678" not in msgspec.json.encode(change).decode()


def test_note_and_response_stay_apart() -> None:
    """What is for the inside never gets into what the citizen reads."""
    change = do(case(), Action.REPLY, note="内部", response="外部")

    assert isinstance(change.events[0], CaseReplied)
    assert (change.events[0].note, change.events[0].response) == ("内部", "外部")
    assert (change.after.note, change.after.response) == ("内部", "外部")
    assert change.text == ""


def test_a_return_remembers_where_it_came_from() -> None:
    """A dispatcher decides; until then the case is in review."""
    change = do(
        case(state=CaseState.ASSIGNED, return_count=1), Action.RETURN, reason="不是我们的", basis="三定方案"
    )

    assert (change.after.state, change.after.state_before_review) == (
        CaseState.IN_REVIEW,
        CaseState.ASSIGNED,
    )
    assert isinstance(change.events[0], CaseReturned)
    assert (2, 2, (HOUSING,)) == (
        change.events[0].return_count,
        change.after.return_count,
        change.after.asks.returned_by,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"state": CaseState.IN_PROGRESS},
        {"asks": Asks(returned_by=(HOUSING,))},
        {"return_count": MAX_RETURNS},
        {"due_at": MONDAY},
        {"sign_due_at": MONDAY - timedelta(seconds=1)},
        {"return_barred": True},
    ],
    ids=["signed", "returned before", "twice returned", "late", "silent past the time to sign", "barred"],
)
def test_a_return_ends_with_acceptance_and_with_a_breach(fields: dict[str, Any]) -> None:
    """Signing and silence accept a case; nobody returns it twice, and no third department returns it at all."""
    held = case(**{"state": CaseState.ASSIGNED, **fields})

    with pytest.raises(ActionNotAllowed) as refusal:
        do(held, Action.RETURN, reason="不是我们的", basis="三定方案")

    offered = refusal.value.facts["allowed_actions"]
    assert isinstance(offered, list)
    assert "return" not in offered


def test_an_emergency_is_returned_within_its_own_time() -> None:
    """Half an hour, if that is what the rule gives for signing; not three days."""
    held = case(state=CaseState.ASSIGNED, sign_due_at=MONDAY + timedelta(minutes=30))
    late = by_lead(MONDAY + timedelta(minutes=31))

    assert do(held, Action.RETURN, reason="x", basis="y").after.state is CaseState.IN_REVIEW
    with pytest.raises(ActionNotAllowed):
        do(held, Action.RETURN, late, reason="x", basis="y")


def test_a_return_outlasts_three_days_while_the_signing_limit_does() -> None:
    """Over a long holiday the signing deadline, which knows it, counts."""
    held = case(state=CaseState.ASSIGNED, sign_due_at=MONDAY + timedelta(days=8))
    late = by_lead(MONDAY + timedelta(days=7))

    assert do(held, Action.RETURN, late, reason="x", basis="y").after.state is CaseState.IN_REVIEW
    with pytest.raises(ActionNotAllowed):
        do(msgspec.structs.replace(held, sign_due_at=None), Action.RETURN, late, reason="x", basis="y")


def test_an_extension_waits_for_somebody_else() -> None:
    """The state stays, and no second request is possible meanwhile."""
    change = do(case(), Action.EXTEND, working_days=5, reason="等材料")

    assert isinstance(change.events[0], ExtensionRequested)
    assert (change.after.state, change.after.version, change.after.extension_days) == (
        CaseState.IN_PROGRESS,
        5,
        5,
    )
    with pytest.raises(ActionNotAllowed):
        do(change.after, Action.EXTEND, working_days=5, reason="再等")


def test_answering_makes_a_pending_extension_pointless() -> None:
    """If the reply is sent back, a new one can be asked for."""
    asked = do(case(), Action.EXTEND, working_days=5, reason="等材料").after

    assert do(asked, Action.REPLY, note="x", response="y").after.extension_days is None


@pytest.mark.parametrize("days", [0, 16, -1])
def test_an_extension_is_one_to_fifteen_working_days(days: int) -> None:
    """Neither none nor for ever."""
    with pytest.raises(BadInput):
        do(case(), Action.EXTEND, working_days=days, reason="等材料")


def test_an_older_version_is_refused_before_anything_else() -> None:
    """The caller decided on something that is no longer so."""
    held = case()
    body = read(ACTIONS[Action.SIGN].body, {"version": held.version - 1})

    with pytest.raises(StaleVersion) as refusal:
        desk.perform(held, Action.SIGN, body, by_lead(), CITY)

    assert {"current": held.version} == dict(refusal.value.facts)


def test_a_supporting_department_notes_and_no_more() -> None:
    """Its note is told to the others, and grows no version."""
    held = case(supporting=(TRANSPORT,))
    by = By(name="zhao", role=Actor.SUPPORTING, now=MONDAY)
    change = do(held, Action.NOTE, by, text="我局已巡查")

    assert ("case.noted", held.version) == (change.what, change.after.version)
    with pytest.raises(ActionNotAllowed) as refusal:
        do(held, Action.REPLY, by, note="x", response="y")
    assert refusal.value.facts["allowed_actions"] == ["note"]


def test_co_handling_adds_only_who_is_new() -> None:
    """The lead itself and who supports already are passed over; no version is used up."""
    held = case(supporting=(TRANSPORT,))
    departments = [HOUSING, TRANSPORT, "environment", "environment"]
    change = do(held, Action.CO_HANDLE, departments=departments, reason="联合检查")

    assert change.joined == ("environment",)
    assert change.after.supporting == (TRANSPORT, "environment")
    assert held.version == change.after.version


def test_co_handling_needs_departments_that_exist() -> None:
    """A typing mistake is named."""
    with pytest.raises(BadInput) as refusal:
        do(case(), Action.CO_HANDLE, departments=["moon"], reason="x")

    assert refusal.value.errors[0].field == "departments"


def test_a_protected_case_is_not_spread_by_its_department() -> None:
    """Nor a complaint that accuses somebody: whom, is not always known."""
    with pytest.raises(ActionNotAllowed):
        do(case(protected=True), Action.CO_HANDLE, departments=[TRANSPORT], reason="x")


def test_an_accused_unit_is_not_asked_for_support() -> None:
    """And nothing in the refusal tells that it is accused."""
    with pytest.raises(BadInput) as refusal:
        do(case(accused=(TRANSPORT,)), Action.CO_HANDLE, departments=[TRANSPORT], reason="x")

    assert ["该单位不能协办本件。"] == [error.zh for error in refusal.value.errors]


@pytest.mark.parametrize(
    ("fields", "role", "may"),
    [
        ({}, Actor.LEAD, True),
        ({}, Actor.SUPPORTING, True),
        ({"confidential": True}, Actor.LEAD, True),
        ({"confidential": True}, Actor.SUPPORTING, False),
        ({"protected": True}, Actor.LEAD, False),
        ({"state": CaseState.CLOSED}, Actor.LEAD, False),
        ({"state": CaseState.REPLIED}, Actor.LEAD, True),
        ({"state": CaseState.IN_REVIEW}, Actor.LEAD, False),
    ],
)
def test_who_may_see_contact_details(fields: dict[str, Any], role: Actor, may: bool) -> None:
    """Never of a protected one, of a confidential case the lead alone, and only while it is in hand."""
    assert may == may_see_contact(case(**fields), role)


@pytest.mark.parametrize("text", ["", "   ", "\x00", "\ud800", "\u200b\u2060\u3164 \ufeff\u2800"])
def test_nothing_is_not_a_text(text: str) -> None:
    """Blanks, NULs and halves of characters leave nothing to store."""
    with pytest.raises(BadInput):
        clean(text, "reason")


def test_texts_are_made_storable() -> None:
    """Postgres knows no NUL, UTF-8 no half characters, and a browser's line ends are one character."""
    assert tidy("一\r\n二\x00\ud800 ") == "一\n二"
