"""Take a reply back that is under review (撤回答复)."""

from handlers.core.actions.description import Body, DepartmentAction, Form, FormField, head
from handlers.core.case import By, Case, CaseChange, change
from handlers.core.rules import Action, Actor, Rule
from handlers.core.texts import Sentence, clean
from schemas.city import City
from schemas.events.commands import WithdrawReply
from schemas.events.handlers import ReplySentBack
from schemas.words import CaseState


class WithdrawReplyBody(Body, frozen=True, kw_only=True):
    """Why the reply is not to be reviewed."""

    reason: Sentence


def withdraw_reply(case: Case, body: WithdrawReplyBody, by: By, state: CaseState, _city: City) -> CaseChange:
    """The department works on, as if there had been no reply: its clock was never its own to stop.

    Whoever decided on it meanwhile is told that it was too late: only one of the two is done.
    """
    reason = clean(body.reason, "reason")
    event = ReplySentBack(**head(case, by), department=case.lead, remarks=reason, cause="withdrawn")
    return change(
        case, by, Action.WITHDRAW_REPLY, {"reason": reason}, (event,), text=reason,
        state=state, version=event.version,
    )  # fmt: skip


WITHDRAW_REPLY = DepartmentAction(
    rule=Rule(
        action=Action.WITHDRAW_REPLY,
        actors=[Actor.LEAD],
        states=[CaseState.REPLIED],
        target=CaseState.IN_PROGRESS,
    ),
    body=WithdrawReplyBody,
    perform=withdraw_reply,
    command=WithdrawReply,
    summary="Take a reply back that is under review (撤回答复)",
    form=Form(
        place=16,
        button="撤回答复",
        folded="撤回答复",
        warning="还没有审核的答复才能撤回。撤回后继续办理，答复时限不变：已过时限的，按超期计。",
        fields=[FormField(name="reason", label="为什么撤回")],
    ),
    done="答复已撤回，请修改后重新提交。",
    happened="撤回答复",
)
