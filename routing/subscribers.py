"""What routing hears: new cases from intake, and the departments' requests from handlers."""

from collections.abc import Mapping, Sequence
from functools import partial

from routing.core.judgement import Judges
from routing.core.rules import RoutingRules
from routing.steps import (
    handle_events,
    judging,
    merging,
    refusals,
    route,
    said_since,
    supplement,
    undo,
    undo_in_hand,
)
from schemas import topics
from schemas.city import City
from schemas.events.call_backs import CallBackDone
from schemas.events.handlers import (
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
    PromiseDecided,
    PromiseRequested,
    ReplyPublished,
    ReplySentBack,
    RequestDropped,
    ReturnRefused,
    SuspensionDecided,
    SuspensionRequested,
)
from schemas.events.intake import (
    CaseRegistered,
    CaseSupplemented,
    CaseWithdrawn,
    CitizenObjected,
    CitizenRated,
    DuplicateSuspected,
    PublicationDecided,
    PublicationLimited,
    RefusalObjected,
)
from schemas.events.sla import CaseUrged
from schemas.events.undone import CaseRecalled, MoveUndone, VerdictUndone
from schemas.ports import Handler, Subscription

#: Each consumer group and the topics that it reads: known without what its steps need.
GROUPS: Mapping[str, Sequence[str]] = {
    "routing": (topics.INTAKE,),
    "routing.reviews": (topics.HANDLERS, topics.SLA),
}
#: After these, a request about an older version of the case is pointless.
_MOVED_ON = (
    CaseSigned,
    CaseSuspended,
    ExtensionDecided,
    PromiseDecided,
    ReplySentBack,
    ReturnRefused,
    SuspensionDecided,
)


def subscriptions(
    *, city: City, rules: RoutingRules, judges: Judges | None = None
) -> tuple[Subscription, ...]:
    """Routing's two consumer groups. `judges`: who judges beside the rules, now and later.

    Raises:
        ValueError: the rules were made for another city.
    """
    if rules.city != city:
        raise ValueError("these routing rules were checked against another city")
    return (
        Subscription(
            name="routing",
            topics=GROUPS["routing"],
            handlers=(
                Handler(
                    event=CaseRegistered,
                    step=route.route_cases,
                    prepare=partial(route.classify_registered, rules, judges=judges or Judges()),
                ),
                Handler(
                    event=CaseSupplemented,
                    step=partial(supplement.supplement_cases, rules),
                    prepare=partial(supplement.judge_supplements, rules),
                ),
                Handler(
                    event=CaseWithdrawn,
                    step=partial(said_since.handle_withdrawals, rules),
                    prepare=partial(judging.judge_withdrawals, rules),
                ),
                Handler(
                    event=CitizenRated,
                    step=partial(said_since.handle_ratings, rules),
                    prepare=partial(judging.judge_ratings, rules),
                ),
                Handler(
                    event=CitizenObjected,
                    step=partial(refusals.handle_merged_objections, rules),
                    prepare=partial(judging.judge_objections, rules),
                ),
                Handler(
                    event=RefusalObjected,
                    step=partial(refusals.handle_objections, rules),
                    prepare=partial(judging.judge_objections, rules),
                ),
                Handler(event=PublicationDecided, step=merging.handle_publications),
                Handler(event=PublicationLimited, step=merging.handle_publications),
                Handler(event=DuplicateSuspected, step=route.note_duplicates),
            ),
        ),
        Subscription(
            name="routing.reviews",
            topics=GROUPS["routing.reviews"],
            patience_seconds=0.1,
            handlers=(
                Handler(event=CaseUrged, step=handle_events.count_urgings),
                Handler(event=CaseReturned, step=handle_events.review_returns),
                Handler(event=ExtensionRequested, step=handle_events.review_extensions),
                Handler(event=SuspensionRequested, step=handle_events.review_suspensions),
                Handler(event=PromiseRequested, step=handle_events.review_promises),
                Handler(event=CaseReplied, step=handle_events.review_replies),
                Handler(event=CaseResumed, step=handle_events.handle_resumed),
                Handler(event=ReplyPublished, step=handle_events.answer_merged_cases),
                Handler(
                    event=CaseReopened,
                    step=partial(supplement.handle_reopened, rules),
                    prepare=partial(judging.judge_objections, rules),
                ),
                Handler(
                    event=CallBackDone,
                    step=partial(refusals.handle_call_backs, rules),
                    prepare=partial(judging.judge_call_backs, rules),
                ),
                Handler(event=CaseProtected, step=supplement.review_withheld),
                Handler(event=CaseRecalled, step=undo.handle_recalled),
                Handler(event=VerdictUndone, step=undo_in_hand.handle_verdicts_undone),
                Handler(event=MoveUndone, step=undo_in_hand.handle_moves_undone),
                Handler(event=CaseClosed, step=handle_events.end),
                Handler(
                    event=RequestDropped,
                    step=partial(supplement.handle_dropped, rules),
                    prepare=partial(judging.judge_objections, rules),
                ),
                *(Handler(event=event, step=handle_events.supersede) for event in _MOVED_ON),
            ),
        ),
    )
