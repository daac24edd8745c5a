"""What the addresses of the dispatchers' pages hold: where they are in the queue, and what was done just now."""

from typing import Annotated

import msgspec

from routing.web.onward import MOST_PUT_OFF, Way
from routing.web.views import Cursor
from schemas.words import ReviewKind

_Codes = Annotated[str, msgspec.Meta(max_length=7_000)]
_TrackingCode = Annotated[str, msgspec.Meta(pattern="^[0-9A-Z-]{1,40}$")]


class QueueQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the queue, and whether something was just decided."""

    kind: ReviewKind | None = None
    cursor: Cursor | None = None
    #: The case's tracking code.
    done: _TrackingCode | None = None
    #: The same of one that was asked back from its department.
    asked: _TrackingCode | None = None
    #: So many were put off until later, and no other is left.
    left: Annotated[int, msgspec.Meta(ge=1, le=MOST_PUT_OFF)] | None = None


class CaseQuery(Way, frozen=True, kw_only=True):
    """How the dispatcher goes on, and what was decided just before this case opened by itself: its tracking code."""

    done: _TrackingCode | None = None
    #: The tags that the case had before they were corrected just now, with commas, and those that it got.
    had: _Codes | None = None
    got: _Codes | None = None
    #: A unit that a report names was found not to be accused just now.
    cleared: bool = False
    #: That was taken back just now.
    uncleared: bool = False
