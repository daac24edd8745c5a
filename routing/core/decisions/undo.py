"""A dispatcher takes a decision back (撤销决定): for ten minutes, and only while nobody has acted on it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from routing.core.decisions.before_move import BeforeMove
from routing.core.decisions.chosen_tags import TAGS_BEFORE
from routing.core.decisions.chosen_urgency import urgency_before
from routing.core.decisions.open_items import is_resumed
from routing.core.decisions.outcome import VERDICTS
from routing.core.decisions.review import Item, RoutingCase
from routing.core.doubts import Doubt
from schemas.errors import StaleVersion, named_wrong
from schemas.ids import CaseId, DepartmentCode, TagCode, TrackingCode
from schemas.words import ReviewKind

#: Project choice: a slip is seen at once, or when the next case is open; later the department has begun to work on it.
UNDO_WITHIN = timedelta(minutes=10)
#: In the detail of the item that waits since: who took the decision back.
UNDONE_BY = "undone_by"
#: In the detail of the item that was decided: the version of the case with which it was asked back.
ASKED_BACK = "asked_back"
#: As `UNDONE_BY`, where a department had the case meanwhile.
HAD_DEPARTMENT = "had_department"
#: In the detail of an item: who did something with its case that decides no item (took it out of another one, ended its
#: pause), and when.
DONE_BY, DONE_AT = "done_by", "done_at"

Words = tuple[str, str]
_NOTHING: Words = ("没有可以撤销的决定。", "There is no decision to take back.")
_ANOTHERS: Words = (
    "这是另一位派单员的决定，只有本人可以撤销。",
    "Another dispatcher decided this: only they can take it back.",
)
_LATE: Words = (
    "决定已超过十分钟，不能撤销；派错的请改派，并错的请解除并单。",
    "It was decided more than ten minutes ago. Move the case, or take it out of the other one, instead.",
)
_LATE_VERDICT: Words = (
    "决定已超过十分钟，不能撤销；延期、承诺请单位再次申请，挂起可以提前恢复。",
    "It was decided more than ten minutes ago. The department may ask once more; a pause can be ended early.",
)
_MOVED_ON: Words = ("此后此件又有变化，不能撤销。", "Something else has happened to the case since.")
_ASKED: Words = (
    "已经请求撤回，正等承办一方确认。",
    "It was asked back already; the department's side answers shortly.",
)
_LATE_REPLY: Words = (
    "退回已超过十分钟，不能撤销；单位可以原样再次提交答复，请与单位联系。",
    "It was sent back more than ten minutes ago. The department may submit the same reply once more: please tell it so.",
)
_WRITTEN_AGAIN: Words = (
    "单位已经再次提交答复，退回不能撤销；请审核新的答复。",
    "The department has written again: what was sent back is not taken back. Please review the new reply.",
)
#: What its citizen, or everybody, may have read since; and what the way is then.
_LEFT: Mapping[tuple[ReviewKind, bool | None], Words] = {
    (ReviewKind.REPLY, True): (
        "答复已经发给市民，不能撤销；没有解决的，市民可以提出异议，回访时也可以重办。",
        "The citizen has the answer: it is not taken back. If nothing is settled they object, or a call-back reopens it.",
    ),
    (ReviewKind.PROMISE, True): (
        "承诺的日期已经告知市民，不能撤销；要改日期的，请单位再申请一次承诺。",
        "The citizen was promised that date: it is not taken back. For another one the department asks once more.",
    ),
}


class Chance(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a decision can be taken back: until when, or why not."""

    case_id: CaseId
    tracking_code: TrackingCode
    #: Of the case since the decision: what an undo names, so that it takes no other decision back.
    version: int
    until: datetime | None = None
    why_not: Words = ("", "")


def last_decision(items: Sequence[Item]) -> Item | None:
    """What was decided last about the case; None where nothing was, or something else was asked since."""
    newest = max(items, key=lambda item: (item.version, item.state == "open"), default=None)
    return newest if newest is not None and newest.state == "decided" else None


def is_verdict(item: Item) -> bool:
    """Whether it was a yes or a no to a department that keeps its case."""
    is_refused_return = item.kind is ReviewKind.RETURN and item.accepted is False
    return item.kind in VERDICTS or is_refused_return


def last_move(case: RoutingCase, items: Sequence[Item]) -> BeforeMove | None:
    """What a dispatcher's move may be undone to; None where there was none, or something was decided or asked since."""
    before = case.before_move
    if before is None or case.state != "routed" or case.version not in (before.version, before.asked):
        return None
    return None if any(item.version > before.version for item in items) else before


def chance_of(case: RoutingCase, items: Sequence[Item], by: str, now: datetime) -> Chance:
    """What `by` may take back, and until when; or why nothing."""
    if (moved := last_move(case, items)) is not None:
        return _chance(case, case.version, moved.at, _why_not_moved(case, moved, by, now))
    item = last_decision(items)
    if item is None or item.decided_at is None:
        return _chance(case, case.version, now, _WRITTEN_AGAIN if _is_written_again(items) else _NOTHING)
    if is_verdict(item):
        return _chance(case, item.version, item.decided_at, _why_not_verdict(case, item, by, now))
    return _chance(case, case.version, item.decided_at, _why_not(case, item, by, now))


def _is_written_again(items: Sequence[Item]) -> bool:
    """Whether the reply that waits follows one that was sent back."""
    replies = sorted((item for item in items if item.kind is ReviewKind.REPLY), key=lambda item: item.version)
    return [(item.state, item.accepted) for item in replies[-2:]] == [("decided", False), ("open", None)]


def _chance(case: RoutingCase, version: int, decided_at: datetime, why: Words | None) -> Chance:
    return Chance(
        case_id=case.case_id,
        tracking_code=case.tracking_code,
        version=version,
        until=decided_at + UNDO_WITHIN if why is None else None,
        why_not=why or ("", ""),
    )


def _why_not_moved(case: RoutingCase, moved: BeforeMove, by: str, now: datetime) -> Words | None:
    if case.decided_by != by:
        return _ANOTHERS
    if moved.asked is not None:
        return _ASKED
    return _LATE if now >= moved.at + UNDO_WITHIN else None


def _why_not_verdict(case: RoutingCase, item: Item, by: str, now: datetime) -> Words | None:
    if (left := _LEFT.get((item.kind, item.accepted))) is not None:
        return left
    if item.decided_by != by:
        return _ANOTHERS
    if is_asked(item):
        return _ASKED
    if case.state != "routed" or case.response is not None or case.version > item.version or is_resumed(item):
        return _MOVED_ON
    if item.decided_at is not None and now < item.decided_at + UNDO_WITHIN:
        return None
    return _LATE_REPLY if item.kind is ReviewKind.REPLY else _LATE_VERDICT


def is_asked(verdict: Item) -> bool:
    """Whether handlers was asked to undo this yes or no, and has not answered."""
    return verdict.detail.get(ASKED_BACK) == verdict.version


def _why_not(case: RoutingCase, item: Item, by: str, now: datetime) -> Words | None:
    if item.decided_by != by or case.decided_by != by:
        return _ANOTHERS
    if is_asked_back(case, item):
        return _ASKED
    # A merged case may have its answer already: it is taken out of the other one all the same.
    if case.state not in ("routed", "declined", "answered", "merged") or _has_moved(case, item):
        return _MOVED_ON
    return _LATE if item.decided_at is None or now >= item.decided_at + UNDO_WITHIN else None


def _has_moved(case: RoutingCase, item: Item) -> bool:
    if case.state == "merged":
        return False
    is_answered = case.state == "routed" and (case.response is not None or case.merged_into is not None)
    return case.version != item.version + 1 or is_answered


def is_asked_back(case: RoutingCase, item: Item) -> bool:
    """Whether handlers was asked for the case, and has neither answered nor was told anything newer."""
    return case.state == "routed" and case.version == item.detail.get(ASKED_BACK)


def check_undo(case: RoutingCase, items: Sequence[Item], version: int, by: str, now: datetime) -> None:
    """`by` may take back what they decided, having seen the case as of `version`.

    Raises:
        BadInput: it cannot be taken back; says why.
        StaleVersion: `by` saw an earlier decision than this one.
    """
    chance = chance_of(case, items, by, now)
    if chance.until is None:
        raise named_wrong("undo", *chance.why_not)
    if version != chance.version:
        raise StaleVersion(current=chance.version)


def is_undone(items: Sequence[Item], by: str) -> bool:
    """Whether the case waits because `by` took a decision back: the same form, sent twice."""
    return any(item.state == "open" and item.detail.get(UNDONE_BY) == by for item in items)


def was_decided(case: RoutingCase, items: Sequence[Item], by: str, now: datetime) -> bool:
    """Whether `by` decided about the case as long ago as a decision can be taken back, and has not taken it back.

    Of a case that they merged, however long ago: while it is.
    """
    since = now - UNDO_WITHIN
    # Where a department had it no item was decided, and nothing says when: the case itself says whether it still holds.
    if case.merged_into is not None and case.decided_by == by:
        return True
    if any(item.detail.get(DONE_BY) == by and _done_at(item) > since for item in items):
        return True
    if (moved := last_move(case, items)) is not None and case.decided_by == by and moved.at > since:
        return moved.asked is None
    undone = max((item.version for item in items if item.detail.get(UNDONE_BY) == by), default=0)
    return any(
        item.decided_by == by and item.decided_at and item.decided_at > since and item.version >= undone
        for item in items
        if ASKED_BACK not in item.detail
    )


def just_ended(items: Sequence[Item], by: str, since: datetime) -> Item | None:
    """The pause that `by` ended no earlier than `since`, where nothing else was asked about the case meanwhile."""
    newest = max(items, key=lambda item: item.version, default=None)
    if newest is None or newest.kind is not ReviewKind.SUSPENSION or newest.detail.get(DONE_BY) != by:
        return None
    return newest if _done_at(newest) >= since else None


def _done_at(item: Item) -> datetime:
    return datetime.fromisoformat(item.detail[DONE_AT])


def as_before(case: RoutingCase, item: Item, version: int) -> RoutingCase:
    """The case as it was when the item was asked, as far as the item says: what was suggested is suggested again."""
    open_again = replace(
        case, state="open", decided_by=None, merged_into=None, version=version, parts=(), tags=_tags_before(case, item),
        urgency=urgency_before(case, item),
    )  # fmt: skip
    if item.kind is ReviewKind.RETURN and item.detail.get("department"):
        return replace(open_again, lead=DepartmentCode(item.detail["department"]))
    likeliest = item.candidates[0] if item.kind is ReviewKind.DISPATCH and item.candidates else None
    if likeliest is None or not likeliest.lead:
        return open_again
    # Not whatever the undone decision named; a protected case has none.
    found = None if case.protected else item.detail.get("item")
    return replace(
        open_again, category=likeliest.category, item=found, lead=likeliest.lead, supporting=(),
        probability=likeliest.probability,
    )  # fmt: skip


def _tags_before(case: RoutingCase, item: Item) -> tuple[TagCode, ...]:
    """Those that the case had before the decision on `item`: whatever it is, and nothing of a protected case."""
    return () if case.protected else tuple(item.detail.get(TAGS_BEFORE, case.tags))


def waits_again(item: Item, version: int, by: str) -> Item:
    """What a department asked for, once more: as it asked, since when, and that the answer to it was taken back."""
    doubts = [Doubt.UNDONE, *(doubt for doubt in item.detail.get("doubts", ()) if doubt != Doubt.UNDONE)]
    detail = {name: value for name, value in item.detail.items() if name != ASKED_BACK}
    return Item(
        case_id=item.case_id,
        kind=item.kind,
        version=version,
        opened_at=item.opened_at,
        candidates=item.candidates,
        reasons=item.reasons,
        detail=detail | {"doubts": doubts, UNDONE_BY: by},
    )


def asked_again(item: Item, version: int, by: str, *, had_department: bool) -> Item:
    """What waits for a dispatcher once more: the same question, in its old place, and that its answer was taken back.

    A return is none any more: the case is with nobody, and is dispatched.
    """
    doubts = [doubt for doubt in item.detail.get("doubts", ()) if doubt != Doubt.UNDONE]
    detail = {**item.detail, "doubts": [Doubt.UNDONE, *doubts], UNDONE_BY: by}
    return Item(
        case_id=item.case_id,
        kind=ReviewKind.OBJECTION if item.kind is ReviewKind.OBJECTION else ReviewKind.DISPATCH,
        version=version,
        opened_at=item.opened_at,
        candidates=item.candidates,
        reasons=item.reasons,
        detail=detail | ({HAD_DEPARTMENT: True} if had_department else {}),
    )
