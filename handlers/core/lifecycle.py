"""The lifecycle of a case: one table (state, action, actor) → state, and the few rules that need more.

Pages, API errors, the diagram in the docs and the property tests are all made from `TABLE`. What departments may do stands
in `actions`, what citizens may do in `citizens`; here is the rest, and what follows from all of it.
"""

from collections.abc import Callable, Mapping

from handlers.core.actions import ACTIONS
from handlers.core.citizens import CITIZEN_RULES, MERGED_RULES, REFUSAL_RULE
from handlers.core.rules import BACK, IN_HAND, STAY, Action, Actor, Facts, Rule
from schemas.errors import ActionNotAllowed
from schemas.words import ENDED_STATES, CaseState

#: What the system and dispatchers do.
_CITY_RULES = (
    Rule(
        action=Action.REGISTER,
        actors=[Actor.SYSTEM],
        states=[CaseState.RECEIVED],
        target=CaseState.REGISTERED,
    ),
    Rule(
        action=Action.REVIEW, actors=[Actor.SYSTEM], states=[CaseState.REGISTERED], target=CaseState.IN_REVIEW
    ),
    Rule(
        action=Action.ROUTE, actors=[Actor.SYSTEM], states=[CaseState.REGISTERED], target=CaseState.ASSIGNED
    ),
    # What a department has in hand is moved to another one with a reason (改派); it says so.
    Rule(
        action=Action.ROUTE,
        actors=[Actor.DISPATCHER],
        states=[CaseState.IN_REVIEW, *IN_HAND],
        target=CaseState.ASSIGNED,
    ),
    Rule(
        action=Action.DEEM_SIGNED,
        actors=[Actor.SYSTEM],
        states=[CaseState.ASSIGNED],
        target=CaseState.IN_PROGRESS,
    ),
    Rule(
        action=Action.PROTECT,
        actors=[Actor.SYSTEM],
        # Also after the answer: it may be that of the accused.
        states=[*IN_HAND, CaseState.IN_REVIEW, CaseState.REPLIED, CaseState.CLOSED],
        target=CaseState.IN_REVIEW,
    ),
    Rule(
        action=Action.REFUSE_RETURN,
        actors=[Actor.DISPATCHER],
        states=[CaseState.IN_REVIEW],
        target=BACK,
        # Back to departments that have lost it: only a new dispatch gives the case to anybody.
        guard=lambda facts: not facts.is_withheld,
    ),
    Rule(
        action=Action.GRANT_EXTENSION,
        actors=[Actor.DISPATCHER],
        states=[CaseState.IN_PROGRESS],
        target=STAY,
        guard=lambda facts: facts.extension_pending,
    ),
    Rule(
        action=Action.REFUSE_EXTENSION,
        actors=[Actor.DISPATCHER],
        states=[CaseState.IN_PROGRESS],
        target=STAY,
        guard=lambda facts: facts.extension_pending,
    ),
    Rule(
        action=Action.GRANT_SUSPENSION,
        actors=[Actor.DISPATCHER],
        states=[CaseState.IN_PROGRESS],
        target=CaseState.SUSPENDED,
        guard=lambda facts: facts.pause_pending,
    ),
    Rule(
        action=Action.REFUSE_SUSPENSION,
        actors=[Actor.DISPATCHER],
        states=[CaseState.IN_PROGRESS],
        target=STAY,
        guard=lambda facts: facts.pause_pending,
    ),
    *(
        Rule(
            action=action,
            actors=[Actor.DISPATCHER],
            states=[CaseState.IN_PROGRESS],
            target=STAY,
            guard=lambda facts: facts.promise_pending,
        )
        for action in (Action.GRANT_PROMISE, Action.REFUSE_PROMISE)
    ),
    # Whoever granted it may end it, and so does its own end date: nobody can stop the time alone.
    Rule(
        action=Action.RESUME,
        actors=[Actor.DISPATCHER, Actor.SYSTEM],
        states=[CaseState.SUSPENDED],
        target=CaseState.IN_PROGRESS,
    ),
    Rule(
        action=Action.LAPSE,
        actors=[Actor.SYSTEM],
        states=[CaseState.IN_PROGRESS],
        target=STAY,
        guard=lambda facts: facts.question_open,
    ),
    Rule(
        action=Action.APPROVE, actors=[Actor.DISPATCHER], states=[CaseState.REPLIED], target=CaseState.CLOSED
    ),
    # A call-back found that it is not settled: the centre's own, beside the citizen's objection. How often, sla knows.
    Rule(
        action=Action.REDO,
        actors=[Actor.DISPATCHER, Actor.SYSTEM],
        states=[CaseState.CLOSED],
        target=CaseState.REOPENED,
    ),
    Rule(
        action=Action.SEND_BACK,
        actors=[Actor.DISPATCHER],
        states=[CaseState.REPLIED],
        target=CaseState.IN_PROGRESS,
    ),
    Rule(
        action=Action.DECLINE,
        actors=[Actor.DISPATCHER],
        states=[CaseState.IN_REVIEW],
        target=CaseState.DECLINED,
    ),
    # An enquiry that a knowledge entry answers: no department ever has it; routing tells of it, and handlers never does.
    Rule(
        action=Action.ANSWER_DIRECTLY,
        actors=[Actor.DISPATCHER],
        states=[CaseState.IN_REVIEW],
        target=CaseState.CLOSED,
        guard=lambda _: False,
    ),
    # Such an answer, read again by another dispatcher and found wrong: routing tells of that, too.
    Rule(
        action=Action.RECALL,
        actors=[Actor.DISPATCHER],
        states=[CaseState.CLOSED],
        target=CaseState.IN_REVIEW,
        guard=lambda _: False,
    ),
    Rule(
        action=Action.MERGE,
        actors=[Actor.DISPATCHER],
        states=[CaseState.IN_REVIEW, *IN_HAND],
        target=CaseState.MERGED,
    ),
    Rule(
        action=Action.UNMERGE,
        actors=[Actor.SYSTEM, Actor.DISPATCHER],
        states=[CaseState.MERGED],
        target=CaseState.IN_REVIEW,
    ),
    # Within minutes, by whoever decided; routing knows when and who. A department that has signed has acted on it.
    Rule(
        action=Action.UNDO,
        actors=[Actor.DISPATCHER],
        states=[CaseState.ASSIGNED, CaseState.DECLINED],
        target=CaseState.IN_REVIEW,
    ),
    # What a department asked for waits once more; a return that was refused is with a dispatcher again.
    Rule(
        action=Action.UNDO,
        actors=[Actor.DISPATCHER],
        states=[CaseState.IN_PROGRESS],
        target=STAY,
        guard=lambda facts: facts.may_undo,
    ),
    Rule(
        action=Action.UNDO,
        actors=[Actor.DISPATCHER],
        states=[CaseState.SUSPENDED],
        target=CaseState.IN_PROGRESS,
        guard=lambda facts: facts.may_undo,
    ),
    # A reply that was sent back is under review once more.
    Rule(
        action=Action.UNDO_SEND_BACK,
        actors=[Actor.DISPATCHER],
        states=[CaseState.IN_PROGRESS],
        target=CaseState.REPLIED,
        guard=lambda facts: facts.may_undo,
    ),
    # Whoever had it has it as they had it.
    Rule(
        action=Action.UNDO_MOVE,
        actors=[Actor.DISPATCHER],
        states=[CaseState.ASSIGNED],
        target=BACK,
        guard=lambda facts: facts.may_undo,
    ),
    # Of a direct answer and a merge routing tells alone: no answer of a department is undone.
    Rule(
        action=Action.UNDO,
        actors=[Actor.DISPATCHER],
        states=[CaseState.CLOSED, CaseState.MERGED],
        target=CaseState.IN_REVIEW,
        guard=lambda _: False,
    ),
)
#: All that may happen, in the order of a case's life.
_RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *_CITY_RULES,
            *(action.rule for action in ACTIONS.values()),
            *CITIZEN_RULES.values(),
            REFUSAL_RULE,
            *MERGED_RULES,
        ),
        key=lambda rule: list(Action).index(rule.action),
    )
)

#: The whole lifecycle. None: back to the state that the case had before the review.
TABLE: Mapping[tuple[CaseState, Action, Actor], CaseState | None] = {
    (state, rule.action, actor): state if rule.target is STAY else rule.target  # type: ignore[misc]  # STAY is the only str
    for rule in _RULES
    for state in rule.states
    for actor in rule.actors
}
_GUARDS: Mapping[tuple[CaseState, Action, Actor], Callable[[Facts], bool]] = {
    (state, rule.action, actor): rule.guard
    for rule in _RULES
    for state in rule.states
    for actor in rule.actors
}
#: A department's own actions first.
_OFFERED = (*ACTIONS, *(action for action in Action if action not in ACTIONS))


def allowed_actions(state: CaseState, actor: Actor, facts: Facts) -> list[Action]:
    """What this actor may do now, a department's own actions first."""
    return [action for action in _OFFERED if next_state(state, action, actor, facts) is not None]


def advance(
    state: CaseState, action: Action, actor: Actor, facts: Facts, *, before: CaseState | None = None
) -> CaseState:
    """The state after `action`. `before`: the state that a review would give back.

    Raises:
        ActionNotAllowed: not in this state, not for this actor, or a rule forbids it; says what is allowed.
    """
    after = next_state(state, action, actor, facts, before=before)
    if after is None:
        allowed = [str(each) for each in allowed_actions(state, actor, facts)]
        raise ActionNotAllowed(state=str(state), allowed_actions=allowed)
    return after


def next_state(
    state: CaseState, action: Action, actor: Actor, facts: Facts, *, before: CaseState | None = None
) -> CaseState | None:
    """The state after `action`; None where the table does not hold it, or its guard does not agree.

    For what cannot be refused to anybody. `before`: as for `advance`.
    """
    held = (state, action, actor)
    if held not in TABLE or not _GUARDS[held](facts):
        return None
    return TABLE[held] or before or CaseState.ASSIGNED


def diagram() -> str:
    """The lifecycle as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2", "    [*] --> received"]
    for rule in _RULES:
        who = ", ".join(rule.actors)
        for state in rule.states:
            lines += [f"    {state} --> {end}: {rule.action} ({who})" for end in _ends(state, rule)]
    return (
        "\n".join([*lines, *(f"    {state} --> [*]" for state in CaseState if state in ENDED_STATES)]) + "\n"
    )


def _ends(state: CaseState, rule: Rule) -> list[str]:
    if rule.target is BACK:
        return [*IN_HAND] if rule.action is Action.UNDO_MOVE else [CaseState.ASSIGNED, CaseState.IN_PROGRESS]
    return [state if rule.target is STAY else rule.target]
