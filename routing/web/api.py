"""The dispatcher's API: the review queue, and decisions on what is in it."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Literal

import msgspec

from routing.core.queue import Dropped
from routing.core.review import Decision, Sentence, Version
from routing.steps import decide, merging, read_queue
from routing.steps.decide import Decided, Reviewed
from routing.web.views import (
    DISPATCHERS,
    Cursor,
    ReviewCase,
    cursor_behind,
    position_of,
    shown,
    shown_fields,
    with_addresses,
)
from schemas.attachments import Addresses
from schemas.city import City
from schemas.errors import Refused
from schemas.http import Answer, Call, Route, answer_one
from schemas.ports import Unit
from schemas.words import ReviewKind


class ReviewQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the queue."""

    kind: ReviewKind | None = None
    cursor: Cursor | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class ReviewQueue(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a decision: emergencies first, then the oldest."""

    items: list[ReviewCase]
    next_cursor: str | None


class Unmerge(msgspec.Struct, frozen=True, kw_only=True):
    """Of a merged case, the version that was seen."""

    version: Version


class EndPause(msgspec.Struct, frozen=True, kw_only=True):
    """Why the department is to go on; it reads that."""

    remarks: Sentence = ""


class DroppedList(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions that were not done, the latest first."""

    items: list[Dropped]


class ReplyDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the citizen may read a reply."""

    version: Version
    decision: Literal["approve", "send_back"]
    remarks: Sentence = ""


async def list_queue(call: Call, *, city: City, addresses: Addresses | None = None) -> ReviewQueue:
    """What waits for a decision: emergencies first, then the oldest."""
    query: ReviewQuery = call.query
    page = await read_queue.read_queue(call.unit, query.kind, position_of(query.cursor), query.limit)
    for row in page.rows:
        call.shows(row.case.case_id, *shown_fields(row.case, [row.item]))
    return ReviewQueue(
        items=[with_addresses(shown(row, city, call.language), call, addresses) for row in page.rows],
        next_cursor=cursor_behind(page.next_after),
    )


async def decide_case(call: Call, *, city: City) -> Decided:
    """Decide on a new case, a return or an extension."""
    return await decide.decide(call.unit, city, call.case_id, call.body, call.principal.name)


async def unmerge_case(call: Call) -> Decided:
    """Take a merged case out of the other one; it waits for a decision of its own."""
    case = await merging.unmerge(call.unit, call.case_id, call.body.version, call.principal.name)
    return Decided(
        case_id=case.case_id, tracking_code=case.tracking_code, state=case.state, version=case.version
    )


async def end_pause(call: Call) -> Decided:
    """End a pause that was granted, before its end date."""
    return await decide.end_pause(call.unit, call.case_id, call.body.remarks, call.principal.name)


async def list_dropped(call: Call) -> DroppedList:
    """What the caller decided and was not done, since the case had moved on."""
    return DroppedList(items=await read_queue.read_dropped(call.unit, call.principal.name))


async def decide_replies(unit: Unit, calls: Sequence[Call]) -> Sequence[Decided | Refused]:
    """Approve a reply, or send it back; one for each call."""
    return await decide.decide_replies(
        unit,
        [
            Reviewed(
                case_id=call.case_id,
                version=call.body.version,
                accepted=call.body.decision == "approve",
                remarks=call.body.remarks,
                by=call.principal.name,
            )
            for call in calls
        ],
    )


def routes(*, city: City, addresses: Addresses | None = None) -> tuple[Route, ...]:
    """The table of the routes that dispatchers' systems may call."""
    return (
        _route(
            "GET",
            "cases",
            partial(list_queue, city=city, addresses=addresses),
            "What waits for a decision: emergencies first, then the oldest",
            query=ReviewQuery,
            returns=ReviewQueue,
        ),
        _route(
            "POST",
            "cases/{case_id}/decision",
            partial(decide_case, city=city),
            "Dispatch, merge or decline a case; decide on a return, an extension, a pause or a promise",
            body=Decision,
            returns=Decided,
        ),
        _route(
            "POST",
            "cases/{case_id}/unmerge",
            unmerge_case,
            "Take a merged case out of the other one, back into the queue",
            body=Unmerge,
            returns=Decided,
        ),
        _route(
            "POST",
            "cases/{case_id}/resume",
            end_pause,
            "End a pause that was granted, before its end date",
            body=EndPause,
            returns=Decided,
        ),
        _route(
            "GET",
            "dropped",
            list_dropped,
            "What the caller decided and was not done, since the case had moved on",
            returns=DroppedList,
        ),
        _route(
            "POST",
            "replies/{case_id}",
            answer_one(decide_replies),
            "Approve a reply or send it back",
            answer_batch=decide_replies,
            body=ReplyDecision,
            returns=Decided,
        ),
    )


def _route(method: str, path: str, answer: Answer, summary: str, **types: Any) -> Route:
    path = f"/api/v1/review/{path}"
    return Route(method=method, path=path, answer=answer, who=DISPATCHERS, summary=summary, **types)
