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
from schemas.ports import Hears, Subscription
from sla.core.calendar import Calendar
from sla.core.rules import DeadlineRules
from sla.steps import halt, move, start


def subscriptions(*, rules: DeadlineRules, calendar: Calendar, city: City) -> tuple[Subscription, ...]:
    """One consumer group over everything that starts, moves or ends a clock.

    `city` is not needed yet: departments and categories are taken as the events name them.
    """
    hears = (
        Hears(
            event=CaseRegistered, step=partial(start.start_dispatch_clocks, rules=rules, calendar=calendar)
        ),
        Hears(event=CaseWithdrawn, step=halt.stop_dispatch),
        Hears(event=CaseDeclined, step=halt.end_declined),
        Hears(event=CaseMerged, step=halt.end_merged),
        Hears(
            event=CaseAssigned, step=partial(start.start_department_clocks, rules=rules, calendar=calendar)
        ),
        Hears(event=CaseSigned, step=halt.stop_signing),
        Hears(event=CaseReturned, step=halt.stop_signing),
        Hears(event=ReturnRefused, step=partial(move.sign_again, calendar=calendar)),
        Hears(event=CaseSuspended, step=halt.pause),
        Hears(event=CaseResumed, step=partial(move.resume, calendar=calendar)),
        Hears(event=ExtensionDecided, step=partial(move.extend, calendar=calendar)),
        Hears(event=CaseReplied, step=partial(halt.hold, calendar=calendar)),
        Hears(event=ReplySentBack, step=halt.run_on),
        Hears(event=CaseClosed, step=halt.end),
        Hears(event=CaseReopened, step=partial(move.reopen, rules=rules, calendar=calendar)),
    )
    return (Subscription(name="sla", topics=(topics.INTAKE, topics.ROUTING, topics.HANDLERS), hears=hears),)
