"""Parts of supporting departments (协办事项): asked for, done, withdrawn."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from handlers.core.actions.description import Body, DepartmentAction, Form, FormField
from handlers.core.asks import Part
from handlers.core.case import By, Case, CaseChange, record
from handlers.core.chain import Detail
from handlers.core.moments import MomentText, moment_of
from handlers.core.rules import STAY, Action, Actor, Rule
from handlers.core.texts import LongText, Sentence, clean
from schemas.city import City
from schemas.days import day_of
from schemas.errors import BadInput, FieldError, named_wrong
from schemas.events.commands import AskPart, DoPart, WithdrawPart
from schemas.events.parts import PartAsked, PartDone, PartWithdrawn
from schemas.ids import DepartmentCode
from schemas.words import CaseState

#: Project choice: half of what a promise's first month holds; whoever needs longer has a case of its own.
LONGEST_PART = timedelta(days=15)
#: As of co-handling: more than ten at once is a meeting, not a case.
Departments = Annotated[tuple[DepartmentCode, ...], msgspec.Meta(min_length=1, max_length=10)]
#: Whoever has signed asks others: not before, and not once it has answered.
_WORKED_ON = [CaseState.IN_PROGRESS, CaseState.SUSPENDED, CaseState.REOPENED]


class AskPartBody(Body, frozen=True, kw_only=True):
    """Which supporting departments are asked, for what, and by when: a day, or a moment; the rule's term where none."""

    departments: Departments
    text: Sentence
    until: MomentText | None = None


class DoPartBody(Body, frozen=True, kw_only=True):
    """What the department contributes, for the departments of the case only."""

    text: LongText


class WithdrawPartBody(Body, frozen=True, kw_only=True):
    """Whose part is needed no more, and why."""

    departments: Departments
    reason: Sentence


def ask_part(case: Case, body: AskPartBody, by: By, _state: CaseState, city: City) -> CaseChange:
    """Ask supporting departments for their part; each has a clock of its own, and the version stays.

    Raises:
        BadInput: one does not support the case or was asked already, or the time is after the reply is due.
    """
    asked, text = tuple(dict.fromkeys(body.departments)), clean(body.text, "text")
    # Whoever may not see the case supports it no more: nobody need learn why.
    if not set(asked) <= set(case.readers) - {case.lead}:
        raise _wrong("该单位不是本件的协办单位。", "This department does not support this case.")
    if {part.department for part in case.asks.parts} & set(asked):
        raise _wrong("该单位的协办事项还没有办完。", "This department has not done its part yet.")
    until = _until(case, body.until, by.now, city.zone)
    parts = tuple(Part(department=code, text=text, until=until, asked_at=by.now) for code in asked)
    detail: Detail = {"departments": list(asked), "text": text, "until": until.isoformat() if until else None}
    after, entry = record(
        case, by, Action.ASK_PART, detail, asks=replace(case.asks, parts=case.asks.parts + parts)
    )
    events = tuple(
        PartAsked(case_id=case.case_id, version=case.version, at=by.now, department=code, until=until)
        for code in asked
    )
    direct = tuple((event.department, replace(event, text=text)) for event in events)
    return CaseChange(after=after, entry=entry, events=events, direct=direct, what=events[0].name, text=text)


def last_day_of_part(due_at: datetime | None, today: date, zone: ZoneInfo) -> date:
    """The last day by which a part may be asked for: not after the reply is due, unless that is over."""
    latest = today + LONGEST_PART
    return latest if due_at is None else min(latest, max(day_of(due_at, zone), today))


def _until(case: Case, typed: str | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    if typed is None:
        return None
    until = moment_of(typed, "until", now=now, longest=LONGEST_PART, zone=zone)
    if day_of(until, zone) > last_day_of_part(case.due_at, day_of(now, zone), zone):
        raise BadInput([FieldError("until", "不能晚于本件的答复时限。", "Not after the reply is due.")])
    return until


def do_part(case: Case, body: DoPartBody, by: By, _state: CaseState, _city: City) -> CaseChange:
    """The department contributes what it was asked for; the lead reads it beside the form of the reply."""
    text, department = clean(body.text, "text"), by.department or case.lead
    rest = tuple(part for part in case.asks.parts if part.department != department)
    is_matter = any(part.is_matter for part in case.asks.parts if part.department == department)
    after, entry = record(
        case, by, Action.PART, {"department": department, "text": text}, asks=replace(case.asks, parts=rest)
    )
    event = PartDone(
        case_id=case.case_id, version=case.version, at=by.now, department=department, is_matter=is_matter
    )
    return CaseChange(after=after, entry=entry, events=(event,), what=event.name, text=text)


def withdraw_part(case: Case, body: WithdrawPartBody, by: By, _state: CaseState, _city: City) -> CaseChange:
    """Nothing is asked of these departments any more; what was late before is late for good.

    Raises:
        BadInput: one was not asked, or has done its part.
    """
    named, reason = tuple(dict.fromkeys(body.departments)), clean(body.reason, "reason")
    if not set(named) <= {part.department for part in case.asks.parts}:
        raise _wrong("该单位没有未办完的协办事项。", "Nothing is asked of this department.")
    if any(part.is_matter for part in case.asks.parts if part.department in named):
        zh, en = (
            "这一项是派单员分出的，不能撤回。",
            "A dispatcher split this matter off: it is not yours to withdraw.",
        )
        raise _wrong(zh, en)
    rest = tuple(part for part in case.asks.parts if part.department not in named)
    detail: Detail = {"departments": list(named), "reason": reason}
    after, entry = record(case, by, Action.WITHDRAW_PART, detail, asks=replace(case.asks, parts=rest))
    events = tuple(
        PartWithdrawn(case_id=case.case_id, version=case.version, at=by.now, department=code)
        for code in named
    )
    direct = tuple((event.department, replace(event, reason=reason)) for event in events)
    return CaseChange(
        after=after, entry=entry, events=events, direct=direct, what=events[0].name, text=reason
    )


_wrong = partial(named_wrong, "departments")


ASK_PART = DepartmentAction(
    rule=Rule(
        action=Action.ASK_PART,
        actors=[Actor.LEAD],
        states=_WORKED_ON,
        target=STAY,
        guard=lambda facts: facts.may_ask_part and not facts.is_protected,
    ),
    body=AskPartBody,
    perform=ask_part,
    command=AskPart,
    says=PartAsked,
    summary="Ask supporting departments for their part (协办事项)",
    form=Form(
        place=10,
        button="请协办单位办理",
        folded="请协办单位办理协办事项",
        warning="协办单位有自己的时限，超期记在协办单位；主办单位的答复时限不变。",
        fields=[
            FormField(name="departments", label="请哪个协办单位", kind="departments", among="supporting"),
            FormField(name="text", label="请协办单位办什么"),
            FormField(
                name="until",
                label="最晚哪一天",
                hint="可不填：按规则的协办时限。",
                kind="date",
                is_optional=True,
            ),
        ],
    ),
    done="已请协办单位办理。",
    happened="请协办单位办理",
)
PART = DepartmentAction(
    rule=Rule(
        action=Action.PART,
        actors=[Actor.SUPPORTING],
        # What a dispatcher split off need not wait for the lead.
        states=[CaseState.ASSIGNED, CaseState.IN_REVIEW, *_WORKED_ON],
        target=STAY,
        guard=lambda facts: facts.has_part,
    ),
    body=DoPartBody,
    perform=do_part,
    command=DoPart,
    says=PartDone,
    summary="Contribute one's part (提交协办结果)",
    form=Form(
        place=4,
        button="提交协办结果",
        look="primary",
        legend="协办结果",
        fields=[
            FormField(
                name="text",
                label="办理结果（给主办单位）",
                hint="只给本件的承办单位看：核实了什么、做了什么、依据是什么。",
                rows=6,
            )
        ],
    ),
    done="协办结果已提交给主办单位。",
    happened="提交协办结果",
)
WITHDRAW_PART = DepartmentAction(
    rule=Rule(
        action=Action.WITHDRAW_PART,
        actors=[Actor.LEAD],
        states=_WORKED_ON,
        target=STAY,
        guard=lambda facts: facts.parts_pending,
    ),
    body=WithdrawPartBody,
    perform=withdraw_part,
    command=WithdrawPart,
    says=PartWithdrawn,
    summary="Ask for a part no more",
    form=Form(
        place=11,
        button="撤回协办请求",
        folded="撤回协办请求",
        fields=[
            FormField(name="departments", label="撤回哪个单位的", kind="departments", among="asked"),
            FormField(name="reason", label="撤回的理由"),
        ],
    ),
    done="协办请求已撤回。",
    happened="撤回协办请求",
)
