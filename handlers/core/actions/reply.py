"""Answer it (答复)."""

from handlers.core.actions.description import Body, DepartmentAction, head
from handlers.core.case import By, Case, CaseChange, change
from handlers.core.rules import Action, Actor, Rule
from handlers.core.texts import LongText, clean
from schemas.city import City
from schemas.events.commands import ReplyToCase
from schemas.events.handlers import CaseReplied
from schemas.words import CaseState


class Reply(Body, frozen=True, kw_only=True):
    """What was done (inside), and what the citizen will read (outside)."""

    note: LongText
    response: LongText


def reply(case: Case, body: Reply, by: By, state: CaseState, city: City) -> CaseChange:
    """Submit the answer for review; a pending request for more time lapses."""
    note, response = clean(body.note, "note"), clean(body.response, "response")
    event = CaseReplied(**head(case, by), department=case.lead, note=note, response=response)
    return change(
        case, by, Action.REPLY, {"note": note, "response": response}, (event,),
        state=state, version=event.version, note=note, response=response, extension_days=None,
    )  # fmt: skip


REPLY = DepartmentAction(
    rule=Rule(
        action=Action.REPLY,
        actors=[Actor.LEAD],
        states=[CaseState.IN_PROGRESS, CaseState.REOPENED],
        target=CaseState.REPLIED,
    ),
    body=Reply,
    perform=reply,
    command=ReplyToCase,
    summary="Answer a case (答复)",
    form="答复",
    done="答复已提交，等待审核。",
    happened="提交答复",
    fields={"note": "内部办理情况", "response": "给市民的答复"},
)
