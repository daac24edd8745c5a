"""Read published answers as Open311 asks for requests: some of them, many, or one."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo

import msgspec

from intake.core.codes import parse_tracking_code
from intake.core.draft import holdable
from intake.core.keys import IntakeKeys
from intake.core.open311.public_request import (
    MOST_REQUESTS,
    PublicRequest,
    Wanted,
    check_reach,
    is_far_back,
    span_of,
    whole_days,
)
from intake.steps.read_published import moment_in
from intake.store import requests as store
from schemas.errors import BadInput, CodeMistyped, FieldError, NotFound
from schemas.ports import Unit

_STATUSES = ("open", "closed")


class RequestsAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks for, as they asked; several codes or statuses stand between commas."""

    service_request_id: str = ""
    service_code: str = ""
    status: str = ""
    start_date: str | None = None
    end_date: str | None = None
    updated_after: str | None = None
    updated_before: str | None = None
    page: int = 1
    page_size: int = MOST_REQUESTS


async def list_requests(
    unit: Unit, keys: IntakeKeys, asked: RequestsAsked, zone: tzinfo
) -> Sequence[PublicRequest]:
    """Those that are asked for and published; codes leave everything else out of account.

    Raises:
        BadInput: a date, a status or the page cannot be.
    """
    if codes := _several(asked.service_request_id):
        return await _find(unit, keys, codes)
    wanted = _wanted(asked, unit.now, zone)
    check_reach(wanted)
    return await store.list_requests(unit.db, wanted)


async def read_request(unit: Unit, keys: IntakeKeys, typed_code: str) -> PublicRequest:
    """The published one with this code.

    Raises:
        NotFound: there is none, or nobody else may read it: both look alike.
    """
    found = await _find(unit, keys, [typed_code])
    if not found:
        raise NotFound
    return found[0]


async def _find(unit: Unit, keys: IntakeKeys, typed: Sequence[str]) -> Sequence[PublicRequest]:
    if len(typed) > MOST_REQUESTS:
        zh, en = f"一次最多 {MOST_REQUESTS} 个。", f"At most {MOST_REQUESTS} at once."
        raise BadInput([FieldError("service_request_id", zh, en)])
    codes = []
    for each in typed:
        with suppress(CodeMistyped):
            codes.append(parse_tracking_code(keys.code_secrets, each))
    return await store.find_requests(unit.db, codes) if codes else []


def _wanted(asked: RequestsAsked, now: datetime, zone: tzinfo) -> Wanted:
    day = timedelta(days=1)
    since = _moment("start_date", asked.start_date, zone)
    until = _moment("end_date", asked.end_date, zone, day)
    updated_since = _moment("updated_after", asked.updated_after, zone)
    updated_until = _moment("updated_before", asked.updated_before, zone, day)
    is_by_change = updated_since is not None or updated_until is not None
    if since or until or not is_by_change:
        since, until = whole_days(*span_of(since, until, now), zone)
    return Wanted(
        since=since,
        until=until,
        updated_since=updated_since,
        updated_until=updated_until,
        is_far_back=is_far_back(since, until, now),
        categories=[holdable(code) for code in _several(asked.service_code)],
        is_objected=_is_objected(asked.status),
        limit=min(asked.page_size, MOST_REQUESTS),
        page=asked.page,
    )


def _moment(
    field: str, text: str | None, zone: tzinfo, whole_day: timedelta = timedelta()
) -> datetime | None:
    # In an address that nobody encoded, the plus sign of a zone arrives as a blank.
    return moment_in(field, text and text.strip().replace(" ", "+"), zone, whole_day)


def _is_objected(status: str) -> bool | None:
    statuses = set(_several(status))
    if not statuses <= set(_STATUSES):
        raise BadInput([FieldError("status", "须为 open 或 closed。", "Must be open or closed.")])
    return None if len(statuses) != 1 else statuses == {"open"}


def _several(text: str) -> list[str]:
    return [part for part in (part.strip() for part in text.split(",")) if part]
