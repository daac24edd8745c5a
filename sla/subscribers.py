"""What sla hears, and what it does about it."""

from functools import partial

from schemas import topics
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
    ReplySentBack,
    ReturnRefused,
)
from schemas.events.intake import CaseRegistered, CaseWithdrawn
from schemas.events.routing import CaseDeclined, CaseMerged, CaseUnmerged
from schemas.ports import Handler, Subscription
from sla.core.calendar import Calendar
from sla.core.rules import DeadlineRules
from sla.steps import follow, start, take_back

#: The consumer group's name: the sweeper asks how far it has come.
GROUP = "sla"


def subscriptions(*, rules: DeadlineRules, calendar: Calendar) -> tuple[Subscription, ...]:
    """One consumer group over everything that starts, moves or ends a clock."""
    known = rules.clocks
    handlers = (
        Handler(event=CaseRegistered, step=partial(start.start_registered, rules=rules, calendar=calendar)),
        Handler(event=CaseAssigned, step=partial(start.start_assigned, rules=rules, calendar=calendar)),
        Handler(event=CaseSigned, step=partial(follow.stop_signed, known=known)),
        Handler(event=CaseReturned, step=partial(follow.stop_returned, known=known)),
        Handler(event=ReturnRefused, step=partial(follow.restart_kept, known=known, calendar=calendar)),
        Handler(event=CaseSuspended, step=partial(follow.pause_suspended, known=known)),
        Handler(event=CaseResumed, step=partial(follow.resume_suspended, known=known, calendar=calendar)),
        Handler(event=ExtensionDecided, step=partial(follow.extend, known=known, calendar=calendar)),
        Handler(event=CaseReplied, step=partial(follow.hold_replied, known=known, calendar=calendar)),
        Handler(event=ReplySentBack, step=follow.run_on_sent_back),
        Handler(event=CaseReopened, step=partial(follow.restart_reopened, rules=rules, calendar=calendar)),
        *(
            Handler(event=event, step=partial(take_back.take_back, rules=rules, calendar=calendar))
            for event in (CaseProtected, CaseUnmerged)
        ),
        Handler(event=CaseClosed, step=follow.end_closed),
        Handler(event=CaseDeclined, step=follow.end_declined),
        Handler(event=CaseMerged, step=follow.end_merged),
        Handler(event=CaseWithdrawn, step=follow.stop_withdrawn),
    )
    return (
        Subscription(name=GROUP, topics=(topics.INTAKE, topics.ROUTING, topics.HANDLERS), handlers=handlers),
    )
