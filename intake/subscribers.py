"""What the citizen's slice hears, and the function that each event goes to."""

from collections.abc import Mapping, Sequence
from functools import partial

from intake.core.following.view_changes import FOLLOWED
from intake.core.keys import IntakeKeys
from intake.core.registration import preparation
from intake.steps import entries, promises
from intake.steps.handle_events import (
    handle_call_backs,
    handle_deadlines,
    handle_direct_answers,
    handle_merged_answers,
    handle_protected,
    handle_recalled,
    handle_replies,
    handle_reviews,
    handle_shielded,
    handle_taken_back,
    handle_undone,
    update_views,
)
from intake.steps.notices import telling
from intake.steps.register import register_cases
from schemas import topics
from schemas.city import City
from schemas.event import Event
from schemas.events.call_backs import CallBackDone, CallBackDue
from schemas.events.handlers import (
    CaseAssigned,
    CaseClosed,
    CaseProtected,
    CaseReplied,
    ProgressNoted,
    PromiseDecided,
    QuestionAsked,
    ReplyPublished,
    ReplySentBack,
)
from schemas.events.intake import SubmissionAccepted
from schemas.events.knowledge import EntryExpired, EntryPublished, EntryWithdrawn
from schemas.events.routing import (
    AnswerRecalled,
    CaseAnswered,
    CaseDeclined,
    CaseShielded,
    CaseUnmerged,
    DecisionUndone,
    MergedAnswered,
    ReviewRequested,
    WithdrawalConfirmed,
)
from schemas.events.sla import DeadlineSet
from schemas.events.undone import MoveUndone, VerdictUndone
from schemas.notices import NoticeChannel
from schemas.ports import Handler, Step, Subscription

#: The group that makes cases of messages.
REGISTERS = "intake"
#: The group that keeps citizens' views.
FOLLOWS = "intake.follow"
#: Each consumer group and the topics that it reads: known without what its steps need.
GROUPS: Mapping[str, Sequence[str]] = {
    REGISTERS: (topics.SUBMISSIONS,),
    FOLLOWS: (topics.ROUTING, topics.HANDLERS, topics.SLA, topics.KNOWLEDGE),
}
#: What citizens are told of, where there is a way to tell them.
_TOLD: tuple[type[Event], ...] = (
    CallBackDue, CaseAnswered, CaseClosed, CaseDeclined, DeadlineSet, MergedAnswered, ProgressNoted, PromiseDecided,
    QuestionAsked, ReplyPublished, WithdrawalConfirmed,
)  # fmt: skip


def subscriptions(
    *, keys: IntakeKeys, city: City, told_by: frozenset[NoticeChannel] = frozenset()
) -> tuple[Subscription, ...]:
    """Messages become cases in one group, views follow the cases in another: neither waits for the other.

    `told_by`: the channels by which citizens hear of news; none costs nothing.
    """
    # More than the view follows these.
    own_steps: Mapping[type[Event], Step] = {
        ReplyPublished: partial(handle_replies, keys=keys),
        CaseAnswered: partial(handle_direct_answers, keys=keys),
        AnswerRecalled: handle_recalled,
        DecisionUndone: handle_undone,
        ReviewRequested: handle_reviews,
        CallBackDone: handle_call_backs,
        CaseProtected: handle_protected,
        PromiseDecided: promises.handle_promises,
        CaseReplied: promises.handle_given,
        ReplySentBack: promises.handle_sent_back,
        CaseClosed: promises.handle_closed,
        CaseUnmerged: promises.handle_unmerged,
        MergedAnswered: partial(handle_merged_answers, keys=keys),
        CaseAssigned: promises.handle_assigned,
        MoveUndone: promises.handle_given_back,
        VerdictUndone: promises.handle_undone,
        DeadlineSet: handle_deadlines,
        CaseShielded: handle_shielded,
        WithdrawalConfirmed: handle_taken_back,
    }
    steps = {kind: own_steps.get(kind, update_views) for kind in (*FOLLOWED, *own_steps)}
    if told_by:
        steps |= {kind: telling(steps[kind]) for kind in _TOLD}
    return (
        Subscription(
            name=REGISTERS,
            topics=GROUPS[REGISTERS],
            handlers=(
                Handler(
                    event=SubmissionAccepted,
                    step=partial(register_cases, told_by=told_by, zone=city.zone),
                    prepare=preparation(keys),
                ),
            ),
        ),
        Subscription(
            name=FOLLOWS,
            topics=GROUPS[FOLLOWS],
            patience_seconds=0.1,
            handlers=(
                *(Handler(event=kind, step=step) for kind, step in steps.items()),
                Handler(event=EntryPublished, step=entries.handle_published),
                *(Handler(event=kind, step=entries.handle_ended) for kind in (EntryExpired, EntryWithdrawn)),
            ),
        ),
    )
