"""What handlers says of knowledge entries (知识点), on a topic of their own: whoever reads it keeps the same base.

An entry is keyed as a case is: its id stands in `case_id`, and its `version` grows by one with whatever is done to it.
"""

from datetime import datetime
from typing import ClassVar

from schemas.event import Event, event_type
from schemas.ids import DepartmentCode
from schemas.values import EntryContent


@event_type
class EntryProposed(Event, frozen=True, kw_only=True):
    """A department has written an entry, or another text of one: a dispatcher decides. What it says nobody is told yet."""

    type: ClassVar[str] = "entry.proposed.v1"
    producer: ClassVar[str] = "knowledge"

    owner: DepartmentCode


@event_type
class EntryPublished(Event, frozen=True, kw_only=True):
    """Reviewed: everybody may read it, within its span. It stands for whatever was published of the entry before."""

    type: ClassVar[str] = "entry.published.v1"
    producer: ClassVar[str] = "knowledge"

    #: The department that answers for it.
    owner: DepartmentCode
    content: EntryContent
    #: The span as moments: it holds from the first until before the second.
    holds_from: datetime
    holds_until: datetime


@event_type
class EntryExpired(Event, frozen=True, kw_only=True):
    """Its last day has passed: nobody may be answered by it."""

    type: ClassVar[str] = "entry.expired.v1"
    producer: ClassVar[str] = "knowledge"

    owner: DepartmentCode


@event_type
class EntryWithdrawn(Event, frozen=True, kw_only=True):
    """Taken back (撤下) by its department or a dispatcher: nobody may be answered by it."""

    type: ClassVar[str] = "entry.withdrawn.v1"
    producer: ClassVar[str] = "knowledge"

    owner: DepartmentCode
