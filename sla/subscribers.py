"""What sla hears, and what it does about it."""

from collections.abc import Mapping
from functools import partial

from schemas import topics
from schemas.event import Event
from schemas.events.handlers import (
    CaseAssigned,
    CaseClosed,
    CaseProtected,
    CaseReopened,
    CaseReplied,
    CaseResumed,
    CaseReturned,
    CaseSigned,
    CaseSuspended,
    ExtensionDecided,
    ExtensionRequested,
    ProgressNoted,
    PromiseDecided,
    PromiseRequested,
    QuestionAnswered,
    QuestionAsked,
    QuestionLapsed,
    ReplySentBack,
    ReturnRefused,
    SuspensionDecided,
    SuspensionRequested,
)
from schemas.events.intake import CaseRegistered, CaseWithdrawn, CitizenRated, RefusalObjected
from schemas.events.parts import PartAsked, PartDone, PartWithdrawn
from schemas.events.routing import CaseDeclined, CaseMerged, CaseUnmerged, ReviewRequested
from schemas.ports import Handler, Step, Subscription
from sla.core.calendar import Calendar
from sla.core.kinds import Moment
from sla.core.rules import DeadlineRules
from sla.steps import decisions, follow, start, take_back

#: The consumer group's name: the sweeper asks how far it has come.
GROUP = "sla"

_PAUSES: Mapping[type[Event], Moment] = {
    CaseSuspended: Moment.SUSPENDED,
    QuestionAsked: Moment.QUESTION_ASKED,
}
_RESUMPTIONS: Mapping[type[Event], Moment] = {
    CaseResumed: Moment.RESUMED,
    QuestionAnswered: Moment.QUESTION_ANSWERED,
    QuestionLapsed: Moment.QUESTION_LAPSED,
}
_REQUESTS: Mapping[type[Event], Moment] = {
    ExtensionRequested: Moment.EXTENSION_ASKED,
    SuspensionRequested: Moment.SUSPENSION_ASKED,
    SuspensionDecided: Moment.SUSPENSION_DECIDED,
    PromiseRequested: Moment.PROMISE_ASKED,
    PartAsked: Moment.PART_ASKED,
}


def subscriptions(*, rules: DeadlineRules, calendar: Calendar) -> tuple[Subscription, ...]:
    """One consumer group over everything that starts, moves or ends a clock."""
    known = rules.clocks

    def on(event: type[Event], step: Step, **more: Moment) -> Handler:
        return Handler(event=event, step=partial(step, rules=rules, calendar=calendar, **more))

    handlers = (
        on(CaseRegistered, start.start_registered),
        on(ReviewRequested, decisions.hurry_dispatch),
        on(CaseAssigned, start.start_assigned),
        Handler(event=CaseSigned, step=partial(follow.stop_signed, known=known)),
        on(CaseReturned, follow.stop_returned),
        on(ReturnRefused, follow.restart_kept),
        on(ExtensionDecided, follow.extend),
        on(PromiseDecided, follow.promise),
        *(on(event, follow.pause, moment=moment) for event, moment in _PAUSES.items()),
        *(on(event, follow.resume, moment=moment) for event, moment in _RESUMPTIONS.items()),
        *(on(event, decisions.follow, moment=moment) for event, moment in _REQUESTS.items()),
        on(ProgressNoted, decisions.note_progress),
        Handler(event=PartDone, step=partial(decisions.end_parts, moment=Moment.PART_DONE)),
        Handler(event=PartWithdrawn, step=partial(decisions.end_parts, moment=Moment.PART_WITHDRAWN)),
        on(CaseReplied, follow.hold_replied),
        on(ReplySentBack, follow.run_on_sent_back),
        on(CaseReopened, follow.restart_reopened),
        on(RefusalObjected, decisions.decide_once_more),
        on(CitizenRated, decisions.call_back),
        *(on(event, take_back.take_back) for event in (CaseProtected, CaseUnmerged)),
        Handler(event=CaseClosed, step=follow.end_closed),
        Handler(event=CaseDeclined, step=follow.end_declined),
        Handler(event=CaseMerged, step=follow.end_merged),
        Handler(event=CaseWithdrawn, step=follow.stop_withdrawn),
    )
    return (
        Subscription(name=GROUP, topics=(topics.INTAKE, topics.ROUTING, topics.HANDLERS), handlers=handlers),
    )
