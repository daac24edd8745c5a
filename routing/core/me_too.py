"""Me too (我也遇到): which messages are handled together with the public matter that they name, without a dispatcher."""

from msgspec.structs import replace

from routing.core.classify import Classification
from routing.core.decisions.review import RoutingCase
from routing.core.doubts import Doubt
from schemas.events.intake import CaseRegistered
from schemas.ids import TrackingCode
from schemas.words import Urgency


def looked_at(event: CaseRegistered, opinion: Classification) -> Classification:
    """The opinion of one that names a public matter: a dispatcher looks at it, unless it is merged by itself.

    Also where that is public no more: its words may tell nothing else.
    """
    if not named_in(event):
        return opinion
    return replace(opinion, doubts=(*opinion.doubts, Doubt.ME_TOO))


def named_in(event: CaseRegistered) -> tuple[TrackingCode, ...]:
    """The tracking code that its citizen named, for whoever decides."""
    code = event.me_too.tracking_code if event.me_too else event.same_as
    return () if code is None else (code,)


def says_no_more(event: CaseRegistered, opinion: Classification) -> bool:
    """Whether it says only that it is the same: nothing that a person must read, and no danger, nor what sounds like it."""
    is_plain = event.me_too is not None and not event.me_too.in_own_words
    is_dangerous = opinion.urgency is Urgency.EMERGENCY or Doubt.SOUNDS_DANGEROUS in opinion.doubts
    return is_plain and not (is_dangerous or opinion.protected or opinion.accused or event.confidential)


def may_join(target: RoutingCase | None) -> bool:
    """Whether the public matter can answer for others now.

    What ended otherwise, or is private by now, cannot; nor what its citizen keeps to themselves since it was named.
    """
    is_there = target is not None and target.state in ("open", "routed")
    return is_there and target is not None and target.publish and not target.is_private
