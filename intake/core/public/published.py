"""Published answers as they are read: what somebody looks for, and what is found."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from schemas.ids import CaseId

#: Answers are counted up to here, project choice: beyond, the exact number tells nobody anything and costs a scan.
ANSWERS_COUNTED = 10_000
#: Answers that a search finds are counted up to here, project choice: each row costs more.
MATCHES_COUNTED = 1_000
#: Characters of what is looked for: a whole question (project choice).
QUESTION_LIMIT = 200
#: The nearest answers to a question, at most: behind them nobody looks (project choice).
NEAREST_FOUND = 60


class PublishedCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case that everybody may read: the masked message and the answer to it."""

    case_id: CaseId
    tracking_code: str
    title: str
    text: str
    response: str
    category: str
    department: str
    region: str | None
    replied_at: datetime
    #: Its citizen objected to this answer, and there is none since.
    objected: bool = False


class SortOrder(StrEnum):
    """What comes first of what a search finds."""

    #: The nearest to what is asked for, of those that hold much of it.
    BEST = "best"
    #: The newest, of those that hold all of it.
    NEWEST = "newest"


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks for, as they asked. Days are the city's; `to_day` is the last one that counts."""

    words: str = ""
    category: str | None = None
    department: str | None = None
    region: str | None = None
    from_day: str | None = None
    to_day: str | None = None
    cursor: str | None = None
    limit: int = 20
    #: None: the nearest first where more than a word or two is asked for.
    order: SortOrder | None = None


class Criteria(msgspec.Struct, frozen=True, kw_only=True):
    """A search, read and checked. `words`: a tsquery of our bigrams; `after`: the last answer already shown."""

    words: str | None = None
    category: str | None = None
    department: str | None = None
    region: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: tuple[datetime, UUID] | None = None
    limit: int = 20

    @property
    def counted_at_most(self) -> int:
        """How many matches are counted before the exact number tells nobody anything."""
        return ANSWERS_COUNTED if self.words is None else MATCHES_COUNTED


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One page of answers. `total` stops at ten thousand, of a search at one thousand, of the nearest at sixty."""

    cases: Sequence[PublishedCase]
    next_cursor: str | None
    total: int
    is_total_exact: bool
    order: SortOrder = SortOrder.NEWEST


NOTHING_FOUND = Found(cases=(), next_cursor=None, total=0, is_total_exact=True)
