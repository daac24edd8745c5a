"""Read published answers: search them, or look at one."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import PurePath
from uuid import UUID

import msgspec

from intake.core.codes import parse_tracking_code
from intake.core.draft import holdable
from intake.core.keys import IntakeKeys
from intake.core.public.published import NOTHING_FOUND, Criteria, Found, PublishedCase, Search, SortOrder
from intake.core.sealing import declared_in
from intake.core.search.bigrams import query
from intake.core.search.question import asks_much
from intake.core.search.unanswered import LEAST_SHOWN, Unanswered, remembered
from intake.steps.attach import opened_file
from intake.steps.filing import Cabinet
from intake.steps.find_nearest import find_nearest
from intake.store import file_rights, searching
from intake.store import published as store
from intake.store.publication import find_case, find_cases, limited_among
from schemas.errors import BadInput, FieldError, NotFound
from schemas.http import File
from schemas.ids import AttachmentId, CaseId, is_uuid
from schemas.paging import cursor_of, page_of, read_cursor
from schemas.ports import PublicAnswers, Unit
from schemas.values import KeptFromAll

#: Project choice: no answer is older than the epoch, and a century and a half ahead nobody searches.
_YEARS = range(1970, 2200)


async def search_published(unit: Unit, search: Search, zone: tzinfo) -> Found:
    """Answers that hold much of what is asked for, the nearest first, or all of it, the newest first.

    Raises:
        BadInput: a date, a code or the cursor cannot be read.
    """
    order = search.order or (SortOrder.BEST if asks_much(search.words) else SortOrder.NEWEST)
    criteria = _criteria(search, zone, order)
    if search.words.strip() and criteria.words is None:
        return msgspec.structs.replace(NOTHING_FOUND, order=order)
    if order is SortOrder.BEST and criteria.words is not None:
        found = await find_nearest(unit, search, criteria)
    else:
        found = await _newest(unit, search, criteria)
    if not found.total and _is_whole(search):
        await remember_unanswered(unit, search.words, zone)
    return found


def _is_whole(search: Search) -> bool:
    """Whether all there is was looked through: what a filter left out is not missing."""
    return not (search.category or search.department or search.region or search.from_day or search.to_day)


async def remember_unanswered(unit: Unit, typed: str, zone: tzinfo) -> None:
    """One more search found nothing; what may be about somebody is not kept."""
    words = remembered(typed)
    if words is not None:
        await searching.note_unanswered(unit.db, words, unit.now.astimezone(zone).date())


async def list_unanswered(unit: Unit) -> Sequence[Unanswered]:
    """What citizens looked for in vain, most often first; nothing that fewer than three searches had."""
    return await searching.list_unanswered(unit.db, LEAST_SHOWN)


async def _newest(unit: Unit, search: Search, criteria: Criteria) -> Found:
    cases, total = await store.search_published(unit.db, criteria)
    page, last = page_of(cases, search.limit)
    return Found(
        cases=page,
        next_cursor=cursor_of(last.replied_at, last.case_id) if last is not None else None,
        total=min(total, criteria.counted_at_most),
        is_total_exact=total <= criteria.counted_at_most,
    )


async def read_published(unit: Unit, keys: IntakeKeys, typed_code: str) -> PublishedCase:
    """The published case with this tracking code, however it was typed.

    Raises:
        CodeMistyped: no code of ours.
        NotFound: not published.
    """
    found = await store.find_published(unit.db, parse_tracking_code(keys.code_secrets, typed_code))
    if found is None:
        raise NotFound
    return found


async def pictures_of(unit: Unit, cases: Sequence[PublishedCase]) -> Mapping[CaseId, Sequence[AttachmentId]]:
    """The pictures beside these answers: those that somebody said yes to, each by itself."""
    if not cases:
        return {}
    return await file_rights.public_pictures(unit.db, [case.case_id for case in cases])


async def open_picture(
    cabinet: Cabinet,
    unit: Unit,
    keys: IntakeKeys,
    typed_code: str,
    attachment_id: str,
    *,
    is_thumbnail: bool,
) -> File:
    """A picture that stands beside the published answer with this tracking code.

    Raises:
        CodeMistyped: no code of ours.
        NotFound: it does not, or not any more.
    """
    tracking_code = parse_tracking_code(keys.code_secrets, typed_code)
    found = None
    if is_uuid(attachment_id):
        found = await file_rights.public_picture(unit.db, tracking_code, AttachmentId(attachment_id))
    if found is None:
        raise NotFound
    file = await opened_file(cabinet, found, is_thumbnail=is_thumbnail)
    # What its sender called it is for nobody else: a name may stand in it that no rule knows.
    return dataclasses.replace(file, filename=f"{tracking_code}{PurePath(file.filename).suffix}")


def _criteria(search: Search, zone: tzinfo, order: SortOrder) -> Criteria:
    is_by_date = order is SortOrder.NEWEST or not search.words.strip()
    return Criteria(
        words=query(search.words),
        category=_code("category", search.category),
        department=_code("department", search.department),
        region=_code("region", search.region),
        since=moment_in("from", search.from_day, zone, timedelta()),
        until=moment_in("to", search.to_day, zone, timedelta(days=1)),
        after=read_cursor(search.cursor, tuple[datetime, UUID]) if search.cursor and is_by_date else None,
        limit=search.limit,
    )


def _code(field: str, code: str | None) -> str | None:
    """The code as it was sent; refused where no column can hold it, since the query would fail inside the database."""
    if code is not None and code != holdable(code):
        raise BadInput([FieldError(field, "含有无法识别的字符。", "It holds characters that no code has.")])
    return code


def moment_in(field: str, text: str | None, zone: tzinfo, whole_day: timedelta) -> datetime | None:
    """The beginning of a day, or with `whole_day` its end; a moment stands for itself.

    Raises:
        BadInput: it is neither.
    """
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


class PublishedAnswers(PublicAnswers):
    """`schemas.ports.PublicAnswers` over what is published, and what staff hide besides."""

    def __init__(self, keys: IntakeKeys) -> None:
        self._keys = keys

    async def response(self, unit: Unit, case_id: CaseId) -> str | None:
        """The answer; None where nobody else reads it now."""
        return await store.response_of(unit.db, case_id)

    async def message(self, unit: Unit, case_id: CaseId) -> tuple[str, str] | None:
        """Title and text as everybody reads them, or would beside the first answer; None of what is for nobody else."""
        case = await find_case(unit.db, case_id)
        if case is None or case.confidential:
            return None
        declared = declared_in(self._keys, case_id, case.sealed)
        texts = case.texts(declared) or case.ahead(declared)
        return None if texts is None else (texts.title, texts.text)

    async def hidden(self, unit: Unit, case_ids: Sequence[CaseId]) -> Sequence[str]:
        """The words that staff hide in these cases besides."""
        cases = await find_cases(unit.db, case_ids)
        words = [declared_in(self._keys, each.case_id, each.sealed).hidden for each in cases.values()]
        return list(dict.fromkeys(word for some in words for word in some))

    async def limits(self, unit: Unit, case_ids: Sequence[CaseId]) -> Mapping[CaseId, KeptFromAll]:
        """Of those of these cases of which staff decided anything."""
        cases = await find_cases(unit.db, await limited_among(unit.db, case_ids))
        return {
            case_id: KeptFromAll(
                words=declared_in(self._keys, case_id, case.sealed).hidden, withheld_since=case.withheld_since
            )
            for case_id, case in cases.items()
        }
