"""Which departments must not see a case, because it accuses them; checked again whenever that changes."""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from handlers.core import lifecycle
from handlers.core.asks import lapsed
from handlers.core.case import By, Case, CaseChange, record, tell_state
from handlers.core.chain import Detail
from handlers.core.rules import Action, Actor
from schemas.errors import DataRefused
from schemas.events.facts import tags_said
from schemas.events.handlers import CaseProtected
from schemas.events.routing import CaseRouted, ReviewRequested
from schemas.ids import DepartmentCode
from schemas.reasons import Because, basis_in, sound_in
from schemas.words import CaseState, Kind, ReviewKind

#: In the detail of a row of the log: never shown to departments.
CLEARED = "cleared"
#: In such a detail: the tags as a person corrected them.
TAGS = "tags"
#: In such a detail: by which rule it was sent, by which weights it is an emergency, and as what. None of a protected one.
MATTER = ("basis", "rule", "sound", TAGS)
#: `CaseRouted.decided_by` where no person decided.
_MACHINE = "rules"


def protected_route(
    routed: CaseRouted, accused: Iterable[DepartmentCode] = (), *, protected: bool = False
) -> CaseRouted:
    """The route with whom it may not reach, and what was known before (`accused`, `protected`).

    But for those whom a person has cleared since, with a reason: them alone, nobody above or below them. Records older
    than the fields say no more than that a message is a report.

    Raises:
        DataRefused: it leads to somebody whom the case accuses, or clears somebody as nobody may.
    """
    _check_clearances(routed)
    every = {*routed.accused, *accused} - {one.department for one in routed.cleared}
    if not every.isdisjoint((routed.lead, *routed.supporting)):
        raise DataRefused("the route leads to a unit that the case accuses")
    is_accusing = bool(every or routed.cleared) or routed.kind is Kind.REPORT
    protected = protected or routed.protected or is_accusing
    item, tags = (None, ()) if protected else (routed.item, routed.tags)
    return replace(routed, accused=tuple(sorted(every)), protected=protected, item=item, tags=tags)


def _check_clearances(routed: CaseRouted) -> None:
    if any(one.department in routed.accused for one in routed.cleared):
        raise DataRefused("the route clears a unit and says that the case accuses it")
    if any(not one.reason or one.decided_by in ("", _MACHINE) for one in routed.cleared):
        raise DataRefused("the route clears a unit, and not which person did so and why")


def route_detail(routed: CaseRouted) -> Detail:
    """What the log keeps of a route; who was cleared is for staff who are of no department."""
    detail: Detail = {"lead": routed.lead, "supporting": list(routed.supporting)}
    if routed.basis:
        rule = basis_in(routed.reasons)
        told = {"rule": [rule.code, *rule.facts]} if rule else {}
        detail = {**detail, "basis": routed.basis, **told}
    if version := sound_in(routed.reasons):
        # Not of which words: nothing of the message stands in the log.
        detail = {**detail, "sound": [Because.SOUND.value, version]}
    if routed.tags_corrected and not routed.protected:
        detail = {**detail, TAGS: list(tags_said(routed.tags))}
    found = [f"{one.department} {one.decided_by} {one.at.isoformat()} {one.reason}" for one in routed.cleared]
    return detail | {CLEARED: found} if found else detail


def protect(case: Case, review: ReviewRequested, now: datetime) -> CaseChange | None:
    """Take the case from all its departments until a dispatcher has chosen again; they are not told.

    None where the review is no such one, is about what was before the present route, or says nothing new.
    """
    is_of_now = review.protected and review.version >= case.routed_version
    accused = tuple(sorted({*case.accused, *review.accused}))
    if review.kind is not ReviewKind.DISPATCH or not is_of_now or (case.withheld and accused == case.accused):
        return None
    by = By(name="", role=Actor.SYSTEM, now=now)
    event = CaseProtected(
        case_id=case.case_id, version=max(case.version, review.version) + 1, at=now, accused=accused
    )
    state = lifecycle.next_state(case.state, Action.PROTECT, by.role, case.facts(now)) or case.state
    # Whoever has the case next reads its log, and not in it whom it accuses.
    after, entry = record(
        case, by, Action.PROTECT, {}, state=state, version=event.version, accused=accused, protected=True,
        withheld=True, item=None, tags=(), state_before_review=None, **lapsed(case.asks, parts=(), **_kept(case)),
        closed_at=None if state is CaseState.IN_REVIEW else case.closed_at,
    )  # fmt: skip
    return CaseChange(after=after, entry=entry, events=(tell_state(event, after, now),))


def _kept(case: Case) -> dict[str, None]:
    """What was promised is over with the answer that kept it."""
    return {"promised": None} if case.state is CaseState.CLOSED else {}
