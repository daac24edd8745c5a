"""How a case changes when its citizen answers a question, does not answer, or objects to a refusal."""

from datetime import datetime

from msgspec.structs import replace

from handlers.core.case import By, Case, CaseChange, change, record
from handlers.core.hearing import head_of, next_state
from handlers.core.rules import Action, Actor
from schemas.events.handlers import QuestionAnswered, QuestionLapsed
from schemas.events.routing import ReviewRequested, SupplementJudged
from schemas.events.sla import PauseEnded
from schemas.words import Clock, ReviewKind, Urgency


def answer(case: Case, judged: SupplementJudged, now: datetime) -> CaseChange | None:
    """The citizen answered the question that waits. None where none does: it is an addition like any other.

    Whatever else tells of danger meanwhile counts as the answer: no emergency waits for one.
    """
    by = By(name="", role=Actor.CITIZEN, now=now)
    state = next_state(case, Action.ANSWER, by)
    if not (judged.answers or judged.danger is Urgency.EMERGENCY) or state is None:
        return None
    event = QuestionAnswered(**head_of(case, judged, by), text=judged.text)
    return change(
        case, by, Action.ANSWER, {"text": judged.text}, (event,), text=judged.text,
        state=state, version=event.version, asks=replace(case.asks, question=None),
    )  # fmt: skip


def lapse(case: Case, ended: PauseEnded, now: datetime) -> CaseChange | None:
    """Nobody answered in time: the department goes on without. None where the question is another one, or answered."""
    by = By(name="", role=Actor.SYSTEM, now=now)
    state, question = next_state(case, Action.LAPSE, by), case.asks.question
    if ended.clock != Clock.QUESTION or state is None or question is None or ended.due_at < question.until:
        return None
    event = QuestionLapsed(**head_of(case, ended, by))
    return change(
        case, by, Action.LAPSE, {"until": ended.due_at.isoformat()}, (event,),
        state=state, version=event.version, asks=replace(case.asks, question=None),
    )  # fmt: skip


def take_up_objection(case: Case, review: ReviewRequested, now: datetime) -> CaseChange | None:
    """The citizen objects to the refusal: another dispatcher decides, and no department has the case until then.

    None where it is no such review, or is not declined. In time is judged by who took the objection.
    """
    by = By(name="", role=Actor.CITIZEN, now=now)
    until = case.asks.refusal_until
    state = next_state(case, Action.OBJECT_TO_REFUSAL, replace(by, now=min(now, until or now)))
    if review.kind is not ReviewKind.OBJECTION or state is None or review.version <= case.version:
        return None
    after, entry = record(
        case, by, Action.OBJECT_TO_REFUSAL, {}, state=state, version=review.version, withheld=True, closed_at=None,
        asks=replace(case.asks, refusal_until=None),
    )  # fmt: skip
    return CaseChange(after=after, entry=entry)
