"""Say once more where a case goes, or how it ended: to a desk, or a citizen's page, that lost the event."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from routing.core.decisions.chosen_urgency import pressing_since
from routing.core.decisions.direct import RESTS_ON, RESTS_WITH
from routing.core.decisions.outcome import DEFAULT_LEGAL_ROUTE
from routing.core.decisions.refusals import objection_to_refusal_until
from routing.core.decisions.review import PROMISED_DAY, Item, RoutingCase
from routing.core.decisions.undo import UNDONE_BY
from routing.steps.announcements import answer_told, declined, merged, reviewed, routed
from routing.store import cases, items, reconciling, told
from routing.store.told import DispatcherSaid
from schemas.event import Event
from schemas.events.routing import CaseShielded, ReviewRequested, WithdrawalConfirmed
from schemas.ids import CaseId, DepartmentCode, EntryId
from schemas.ports import Unit
from schemas.words import CaseState, Kind, ReviewKind


async def say_routed_again(unit: Unit, case_ids: Sequence[CaseId]) -> None:
    """The route of each of these cases as it is now; a desk that has the case already passes over it."""
    for case in (await cases.lock_cases(unit.db, case_ids)).values():
        if case.state == "routed":
            unit.emit(routed(unit, case, case.decided_by or "rules"))


_ASKED_BY_DEPARTMENTS = (
    ReviewKind.REPLY, ReviewKind.RETURN, ReviewKind.EXTENSION, ReviewKind.SUSPENSION, ReviewKind.PROMISE,
)  # fmt: skip
#: A department reads it where a request was refused; the dispatcher's own words stood in the event that was lost.
_WORDS_LOST = "审核意见在传递中丢失，请向派单员询问。"


async def say_decided_again(unit: Unit, case_ids: Sequence[CaseId]) -> None:
    """The last word about what the department of each of these cases asked; one that does not wait passes over it."""
    every = await items.lock_items(unit.db, case_ids)
    for of_case in every.values():
        last = {item.kind: item for item in of_case if item.state != "superseded"}
        for kind in _ASKED_BY_DEPARTMENTS:
            item = last.get(kind)
            if item is not None and item.state == "decided" and item.accepted is not None:
                day = item.detail.get(PROMISED_DAY)
                if kind is ReviewKind.PROMISE and item.accepted and not day:
                    # Of a release that did not keep it.
                    continue
                words, by = "" if item.accepted else _WORDS_LOST, item.decided_by or ""
                date_of = date.fromisoformat(day) if day else None
                unit.emit(reviewed(unit, item, by, words, accepted=item.accepted, day=date_of))


async def say_shielded_again(unit: Unit, case_ids: Sequence[CaseId]) -> None:
    """Emit once more that these cases are private, so that no figure counts them; a slice that knows it ignores it."""
    for case in (await cases.lock_cases(unit.db, case_ids)).values():
        if case.is_private or case.accused or case.kind is Kind.REPORT:
            unit.emit(CaseShielded(case_id=case.case_id, version=case.version, at=unit.now))


async def say_waiting_again(unit: Unit, case_ids: Sequence[CaseId]) -> None:
    """That a dispatcher must decide, of those of the cases that still wait, with what the rules take them for.

    Without that the dispatcher of an emergency would have the time of any other case.
    """
    every = await items.lock_items(unit.db, case_ids)
    for case in (await cases.lock_cases(unit.db, case_ids)).values():
        asked = [item for item in every[case.case_id] if item.kind is ReviewKind.DISPATCH]
        waiting = [item for item in asked if item.state == "open"]
        # What was decided and undone was asked before, and said then: said again now it would be news to the citizen.
        first = [item for item in asked if UNDONE_BY not in item.detail]
        for item in waiting[-1:] if case.state == "open" and first else ():
            unit.emit(
                ReviewRequested(
                    case_id=case.case_id, version=item.version, at=first[-1].opened_at, kind=item.kind,
                    urgency=case.urgency, pressing_since=pressing_since(item), state=CaseState.IN_REVIEW,
                    candidates=item.candidates, reasons=item.reasons,
                    accused=case.accused, protected=case.protected,
                )
            )  # fmt: skip


async def say_ended_again(unit: Unit, case_ids: Sequence[CaseId], *, zone: ZoneInfo) -> None:
    """How each of these cases ended that no department ended, and when; a direct answer in the words that were told.

    A refusal in the words that were told. Of an earlier release, which kept none: the legal route of the rule behind it, or
    the usual one.
    """
    every = await items.lock_items(unit.db, case_ids)
    decided = await reconciling.last_decided(unit.db, case_ids)
    kept = await told.of_cases(unit.db, case_ids)
    for case in (await cases.lock_cases(unit.db, case_ids)).values():
        at = decided.get(case.case_id, unit.now)
        said = [each for each, _ in kept.get(case.case_id, ())]
        for event in _ended(unit, case, every[case.case_id], said, at, zone):
            unit.emit(event)


def _ended(
    unit: Unit,
    case: RoutingCase,
    of_case: Sequence[Item],
    said: Sequence[DispatcherSaid],
    at: datetime,
    zone: ZoneInfo,
) -> Iterator[Event]:
    by = case.decided_by or ""
    if case.state == "declined":
        until = objection_to_refusal_until(of_case, at, zone)
        again = replace(declined(unit, case, _legal_route(of_case), by, until), at=at)
        words = [each.words for each in said if each.what == "declined" and each.version == case.version]
        yield replace(again, legal_route=words[0]) if words else again
    if case.state == "answered":
        yield from _answered(case, of_case, said, at, objection_to_refusal_until(of_case, at, zone))
    if case.state == "merged" and case.merged_into is not None:
        yield replace(merged(unit, case, case.merged_into, by), at=at)
    if case.state == "withdrawn":
        yield WithdrawalConfirmed(
            case_id=case.case_id, version=case.version, at=unit.now, state=CaseState.WITHDRAWN, citizen_may=()
        )


def _answered(
    case: RoutingCase,
    of_case: Sequence[Item],
    said: Sequence[DispatcherSaid],
    at: datetime,
    until: datetime | None,
) -> Iterator[Event]:
    """Nothing of an earlier release, which did not keep what it rests on."""
    rests = [item.detail for item in of_case if item.state == "decided" and RESTS_ON in item.detail]
    words = [each for each in said if each.what == "answered" and each.version == case.version]
    if rests and words:
        entry, owner = EntryId(rests[-1][RESTS_ON]), DepartmentCode(rests[-1][RESTS_WITH])
        yield answer_told(case, words[0], entry, owner, until, at)


def _legal_route(of_case: Sequence[Item]) -> str:
    of_rules = (item.detail.get("legal_route") for item in of_case)
    return next((route for route in of_rules if route), DEFAULT_LEGAL_ROUTE)
