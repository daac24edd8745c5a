"""How a case changes when a dispatcher takes a decision back within minutes."""

from datetime import datetime
from typing import Any

from msgspec.structs import asdict, replace

from handlers.core.asks import Asks, Before, FormerHolder, lapsed
from handlers.core.case import By, Case, CaseChange, change
from handlers.core.hearing import dropped, head_of, ignored, next_state, remember_as
from handlers.core.rules import Action, Actor
from schemas.events.routing import DecisionUndone, RecallRequested, ReviewDecided
from schemas.events.undone import CaseRecalled, MoveUndone, UndoRequested, VerdictUndone
from schemas.ids import AttachmentId, DepartmentCode, TagCode
from schemas.words import CaseState, FileAudience, ReviewKind


def recall(case: Case, asked: RecallRequested, now: datetime) -> CaseChange:
    """Take the case from its departments, which are told, until a dispatcher has chosen again.

    Dropped where they have acted on it, or another route has come since; whoever asked is told.
    """
    by = By(name=asked.decided_by, role=Actor.DISPATCHER, now=now)
    state = next_state(case, Action.UNDO, by)
    is_of_this_route = asked.version == case.routed_version + 1
    if state is None or case.state is not CaseState.ASSIGNED or not is_of_this_route:
        return dropped(case, asked, by)
    event = CaseRecalled(**head_of(case, asked, by), decided_by=by.name)
    made = change(
        case, by, Action.UNDO, {}, (event,),
        state=state, version=event.version, withheld=True, state_before_review=None, sign_due_at=None,
        # What the dispatcher split off with it is asked of nobody, either.
        **lapsed(case.asks, parts=()),
    )  # fmt: skip
    return replace(made, left=case.readers)


def undo(case: Case, undone: DecisionUndone, now: datetime) -> CaseChange:
    """A refusal is none: a dispatcher decides once more, and no department has the case until then. routing has told it."""
    by = By(name=undone.decided_by, role=Actor.DISPATCHER, now=now)
    state = next_state(case, Action.UNDO, by)
    if state is None or case.state is not CaseState.DECLINED or undone.version <= case.version:
        return ignored(case, undone, by)
    return remember_as(
        case, Action.UNDO, by, {}, state=state, version=undone.version, withheld=True, closed_at=None,
        state_before_review=None, asks=replace(case.asks, refusal_until=None),
    )  # fmt: skip


def undoable(case: Case, made: CaseChange, by: By, review: ReviewDecided | None = None) -> CaseChange:
    """The change, with what it may be undone to. `case`: before it; `review`: the yes or no; None: it was moved."""
    before = Before(
        version=made.after.version, by=by.name, at=by.now, state=case.state,
        review=review.kind if review else None, accepted=review.accepted if review else None,
        state_before_review=case.state_before_review, return_barred=case.return_barred,
        extension_count=case.extension_count, extension_days=case.extension_days,
        asks=replace(case.asks, before=None), held=None if review else _held(case, made.after), files=_with_answer(case),
    )  # fmt: skip
    return replace(made, after=replace(made.after, asks=replace(made.after.asks, before=before)))


def _held(case: Case, after: Case) -> FormerHolder:
    held = FormerHolder(**{name: getattr(case, name) for name in FormerHolder.__struct_fields__})
    # Not what stayed: what the release before does not know, it cannot verify.
    return replace(held, tags=None) if case.tags == after.tags else held


def without_former_tags(asks: Asks) -> Asks:
    """The same, but that an undone move leaves the tags as they are by then."""
    before = asks.before
    if before is None or before.held is None:
        return asks
    return replace(asks, before=replace(before, held=replace(before.held, tags=None)))


def _with_answer(case: Case) -> tuple[tuple[AttachmentId, FileAudience], ...]:
    given = case.files_for(FileAudience.CITIZEN, FileAudience.PUBLIC)
    return tuple(
        (each.file.attachment_id, each.audience) for each in case.present_files if each.file in given
    )


def undo_decided(case: Case, asked: UndoRequested, now: datetime) -> CaseChange:
    """The case is as it was before the yes, the no or the move; dropped where somebody has acted since."""
    by = By(name=asked.decided_by, role=Actor.DISPATCHER, now=now)
    before = case.undoable
    if before is None or (before.by, before.review) != (asked.decided_by, asked.review):
        return _not_done(case, asked, by)
    if before.review is not None:
        return _undo_verdict(case, asked, by, before, before.review)
    return _undo_move(case, asked, by, before, before.held) if before.held else _not_done(case, asked, by)


def _not_done(case: Case, asked: UndoRequested, by: By) -> CaseChange:
    return dropped(case, asked, by, review=asked.review, accepted=asked.accepted)


def _undo_verdict(case: Case, asked: UndoRequested, by: By, before: Before, review: ReviewKind) -> CaseChange:
    """Make the department's request wait again; what was told or done besides stays."""
    is_reply = review is ReviewKind.REPLY
    action = Action.UNDO_SEND_BACK if is_reply else Action.UNDO
    is_at_work = is_reply and _is_at_work(case, before)
    if is_at_work or (state := next_state(case, action, by)) is not before.state:
        return _not_done(case, asked, by)
    event = VerdictUndone(
        **head_of(case, asked, by), department=case.lead, review=review, accepted=bool(before.accepted),
        decided_at=before.at, decided_by=by.name, replied_at=before.asks.replied_at if is_reply else None,
    )  # fmt: skip
    return change(
        case, by, action, {"review": review}, (event,), state=state, version=event.version,
        asks=replace(_asks_before(case, before), parts=case.asks.parts), **_counts(before),
    )  # fmt: skip


def _is_at_work(case: Case, before: Before) -> bool:
    """Whether its lead has begun another reply: one with a file that nobody has reviewed, or with others' parts."""
    return bool(case.asks.parts) or not set(_with_answer(case)) <= set(before.files)


def _undo_move(case: Case, asked: UndoRequested, by: By, before: Before, held: FormerHolder) -> CaseChange:
    """Who had the case has it again; dropped where it accuses one of them since."""
    tags = _tags_before(case, asked, held)
    held = replace(held, item=None, tags=()) if case.protected else replace(held, tags=tags)
    part = (held.lead, *held.supporting)
    state = next_state(replace(case, state_before_review=before.state), Action.UNDO_MOVE, by)
    if state is None or asked.version != case.routed_version + 1 or not case.accused_none_of(part):
        return _not_done(case, asked, by)
    event = MoveUndone(
        **head_of(case, asked, by), lead=held.lead, supporting=held.supporting, category=held.category, item=held.item,
        tags=held.tags, region=held.region, moved_to=case.lead, moved_at=before.at, decided_by=by.name,
    )  # fmt: skip
    made = change(
        case, by, Action.UNDO_MOVE, {"lead": held.lead, "supporting": list(held.supporting)}, (event,),
        state=state, version=event.version, asks=_asks_before(case, before), **_counts(before), **asdict(held),
    )  # fmt: skip
    return replace(made, joined=without(part, case.readers), left=without(case.readers, part))


def _tags_before(case: Case, asked: UndoRequested, held: FormerHolder) -> tuple[TagCode, ...]:
    """As routing says them: it knows of a correction that came before the move, and that was not heard here."""
    if asked.tags is not None:
        return asked.tags
    return case.tags if held.tags is None else held.tags


def without(
    some: tuple[DepartmentCode, ...], others: tuple[DepartmentCode, ...]
) -> tuple[DepartmentCode, ...]:
    """Those of some departments that are none of the others, in their order."""
    return tuple(each for each in some if each not in others)


def _asks_before(case: Case, before: Before) -> Asks:
    """What waited then, with the supervisor's order and the last word to the citizen as they are now."""
    return replace(before.asks, order=case.asks.order, progress=case.asks.progress)


def _counts(before: Before) -> dict[str, Any]:
    return {
        "state_before_review": before.state_before_review,
        "return_barred": before.return_barred,
        "extension_count": before.extension_count,
        "extension_days": before.extension_days,
    }
