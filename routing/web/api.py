"""The dispatcher's API: the review queue, and decisions on what is in it."""

from functools import partial
from typing import Annotated, Literal

import msgspec

from routing.core.review import Decision, Sentence, Version
from routing.steps.decide import Decided, decide
from routing.web.queue import DISPATCHERS, ReviewCase, page_of
from schemas.city import City
from schemas.http import Call, Route
from schemas.words import ReviewKind


class ReviewQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the queue."""

    kind: ReviewKind | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=300)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class ReviewQueue(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a decision, oldest first."""

    items: list[ReviewCase]
    next_cursor: str | None


class ReplyDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the citizen may read a reply."""

    version: Version
    decision: Literal["approve", "send_back"]
    remarks: Sentence = ""


async def list_queue(call: Call) -> ReviewQueue:
    """What waits for a decision, oldest first."""
    query: ReviewQuery = call.query
    shown, next_cursor = await page_of(call.unit.db, query.kind, query.cursor, query.limit)
    return ReviewQueue(items=shown, next_cursor=next_cursor)


async def decide_case(call: Call, *, city: City) -> Decided:
    """Decide on a new case, a return or an extension."""
    return await decide(call.unit, city, call.case_id, call.body, call.principal.name)


async def decide_reply(call: Call, *, city: City) -> Decided:
    """Approve a reply, or send it back."""
    body: ReplyDecision = call.body
    decision = Decision(
        version=body.version,
        kind=ReviewKind.REPLY,
        accept=body.decision == "approve",
        remarks=body.remarks,
    )
    return await decide(call.unit, city, call.case_id, decision, call.principal.name)


def routes(*, city: City) -> tuple[Route, ...]:
    """What dispatchers may call."""
    return (
        Route(
            method="GET",
            path="/api/v1/review/cases",
            answer=list_queue,
            who=DISPATCHERS,
            summary="What waits for a decision, oldest first",
            query=ReviewQuery,
            returns=ReviewQueue,
        ),
        Route(
            method="POST",
            path="/api/v1/review/cases/{case_id}/decision",
            answer=partial(decide_case, city=city),
            who=DISPATCHERS,
            summary="Dispatch, merge or decline a case; decide on a return or an extension",
            body=Decision,
            returns=Decided,
        ),
        Route(
            method="POST",
            path="/api/v1/review/replies/{case_id}",
            answer=partial(decide_reply, city=city),
            who=DISPATCHERS,
            summary="Approve a reply or send it back",
            body=ReplyDecision,
            returns=Decided,
        ),
    )
