"""The dispatcher's API: the review queue, and decisions on what is in it."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Literal

import msgspec

from routing.core.decisions.chosen_tags import CorrectTags
from routing.core.decisions.clearing import CaseCleared, Clear
from routing.core.decisions.queue import Dropped
from routing.core.decisions.review import Decision, Sentence, Version
from routing.core.rules import RoutingRules
from routing.steps import clear, decide, merging, read_queue, undo
from routing.steps.correct_tags import CaseTags, correct_tags
from routing.steps.decide import Reviewed
from routing.steps.decided import Decided
from routing.web import callers as hotline
from routing.web import drift, precision, readings, rulings
from routing.web import near as near_routes
from routing.web.views import (
    DISPATCHERS,
    OVERSEERS,
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
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Callers, LiveEntries, NearAnswers, Unit
from schemas.words import CaseField, ReviewKind


class ReviewQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the queue."""

    kind: ReviewKind | None = None
    cursor: Cursor | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class ReviewQueue(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a decision: emergencies first, then the oldest."""

    items: list[ReviewCase]
    next_cursor: str | None


class Undo(msgspec.Struct, frozen=True, kw_only=True):
    """The version that the decision's own answer named, or that was seen since."""

    version: Version


class Unmerge(msgspec.Struct, frozen=True, kw_only=True):
    """Of a merged case, the version that was seen."""

    version: Version


class EndPause(msgspec.Struct, frozen=True, kw_only=True):
    """Why the department is to go on; it reads that."""

    remarks: Sentence = ""


class ClearanceQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the list: from behind the row `before` on."""

    before: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class ClearanceList(msgspec.Struct, frozen=True, kw_only=True):
    """Units that dispatchers found not to be accused by a report that names them, the latest first."""

    items: list[CaseCleared]
    next_before: int | None


class Cleared(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the case may not reach after that, and who of them might be cleared as well."""

    case_id: CaseId
    version: int
    accused: tuple[DepartmentCode, ...]
    only_named: tuple[DepartmentCode, ...]


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


async def decide_case(
    call: Call,
    *,
    city: City,
    rules: RoutingRules | None = None,
    entries: LiveEntries | None = None,
    sample_key: bytes | None = None,
) -> Decided:
    """Decide on a new case, a return or an extension."""
    who = call.principal
    return await decide.decide(
        call.unit, city, call.case_id, call.body, who.name, entries,
        is_person=who.is_person, sample_key=sample_key, rules=rules,
    )  # fmt: skip


async def unmerge_case(call: Call) -> Decided:
    """Take a merged case out of the other one; it waits for a decision of its own."""
    case = await merging.unmerge(call.unit, call.case_id, call.body.version, call.principal.name)
    return Decided(
        case_id=case.case_id, tracking_code=case.tracking_code, state=case.state, version=case.version
    )


async def undo_decision(call: Call) -> Decided:
    """Take the caller's own decision back, within ten minutes and before anybody acts on it."""
    return await undo.undo(call.unit, call.case_id, call.body.version, call.principal.name)


async def end_pause(call: Call) -> Decided:
    """End a pause that was granted, before its end date."""
    return await decide.end_pause(call.unit, call.case_id, call.body.remarks, call.principal.name)


async def clear_case(call: Call) -> Cleared:
    """Find that units which a report names are not whom it accuses; the case may be given to them."""
    case = await clear.clear(call.unit, call.case_id, call.body, call.principal)
    return Cleared(
        case_id=case.case_id, version=call.body.version, accused=case.accused, only_named=case.only_named
    )


async def take_clearance_back(call: Call) -> Cleared:
    """Take such a finding back; a case that one of the units has waits for a dispatcher again."""
    case = await clear.take_back(call.unit, call.case_id, call.body, call.principal)
    return Cleared(
        case_id=case.case_id, version=call.body.version, accused=case.accused, only_named=case.only_named
    )


async def correct_tags_of(call: Call, *, city: City) -> CaseTags:
    """Correct the tags of a case that a department has; it stays there."""
    told = await correct_tags(call.unit, city, call.case_id, call.body, call.principal.name)
    call.shows(call.case_id, CaseField.DETAIL)
    return told


async def list_clearances(call: Call) -> ClearanceList:
    """Units that dispatchers found not to be accused, with who did and why, the latest first."""
    query: ClearanceQuery = call.query
    rows, last = await clear.read_clearances(call.unit, query.before, query.limit)
    for row in rows:
        call.shows(row.case_id, CaseField.DETAIL)
    return ClearanceList(items=rows, next_before=last.id if last else None)


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


def routes(
    *,
    city: City,
    rules: RoutingRules | None = None,
    addresses: Addresses | None = None,
    entries: LiveEntries | None = None,
    callers: Callers | None = None,
    sample_key: bytes | None = None,
    near: NearAnswers | None = None,
) -> tuple[Route, ...]:
    """The table of the routes that dispatchers' systems may call.

    `callers`: who called before; not told if None. `entries`: what direct answers rest on. `rules`: None: the example's.
    `sample_key`: decides which of them are read again; all without it. `near`: what was answered before, if not None.
    """
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
            partial(decide_case, city=city, rules=rules, entries=entries, sample_key=sample_key),
            "Dispatch, answer, merge or decline a case; decide on a return, an extension, a pause or a promise",
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
            "cases/{case_id}/undo",
            undo_decision,
            "Take one's own decision back: for ten minutes, before anybody acts on it",
            body=Undo,
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
            "POST",
            "cases/{case_id}/clear",
            clear_case,
            "Find that units which a report names are not whom it accuses",
            body=Clear,
            returns=Cleared,
        ),
        _route(
            "POST",
            "cases/{case_id}/clear-back",
            take_clearance_back,
            "Take back that units which a report names are not whom it accuses",
            body=Clear,
            returns=Cleared,
        ),
        _route(
            "POST",
            "cases/{case_id}/tags",
            partial(correct_tags_of, city=city),
            "Correct the tags of a case that a department has, and nothing else of it",
            body=CorrectTags,
            returns=CaseTags,
        ),
        *drift.api_routes(city=city),
        *precision.api_routes(city=city),
        *rulings.api_routes(),
        Route(
            method="GET",
            path="/api/v1/review/clearances",
            answer=list_clearances,
            who=OVERSEERS,
            summary="Units that dispatchers found not to be accused, the latest first",
            query=ClearanceQuery,
            returns=ClearanceList,
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
        *readings.routes(),
        *near_routes.routes(near),
        *hotline.routes(city=city, callers=callers),
    )


def _route(method: str, path: str, answer: Answer, summary: str, **types: Any) -> Route:
    path = f"/api/v1/review/{path}"
    return Route(method=method, path=path, answer=answer, who=DISPATCHERS, summary=summary, **types)
