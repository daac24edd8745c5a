"""Ask for more time (延期)."""

from typing import Annotated

import msgspec
from msgspec.structs import replace

from handlers.core.actions.description import Body, DepartmentAction, Form, FormField, head
from handlers.core.case import By, Case, CaseChange, change
from handlers.core.rules import STAY, Action, Actor, Facts, Rule
from handlers.core.texts import Sentence, clean
from schemas.city import City
from schemas.events.commands import ExtendCase
from schemas.events.handlers import ExtensionRequested
from schemas.words import CaseState

#: Project choice, as in Lüliang 2024.
MAX_EXTENSIONS = 3
#: Project choice: as long as Beijing's draft standard gives complex matters altogether.
MAX_EXTENSION_WORKDAYS = 15


class Extend(Body, frozen=True, kw_only=True):
    """How many working days more are asked for, and why."""

    working_days: Annotated[int, msgspec.Meta(ge=1, le=MAX_EXTENSION_WORKDAYS)]
    reason: Sentence


def extend(case: Case, body: Extend, by: By, state: CaseState, _city: City) -> CaseChange:
    """Ask a dispatcher for more working days; the work goes on meanwhile."""
    days, reason = body.working_days, clean(body.reason, "reason")
    event = ExtensionRequested(
        **head(case, by), department=case.lead, working_days=days, reason=reason, requested_at=by.now
    )
    return change(
        case, by, Action.EXTEND, {"working_days": days, "reason": reason}, (event,), text=reason,
        state=state, version=event.version, extension_days=days, asks=replace(case.asks, extension_at=by.now),
    )  # fmt: skip


def _is_in_time(facts: Facts) -> bool:
    return facts.may_move and facts.extension_count < MAX_EXTENSIONS


EXTEND = DepartmentAction(
    rule=Rule(
        action=Action.EXTEND,
        actors=[Actor.LEAD],
        states=[CaseState.IN_PROGRESS],
        target=STAY,
        guard=_is_in_time,
    ),
    body=Extend,
    perform=extend,
    command=ExtendCase,
    says=ExtensionRequested,
    summary="Ask for more time (延期)",
    form=Form(
        place=7,
        button="申请延期",
        folded="申请延期",
        fields=[
            FormField(
                name="working_days",
                label="延长几个工作日",
                hint="1 至 15 个工作日。",
                kind="number",
                most=MAX_EXTENSION_WORKDAYS,
            ),
            FormField(name="reason", label="理由"),
        ],
    ),
    done="延期申请已提交，由派单员决定。",
    happened="已申请延期",
)
