"""Dates that citizens were promised (承诺办理), as everybody reads of them: kept, broken, or still open."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from intake.core.keys import IntakeKeys
from intake.core.sealing import declared_in
from schemas.ids import CaseId, TrackingCode
from schemas.masking import for_public


class PromiseState(StrEnum):
    """What became of a promised date. Judged by when things happened, as every deadline is."""

    #: 未到期
    OPEN = "open"
    #: 已兑现: the answer that was approved was given by the end of the day
    KEPT = "kept"
    #: 未兑现: the day passed without one
    BROKEN = "broken"
    #: 已改期: another date was promised before this one had passed
    CHANGED = "changed"
    #: 已终止: the case ended otherwise before the day: withdrawn, merged, declined
    ENDED = "ended"


class PromiseSearch(msgspec.Struct, frozen=True, kw_only=True):
    """Which promises somebody asks for; the latest day first."""

    state: PromiseState | None = None
    department: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


#: Which of a case's promises, as the column holds it.
Number = Annotated[int, msgspec.Meta(ge=0, le=2**15 - 1)]
#: Where a page ends: the end of the day, the case, and which of its promises.
Position = tuple[datetime, UUID, Number]


class KeptPromise(msgspec.Struct, frozen=True, kw_only=True):
    """One promise of a case whose citizen allows publication."""

    case_id: CaseId
    number: int
    department: str
    #: The moment with which the promised day ends.
    until: datetime
    granted_at: datetime
    replied_at: datetime | None
    state: PromiseState
    #: As the register keeps it, and what is personal in the case, encrypted.
    title: str
    sealed: bytes | None
    #: Where everybody may read the answer.
    published_code: TrackingCode | None
    #: What others name who say that it is theirs, too, while it is open.
    open_code: TrackingCode | None = None

    @property
    def position(self) -> Position:
        """Its place in the list."""
        return self.until, UUID(self.case_id), self.number


class PromiseCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many promises of one department became what; private cases are not among them."""

    department: str
    open: int
    kept: int
    broken: int


class FoundPromises(msgspec.Struct, frozen=True, kw_only=True):
    """A page of promises, and where the next begins."""

    promises: Sequence[KeptPromise]
    next_cursor: str | None


def public_title(keys: IntakeKeys, promise: KeptPromise) -> str:
    """What the case is about, without anything personal."""
    return for_public(promise.title, declared_in(keys, promise.case_id, promise.sealed))
