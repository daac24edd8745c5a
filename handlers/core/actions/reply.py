"""Answer it (答复)."""

from handlers.core.actions.description import Body, DepartmentAction, Form, FormField, head
from handlers.core.asks import lapsed
from handlers.core.case import By, Case, CaseChange, change, files_with_answer
from handlers.core.rules import Action, Actor, Rule
from handlers.core.texts import LongText, clean_each
from schemas.city import City
from schemas.events.commands import ReplyToCase
from schemas.events.handlers import CaseReplied
from schemas.words import CaseState


class Reply(Body, frozen=True, kw_only=True):
    """What was done (inside), and what the citizen will read (outside)."""

    note: LongText
    response: LongText


def reply(case: Case, body: Reply, by: By, state: CaseState, _city: City) -> CaseChange:
    """Submit the answer for review; open requests of the department lapse."""
    note, response = clean_each((body.note, "note"), (body.response, "response"), public="response")
    event = CaseReplied(
        **head(case, by), department=case.lead, note=note, response=response, **files_with_answer(case)
    )
    return change(
        case, by, Action.REPLY, {"note": note, "response": response}, (event,),
        state=state, version=event.version, note=note, response=response,
        **lapsed(case.asks, parts=(), replied_at=by.now),
    )  # fmt: skip


REPLY = DepartmentAction(
    rule=Rule(
        action=Action.REPLY,
        actors=[Actor.LEAD],
        states=[CaseState.IN_PROGRESS, CaseState.REOPENED],
        target=CaseState.REPLIED,
        # One answer for all that was asked: not before each department has done its matter.
        guard=lambda facts: not facts.matters_pending,
    ),
    body=Reply,
    perform=reply,
    command=ReplyToCase,
    says=CaseReplied,
    summary="Answer a case (答复)",
    form=Form(
        place=3,
        button="预览答复",
        look="primary",
        legend="答复",
        has_preview=True,
        fields=[
            FormField(
                name="note",
                label="内部办理情况",
                hint="只给内部看，永不公开：核实了什么、做了什么、谁做的。",
                rows=4,
            ),
            FormField(
                name="response",
                label="给市民的答复",
                hint="市民会看到，可能公开。不要写姓名、电话、门牌号等个人信息。",
                rows=8,
            ),
        ],
    ),
    done="答复已提交，等待审核。",
    happened="提交答复",
)
