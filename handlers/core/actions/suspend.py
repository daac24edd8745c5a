"""Wait for something outside (挂起), and go on (恢复办理)."""

from handlers.core.actions.description import Body, DepartmentAction, Form, FormField, head
from handlers.core.case import By, Case, CaseChange, change
from handlers.core.rules import Action, Actor, Rule
from handlers.core.texts import Sentence, clean
from schemas.city import City
from schemas.events.commands import ResumeCase, SuspendCase
from schemas.events.handlers import CaseResumed, CaseSuspended
from schemas.words import CaseState


class Suspend(Body, frozen=True, kw_only=True):
    """What outside the department is waited for."""

    reason: Sentence


class Resume(Body, frozen=True, kw_only=True):
    """Go on with a suspended case: nothing but the version that was seen."""


def suspend(case: Case, body: Suspend, by: By, state: CaseState, city: City) -> CaseChange:
    """The case waits for something outside, and its reply clock pauses."""
    reason = clean(body.reason, "reason")
    event = CaseSuspended(**head(case, by), reason=reason)
    return change(
        case, by, Action.SUSPEND, {"reason": reason}, (event,), text=reason,
        state=state, version=event.version,
    )  # fmt: skip


def resume(case: Case, body: Resume, by: By, state: CaseState, city: City) -> CaseChange:
    """The reply clock runs again."""
    event = CaseResumed(**head(case, by))
    return change(case, by, Action.RESUME, {}, (event,), state=state, version=event.version)


SUSPEND = DepartmentAction(
    rule=Rule(
        action=Action.SUSPEND,
        actors=[Actor.LEAD],
        states=[CaseState.IN_PROGRESS],
        target=CaseState.SUSPENDED,
        # A pending extension is about this version of the case; what would make it pointless has to wait.
        guard=lambda facts: not facts.extension_pending,
    ),
    body=Suspend,
    perform=suspend,
    command=SuspendCase,
    summary="Wait for something outside (挂起)",
    form=Form(
        place=6,
        button="挂起",
        folded="挂起（等待外部条件，暂停计时）",
        fields=[FormField(name="reason", label="在等什么")],
    ),
    done="已挂起，答复时限暂停。",
    happened="已挂起",
)
RESUME = DepartmentAction(
    rule=Rule(
        action=Action.RESUME,
        actors=[Actor.LEAD],
        states=[CaseState.SUSPENDED],
        target=CaseState.IN_PROGRESS,
    ),
    body=Resume,
    perform=resume,
    command=ResumeCase,
    summary="Go on with a suspended case",
    form=Form(place=2, button="恢复办理", look="primary"),
    done="已恢复办理，答复时限继续计算。",
    happened="已恢复办理",
)
