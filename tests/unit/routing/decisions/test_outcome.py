"""What a dispatcher may not decide, and what is asked before it is done."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from routing.core.decisions.outcome import (
    Decline,
    Dispatch,
    Merge,
    Verdict,
    check_corrects_with_a_dispatch,
    check_is_meant,
    outcome_of,
)
from routing.core.decisions.review import Decision, DirectAnswer, Item, RoutingCase, State
from routing.core.doubts import Doubt
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.ids import CategoryCode, DepartmentCode
from schemas.words import ReviewKind, Urgency
from tests.unit.routing.decisions.test_review import CASE, ITEM, OTHER
from tests.unit.sentences import check_sentences

CITY = load_city()
EMERGENCY = replace(CASE, urgency=Urgency.EMERGENCY)
PROMISE = replace(
    ITEM, kind=ReviewKind.PROMISE, detail={"not_before": "2026-12-01", "not_after": "2027-05-22"}
)


def _outcome(case: RoutingCase = CASE, item: Item = ITEM, **said: Any) -> object:
    target = OTHER if said.get("merge_into") else None
    return outcome_of(CITY, case, item, Decision(version=2, **said), target)


def _refused(case: RoutingCase = CASE, item: Item = ITEM, **said: Any) -> str:
    with pytest.raises(BadInput) as refused:
        _outcome(case, item, **said)
    (error,) = refused.value.errors
    check_sentences(error)
    return error.field


@pytest.mark.parametrize("said", [{"decline": "去法院"}, {"decline": True}, {"merge_into": "AAAA"}], ids=str)
def test_an_emergency_is_ended_by_nobody_who_has_not_looked(said: dict[str, Any]) -> None:
    """Somebody may be in danger; any other case, and one that goes to a department, needs no second yes."""
    assert "confirm" == _refused(EMERGENCY, **said)
    assert isinstance(_outcome(EMERGENCY, **said, confirm=True), Decline | Merge)
    assert isinstance(_outcome(**said), Decline | Merge)
    assert not isinstance(_outcome(EMERGENCY, lead="water"), Decline | Merge)


@pytest.mark.parametrize(
    "said", [{"decline": True}, {"merge_into": "AAAA"}, {"answer": DirectAnswer(entry_id=CASE.case_id, text="好")}],
    ids=str,
)  # fmt: skip
def test_what_sounds_dangerous_is_ended_by_nobody_who_has_not_looked(said: dict[str, Any]) -> None:
    """However it is ended; nobody has to look at what sounds like an accusation alone."""
    hinted = replace(ITEM, detail={"doubts": [Doubt.SOUNDS_DANGEROUS]})
    decision = Decision(version=2, **said)
    with pytest.raises(BadInput) as refused:
        check_is_meant(CASE, hinted, decision)
    (error,) = refused.value.errors
    check_sentences(error)

    assert "confirm" == error.field
    check_is_meant(CASE, hinted, replace(decision, confirm=True))
    check_is_meant(CASE, replace(ITEM, detail={"doubts": [Doubt.SOUNDS]}), decision)
    check_is_meant(CASE, hinted, Decision(version=2, lead="water"))


def test_a_department_that_the_city_has_no_more_gets_no_case_by_itself() -> None:
    """Who names none sends it where the category leads; of a category that is gone somebody has to say where."""
    left = replace(CASE, lead=DepartmentCode("heritage"))
    both = replace(left, category=CategoryCode("antiques"))
    sent = _outcome(left, category=CASE.category)

    assert isinstance(sent, Dispatch)
    assert CITY.category[CASE.category].lead == sent.lead
    assert isinstance(_outcome(left, accept=True), Dispatch)
    assert "lead" == _refused(both, accept=True)
    assert isinstance(_outcome(both, lead="water"), Dispatch)


@pytest.mark.parametrize(
    ("said", "field"), [({"decline": "……"}, "decline"), ({"lead": "water", "remarks": "！！"}, "remarks")]
)
def test_dots_and_signs_explain_nothing(said: dict[str, Any], field: str) -> None:
    """Whoever reads it should learn something."""
    assert field == _refused(**said)


@pytest.mark.parametrize(
    ("detail", "day", "is_allowed"),
    [
        (PROMISE.detail, "2026-11-30", False),
        (PROMISE.detail, "2026-12-01", True),
        (PROMISE.detail, "2027-05-22", True),
        (PROMISE.detail, "2027-05-23", False),
        ({}, "2030-01-01", True),
    ],
)
def test_another_day_is_one_that_might_have_been_asked_for(
    detail: dict[str, Any], day: str, is_allowed: bool
) -> None:
    """Both ends included; an item of an earlier release says none."""
    item, other = replace(PROMISE, detail=detail), date.fromisoformat(day)

    if is_allowed:
        assert Verdict(accepted=True, date=other) == _outcome(item=item, accept=True, date=other)
    else:
        assert "date" == _refused(item=item, accept=True, date=other)


def test_only_a_granted_promise_has_a_day() -> None:
    """What is refused promises none, and nothing else ever does."""
    day = date(2026, 12, 1)

    assert Verdict(accepted=False) == _outcome(item=PROMISE, accept=False, date=day)
    assert "date" == _refused(item=replace(ITEM, kind=ReviewKind.EXTENSION), accept=True, date=day)


@pytest.mark.parametrize("state", [{}, {"answered": True}], ids=["declined before", "answered before"])
def test_an_objection_is_refused_with_the_legal_route(state: dict[str, Any]) -> None:
    """To a refusal, once more; a direct answer that settles nothing needs another outcome."""
    item = replace(ITEM, kind=ReviewKind.OBJECTION, detail={"legal_route": "请申请复议", **state})

    if state:
        assert "accept" == _refused(item=item, accept=False)
    else:
        assert Decline(legal_route="请申请复议") == _outcome(item=item, accept=False)


@pytest.mark.parametrize(
    ("said", "is_allowed"),
    [
        ({"tags": ("night",), "lead": "water"}, True),
        ({"tags": ("night",), "accept": True}, True),
        ({"decline": True}, True),
        ({"tags": (), "decline": True}, False),
        ({"tags": ("night",), "merge_into": "AAAA"}, False),
    ],
    ids=str,
)
def test_tags_are_corrected_by_whoever_sends_a_case(said: dict[str, Any], is_allowed: bool) -> None:
    """They would be lost where it goes nowhere."""
    decision = Decision(version=2, **said)
    if is_allowed:
        check_corrects_with_a_dispatch(decision)
        return
    with pytest.raises(BadInput):
        check_corrects_with_a_dispatch(decision)


@pytest.mark.parametrize(
    ("state", "said"),
    [("merged", "并入那一件"), ("withdrawn", "撤回"), ("declined", "不予受理"), ("answered", "直接答复")],
)
def test_why_a_case_takes_no_other_one_in_is_said(state: State, said: str) -> None:
    """What is true of it and nothing else, so that whoever decides knows the way."""
    with pytest.raises(BadInput) as refused:
        outcome_of(CITY, CASE, ITEM, Decision(version=2, merge_into="AAAA"), replace(OTHER, state=state))
    (error,) = refused.value.errors

    check_sentences(error)
    assert ("merge_into", True) == (error.field, said in error.zh)
    assert isinstance(_outcome(merge_into="AAAA"), Merge)
