"""What citizens may do with their case: their part of the lifecycle, which events tell and intake offers."""

from collections.abc import Mapping

from handlers.core.rules import IN_HAND, STAY, Action, Actor, Facts, Rule
from schemas.words import CaseState, CitizenAction

#: Project choice: a citizen's objection reopens a case once, after which the answer is final in this procedure.
MAX_REOPENINGS = 1

_UNANSWERED = (CaseState.REGISTERED, CaseState.IN_REVIEW, *IN_HAND)

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
        guard=lambda facts: facts.reopened_count < MAX_REOPENINGS,
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
}


def citizen_may(state: CaseState, facts: Facts) -> tuple[CitizenAction, ...]:
    """What the citizen may do with a case that stands here."""
    return tuple(asked for asked, rule in CITIZEN_RULES.items() if state in rule.states and rule.guard(facts))
