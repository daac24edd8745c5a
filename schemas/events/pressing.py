"""What handlers says of how pressing a case at a department is by now."""

from typing import ClassVar

from schemas.event import Event, event_type
from schemas.words import Urgency


@event_type
class UrgencyRaised(Event, frozen=True, kw_only=True):
    """A case at the desk is more pressing than it was assigned with: its citizen told of danger since."""

    type: ClassVar[str] = "urgency.raised.v1"
    producer: ClassVar[str] = "handlers"

    urgency: Urgency
