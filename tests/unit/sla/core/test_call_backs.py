"""Whom the centre calls back: drawn so that nobody chooses; and what must be said of a call."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.errors import BadInput
from schemas.ids import CaseId, DepartmentCode
from schemas.words import Language
from sla.core.call_backs import (
    BeingCalled,
    CallBack,
    CallBackCandidate,
    CallBackReason,
    CallResult,
    Solved,
    as_claimed,
    call_back_rule,
    check,
    check_claim,
    counted,
    days_to_draw,
    draw,
    may_call,
    says_the_same,
)
from sla.core.lives import Happened
from tests.unit.sla.moments import CHINA, at

_DAY = date(2026, 11, 23)
_KEY = b"k" * 32
_RULE = call_back_rule()
_GOOD = CallResult(reached=True, contacted=True, solved="yes", satisfied=True)


def _case(number: int, department: str = "housing", **more: bool) -> CallBackCandidate:
    facts = {"is_rated_bad": False, "is_reopened": False, "is_closed_that_day": True} | more
    return CallBackCandidate(
        case_id=CaseId(f"{number:08}"), version=5, department=DepartmentCode(department), leads=[department],
        closed_at=datetime(2026, 11, 23, tzinfo=UTC), **facts,
    )  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans(), st.booleans()), max_size=120),
    st.randoms(),
)
def test_nobody_chooses(cases: list[tuple[str, bool, bool, bool]], chance: object) -> None:
    """Every bad rating and every case done anew, and as many others of each department as the rule says; in any order."""
    pool = [
        _case(number, unit, is_rated_bad=bad, is_reopened=anew, is_closed_that_day=closed or anew)
        for number, (unit, bad, anew, closed) in enumerate(cases)
    ]
    drawn = draw(pool, _DAY, _KEY, _RULE)
    chance.shuffle(pool)  # type: ignore[attr-defined]  # hypothesis' own random
    whys = {each.case.case_id: each.why for each in drawn}

    assert drawn == draw(pool, _DAY, _KEY, _RULE)
    assert len(whys) == len(drawn)
    assert {each.case_id for each in pool if each.is_rated_bad} == {
        i for i, why in whys.items() if why is CallBackReason.RATED
    }
    assert {each.case_id for each in pool if each.is_reopened} <= whys.keys()
    others = Counter(each.department for each in pool if each.is_closed_that_day and not _is_sure(each))
    closed = Counter(each.department for each in pool if each.is_closed_that_day)
    sample = Counter(each.case.department for each in drawn if each.why is CallBackReason.SAMPLE)
    assert {unit: min(n, _RULE.sample_size(closed[unit])) for unit, n in others.items()} == dict(sample)


def _is_sure(case: CallBackCandidate) -> bool:
    return case.is_rated_bad or case.is_reopened


def test_every_case_has_the_same_chance() -> None:
    """Over many days each of a hundred is drawn about as often; on another day, and with another secret, others are."""
    pool = [_case(number) for number in range(100)]
    days = [date.fromordinal(_DAY.toordinal() + each) for each in range(400)]
    drawn = Counter(each.case.case_id for day in days for each in draw(pool, day, _KEY, _RULE))

    assert (100, 400 * 5) == (len(drawn), drawn.total())
    assert max(drawn.values()) < 45
    assert draw(pool, _DAY, _KEY, _RULE) != draw(pool, _DAY, b"x" * 32, _RULE)


@pytest.mark.parametrize(
    ("closed", "size"), [(0, 0), (1, 1), (20, 1), (21, 2), (100, 5), (400, 20), (9999, 20)]
)
def test_how_many_are_drawn(closed: int, size: int) -> None:
    """A share, rounded up; one at the least, and no more than a morning's calls."""
    assert size == _RULE.sample_size(closed)


@pytest.mark.parametrize(
    ("result", "fields"),
    [
        (_GOOD, []),
        (CallResult(reached=False), ["why_not"]),
        (CallResult(reached=False, why_not="refused"), []),
        (CallResult(reached=True), ["contacted", "solved", "satisfied"]),
        (replace(_GOOD, solved="cannot"), ["note"]),
        (replace(_GOOD, solved="cannot", note="……"), ["note"]),
        (replace(_GOOD, solved="no"), ["note"]),
        (replace(_GOOD, solved="no", redo=False), []),
        (replace(_GOOD, solved="partly"), []),
        (replace(_GOOD, redo=True), ["redo"]),
        (replace(_GOOD, note="长" * 501), ["note"]),
    ],
)
def test_what_must_be_said(result: CallResult, fields: list[str]) -> None:
    """All three answers of who was reached; why of who was not; words where the department is to do it anew."""
    try:
        check(result, 0, _RULE)
        wrong = []
    except BadInput as refusal:
        wrong = [error.field for error in refusal.errors]

    assert fields == wrong


def test_not_without_end() -> None:
    """A third redo is a supervisor's to see to; that it is not settled can be written down all the same."""
    unsettled = replace(_GOOD, solved="no", note="还是漏水")
    check(unsettled, _RULE.most_redos - 1, _RULE)
    check(replace(unsettled, redo=False), _RULE.most_redos, _RULE)
    with pytest.raises(BadInput):
        check(unsettled, _RULE.most_redos, _RULE)


def test_who_may_call() -> None:
    """Nobody of a unit that had the case, and not who answered it."""
    housing = DepartmentCode("housing")

    assert may_call("li", None, [housing], "")
    assert not may_call("li", housing, [housing], "")
    assert not may_call("li", None, [], "li")
    assert may_call("wu", None, [], "li")


def test_an_outage_is_made_up_for() -> None:
    """Each day of the last week that was not drawn, once; none that is not over."""
    week = [date(2026, 11, day) for day in range(16, 23)]

    assert week == days_to_draw(_DAY, {}, _RULE)
    assert week[:-1] == days_to_draw(_DAY, {week[-1]: None}, _RULE)
    assert [] == days_to_draw(_DAY, dict.fromkeys(week), _RULE)


@pytest.mark.parametrize(("solved", "value"), [("yes", 2), ("partly", 1), ("no", 0)])
def test_what_figures_count_of_a_call(solved: Solved, value: int) -> None:
    """That somebody was reached, and each answer: settled is worth two, in part one."""
    result = CallResult(reached=True, contacted=False, solved=solved, satisfied=True)

    expected = {Happened.ASKED_BACK: 1, Happened.CONTACTED: 0, Happened.SOLVED: value, Happened.CONTENT: 1}
    assert expected == counted(result)


def test_what_was_not_answered_is_in_no_figure() -> None:
    """What cannot be settled says nothing of whoever was to settle it; who was not reached says nothing at all."""
    cannot = CallResult(reached=True, contacted=True, solved="cannot", satisfied=False, note="已超过期限")

    assert {Happened.ASKED_BACK: 1, Happened.CONTACTED: 1, Happened.CONTENT: 0} == counted(cannot)
    assert {Happened.ASKED_BACK: 0} == counted(replace(_GOOD, reached=False))


_CALL = CallBack(
    case_id=CaseId("1"), number=1, day=_DAY, why=CallBackReason.RATED, state="open", drawn_at=at("2026-11-23 09:00")
)  # fmt: skip
_CLAIMED = replace(_CALL, claimed_by="wu", claimed_until=at("2026-11-23 10:15"))


def test_a_claim_ends_by_itself() -> None:
    """At its very end somebody else may call; who has none is as before."""
    assert _CLAIMED == as_claimed(_CLAIMED, at("2026-11-23 10:14"))
    assert _CALL == as_claimed(_CLAIMED, at("2026-11-23 10:15"))
    assert _CALL == as_claimed(_CALL, at("2026-11-23 10:15"))


def test_nobody_calls_whom_another_is_calling() -> None:
    """Who it is and until when, by the city's own time; whoever is calling goes on."""
    now = at("2026-11-23 10:00")
    check_claim(_CLAIMED, "wu", now, CHINA)
    check_claim(_CALL, "li", now, CHINA)
    check_claim(_CLAIMED, "li", at("2026-11-23 10:15"), CHINA)
    with pytest.raises(BeingCalled) as refusal:
        check_claim(_CLAIMED, "li", now.astimezone(UTC), CHINA)

    assert "wu is calling; until 10:15" in refusal.value.message(Language.EN)
    assert "wu 正在回访，10:15 之前" in refusal.value.message(Language.ZH)


_DONE = replace(_CALL, state="done", contacted=True, solved="yes", satisfied=True)
_MISSED = replace(_CALL, state="unreached", why_not="refused")


@pytest.mark.parametrize(
    ("settled", "result", "is_same"),
    [
        (_DONE, _GOOD, True),
        (_DONE, replace(_GOOD, note="别的话"), True),
        (_DONE, replace(_GOOD, contacted=False), False),
        (_DONE, replace(_GOOD, solved="partly"), False),
        (_DONE, replace(_GOOD, satisfied=False), False),
        (replace(_DONE, solved="no", redo=True), replace(_GOOD, solved="no", note="漏水"), True),
        (replace(_DONE, solved="no"), replace(_GOOD, solved="no", note="漏水"), False),
        (_CALL, _GOOD, False),
        (_MISSED, CallResult(reached=False, why_not="refused"), True),
        (_MISSED, CallResult(reached=False, why_not="no_answer"), False),
        (replace(_CALL, why_not="refused"), CallResult(reached=False, why_not="refused"), False),
        (_MISSED, _GOOD, False),
    ],
)
def test_the_same_written_down_twice_is_once(settled: CallBack, result: CallResult, is_same: bool) -> None:
    """Whoever presses twice is told that it is done; who says something else is told that it is too late."""
    assert is_same == says_the_same(settled, result)
