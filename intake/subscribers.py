"""What the citizen's slice hears, and the function that each event goes to."""

from intake.core.keys import IntakeKeys
from intake.core.registration import preparation
from intake.core.view import FOLLOWED
from intake.steps.follow import follow_cases, follow_deadlines, follow_replies
from intake.steps.register import register_cases
from schemas import topics
from schemas.city import City
from schemas.events.handlers import ReplyPublished
from schemas.events.intake import SubmissionAccepted
from schemas.events.sla import DeadlineSet
from schemas.ports import Handler, Subscription


def subscriptions(*, keys: IntakeKeys, city: City) -> tuple[Subscription, ...]:
    """Messages become cases in one group, views follow the cases in another: neither waits for the other."""
    return (
        Subscription(
            name="intake",
            topics=(topics.SUBMISSIONS,),
            handlers=(Handler(event=SubmissionAccepted, step=register_cases, prepare=preparation(keys)),),
        ),
        Subscription(
            name="intake.follow",
            topics=(topics.ROUTING, topics.HANDLERS, topics.SLA),
            handlers=(
                *(Handler(event=kind, step=follow_cases) for kind in FOLLOWED if kind is not ReplyPublished),
                Handler(event=ReplyPublished, step=follow_replies),
                Handler(event=DeadlineSet, step=follow_deadlines),
            ),
        ),
    )
