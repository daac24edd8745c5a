"""Ask other departments to support (协办)."""

from typing import Annotated, Any

import msgspec

from handlers.core.actions.description import Body, DepartmentAction, Form, FormField
from handlers.core.case import By, Case, CaseChange, record
from handlers.core.rules import IN_HAND, STAY, Action, Actor, Rule
from handlers.core.texts import Sentence, clean
from schemas.city import City
from schemas.errors import BadInput, FieldError
from schemas.events.commands import CoHandleCase
from schemas.events.parts import PartAsked
from schemas.ids import DepartmentCode
from schemas.words import CaseState


class CoHandle(Body, frozen=True, kw_only=True):
    """Which departments are asked to support, and with what."""

    #: Project choice: more than ten at once is a meeting, not a case.
    departments: Annotated[tuple[DepartmentCode, ...], msgspec.Meta(min_length=1, max_length=10)]
    reason: Sentence


def co_handle(case: Case, body: CoHandle, by: By, _state: CaseState, city: City) -> CaseChange:
    """Departments that are not part of the case yet join it and get all of it; its version stays.

    Raises:
        BadInput: a department that does not exist, or may not see the case.
    """
    if any(code not in city.department for code in body.departments):
        raise BadInput([FieldError("departments", "没有这个单位。", "There is no such department.")])
    if not case.accused_none_of(body.departments):
        # Says nothing of why: whoever leads the case need not learn whom its citizen accuses.
        raise BadInput(
            [FieldError("departments", "该单位不能协办本件。", "This department cannot support this case.")]
        )
    part = {case.lead, *case.supporting}
    joined = tuple(dict.fromkeys(code for code in body.departments if code not in part))
    reason = clean(body.reason, "reason")
    detail: dict[str, Any] = {"departments": list(joined), "reason": reason}
    after, entry = record(case, by, Action.CO_HANDLE, detail, supporting=case.supporting + joined)
    return CaseChange(after=after, entry=entry, what="case.co-handled", text=reason, joined=joined)


CO_HANDLE = DepartmentAction(
    rule=Rule(
        action=Action.CO_HANDLE,
        actors=[Actor.LEAD],
        states=IN_HAND,
        target=STAY,
        # Whom it accuses is not always known, so nobody but a dispatcher may spread it.
        guard=lambda facts: not facts.is_protected,
    ),
    body=CoHandle,
    perform=co_handle,
    command=CoHandleCase,
    says=PartAsked,
    summary="Ask other departments to support (协办)",
    form=Form(
        place=12,
        button="请求协办",
        folded="请其他单位协办",
        fields=[
            FormField(name="departments", label="协办单位", kind="departments"),
            FormField(name="reason", label="需要协办什么"),
        ],
    ),
    done="已通知协办单位。",
    happened="增加协办单位",
)
