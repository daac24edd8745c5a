"""Sign for it (签收)."""

from handlers.core.actions.description import Body, DepartmentAction, Form, head
from handlers.core.case import By, Case, CaseChange, change
from handlers.core.rules import Action, Actor, Rule
from schemas.city import City
from schemas.events.commands import SignCase
from schemas.events.handlers import CaseSigned
from schemas.words import CaseState


class Sign(Body, frozen=True, kw_only=True):
    """Sign for a case: nothing but the version that was seen."""


def sign(case: Case, _body: Sign, by: By, state: CaseState, _city: City) -> CaseChange:
    """The department accepts the case: its work begins."""
    event = CaseSigned(**head(case, by), department=case.lead, signed_by=by.name)
    return change(case, by, Action.SIGN, {}, (event,), state=state, version=event.version)


SIGN = DepartmentAction(
    rule=Rule(
        action=Action.SIGN,
        actors=[Actor.LEAD],
        states=[CaseState.ASSIGNED, CaseState.REOPENED],
        target=CaseState.IN_PROGRESS,
    ),
    body=Sign,
    perform=sign,
    command=SignCase,
    says=CaseSigned,
    summary="Sign for a case (签收)",
    form=Form(place=1, button="签收", look="primary"),
    done="已签收。请在答复时限前办理并答复。",
    happened="已签收",
)
