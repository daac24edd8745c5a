"""The events of a dispatcher's decision, built in one place for deciding, moving, merging and repeating."""

from datetime import date, datetime

from routing.core.decisions.direct import Answered
from routing.core.decisions.outcome import Decline, Dispatch, Merge
from routing.core.decisions.review import Item, RoutingCase
from routing.store.told import DispatcherSaid
from schemas.event import Event
from schemas.events.facts import routed_facts_of
from schemas.events.routing import (
    CaseAnswered,
    CaseDeclined,
    CaseMerged,
    CaseRouted,
    MergedAnswered,
    ReviewDecided,
)
from schemas.ids import CaseId, DepartmentCode, EntryId
from schemas.masking import for_department, for_public
from schemas.ports import Unit
from schemas.words import CaseState, CitizenAction


def outcome(
    unit: Unit,
    case: RoutingCase,
    decided: Dispatch | Decline | Merge,
    by: str,
    objection_until: datetime | None,
) -> Event:
    """Where the case, as it is after the decision, goes from here."""
    match decided:
        case Dispatch():
            return routed(unit, case, by, corrects_tags=decided.corrects_tags)
        case Decline(legal_route=route):
            return declined(unit, case, route, by, objection_until)
        case Merge(into=into):
            return merged(unit, case, into, by)


def routed(
    unit: Unit, case: RoutingCase, by: str, *, moved_because: str = "", corrects_tags: bool = False
) -> CaseRouted:
    """The route of a case as routing keeps it. `moved_because`: why it was taken from a department that had it in hand.

    `corrects_tags`: with it a person changed the tags.
    """
    return CaseRouted(
        **routed_facts_of(case),
        version=case.version,
        at=unit.now,
        decided_by=by,
        probability=case.probability,
        cleared=case.cleared,
        moved_because=for_department(moved_because.strip(), official=True),
        parts=case.parts,
        tags_corrected=corrects_tags,
    )


def declined(
    unit: Unit, case: RoutingCase, legal_route: str, by: str, objection_until: datetime | None
) -> CaseDeclined:
    """The case has ended: its citizen reads where else to go, and may object once."""
    return CaseDeclined(
        case_id=case.case_id,
        version=case.version,
        at=unit.now,
        state=CaseState.DECLINED,
        citizen_may=(CitizenAction.OBJECTION,) if objection_until else (),
        legal_route=for_public(legal_route, official=True),
        decided_by=by,
        objection_until=objection_until,
    )


def answered(
    unit: Unit, case: RoutingCase, outcome: Answered, by: str, objection_until: datetime | None
) -> CaseAnswered:
    """A dispatcher's direct answer: the case has ended, and its citizen may rate and object."""
    words = DispatcherSaid(
        case_id=case.case_id,
        version=case.version,
        what="answered",
        at=unit.now,
        by=by,
        words=outcome.response,
    )
    return answer_told(case, words, outcome.entry.entry_id, outcome.entry.owner, objection_until, unit.now)


def answer_told(
    case: RoutingCase,
    told: DispatcherSaid,
    entry: EntryId,
    owner: DepartmentCode,
    objection_until: datetime | None,
    at: datetime,
) -> CaseAnswered:
    """The same of an answer in the words that were told, from the entry that `owner` answers for."""
    object_too = (CitizenAction.OBJECTION,) if objection_until else ()
    return CaseAnswered(
        case_id=case.case_id,
        version=case.version,
        at=at,
        state=CaseState.CLOSED,
        citizen_may=(CitizenAction.RATING, *object_too),
        response=told.words,
        entry_id=entry,
        department=owner,
        category=case.category,
        region=case.region,
        decided_by=told.by,
        public=case.publish,
        objection_until=objection_until,
    )


def told_in(event: CaseAnswered | CaseDeclined | MergedAnswered) -> DispatcherSaid:
    """What the citizen reads of it, for the audit: no department logs that."""
    match event:
        case CaseAnswered(response=words, decided_by=by):
            return DispatcherSaid(
                case_id=event.case_id, version=event.version, what="answered", at=event.at, by=by, words=words
            )
        case CaseDeclined(legal_route=words, decided_by=by):
            return DispatcherSaid(
                case_id=event.case_id, version=event.version, what="declined", at=event.at, by=by, words=words
            )
        case MergedAnswered(response=words):
            return DispatcherSaid(
                case_id=event.case_id, version=event.version, what="merged", at=event.at, by="", words=words
            )


def merged(unit: Unit, case: RoutingCase, into: CaseId, by: str) -> CaseMerged:
    """The case has ended: another answers for it. Until then only who chose that themselves may take it back."""
    return CaseMerged(
        case_id=case.case_id,
        version=case.version,
        at=unit.now,
        state=CaseState.MERGED,
        citizen_may=(CitizenAction.WITHDRAWAL,) if case.me_too else (),
        into=into,
        decided_by=by,
    )


def reviewed(
    unit: Unit, item: Item, by: str, remarks: str, *, accepted: bool, day: date | None = None
) -> ReviewDecided:
    """Yes or no to what was asked; the remarks are for the department. `day`: of a promise, where it is another one."""
    return ReviewDecided(
        case_id=item.case_id,
        version=item.version,
        at=unit.now,
        kind=item.kind,
        accepted=accepted,
        decided_by=by,
        remarks=for_department(remarks, official=True),
        date=day,
    )
