"""Say that it is not ours (退单)."""

from handlers.core.actions.description import Body, DepartmentAction, Form, FormField, head
from handlers.core.asks import lapsed
from handlers.core.case import By, Case, CaseChange, change
from handlers.core.rules import MAX_RETURNS, Action, Actor, Facts, Rule
from handlers.core.texts import Sentence, clean_each
from schemas.city import City
from schemas.events.commands import ReturnCase
from schemas.events.handlers import CaseReturned
from schemas.words import CaseState


class Return(Body, frozen=True, kw_only=True):
    """Why the case is not theirs, and on which basis: a law, a mandate, a clause of the catalogue."""

    reason: Sentence
    basis: Sentence


def return_case(case: Case, body: Return, by: By, state: CaseState, _city: City) -> CaseChange:
    """Ask a dispatcher to take the case away; a refusal gives it back in the state that it had."""
    reason, basis = clean_each((body.reason, "reason"), (body.basis, "basis"))
    count, returned_by = case.return_count + 1, (*case.asks.returned_by, case.lead)
    event = CaseReturned(
        **head(case, by), department=case.lead, reason=reason, basis=basis, return_count=count
    )
    return change(
        case, by, Action.RETURN, {"reason": reason, "basis": basis}, (event,), text=reason,
        state=state, version=event.version, state_before_review=case.state, return_count=count,
        **lapsed(case.asks, returned_by=returned_by),
    )  # fmt: skip


def _is_open_to_return(facts: Facts) -> bool:
    in_time = facts.now <= facts.return_until and not facts.is_overdue
    return in_time and not facts.return_barred and facts.return_count < MAX_RETURNS


RETURN = DepartmentAction(
    rule=Rule(
        action=Action.RETURN,
        actors=[Actor.LEAD],
        # Signing accepts the case, and so does silence past the time to sign, before anybody notices it.
        states=[CaseState.ASSIGNED],
        target=CaseState.IN_REVIEW,
        guard=_is_open_to_return,
    ),
    body=Return,
    perform=return_case,
    command=ReturnCase,
    says=CaseReturned,
    summary="Return a case that is not ours (退单)",
    form=Form(
        place=13,
        button="申请退单",
        look="warning",
        folded="申请退单（不属于本单位职责）",
        warning="签收前、签收时限内可以申请，由派单员决定，不会重新计算答复时限；同一单位只能退一次，一件最多退两次。",
        fields=[
            FormField(name="reason", label="理由"),
            FormField(name="basis", label="依据", hint="法律法规、三定方案或派单目录的条款。"),
        ],
    ),
    done="退单申请已提交，由派单员决定。",
    happened="已申请退单",
)
