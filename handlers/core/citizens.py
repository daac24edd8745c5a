"""What citizens may do with their case: their part of the lifecycle, which events tell and intake offers."""

from collections.abc import Mapping

from handlers.core.rules import IN_HAND, STAY, Action, Actor, Facts, Rule
from schemas.words import CaseState, CitizenAction

#: Project choice: a citizen's objection reopens a case once, after which the answer is final in this procedure.
MAX_REOPENINGS = 1

_UNANSWERED = (CaseState.REGISTERED, CaseState.IN_REVIEW, *IN_HAND)


def _is_open_to_objection(facts: Facts) -> bool:
    in_time = facts.objection_until is None or facts.now <= facts.objection_until
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


#: The same word for another thing: that it is for the city to handle, or that a direct answer does not settle it (which
#: routing knows and tells). Another dispatcher decides.
REFUSAL_RULE = Rule(
    action=Action.OBJECT_TO_REFUSAL,
    actors=[Actor.CITIZEN],
    states=[CaseState.DECLINED, CaseState.CLOSED],
    target=CaseState.IN_REVIEW,
    guard=lambda facts: facts.refusal_until is not None and facts.now <= facts.refusal_until,
)


def _is_told_by_routing(_facts: Facts) -> bool:
    """Whether a merged case has a copy of the other one's answer, routing knows and tells its citizen; never handlers."""
    return False


#: A merged case that has an answer of its own: rated as any other; objected to, a dispatcher takes it out of there.
MERGED_RULES = tuple(
    Rule(
        action=action,
        actors=[Actor.CITIZEN],
        states=[CaseState.MERGED],
        target=target,
        guard=_is_told_by_routing,
    )
    for action, target in ((Action.RATE, STAY), (Action.OBJECT, CaseState.IN_REVIEW))
)
_OFFERED = (*CITIZEN_RULES.items(), (CitizenAction.OBJECTION, REFUSAL_RULE))


def citizen_may(state: CaseState, facts: Facts) -> tuple[CitizenAction, ...]:
    """What the citizen may do with a case that stands here."""
    return tuple(asked for asked, rule in _OFFERED if state in rule.states and rule.guard(facts))
