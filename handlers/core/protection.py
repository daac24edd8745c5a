"""Whom a case may not reach: marked on what routing says, and enforced whenever that changes."""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from handlers.core import lifecycle
from handlers.core.asks import lapsed
from handlers.core.case import By, Case, CaseChange, record, tell_state
from handlers.core.rules import Action, Actor
from schemas.errors import DataRefused
from schemas.events.handlers import CaseProtected
from schemas.events.routing import CaseRouted, ReviewRequested
from schemas.ids import DepartmentCode
from schemas.words import CaseState, Kind, ReviewKind


def protected_route(
    routed: CaseRouted, accused: Iterable[DepartmentCode] = (), *, protected: bool = False
) -> CaseRouted:
    """The route with whom it may not reach, and what was known before (`accused`, `protected`).

    Records older than the fields say no more than that a message is a report.

    Raises:
        DataRefused: it leads to somebody whom the case accuses.
    """
    every = {*routed.accused, *accused}
    if not every.isdisjoint((routed.lead, *routed.supporting)):
        raise DataRefused("the route leads to a unit that the case accuses")
    protected = protected or routed.protected or bool(every) or routed.kind is Kind.REPORT
    return replace(routed, accused=tuple(sorted(every)), protected=protected)


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
        withheld=True, state_before_review=None, **lapsed(case.asks),
        closed_at=None if state is CaseState.IN_REVIEW else case.closed_at,
    )  # fmt: skip
    return CaseChange(after=after, entry=entry, events=(tell_state(event, after, now),))
