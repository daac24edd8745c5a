"""What stays true of a case from its registration on, told again by each event that takes it further."""

from datetime import datetime
from typing import TypedDict

from schemas.events.intake import CaseRegistered
from schemas.events.routing import CaseRouted
from schemas.ids import CaseId, TrackingCode
from schemas.values import Place
from schemas.words import Channel


class CaseFacts(TypedDict):
    """Which case it is, what its citizen said, and who may know."""

    case_id: CaseId
    tracking_code: TrackingCode
    channel: Channel
    received_at: datetime
    title: str
    text: str
    place: Place | None
    has_contact: bool
    confidential: bool
    publish: bool


def facts_of(event: CaseRegistered | CaseRouted) -> CaseFacts:
    """The facts that `event` tells, as arguments of the next event."""
    return {
        "case_id": event.case_id,
        "tracking_code": event.tracking_code,
        "channel": event.channel,
        "received_at": event.received_at,
        "title": event.title,
        "text": event.text,
        "place": event.place,
        "has_contact": event.has_contact,
        "confidential": event.confidential,
        "publish": event.publish,
    }
