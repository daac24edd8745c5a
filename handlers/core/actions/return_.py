"""Say that it is not ours (退单)."""

from handlers.core.actions.description import Body, DepartmentAction, head
from handlers.core.case import By, Case, CaseChange, change
from handlers.core.rules import Action, Actor, Rule
from handlers.core.texts import Sentence, clean
from schemas.city import City
from schemas.events.commands import ReturnCase
from schemas.events.handlers import CaseReturned
from schemas.words import CaseState


class Return(Body, frozen=True, kw_only=True):
    """Why the case is not theirs, and on which basis: a law, a mandate, a clause of the catalogue."""

    reason: Sentence
    basis: Sentence


def return_case(case: Case, body: Return, by: By, state: CaseState, city: City) -> CaseChange:
    """Ask a dispatcher to take the case away; a refusal gives it back in the state that it had."""
    reason, basis = clean(body.reason, "reason"), clean(body.basis, "basis")
    event = CaseReturned(
        **head(case, by), department=case.lead, reason=reason, basis=basis, return_count=case.return_count
    )
    return change(
        case, by, Action.RETURN, {"reason": reason, "basis": basis}, (event,), text=reason,
        state=state, version=event.version, state_before_review=case.state, extension_days=None,
    )  # fmt: skip


RETURN = DepartmentAction(
    rule=Rule(
        action=Action.RETURN,
        actors=[Actor.LEAD],
        states=[CaseState.ASSIGNED, CaseState.IN_PROGRESS],
        target=CaseState.IN_REVIEW,
        guard=lambda facts: not facts.return_barred and facts.now <= facts.return_until,
    ),
    body=Return,
    perform=return_case,
    command=ReturnCase,
    summary="Return a case that is not ours (退单)",
    form="申请退单",
    done="退单申请已提交，由派单员决定。",
    happened="已申请退单",
    fields={"reason": "理由", "basis": "依据"},
)
