"""Ask to wait for something outside (挂起), and go on (恢复办理)."""

from datetime import timedelta

from msgspec.structs import replace

from handlers.core.actions.description import Body, DepartmentAction, Form, FormField, head
from handlers.core.asks import AskedPause
from handlers.core.case import By, Case, CaseChange, change
from handlers.core.moments import MomentText, moment_of
from handlers.core.rules import MAX_SUSPENSIONS, STAY, Action, Actor, Facts, Rule
from handlers.core.texts import Sentence, clean_each
from schemas.city import City
from schemas.events.commands import ResumeCase, SuspendCase
from schemas.events.handlers import CaseResumed, SuspensionRequested
from schemas.words import CaseState

#: Project choice: as long as an appraisal or another authority's answer usually takes; what takes longer is promised
#: for a date, which the citizen sees.
LONGEST_PAUSE = timedelta(days=30)


class Suspend(Body, frozen=True, kw_only=True):
    """What outside the department is waited for, on which basis, and until when: a day, or a moment."""

    reason: Sentence
    basis: Sentence
    until: MomentText


class Resume(Body, frozen=True, kw_only=True):
    """Go on with a suspended case: nothing but the version that was seen."""


def suspend(case: Case, body: Suspend, by: By, state: CaseState, city: City) -> CaseChange:
    """Ask a dispatcher for a pause; the clock runs and the work goes on until it is granted."""
    reason, basis = clean_each((body.reason, "reason"), (body.basis, "basis"))
    until = moment_of(body.until, "until", now=by.now, longest=LONGEST_PAUSE, zone=city.zone)
    event = SuspensionRequested(
        **head(case, by), department=case.lead, reason=reason, basis=basis, until=until
    )
    return change(
        case, by, Action.SUSPEND, {"reason": reason, "basis": basis, "until": until.isoformat()}, (event,),
        text=reason, state=state, version=event.version,
        asks=replace(case.asks, pause=AskedPause(until=until, reason=reason)),
    )  # fmt: skip


def resume(case: Case, _body: Resume, by: By, state: CaseState, _city: City) -> CaseChange:
    """The reply clock runs again, before the pause has ended by itself."""
    event = CaseResumed(**head(case, by), cause="lead")
    return change(
        case, by, Action.RESUME, {}, (event,),
        state=state, version=event.version, asks=replace(case.asks, paused_until=None),
    )  # fmt: skip


def _may_wait(facts: Facts) -> bool:
    return facts.may_move and not facts.is_emergency and facts.suspension_count < MAX_SUSPENSIONS


SUSPEND = DepartmentAction(
    rule=Rule(
        action=Action.SUSPEND,
        actors=[Actor.LEAD],
        states=[CaseState.IN_PROGRESS],
        target=STAY,
        guard=_may_wait,
    ),
    body=Suspend,
    perform=suspend,
    command=SuspendCase,
    says=SuspensionRequested,
    summary="Ask to wait for something outside (挂起)",
    form=Form(
        place=9,
        button="申请挂起",
        folded="申请挂起（等待外部条件，暂停计时）",
        warning="由派单员决定；获准前照常计时。最长 30 天，一件最多两次，到期自动恢复。",
        fields=[
            FormField(name="reason", label="在等什么"),
            FormField(name="basis", label="挂起依据", hint="法律法规、政策文件或第三方的时限。"),
            FormField(name="until", label="挂起到哪一天", hint="这一天结束时自动恢复办理。", kind="date"),
        ],
    ),
    done="挂起申请已提交，由派单员决定；获准前照常计时。",
    happened="已申请挂起",
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
    says=CaseResumed,
    summary="Go on with a suspended case",
    form=Form(place=2, button="恢复办理", look="primary"),
    done="已恢复办理，答复时限继续计算。",
    happened="已恢复办理",
)
