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
from schemas.events.routing import (
    AnswerRecalled,
    CaseAnswered,
    CaseDeclined,
    CaseMerged,
    CaseShielded,
    CaseUnmerged,
    DecisionUndone,
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
from sla.steps import call_backs, decisions, follow, reports, start, take_back, undone
from sla.steps.newer import hear_newer

#: The consumer group's name: the sweeper asks how far it has come.
GROUP = "sla"

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

    def hear(event: type[Event], step: Step, **more: Any) -> Handler:
        """These steps see for themselves what is older than what is known."""
        return Handler(event=event, step=partial(step, **more))

    def on(event: type[Event], step: Step, **more: Any) -> Handler:
        return hear(event, hear_newer, then=step, **more)

    both: Mapping[str, Any] = {"rules": rules, "calendar": calendar}
    handlers = (
        hear(CaseRegistered, start.start_registered, **both),
        hear(ReviewRequested, decisions.hurry_dispatch, **both),
        hear(CaseAssigned, start.start_assigned, **both),
        on(CaseSigned, follow.stop_signed, known=known),
        on(CaseReturned, follow.stop_returned, **both),
        on(ReturnRefused, follow.restart_kept, **both),
        on(ExtensionDecided, follow.extend, **both),
        on(PromiseDecided, follow.promise, **both),
        *(on(event, follow.pause, moment=moment, **both) for event, moment in _PAUSES.items()),
        *(on(event, follow.resume, moment=moment, **both) for event, moment in _RESUMPTIONS.items()),
        *(on(event, decisions.follow, moment=moment, **both) for event, moment in _FOLLOWED.items()),
        on(PromiseRequested, decisions.ask_promise, **both),
        on(ProgressNoted, decisions.note_progress, **both),
        # Whatever else is known of the case: a report is never passed over.
        hear(OrderReported, reports.hear_reports, **both),
        # The same of what citizens say on their page.
        hear(CallBackAnswered, call_backs.hear_answers, **both),
        on(PartDone, decisions.end_parts, moment=Moment.PART_DONE),
        on(PartWithdrawn, decisions.end_parts, moment=Moment.PART_WITHDRAWN),
        on(CaseReplied, follow.hold_replied, **both),
        on(ReplySentBack, follow.run_on_sent_back, **both),
        on(CaseReopened, follow.restart_reopened, **both),
        *(on(event, decisions.decide_once_more, **both) for event in (RefusalObjected, AnswerRecalled)),
        on(CitizenRated, decisions.call_back, **both),
        hear(CaseShielded, take_back.hear_shielded),
        *(on(event, take_back.take_back, **both) for event in _TAKEN_BACK),
        hear(CaseRecalled, take_back.take_back_dispatches, **both),
        on(VerdictUndone, undone.undo_verdicts, **both),
        on(MoveUndone, undone.undo_moves, **both),
        # In the order in which the desk says it, and of no state.
        hear(TagsChanged, follow.count_tags_anew),
        hear(CaseClosed, follow.end_closed, known=known),
        hear(CaseAnswered, follow.end_answered, known=known),
        hear(CaseDeclined, follow.end_declined, known=known),
        hear(CaseMerged, follow.end_merged, known=known),
        hear(WithdrawalConfirmed, follow.end_withdrawn, known=known),
    )
    return (
        Subscription(
            name=GROUP,
            topics=(topics.INTAKE, topics.ROUTING, topics.HANDLERS),
            handlers=handlers,
            # Deadlines are hours away: nobody waits for one to be set.
            patience_seconds=0.25,
        ),
    )
