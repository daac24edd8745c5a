"""What citizens may do with their case: their part of the lifecycle, which events tell and intake offers."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from handlers.core.moments import day_of, end_of_day
from handlers.core.rules import IN_HAND, STAY, Action, Actor, Facts, Rule
from schemas.words import CaseState, CitizenAction

#: Project choice: a citizen's objection reopens a case once, after which the answer is final in this procedure.
MAX_REOPENINGS = 1

#: Regulation on Petitioning (信访工作条例, 2022) Art. 35: who disagrees asks for a review within 30 days of the answer. The
#: last day counts whole.
OBJECT_WITHIN = timedelta(days=30)

_UNANSWERED = (CaseState.REGISTERED, CaseState.IN_REVIEW, *IN_HAND)


def objection_until(closed_at: datetime) -> datetime:
    """The last moment for an objection to an answer of then."""
    return end_of_day(day_of(closed_at + OBJECT_WITHIN))


def _is_open_to_objection(facts: Facts) -> bool:
    in_time = facts.closed_at is None or facts.now <= objection_until(facts.closed_at)
    return in_time and facts.reopened_count < MAX_REOPENINGS


#: By the citizen's word for it, in the order in which their page offers it.
CITIZEN_RULES: Mapping[CitizenAction, Rule] = {
    CitizenAction.RATING: Rule(
        action=Action.RATE, actors=[Actor.CITIZEN], states=[CaseState.CLOSED], target=STAY
    ),
    CitizenAction.OBJECTION: Rule(
        action=Action.OBJECT,
        actors=[Actor.CITIZEN],
        states=[CaseState.CLOSED],
        target=CaseState.REOPENED,
        guard=_is_open_to_objection,
    ),
    CitizenAction.SUPPLEMENT: Rule(
        action=Action.SUPPLEMENT,
        actors=[Actor.CITIZEN],
        states=[*_UNANSWERED, CaseState.REPLIED],
        target=STAY,
    ),
    CitizenAction.WITHDRAWAL: Rule(
        action=Action.WITHDRAW, actors=[Actor.CITIZEN], states=_UNANSWERED, target=CaseState.WITHDRAWN
    ),
    CitizenAction.ANSWER: Rule(
        action=Action.ANSWER,
        actors=[Actor.CITIZEN],
        states=[CaseState.IN_PROGRESS],
        target=STAY,
        guard=lambda facts: facts.question_open,
    ),
}


#: The same word for another thing: that it is for the city to handle. Another dispatcher decides.
REFUSAL_RULE = Rule(
    action=Action.OBJECT_TO_REFUSAL,
    actors=[Actor.CITIZEN],
    states=[CaseState.DECLINED],
    target=CaseState.IN_REVIEW,
    guard=lambda facts: facts.refusal_until is not None and facts.now <= facts.refusal_until,
)
_OFFERED = (*CITIZEN_RULES.items(), (CitizenAction.OBJECTION, REFUSAL_RULE))


def citizen_may(state: CaseState, facts: Facts) -> tuple[CitizenAction, ...]:
    """What the citizen may do with a case that stands here."""
    return tuple(asked for asked, rule in _OFFERED if state in rule.states and rule.guard(facts))
