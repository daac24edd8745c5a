"""What sla hears, and what it does about it."""

from functools import partial

from schemas import topics
from schemas.city import City
from schemas.events.handlers import (
    CaseAssigned,
    CaseClosed,
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
from schemas.events.routing import CaseDeclined, CaseMerged
from schemas.ports import Handler, Subscription
from sla.core.calendar import Calendar
from sla.core.rules import DeadlineRules
from sla.steps import halt, move, start


def subscriptions(*, rules: DeadlineRules, calendar: Calendar, city: City) -> tuple[Subscription, ...]:
    """One consumer group over everything that starts, moves or ends a clock.

    `city` is not needed yet: departments and categories are taken as the events name them.
    """
    handlers = (
        Handler(
            event=CaseRegistered, step=partial(start.start_dispatch_clocks, rules=rules, calendar=calendar)
        ),
        Handler(event=CaseWithdrawn, step=halt.stop_dispatch),
        Handler(event=CaseDeclined, step=halt.end_declined),
        Handler(event=CaseMerged, step=halt.end_merged),
        Handler(
            event=CaseAssigned, step=partial(start.start_department_clocks, rules=rules, calendar=calendar)
        ),
        Handler(event=CaseSigned, step=halt.stop_signing),
        Handler(event=CaseReturned, step=halt.stop_signing),
        Handler(event=ReturnRefused, step=partial(move.sign_again, calendar=calendar)),
        Handler(event=CaseSuspended, step=halt.pause),
        Handler(event=CaseResumed, step=partial(move.resume, calendar=calendar)),
        Handler(event=ExtensionDecided, step=partial(move.extend, calendar=calendar)),
        Handler(event=CaseReplied, step=partial(halt.hold, calendar=calendar)),
        Handler(event=ReplySentBack, step=halt.run_on),
        Handler(event=CaseClosed, step=halt.end),
        Handler(event=CaseReopened, step=partial(move.reopen, rules=rules, calendar=calendar)),
    )
    return (
        Subscription(name="sla", topics=(topics.INTAKE, topics.ROUTING, topics.HANDLERS), handlers=handlers),
    )
