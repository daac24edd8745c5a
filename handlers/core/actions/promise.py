"""Ask to promise the citizen a date (承诺办理)."""

from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from handlers.core.actions.description import Body, DepartmentAction, Form, FormField, head
from handlers.core.asks import AskedPromise
from handlers.core.case import By, Case, CaseChange, change
from handlers.core.moments import coming_day
from handlers.core.rules import MAX_PROMISES, STAY, Action, Actor, Facts, Rule
from handlers.core.texts import Sentence, clean_each
from schemas.city import City
from schemas.days import day_of, end_of_day
from schemas.events.commands import PromiseDate
from schemas.events.handlers import PromiseRequested
from schemas.words import CaseState

#: Project choice: half a year holds a season's works; what takes longer is a plan of the city, and no answer to a citizen.
LONGEST_PROMISE = timedelta(days=180)
_DAY = timedelta(days=1)

#: A day of the city, in ISO 8601.
Day = Annotated[str, msgspec.Meta(min_length=8, max_length=10)]


class PromiseBody(Body, frozen=True, kw_only=True):
    """The day, why it takes so long, on which basis, and what is done until then, in words for the citizen."""

    date: Day
    reason: Sentence
    basis: Sentence
    plan: Sentence


def days_to_promise(
    due_at: datetime | None, promised: AskedPromise | None, today: date, zone: ZoneInfo
) -> tuple[date, date]:
    """The first and the last day that may be promised: later than whatever is due, within `LONGEST_PROMISE`."""
    due = (today, *([day_of(due_at, zone)] if due_at else []))
    latest = max((*due, *([promised.date] if promised else [])))
    return latest + _DAY, today + LONGEST_PROMISE


def promise(case: Case, body: PromiseBody, by: By, state: CaseState, city: City) -> CaseChange:
    """Ask a dispatcher for a date to promise; the clock runs until it is granted."""
    reason, basis, plan = clean_each(
        (body.reason, "reason"), (body.basis, "basis"), (body.plan, "plan"), public="plan"
    )
    first, last = days_to_promise(case.due_at, case.asks.promised, day_of(by.now, city.zone), city.zone)
    day = coming_day(body.date, "date", first=first, last=last)
    event = PromiseRequested(
        **head(case, by), department=case.lead, date=day, reason=reason, basis=basis, plan=plan,
        not_before=first, not_after=last,
    )  # fmt: skip
    return change(
        case, by, Action.PROMISE, {"date": day.isoformat(), "reason": reason, "basis": basis, "plan": plan},
        (event,), text=reason, state=state, version=event.version,
        asks=replace(
            case.asks, promise=AskedPromise(date=day, plan=plan, asked_at=by.now, ends_at=end_of_day(day, city.zone))
        ),
    )  # fmt: skip


def _may_promise(facts: Facts) -> bool:
    """An emergency is never promised for a date; a promise is put off once, and only before it is due."""
    is_kept_so_far = facts.promised_until is None or facts.now < facts.promised_until
    return facts.may_ask and not facts.is_emergency and facts.promise_count < MAX_PROMISES and is_kept_so_far


PROMISE = DepartmentAction(
    rule=Rule(
        action=Action.PROMISE,
        actors=[Actor.LEAD],
        states=[CaseState.IN_PROGRESS],
        target=STAY,
        guard=_may_promise,
    ),
    body=PromiseBody,
    perform=promise,
    command=PromiseDate,
    says=PromiseRequested,
    summary="Ask to promise the citizen a date (承诺办理)",
    form=Form(
        place=8,
        button="申请承诺办理",
        folded="申请承诺办理（复杂事项，向市民承诺日期）",
        warning="由派单员决定，可以另定日期；获准前照常计时。承诺的日期市民会看到并公开，最长 180 天，只能改一次；"
        "获准后须定期告知进展，不能再延期或挂起。",
        fields=[
            FormField(name="date", label="承诺哪一天前办好", hint="须晚于现在的答复时限。", kind="date"),
            FormField(
                name="plan",
                label="办理计划（给市民看）",
                hint="分几步、每步到什么时候。不要写姓名、电话等个人信息。",
            ),
            FormField(name="reason", label="为什么需要这么久"),
            FormField(name="basis", label="承诺依据", hint="工程计划、法定程序或资金安排等。"),
        ],
    ),
    done="承诺办理申请已提交，由派单员决定；获准前照常计时。",
    happened="已申请承诺办理",
)
