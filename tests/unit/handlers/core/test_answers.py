"""The department asks its citizen back, once and for a while; a refusal can be objected to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handlers.core import answers, desk, verdicts
from handlers.core.actions import ACTIONS
from handlers.core.asks import AskedQuestion, Asks
from handlers.core.case import Case, CaseChange
from handlers.core.rules import Action
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, BadInput
from schemas.events.handlers import CaseClosed, QuestionAnswered, QuestionAsked, QuestionLapsed
from schemas.events.intake import CitizenObjected
from schemas.events.routing import CaseDeclined, ReviewRequested, SupplementJudged
from schemas.events.sla import PauseEnded
from schemas.http import read
from schemas.words import CaseState, CitizenAction, Clock, ReviewKind, Urgency
from tests.unit.handlers.making import HOUSING, MONDAY, by_lead, case

LATER = MONDAY + timedelta(hours=5)
#: The midnight with which 27 November ends in China.
UNTIL = datetime(2026, 11, 27, 16, tzinfo=UTC)
WAITING = Asks(question=AskedQuestion(text="在几号楼？", until=UNTIL), question_count=1)


def ask(held: Case, until: str = "2026-11-27") -> CaseChange:
    """The lead asks where it is."""
    given = {"version": held.version, "text": "在几号楼？电话13812345678", "until": until}
    return desk.perform(held, Action.ASK, read(ACTIONS[Action.ASK].body, given), by_lead(), load_city())


def judged(held: Case, *, is_answer: bool = True) -> SupplementJudged:
    """What the citizen wrote, after the rules have looked at it."""
    return SupplementJudged(
        case_id=held.case_id, version=4, at=LATER, text="3号楼", supplemented_at=LATER, answers=is_answer
    )


def over(held: Case, due_at: datetime = UNTIL, clock: Clock = Clock.QUESTION) -> PauseEnded:
    """The time for the answer has passed."""
    return PauseEnded(case_id=held.case_id, version=5, at=due_at, clock=clock, due_at=due_at)


def test_the_citizen_is_asked_and_may_answer() -> None:
    """Without personal numbers; the case stays in progress."""
    (event,) = ask(case()).events

    assert isinstance(event, QuestionAsked)
    assert ("在几号楼？电话138****5678", UNTIL, HOUSING, CaseState.IN_PROGRESS) == (
        event.text, event.until, event.department, event.state
    )  # fmt: skip
    assert event.citizen_may is not None
    assert CitizenAction.ANSWER in event.citizen_may


def test_a_pressing_matter_waits_a_day_at_most() -> None:
    """Nobody decides on a question but whoever asks it: a week would bury what is due within a day."""
    urgent = case(urgency=Urgency.URGENT)
    (event,) = ask(urgent, "2026-11-24").events
    assert isinstance(event, QuestionAsked)
    assert datetime(2026, 11, 24, 16, tzinfo=UTC) == event.until

    with pytest.raises(BadInput) as refusal:
        ask(urgent, "2026-11-25")
    assert "最长 1 天。" == refusal.value.errors[0].zh


def test_an_answer_lets_the_work_go_on() -> None:
    """Said with the words; there is nothing more to be answered."""
    held = case(asks=WAITING)
    change = answers.answer(held, judged(held), LATER)

    assert change is not None
    (event,) = change.events
    assert isinstance(event, QuestionAnswered)
    assert ("3号楼", Asks(question_count=1), 5) == (event.text, change.after.asks, change.after.version)
    assert CitizenAction.ANSWER not in (event.citizen_may or ())


def test_an_addition_is_no_answer() -> None:
    """Nor is an answer one where nothing is asked any more."""
    waiting, settled = case(asks=WAITING), case()

    assert answers.answer(waiting, judged(waiting, is_answer=False), LATER) is None
    assert answers.answer(settled, judged(settled), LATER) is None


def test_without_an_answer_the_work_goes_on() -> None:
    """At the question's own end date."""
    held = case(asks=WAITING)
    change = answers.lapse(held, over(held), UNTIL)

    assert change is not None
    assert isinstance(change.events[0], QuestionLapsed)
    assert Asks(question_count=1) == change.after.asks


@pytest.mark.parametrize(
    ("fields", "due_at", "clock"),
    [
        ({"asks": WAITING}, UNTIL - timedelta(days=1), Clock.QUESTION),
        ({"asks": WAITING}, UNTIL, Clock.PAUSE),
        ({}, UNTIL, Clock.QUESTION),
        ({"state": CaseState.REPLIED}, UNTIL, Clock.QUESTION),
    ],
    ids=["an older question", "a pause", "answered", "replied"],
)
def test_an_old_end_ends_nothing(fields: dict[str, Any], due_at: datetime, clock: Clock) -> None:
    """What has ended is not ended again."""
    held = case(**fields)

    assert answers.lapse(held, over(held, due_at, clock), UNTIL) is None


@pytest.mark.parametrize(
    "fields", [{"asks": Asks(question_count=1)}, {"extension_days": 3}, {"due_at": MONDAY}]
)
def test_a_question_is_asked_once_and_in_time(fields: dict[str, Any]) -> None:
    """Nobody stops the time with one question after the other."""
    with pytest.raises(ActionNotAllowed):
        ask(case(**fields))


def test_a_question_waits_a_week_at_most() -> None:
    """The last day whole."""
    assert ask(case(), "2026-11-30").events
    with pytest.raises(BadInput):
        ask(case(), "2026-12-01")


def test_a_reopened_case_may_ask_anew() -> None:
    """It has another limit."""
    held = case(state=CaseState.CLOSED, closed_at=MONDAY, asks=Asks(question_count=1))
    objected = CitizenObjected(case_id=held.case_id, version=4, at=LATER, reason="没修好")

    assert 0 == verdicts.reopen(held, objected, LATER).after.asks.question_count


def declined(until: datetime | None) -> CaseChange:
    """A returned case that a dispatcher declined."""
    held = case(state=CaseState.IN_REVIEW, state_before_review=CaseState.ASSIGNED)
    event = CaseDeclined(
        case_id=held.case_id, version=5, at=LATER, legal_route="诉讼", decided_by="li", objection_until=until
    )
    return verdicts.decline(held, event, LATER)


def review(held: Case, kind: ReviewKind = ReviewKind.OBJECTION, version: int = 8) -> ReviewRequested:
    """routing has heard the objection."""
    return ReviewRequested(case_id=held.case_id, version=version, at=LATER, kind=kind)


@pytest.mark.parametrize(("until", "may"), [(UNTIL, (CitizenAction.OBJECTION,)), (None, ())])
def test_a_refusal_says_whether_it_can_be_objected_to(until: datetime | None, may: Any) -> None:
    """The first can; the second is final."""
    (closed,) = declined(until).events

    assert isinstance(closed, CaseClosed)
    assert (until, may) == (closed.objection_until, closed.citizen_may)


def test_an_objection_to_a_refusal_brings_the_case_back() -> None:
    """To a dispatcher, and to no department; once."""
    change = answers.take_up_objection(declined(UNTIL).after, review(declined(UNTIL).after), LATER)

    assert change is not None
    assert (CaseState.IN_REVIEW, (), None, 8) == (
        change.after.state, change.after.readers, change.after.closed_at, change.after.version
    )  # fmt: skip
    assert answers.take_up_objection(change.after, review(change.after, version=9), LATER) is None


@pytest.mark.parametrize(
    ("until", "kind", "version"),
    [(None, ReviewKind.OBJECTION, 8), (UNTIL, ReviewKind.DISPATCH, 8), (UNTIL, ReviewKind.OBJECTION, 4)],
    ids=["final", "another review", "old"],
)
def test_what_is_no_objection_brings_nothing_back(
    until: datetime | None, kind: ReviewKind, version: int
) -> None:
    """The refusal stands."""
    held = declined(until).after

    assert answers.take_up_objection(held, review(held, kind, version), LATER) is None
