"""What becomes of each event that Kafka still has and Postgres does not, since an older copy was restored."""

from collections.abc import Mapping
from enum import StrEnum

from schemas.event import EVENT_TYPES, Event
from schemas.events import (
    call_backs,
    commands,
    exclusions,
    handlers,
    intake,
    knowledge,
    parts,
    pressing,
    routing,
    sla,
    supervision,
    tags,
    undone,
)
from schemas.words import ReviewKind


class EventFate(StrEnum):
    """Whether `huiyin reconcile` makes it true again."""

    #: 补回: done once more, unless the case stands elsewhere by now; then it is listed.
    AGAIN = "brought back"
    #: 自动恢复: nobody's own deed; comes of itself with what is brought back, or with time.
    FOLLOWS = "follows"
    #: 需人工重办: somebody's deed that a copy of it cannot do for them; named, so that they do it again.
    LISTED = "listed"


_AGAIN: tuple[type[Event], ...] = (
    intake.SubmissionAccepted,
    # What citizens did: nobody may ask them to do it twice.
    intake.CaseSupplemented, intake.CaseWithdrawn, intake.CitizenRated, intake.CitizenObjected, intake.RefusalObjected,
    call_backs.CallBackAnswered, intake.PublicationDecided,
    # What staff keep from everybody else.
    intake.PublicationLimited,
    # What dispatchers decided of a case that only they had: the event says all of it.
    routing.CaseAnswered, routing.CaseDeclined, routing.CaseMerged, routing.CaseRouted,
    # What departments' systems asked for: the record is as good as on its first day.
    *(event for event in EVENT_TYPES.values() if issubclass(event, commands.Command)),
)  # fmt: skip
_LISTED: tuple[type[Event], ...] = (
    routing.ReviewDecided, routing.AnswerRecalled, routing.MergeRequested, routing.CaseUnmerged, routing.DecisionUndone,
    routing.RecallRequested, undone.UndoRequested, tags.TagsCorrected,
    handlers.CaseSigned, handlers.CaseReturned, handlers.CaseReplied, handlers.ExtensionRequested,
    handlers.SuspensionRequested, handlers.CaseResumed, handlers.PromiseRequested, handlers.ProgressNoted,
    handlers.QuestionAsked, parts.PartAsked, parts.PartWithdrawn, parts.PartDone, supervision.OrderReported,
    sla.CaseUrged, sla.CaseFollowedUp, call_backs.CallBackDone, exclusions.ExclusionMoved,
    knowledge.EntryProposed, knowledge.EntryPublished, knowledge.EntryWithdrawn,
)  # fmt: skip
_FOLLOWS: tuple[type[Event], ...] = (
    intake.CaseRegistered, intake.DuplicateSuspected,
    routing.ReviewRequested, routing.CaseShielded, routing.SupplementJudged, routing.WithdrawalJudged,
    routing.WithdrawalConfirmed, routing.MergedAnswered, routing.TopicWarned,
    # How a department's request was decided, and how a case ended by that: the decision is listed.
    handlers.ExtensionDecided, handlers.SuspensionDecided, handlers.CaseSuspended, handlers.PromiseDecided,
    handlers.ReplySentBack, handlers.ReturnRefused, handlers.ReplyPublished, handlers.CaseClosed, handlers.CaseReopened,
    handlers.CaseAssigned, handlers.CaseUpdated, pressing.UrgencyRaised, handlers.CaseProtected, undone.CaseRecalled,
    handlers.RequestDropped, undone.VerdictUndone, undone.MoveUndone, tags.TagsChanged,
    handlers.QuestionAnswered, handlers.QuestionLapsed, commands.CommandAnswered, supervision.OrderAccepted,
    call_backs.CallBackDue, sla.DeadlineSet, sla.DeadlineNear, sla.DeadlineMissed, sla.PauseEnded, sla.BreachWithdrawn,
    sla.CaseEscalated, sla.DeadlineReminded, sla.RemindersDigested,
    knowledge.EntryExpired,
)  # fmt: skip

FATES: Mapping[type[Event], EventFate] = {
    **dict.fromkeys(_AGAIN, EventFate.AGAIN),
    **dict.fromkeys(_LISTED, EventFate.LISTED),
    **dict.fromkeys(_FOLLOWS, EventFate.FOLLOWS),
}
#: Nobody hears these: whether they are lost their own slice says.
UNHEARD: tuple[type[Event], ...] = (knowledge.EntryProposed, sla.CaseFollowedUp)


def fate_of(event: Event) -> EventFate:
    """The fate of this very event: what the rules routed they route again, and a dispatch says by itself who decided it."""
    if isinstance(event, routing.CaseRouted) and event.decided_by == "rules":
        return EventFate.FOLLOWS
    if isinstance(event, routing.ReviewDecided) and event.kind is ReviewKind.DISPATCH:
        return EventFate.FOLLOWS
    return FATES[type(event)]
