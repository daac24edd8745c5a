"""What answers, their absence and what is undone leave behind: the whole case, its row in the log, events and words."""

from datetime import timedelta
from typing import Any

import pytest

from handlers.core import answers, undoing
from handlers.core.asks import AskedOrder, AskedPause, AskedQuestion, Asks, Before, FormerHolder, Part
from handlers.core.case import Case
from schemas.events.handlers import QuestionAnswered, QuestionLapsed, RequestDropped
from schemas.events.routing import DecisionUndone, RecallRequested, ReviewRequested, SupplementJudged
from schemas.events.sla import PauseEnded
from schemas.events.undone import CaseRecalled, MoveUndone, UndoRequested, VerdictUndone
from schemas.ids import CategoryCode, RegionCode
from schemas.words import CaseState, Clock, Kind, ReviewKind, Urgency
from tests.unit.handlers.core.test_verdicts_said import DUE, LATER, WATER, Verdict, check_verdict, head
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, case

ASKED = case(
    asks=Asks(question=AskedQuestion(text="哪一栋？", until=LATER), question_count=1, progress="在查")
)
REFUSED = case(
    state=CaseState.DECLINED, closed_at=MONDAY, state_before_review=CaseState.ASSIGNED, asks=Asks(refusal_until=DUE)
)  # fmt: skip
NEW = case(
    state=CaseState.ASSIGNED, routed_version=6, supporting=(TRANSPORT,), sign_due_at=DUE,
    state_before_review=CaseState.IN_PROGRESS,
    asks=Asks(parts=(Part(department=TRANSPORT, text="停水", until=None, asked_at=MONDAY, is_matter=True),)),
)  # fmt: skip
ORDER = AskedOrder(number=1, text="请说明", by="sun")
WAITED = Asks(pause=AskedPause(until=DUE, reason="等材料"))
PART = Part(department=TRANSPORT, text="请核对", until=None, asked_at=MONDAY)


def _decided(**fields: Any) -> Before:
    """Li said no to a pause, which waited with five days that were asked for."""
    usual: dict[str, Any] = {
        "version": 4, "by": "li", "at": MONDAY, "review": ReviewKind.SUSPENSION, "accepted": False,
        "state": CaseState.IN_PROGRESS, "state_before_review": CaseState.ASSIGNED, "return_barred": True,
        "extension_count": 1, "extension_days": 5, "asks": WAITED,
    }  # fmt: skip
    return Before(**usual | fields)


SAID_NO = case(asks=Asks(before=_decided(), order=ORDER, progress="在查", parts=(PART,)))
HELD = FormerHolder(
    lead=HOUSING, supporting=(WATER,), category=CategoryCode("housing"), kind=Kind.HELP, urgency=Urgency.URGENT,
    region=RegionCode("donghu"), assigned_at=MONDAY, sign_due_at=DUE, note="内部", response="草稿",
)  # fmt: skip
MOVED = case(
    state=CaseState.ASSIGNED, lead=TRANSPORT, supporting=(WATER,), routed_version=6,
    asks=Asks(before=_decided(review=None, accepted=None, held=HELD), order=ORDER, progress="在查"),
)  # fmt: skip


def _undo(held: Case, **fields: Any) -> UndoRequested:
    usual: dict[str, Any] = {"decided_by": "li", "review": ReviewKind.SUSPENSION, "accepted": False}
    return UndoRequested(**head(held), **usual | fields)


_MOVE: dict[str, Any] = {"review": None, "accepted": None}
VERDICTS = {
    "answer": Verdict(
        ASKED,
        lambda: answers.answer(
            ASKED, SupplementJudged(**head(ASKED), text="三栋", supplemented_at=LATER, answers=True), LATER
        ),
        ("", "citizen", "answer", {"text": "三栋"}), ("question.answered", "三栋"),
        {"version": 8, "asks": Asks(question_count=1, progress="在查")},
    ),
    "no answer": Verdict(
        ASKED,
        lambda: answers.lapse(ASKED, PauseEnded(**head(ASKED), clock=Clock.QUESTION, due_at=LATER), LATER),
        ("", "system", "lapse", {"until": LATER.isoformat()}), ("question.lapsed", ""),
        {"version": 8, "asks": Asks(question_count=1, progress="在查")},
    ),
    "objection to a refusal": Verdict(
        REFUSED,
        lambda: answers.take_up_objection(
            REFUSED, ReviewRequested(**head(REFUSED), kind=ReviewKind.OBJECTION), DUE + timedelta(days=9)
        ),
        ("", "citizen", "object-to-refusal", {}), ("", ""),
        {"state": CaseState.IN_REVIEW, "version": 7, "withheld": True, "closed_at": None, "asks": Asks()},
    ),
    "dispatch taken back": Verdict(
        NEW, lambda: undoing.recall(NEW, RecallRequested(**head(NEW), decided_by="li"), LATER),
        ("li", "dispatcher", "undo", {}), ("case.recalled", ""),
        {
            "state": CaseState.IN_REVIEW, "version": 8, "withheld": True, "state_before_review": None,
            "sign_due_at": None, "asks": Asks(),
        },
    ),
    "refusal taken back": Verdict(
        REFUSED, lambda: undoing.undo(REFUSED, DecisionUndone(**head(REFUSED), decided_by="li"), LATER),
        ("li", "dispatcher", "undo", {}), ("", ""),
        {
            "state": CaseState.IN_REVIEW, "version": 7, "withheld": True, "closed_at": None,
            "state_before_review": None, "asks": Asks(),
        },
    ),
    "no taken back": Verdict(
        SAID_NO, lambda: undoing.undo_decided(SAID_NO, _undo(SAID_NO), LATER),
        ("li", "dispatcher", "undo", {"review": "suspension"}), ("verdict.undone", ""),
        {
            "version": 8, "state_before_review": CaseState.ASSIGNED, "return_barred": True, "extension_count": 1,
            "extension_days": 5,
            "asks": Asks(pause=WAITED.pause, order=ORDER, progress="在查", parts=(PART,)),
        },
    ),
    "move taken back": Verdict(
        MOVED, lambda: undoing.undo_decided(MOVED, _undo(MOVED, **_MOVE), LATER),
        ("li", "dispatcher", "undo-move", {"lead": "housing", "supporting": ["water"], "urgency_before": "normal"}),
        ("move.undone", ""),
        {
            "state": CaseState.IN_PROGRESS, "version": 8, "state_before_review": CaseState.ASSIGNED,
            "return_barred": True, "extension_count": 1, "extension_days": 5, "lead": HOUSING, "supporting": (WATER,),
            "category": "housing", "kind": Kind.HELP, "urgency": Urgency.URGENT, "region": "donghu",
            "assigned_at": MONDAY, "sign_due_at": DUE, "note": "内部", "response": "草稿",
            "asks": Asks(pause=WAITED.pause, order=ORDER, progress="在查"),
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("verdict", VERDICTS.values(), ids=VERDICTS)
def test_the_whole_case_the_row_and_the_words(verdict: Verdict) -> None:
    """Nothing else of the case moves."""
    check_verdict(verdict)


def test_what_events_say_of_it() -> None:
    """Whose words, who decided then and now, and who has the case again."""

    def first(name: str) -> Any:
        change = VERDICTS[name].decide()
        assert change is not None
        return change.events[0]

    answered, lapsed, recalled = first("answer"), first("no answer"), first("dispatch taken back")
    assert (type(answered), answered.text) == (QuestionAnswered, "三栋")
    assert type(lapsed) is QuestionLapsed
    assert (type(recalled), recalled.decided_by) == (CaseRecalled, "li")
    verdict, move = first("no taken back"), first("move taken back")
    assert isinstance(verdict, VerdictUndone)
    assert (HOUSING, ReviewKind.SUSPENSION, False, MONDAY, "li") == (
        verdict.department, verdict.review, verdict.accepted, verdict.decided_at, verdict.decided_by
    )  # fmt: skip
    assert isinstance(move, MoveUndone)
    assert (HOUSING, (WATER,), "housing", "donghu", TRANSPORT, MONDAY, "li") == (
        move.lead, move.supporting, move.category, move.region, move.moved_to, move.moved_at, move.decided_by
    )  # fmt: skip


def test_who_has_a_moved_case_back_and_who_loses_it() -> None:
    """Whoever helps either way neither joins nor leaves."""
    change = VERDICTS["move taken back"].decide()
    assert change is not None
    assert (change.joined, change.left) == ((HOUSING,), (TRANSPORT,))


@pytest.mark.parametrize(
    ("held", "fields"),
    [
        (SAID_NO, {"decided_by": "zhao"}),
        (SAID_NO, {"review": ReviewKind.PROMISE}),
        (case(), {}),
        (case(asks=Asks(before=_decided(version=3))), {}),
        (case(asks=Asks(before=_decided(state=CaseState.SUSPENDED))), {}),
        (case(asks=Asks(before=_decided(review=None))), _MOVE),
    ],
)
def test_what_is_not_undone_is_told_to_whoever_asked(held: Case, fields: dict[str, Any]) -> None:
    """Another's, another one, or one behind which somebody acted: the row says so, and what was asked."""
    asked = _undo(held, **fields)
    change = undoing.undo_decided(held, asked, LATER)
    [dropped] = change.events

    assert isinstance(dropped, RequestDropped)
    assert (dropped.asked, dropped.by, dropped.review, dropped.accepted) == (
        "undo.requested", asked.decided_by, asked.review, asked.accepted
    )  # fmt: skip
    assert change.entry.detail == {"ignored": True, "seen_version": 7}


def test_what_answers_nothing_changes_nothing() -> None:
    """An addition like any other, another clock, a question that has time still, or none at all."""
    plain = SupplementJudged(**head(ASKED), text="三栋", supplemented_at=LATER)
    assert answers.answer(ASKED, plain, LATER) is None
    ends = PauseEnded(**head(ASKED), clock=Clock.QUESTION, due_at=LATER)
    early = PauseEnded(**head(ASKED), clock=Clock.QUESTION, due_at=LATER - timedelta(seconds=1))
    other = PauseEnded(**head(ASKED), clock=Clock.PAUSE, due_at=LATER)
    assert [answers.lapse(held, ended, LATER) for held, ended in ((ASKED, early), (ASKED, other), (case(), ends))] == [
        None, None, None,
    ]  # fmt: skip
    assert (
        answers.take_up_objection(REFUSED, ReviewRequested(**head(REFUSED), kind=ReviewKind.REPLY), LATER)
        is None
    )
    old = ReviewRequested(**head(REFUSED) | {"version": 4}, kind=ReviewKind.OBJECTION)
    assert answers.take_up_objection(REFUSED, old, LATER) is None
