"""The tags (标签) of a case that a department has, corrected by themselves: routing says so, handlers does it."""

from typing import ClassVar

from schemas.event import Event, event_type
from schemas.ids import TagCode


@event_type
class TagsCorrected(Event, frozen=True, kw_only=True):
    """A dispatcher corrected the tags of a case that is routed; it stays where it is, and its version with it."""

    type: ClassVar[str] = "tags.corrected.v1"
    producer: ClassVar[str] = "routing"

    #: All that it has from now on, as codes.
    tags: tuple[TagCode, ...]
    decided_by: str


@event_type
class TagsChanged(Event, frozen=True, kw_only=True):
    """A case at the desk has other tags than before, without a new route: whoever counts by them counts anew."""

    type: ClassVar[str] = "tags.changed.v1"
    producer: ClassVar[str] = "handlers"

    #: As in `TagsCorrected`.
    tags: tuple[TagCode, ...]
    decided_by: str
