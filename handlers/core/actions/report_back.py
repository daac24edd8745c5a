"""Report back on a supervisor's order (督办回报)."""

from msgspec.structs import replace

from handlers.core.actions.description import Body, DepartmentAction, Form, FormField
from handlers.core.case import By, Case, CaseChange, record
from handlers.core.rules import IN_HAND, STAY, Action, Actor, Rule
from handlers.core.texts import LongText, clean
from schemas.city import City
from schemas.errors import ActionNotAllowed
from schemas.events.commands import ReportBack
from schemas.events.supervision import OrderReported
from schemas.words import CaseState


class Report(Body, frozen=True, kw_only=True):
    """What was done about the order, for the supervisor and the departments of the case."""

    text: LongText


def report_back(case: Case, body: Report, by: By, _state: CaseState, _city: City) -> CaseChange:
    """The order waits for its supervisor, who accepts the report or asks again; the case's version stays.

    Raises:
        ActionNotAllowed: no order waits.
    """
    order, text = case.asks.order, clean(body.text, "text")
    if order is None:
        raise ActionNotAllowed
    asks = replace(case.asks, order=replace(order, reported_at=by.now))
    after, entry = record(case, by, Action.REPORT_BACK, {"order": order.number, "text": text}, asks=asks)
    event = OrderReported(
        case_id=case.case_id, version=case.version, at=by.now, department=case.lead, order=order.number,
        text=text,
    )  # fmt: skip
    return CaseChange(after=after, entry=entry, events=(event,), what=event.name, text=text)


REPORT_BACK = DepartmentAction(
    rule=Rule(
        action=Action.REPORT_BACK,
        actors=[Actor.LEAD],
        states=[*IN_HAND, CaseState.IN_REVIEW, CaseState.REPLIED],
        target=STAY,
        guard=lambda facts: facts.order_open,
    ),
    body=Report,
    perform=report_back,
    command=ReportBack,
    says=OrderReported,
    summary="Report back on a supervisor's order (督办回报)",
    form=Form(
        place=15,
        button="提交督办回报",
        folded="向督办员回报",
        fields=[FormField(name="text", label="落实情况（给督办员看）")],
    ),
    done="督办回报已提交。",
    happened="督办回报",
)
