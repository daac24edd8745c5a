"""Exclusions: who may ask for what, who decides, and both numbers beside each other."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from schemas.errors import BadInput
from schemas.ids import CaseId, DepartmentCode
from sla.core.calendar import named_calendar
from sla.core.exclusions import (
    TEXT_LIMIT,
    Deed,
    Excludable,
    Exclusion,
    ExclusionAsk,
    ExclusionRefused,
    ExclusionState,
    ExclusionStep,
    StandsInNoFigure,
    check_words,
    checked,
    exclusion_rule,
    next_state,
    who_may_not,
    why_not,
)
from sla.core.figure_kinds import Rate, figure_kinds
from sla.core.measures import Measure, Sums, left_out

CHINA = named_calendar("china")
#: A Monday, 10:00 there.
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUSING, WATER = DepartmentCode("housing"), DepartmentCode("water")
ENDED = Excludable(closed_at=NOW, outcome="answered", private=False, is_led=True, counted_at=NOW)
ASK = ExclusionAsk(figures=("on_time_rate",), reason="force_majeure", text="台风期间无法施工")


def _request(state: ExclusionState = ExclusionState.OPEN, **changed: Any) -> Exclusion:
    steps = [ExclusionStep(at=NOW, by="wang", what="asked", text="台风")]
    if state in (ExclusionState.REFUSED, ExclusionState.APPEALED, ExclusionState.UPHELD):
        steps.append(ExclusionStep(at=NOW, by="sun", what="refused", text="不属实"))
    found = Exclusion(
        case_id=CaseId("0198b2c4-0000-7000-8000-000000000001"), number=1, department=HOUSING,
        figures=("on_time_rate",), reason="force_majeure", state=state, closed_at=NOW, since=NOW, until=None,
        steps=tuple(steps),
    )  # fmt: skip
    return msgspec.structs.replace(found, **changed)


def test_a_rate_stands_with_and_without() -> None:
    """Of ten due, three late, one of the late left out of this rate: 7 of 10, and 7 of 9; no other rate changes."""
    sums = Sums(
        [
            (Measure.DUE, 0, 10), (Measure.DUE_ON_TIME, 0, 7), (Measure.DUE_ANSWERED, 0, 9),
            (left_out("on_time_rate", Measure.DUE), 0, 1),
        ]
    )  # fmt: skip
    kinds = {kind.code: kind for kind in figure_kinds().rate}
    on_time, answered = kinds["on_time_rate"].of_sums(sums), kinds["answer_rate"].of_sums(sums)

    assert (0.7, 7, 10) == (on_time.value, on_time.numerator, on_time.n)
    assert (0.7778, 7, 9, 1) == (
        on_time.beside.value,
        on_time.beside.numerator,
        on_time.beside.n,
        on_time.excluded,
    )
    assert (0.9, 0.9, 0) == (answered.value, answered.beside.value, answered.excluded)


def test_all_left_out_is_no_rate() -> None:
    """Of nothing there is no share; the one with all stands."""
    kind = next(kind for kind in figure_kinds().rate if kind.code == "rating_satisfied_rate")
    rate = kind.of_sums(Sums([(Measure.RATED, 1, 1), (left_out(kind.code, Measure.RATED), 1, 1)]))

    assert (0.0, None, 0) == (rate.value, rate.beside.value, rate.beside.n)


def test_a_report_of_before_says_the_same_twice() -> None:
    """When it was made nothing could be left out."""
    old = msgspec.json.decode(b'{"value": 0.5, "numerator": 1, "n": 2}', type=Rate)

    assert (0.5, 1, 2) == (old.beside.value, old.beside.numerator, old.beside.n)
    assert old == Rate(value=0.5, numerator=1, n=2)


@pytest.mark.parametrize(
    "changed",
    [{"is_led": False}, {"outcome": "merged"}, {"closed_at": None}, {"counted_at": NOW - timedelta(days=30)}],
)
def test_nobody_asks_about_what_is_not_theirs_or_not_over(changed: dict[str, Any]) -> None:
    """Another's case, a merged one, an open one, and one that was counted long ago; otherwise the department may."""
    assert why_not(ENDED, NOW, CHINA) is None
    assert isinstance(why_not(ENDED._replace(**changed), NOW, CHINA), ExclusionRefused)


def test_protected_cases_stand_in_no_figure() -> None:
    """That is said, whatever else is true of it."""
    refusal = why_not(ENDED._replace(private=True, closed_at=None), NOW, CHINA)

    assert isinstance(refusal, StandsInNoFigure)
    assert "不计入任何指标" in refusal.zh


def test_the_term_is_in_working_days() -> None:
    """Ten of them after the end; the last one whole."""
    until = exclusion_rule().until("ask", NOW, CHINA)

    assert why_not(ENDED, until, CHINA) is None
    assert why_not(ENDED, until + timedelta(seconds=1), CHINA) is not None
    assert 13 <= (until - NOW).days <= 14


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"figures": ()}, "figures"),
        ({"figures": ("repeat_rate",)}, "figures"),
        ({"figures": ("on_time_rate", "no_such")}, "figures"),
        ({"reason": "because"}, "reason"),
        ({"text": "……"}, "text"),
        ({"text": "长" * 1001}, "text"),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, Any], field: str) -> None:
    """Field by field; a figure that says nothing of departments is none of theirs."""
    with pytest.raises(BadInput) as refused:
        checked(msgspec.structs.replace(ASK, **changed), [])

    assert [field] == [error.field for error in refused.value.errors]


@pytest.mark.parametrize("text", ["", "……", "很" * (TEXT_LIMIT + 1)], ids=["nothing", "dots", "too much"])
def test_whoever_decides_says_why(text: str) -> None:
    """In no more words than are kept."""
    check_words("很" * TEXT_LIMIT)
    with pytest.raises(BadInput) as refused:
        check_words(text)

    assert ["text"] == [error.field for error in refused.value.errors]


def test_what_was_asked_is_not_asked_again() -> None:
    """Neither the same, nor the whole case beside a part; another figure may be, and what was taken back."""
    whole = msgspec.structs.replace(ASK, figures=("case", "on_time_rate"))
    for before in (
        ExclusionState.OPEN,
        ExclusionState.REFUSED,
        ExclusionState.UPHELD,
        ExclusionState.GRANTED,
    ):
        for ask in (ASK, whole):
            with pytest.raises(BadInput):
                checked(ask, [_request(before)])
        with pytest.raises(BadInput):
            checked(ASK, [_request(before, figures=("case",))])

    assert ("case",) == checked(whole, [_request(ExclusionState.WITHDRAWN)])
    # Refused, appealed, and taken back before another supervisor could decide: there is one appeal.
    with pytest.raises(BadInput):
        checked(ASK, [_request(ExclusionState.WITHDRAWN, steps=_request(ExclusionState.APPEALED).steps)])
    assert ("sign_on_time_rate",) == checked(
        msgspec.structs.replace(ASK, figures=("sign_on_time_rate",)), [_request()]
    )


_WAYS: dict[tuple[ExclusionState, Deed], ExclusionState] = {
    (ExclusionState.OPEN, "grant"): ExclusionState.GRANTED,
    (ExclusionState.OPEN, "refuse"): ExclusionState.REFUSED,
    (ExclusionState.OPEN, "take_back"): ExclusionState.WITHDRAWN,
    (ExclusionState.REFUSED, "appeal"): ExclusionState.APPEALED,
    (ExclusionState.APPEALED, "grant"): ExclusionState.GRANTED,
    (ExclusionState.APPEALED, "refuse"): ExclusionState.UPHELD,
    (ExclusionState.APPEALED, "take_back"): ExclusionState.WITHDRAWN,
    (ExclusionState.GRANTED, "revoke"): ExclusionState.REVOKED,
    (ExclusionState.GRANTED, "take_back"): ExclusionState.WITHDRAWN,
}
_DEEDS: tuple[Deed, ...] = ("grant", "refuse", "revoke", "appeal", "take_back")


@pytest.mark.parametrize("state", ExclusionState)
@pytest.mark.parametrize("deed", _DEEDS)
def test_where_each_deed_leads(state: ExclusionState, deed: Deed) -> None:
    """There is one appeal, and nothing after it; a request about a case that was reopened has lapsed."""
    expected = _WAYS.get((state, deed))
    if expected is not None:
        assert expected is next_state(_request(state), deed)
    else:
        with pytest.raises(ExclusionRefused):
            next_state(_request(state), deed)
    with pytest.raises(ExclusionRefused):
        next_state(_request(state, is_current=False), deed)


@pytest.mark.parametrize(
    ("state", "name", "department", "may"),
    [
        (ExclusionState.OPEN, "sun", None, True),
        (ExclusionState.OPEN, "sun", WATER, True),
        (ExclusionState.OPEN, "sun", HOUSING, False),
        (ExclusionState.OPEN, "wang", None, False),
        (ExclusionState.APPEALED, "sun", None, False),
        (ExclusionState.APPEALED, "li", None, True),
        (ExclusionState.GRANTED, "sun", None, True),
    ],
)
def test_who_decides(
    state: ExclusionState, name: str, department: DepartmentCode | None, *, may: bool
) -> None:
    """Nobody of the department, and of an appeal nobody who refused before."""
    assert may is (who_may_not(_request(state), name, department) is None)


def test_who_refused_does_not_revoke_what_the_appeal_granted() -> None:
    """Otherwise the appeal would be decided by who refused, after all; whoever granted, or a third, may."""
    steps = (
        *_request(ExclusionState.REFUSED).steps,
        ExclusionStep(at=NOW, by="wang", what="appealed", text="有异议"),
        ExclusionStep(at=NOW, by="zhao", what="granted", text="属实"),
    )
    granted = _request(ExclusionState.GRANTED, steps=steps)

    assert isinstance(who_may_not(granted, "sun", None), ExclusionRefused)
    assert all(who_may_not(granted, name, None) is None for name in ("zhao", "li"))
