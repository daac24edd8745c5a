"""Find published answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from uuid import UUID

from intake.core.bigrams import query
from intake.store import published as store
from intake.store.published import Wanted
from schemas.errors import BadInput, FieldError
from schemas.paging import cursor_of, page_of, read_cursor
from schemas.ports import Unit

_YEARS = range(1970, 2200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What somebody asks for, as they asked. Days are the city's; `to_day` is the last one that counts."""

    words: str = ""
    category: str | None = None
    department: str | None = None
    region: str | None = None
    from_day: str | None = None
    to_day: str | None = None
    cursor: str | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of answers. `total` stops at ten thousand, of a search at one thousand."""

    rows: Sequence[Any]
    next_cursor: str | None
    total: int
    is_total_exact: bool


_NOTHING = Found(rows=(), next_cursor=None, total=0, is_total_exact=True)


async def search_published(unit: Unit, search: Search, zone: tzinfo) -> Found:
    """Answers that hold all of the words, newest first.

    Raises:
        BadInput: a date or the cursor cannot be read.
    """
    wanted = _wanted(search, zone)
    if search.words.strip() and wanted.words is None:
        return _NOTHING
    rows, total = await store.search_published(unit.db, wanted)
    page, last = page_of(rows, search.limit)
    return Found(
        rows=page,
        next_cursor=cursor_of(last["replied_at"], last["case_id"]) if last is not None else None,
        total=min(total, wanted.counted_at_most),
        is_total_exact=total <= wanted.counted_at_most,
    )


def _wanted(search: Search, zone: tzinfo) -> Wanted:
    return Wanted(
        words=query(search.words),
        category=search.category,
        department=search.department,
        region=search.region,
        since=_moment("from", search.from_day, zone, timedelta()),
        until=_moment("to", search.to_day, zone, timedelta(days=1)),
        before=read_cursor(search.cursor, tuple[datetime, UUID]) if search.cursor else None,
        limit=search.limit,
    )


def _moment(field: str, text: str | None, zone: tzinfo, whole_day: timedelta) -> datetime | None:
    """The beginning of a day, or with `whole_day` its end; a moment stands for itself."""
    if not text:
        return None
    try:
        if len(text) <= len("2026-11-22"):
            day = date.fromisoformat(text)
            found = datetime.combine(day, time(), zone) + whole_day
        else:
            found = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise _no_date(field) from error
    if found.year not in _YEARS:
        raise _no_date(field)
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def _no_date(field: str) -> BadInput:
    return BadInput([FieldError(field, "须为日期，如 2026-11-22。", "Give a date such as 2026-11-22.")])
