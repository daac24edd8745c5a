"""Merged cases keep their rights: their own answer, rating and objection, and a dispatcher where there is no answer."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from routing.core.decisions.review import Item, RoutingCase
from routing.core.decisions.undo import DONE_AT, DONE_BY, UNDONE_BY
from routing.core.doubts import Doubt
from routing.steps.announcements import told_in
from routing.store import cases, items, told
from schemas.errors import ActionNotAllowed, NotFound, StaleVersion
from schemas.events.handlers import CaseReopened, ReplyPublished
from schemas.events.intake import PublicationDecided, PublicationLimited
from schemas.events.routing import CaseUnmerged, MergedAnswered
from schemas.ids import CaseId, TrackingCode
from schemas.ports import Unit
from schemas.versions import PAST_HANDLERS
from schemas.words import CaseState, CitizenAction, ReviewKind

UnmergeCause = Literal["objected", "declined", "withdrawn", "merged", "protected", "decided", "undone"]

#: Cases that others are taken out of in one transaction (project choice: a tenth of a second).
_AT_ONCE = 50
#: As the lifecycle says of a case that a dispatcher has, and of an answered one.
BEFORE_DISPATCH = (CitizenAction.SUPPLEMENT, CitizenAction.WITHDRAWAL)
ANSWERED = (CitizenAction.RATING, CitizenAction.OBJECTION)


async def answer_merged(unit: Unit, events: Sequence[ReplyPublished]) -> None:
    """An answer is also that of the cases merged into its own; where nobody else may read it, they need another one."""
    answered = await cases.lock_cases(unit.db, [event.case_id for event in events])
    told = {event.case_id: event.response for event in events}
    files = {event.case_id: event.attachments for event in events}
    await cases.keep_responses(unit.db, told, files)
    merged = await cases.lock_merged(unit.db, list(told))
    await bring_back(unit, [case.case_id for case in answered.values() if case.is_private], "protected")
    open_to_others = [
        (case, replace(target, response=told[target.case_id], response_files=files[target.case_id]))
        for case in merged
        if not (target := answered[case.merged_into or ""]).is_private
    ]
    await give_answers(unit, [pair for pair in open_to_others if not _is_kept_from(*pair)])
    kept = [case for case, target in open_to_others if _is_kept_from(case, target)]
    await _unmerge(unit, [(case, ("protected",), case.version) for case in kept], "protected")


def _is_kept_from(case: RoutingCase, target: RoutingCase) -> bool:
    """Whether its citizen joined a matter by themselves of which nobody else may read any more."""
    return case.has_joined and not target.publish


async def give_answer(unit: Unit, case: RoutingCase, target: RoutingCase) -> None:
    """The answer of `target` is that of the case which was merged into it. Lock both before."""
    await give_answers(unit, [(case, target)])


async def give_answers(unit: Unit, pairs: Sequence[tuple[RoutingCase, RoutingCase]]) -> None:
    """Give each case the answer of its target, in two statements; lock all of them, and keep the cases as merged, before."""
    if not pairs:
        return
    after = [(replace(case, version=case.version + PAST_HANDLERS), target) for case, target in pairs]
    await cases.move(unit.db, [case for case, _ in after])
    answers = [_answered(unit, case, target) for case, target in after]
    for answer in answers:
        unit.emit(answer)
    await told.keep(unit, *map(told_in, answers))


def _answered(unit: Unit, case: RoutingCase, target: RoutingCase) -> MergedAnswered:
    """Files come with it where a dispatcher found that both are one matter: anybody can say so of themselves."""
    return MergedAnswered(
        case_id=case.case_id,
        version=case.version,
        at=unit.now,
        state=CaseState.MERGED,
        citizen_may=ANSWERED,
        response=target.response or "",
        attachments=() if case.has_joined else target.response_files,
        department=target.lead,
        category=target.category,
        into=target.case_id,
    )


async def handle_publications(unit: Unit, events: Sequence[PublicationDecided | PublicationLimited]) -> None:
    """Note whether answers may be published now, as citizens or staff say; where not, those who joined the case go on alone.

    Whoever joined by themselves (我也遇到) would wait for an answer that is kept from them.

    Who has had the answer keeps it; the next one is given to none of them.
    """
    said = {
        event.case_id: event.allowed and not event.withheld
        for event in sorted(events, key=lambda event: event.at)
    }
    locked = await cases.lock_cases(unit.db, list(said))
    await cases.note_publication(unit.db, said)
    refused = [one for one in locked.values() if not said[one.case_id] and one.response is None]
    joined = await cases.lock_merged(unit.db, [one.case_id for one in refused]) if refused else []
    back = [(case, ("protected",), case.version) for case in joined if case.has_joined]
    await _unmerge(unit, back, "protected")


async def forget_answers(unit: Unit, events: Sequence[CaseReopened]) -> None:
    """A citizen objected: what is merged into the case from now on waits for the next answer."""
    await cases.keep_responses(unit.db, dict.fromkeys((event.case_id for event in events), None), {})


async def bring_back(unit: Unit, targets: Collection[CaseId], why: UnmergeCause) -> None:
    """Give the cases that were merged into `targets` back to a dispatcher: these will not answer for them."""
    if targets:
        merged = await cases.lock_merged(unit.db, list(targets))
        await _unmerge(unit, [(case, (why,), case.version) for case in merged], why)


async def take_out(unit: Unit, said: Sequence[tuple[RoutingCase, str, int]]) -> list[RoutingCase]:
    """The citizens of these merged cases said since, in these words, why theirs is another: each is decided on alone.

    With each the newest version that anybody spoke of.
    """
    return await _unmerge(
        unit, [(case, ("objected", words), version) for case, words, version in said], "objected"
    )


async def leave_private_cases(unit: Unit) -> int:
    """Give some of the cases back that an earlier release let merge into one that nobody else may read; how many of those.

    Their citizens would wait for an answer that they may never be shown.
    """
    targets = await cases.private_targets(unit.db, _AT_ONCE)
    await bring_back(unit, targets, "protected")
    return len(targets)


async def bring_back_one(unit: Unit, case: RoutingCase, target: RoutingCase) -> None:
    """The case that this one was just merged into has ended without an answer meanwhile, or one of them is private now."""
    why: UnmergeCause = target.state if target.state in ("declined", "withdrawn", "merged") else "decided"
    if case.is_private or target.is_private:
        why = "protected"
    await _unmerge(unit, [(case, (why,), case.version)], why)


async def unmerge(unit: Unit, case_id: CaseId, version: int, by: str) -> RoutingCase:
    """A dispatcher takes a merged case out of the other one; it waits for a decision of its own.

    Raises:
        NotFound: no such case.
        StaleVersion: it changed since.
        ActionNotAllowed: it is not merged.
    """
    case = (await cases.lock_cases(unit.db, [case_id])).get(case_id)
    if case is None:
        raise NotFound
    if not _is_merged(case):
        raise ActionNotAllowed(state=case.state)
    if version != case.version:
        raise StaleVersion(current=case.version)
    (after,) = await _unmerge(unit, [(case, ("decided",), case.version)], "decided", by)
    return after


async def undo_merge(unit: Unit, case: RoutingCase, by: str) -> RoutingCase:
    """Whoever merged the case minutes ago takes that back; lock it before."""
    (after,) = await _unmerge(unit, [(case, ("undone",), case.version)], "undone", by)
    return after


def _is_merged(case: RoutingCase | None) -> bool:
    return case is not None and case.state == "merged"


async def _unmerge(
    unit: Unit, back: Sequence[tuple[RoutingCase, tuple[str, ...], int]], why: UnmergeCause, by: str = ""
) -> list[RoutingCase]:
    """Each with why, as the dispatcher reads it, and the newest version that anybody spoke of."""
    if not back:
        return []
    after = [
        replace(case, state="open", merged_into=None, decided_by=None, version=version + PAST_HANDLERS)
        for case, _, version in back
    ]
    await cases.move(unit.db, after)
    named = await _named(unit, [case for case, _, _ in back])
    asked = [
        _item(unit, case, facts, by, named.get(case.case_id))
        for case, (_, facts, _) in zip(after, back, strict=True)
    ]
    await items.open_items(unit.db, asked, unit.now)
    for case in after:
        unit.emit(_unmerged(unit, case, why, by))
    return after


async def _named(unit: Unit, merged: Sequence[RoutingCase]) -> dict[CaseId, TrackingCode]:
    """What those of them joined that their citizens joined to a matter: their words may tell nothing else."""
    into = {case.case_id: case.merged_into for case in merged if case.me_too and case.merged_into}
    known = await cases.find_all(unit.db, into.values()) if into else {}
    return {case_id: known[target].tracking_code for case_id, target in into.items() if target in known}


def _item(unit: Unit, case: RoutingCase, facts: tuple[str, ...], by: str, named: TrackingCode | None) -> Item:
    return Item(
        case_id=case.case_id,
        kind=ReviewKind.DISPATCH,
        version=case.version,
        opened_at=unit.now,
        detail={
            "doubts": [Doubt.UNMERGED, *([Doubt.ME_TOO] if named else [])],
            "unmerged": facts,
            **({"me_too": [named]} if named else {}),
            "accused": case.accused,
            **_by_whom(facts, by, unit.now),
        },
    )


def _by_whom(facts: tuple[str, ...], by: str, now: datetime) -> dict[str, str]:
    if facts == ("undone",):
        return {UNDONE_BY: by}
    return {DONE_BY: by, DONE_AT: now.isoformat()} if by else {}


def _unmerged(unit: Unit, case: RoutingCase, why: UnmergeCause, by: str) -> CaseUnmerged:
    return CaseUnmerged(
        case_id=case.case_id,
        version=case.version,
        at=unit.now,
        state=CaseState.IN_REVIEW,
        citizen_may=BEFORE_DISPATCH,
        why=why,
        decided_by=by,
    )
