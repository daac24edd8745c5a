"""Published answers as requests of Open311: which are asked for, by whom it was said when."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Literal

import msgspec

from intake.core.public.published import PublishedCase
from schemas.errors import BadInput, FieldError

#: Days that one question may span: "Response Volume" of https://wiki.open311.org/GeoReport_v2.
MOST_DAYS = timedelta(days=90)
#: Requests that one answer holds (project choice; the standard has a thousand at most): of the longest messages with the
#: longest answers they are twelve megabytes, and of usual ones a quarter of one.
MOST_REQUESTS = 200
#: Messages of which days are found by when they came, rather than among the newest answers, once so many more days of those
#: would be read (project choice: as many as one question may span).
_FAR_BACK = 2 * MOST_DAYS
#: Requests that are reached page by page (project choice: whoever wants more asks for fewer days).
_REACHED = 10_000

Status = Literal["open", "closed"]


class PublicRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A published answer, when its message came, and when anything of it changed last: answered, allowed, objected to."""

    case: PublishedCase
    received_at: datetime
    updated_at: datetime

    @property
    def status(self) -> Status:
        """Closed with the answer; open again once its citizen objected to it."""
        return "open" if self.case.objected else "closed"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which of them: when they came, from `since` to before `until`, and when they changed last; None: whenever."""

    since: datetime | None
    until: datetime | None
    updated_since: datetime | None = None
    updated_until: datetime | None = None
    #: What changed last stands far before them.
    is_far_back: bool = False
    categories: Sequence[str] = ()
    #: None: both.
    is_objected: bool | None = None
    limit: int = MOST_REQUESTS
    page: int = 1

    @property
    def skipped(self) -> int:
        """How many stand on the pages before."""
        return (self.page - 1) * self.limit


def day_of(moment: datetime, zone: tzinfo) -> datetime:
    """When its day began there: all that anybody else reads of when a citizen wrote."""
    return moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def whole_days(
    since: datetime | None, until: datetime | None, zone: tzinfo
) -> tuple[datetime | None, datetime | None]:
    """The same from the beginning of the first day to the end of the last: no question tells two moments of a day apart."""
    if until is not None and until != day_of(until, zone):
        until = day_of(until, zone) + timedelta(days=1)
    return since and day_of(since, zone), until


def span_of(
    since: datetime | None, until: datetime | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Ninety days at most: the last, unless one end or both are said.

    Raises:
        BadInput: more of them, or none.
    """
    if until is None:
        return (now - MOST_DAYS, None) if since is None else (since, since + MOST_DAYS)
    if since is None:
        return until - MOST_DAYS, until
    # A last day that is named as a day counts whole.
    if not timedelta() <= until - since <= MOST_DAYS + timedelta(days=1):
        zh = f"须在 start_date 之后，相距不超过 {MOST_DAYS.days} 天。"
        en = f"Must be after start_date, by at most {MOST_DAYS.days} days."
        raise BadInput([FieldError("end_date", zh, en)])
    return since, until


def is_far_back(since: datetime | None, until: datetime | None, now: datetime) -> bool:
    """Whether that time is so long ago that what changed since is far more than what came then."""
    return since is not None and until is not None and since < now - _FAR_BACK


def check_reach(wanted: Wanted) -> None:
    """Refuse a page that lies too far behind the first.

    Raises:
        BadInput: too far behind.
    """
    if wanted.skipped + wanted.limit > _REACHED:
        zh, en = (
            f"最多翻到第 {_REACHED} 件，请缩小日期范围。",
            f"At most {_REACHED} are reached; ask for fewer days.",
        )
        raise BadInput([FieldError("page", zh, en)])
