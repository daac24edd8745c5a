"""What sla hears, and what it does about it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from schemas import topics
from schemas.event import Event
from schemas.events.call_backs import CallBackAnswered
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
from schemas.events.intake import CaseRegistered, CitizenRated, RefusalObjected
from schemas.events.parts import PartAsked, PartDone, PartWithdrawn
from schemas.events.pressing import UrgencyRaised
from schemas.events.routing import (
    AnswerRecalled,
    CaseAnswered,
    CaseDeclined,
    CaseMerged,
    CaseShielded,
    CaseUnmerged,
    DecisionUndone,
    MergedAnswered,
    ReviewRequested,
    WithdrawalConfirmed,
)
from schemas.events.supervision import OrderReported
from schemas.events.tags import TagsChanged
from schemas.events.undone import CaseRecalled, MoveUndone, VerdictUndone
from schemas.ports import Handler, Step, Subscription
from sla.core.calendar import Calendar
from sla.core.kinds import Moment
from sla.core.rules import DeadlineRules
from sla.steps import call_backs, decisions, ends, handle_events, hurry, reports, start, take_back, undone
from sla.steps.newer import handle_newer

#: The consumer group's name: the sweeper asks how far it has come.
GROUP = "sla"
#: Each consumer group and the topics that it reads: known without what its steps need.
GROUPS: Mapping[str, Sequence[str]] = {GROUP: (topics.INTAKE, topics.ROUTING, topics.HANDLERS)}

_TAKEN_BACK: Sequence[type[Event]] = (CaseProtected, CaseUnmerged, DecisionUndone)
_PAUSES: Mapping[type[Event], Moment] = {
    CaseSuspended: Moment.SUSPENDED,
    QuestionAsked: Moment.QUESTION_ASKED,
}
_RESUMPTIONS: Mapping[type[Event], Moment] = {
    CaseResumed: Moment.RESUMED,
    QuestionAnswered: Moment.QUESTION_ANSWERED,
    QuestionLapsed: Moment.QUESTION_LAPSED,
}
#: What starts and stops clocks, and nothing else.
_FOLLOWED: Mapping[type[Event], Moment] = {
    ExtensionRequested: Moment.EXTENSION_ASKED,
    SuspensionRequested: Moment.SUSPENSION_ASKED,
    SuspensionDecided: Moment.SUSPENSION_DECIDED,
    PartAsked: Moment.PART_ASKED,
}


def subscriptions(*, rules: DeadlineRules, calendar: Calendar) -> tuple[Subscription, ...]:
    """One consumer group over everything that starts, moves or ends a clock."""
    known = rules.clocks

    def on_any(event: type[Event], step: Step, **more: Any) -> Handler:
        """These steps see for themselves what is older than what is known."""
        return Handler(event=event, step=partial(step, **more))

    def on_newer(event: type[Event], step: Step, **more: Any) -> Handler:
        return on_any(event, handle_newer, then=step, **more)

    both: Mapping[str, Any] = {"rules": rules, "calendar": calendar}
    handlers = (
        on_any(CaseRegistered, start.start_registered, **both),
        on_any(ReviewRequested, hurry.hurry_dispatch, **both),
        on_any(CaseAssigned, start.start_assigned, **both),
        on_newer(CaseSigned, handle_events.stop_signed, known=known),
        on_newer(CaseReturned, handle_events.stop_returned, **both),
        on_newer(ReturnRefused, handle_events.restart_kept, **both),
        on_newer(ExtensionDecided, handle_events.extend, **both),
        on_newer(PromiseDecided, handle_events.promise, **both),
        *(on_newer(event, handle_events.pause, moment=moment, **both) for event, moment in _PAUSES.items()),
        *(
            on_newer(event, handle_events.resume, moment=moment, **both)
            for event, moment in _RESUMPTIONS.items()
        ),
        *(
            on_newer(event, decisions.handle_moment, moment=moment, **both)
            for event, moment in _FOLLOWED.items()
        ),
        on_newer(PromiseRequested, decisions.ask_promise, **both),
        on_newer(ProgressNoted, decisions.note_progress, **both),
        # Whatever else is known of the case: a report is never passed over.
        on_any(OrderReported, reports.handle_reports, **both),
        # The same of what citizens say on their page.
        on_any(CallBackAnswered, call_backs.handle_answers, **both),
        on_newer(PartDone, decisions.end_parts, moment=Moment.PART_DONE),
        on_newer(PartWithdrawn, decisions.end_parts, moment=Moment.PART_WITHDRAWN),
        on_newer(CaseReplied, handle_events.hold_replied, **both),
        on_newer(ReplySentBack, handle_events.run_on_sent_back, **both),
        on_newer(CaseReopened, handle_events.restart_reopened, **both),
        *(on_newer(event, decisions.decide_once_more, **both) for event in (RefusalObjected, AnswerRecalled)),
        on_newer(CitizenRated, decisions.call_back, **both),
        on_any(CaseShielded, take_back.handle_shielded),
        *(on_newer(event, take_back.take_back, **both) for event in _TAKEN_BACK),
        on_any(CaseRecalled, take_back.take_back_dispatches, **both),
        on_newer(VerdictUndone, undone.undo_verdicts, **both),
        on_newer(MoveUndone, undone.undo_moves, **both),
        # These two in the order in which the desk says them, and of no state.
        on_any(UrgencyRaised, hurry.hurry_raised, **both),
        on_any(TagsChanged, handle_events.count_tags_anew),
        on_any(CaseClosed, ends.end_closed, **both),
        on_any(CaseAnswered, ends.end_answered, known=known),
        on_any(CaseDeclined, ends.end_declined, known=known),
        on_any(CaseMerged, ends.end_merged, **both),
        # Of no state: the end of a department's case may be heard later.
        on_any(MergedAnswered, ends.end_wait),
        on_any(WithdrawalConfirmed, ends.end_withdrawn, known=known),
    )
    return (
        Subscription(
            name=GROUP,
            topics=GROUPS[GROUP],
            handlers=handlers,
            # Deadlines are hours away: nobody waits for one to be set.
            patience_seconds=0.25,
        ),
    )
