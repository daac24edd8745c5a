"""What stays true of a case from its registration on, told again by each event that takes it further."""

from datetime import datetime
from operator import attrgetter
from typing import Any, TypedDict, cast

from msgspec import UNSET, UnsetType

from schemas.ids import CaseId, CategoryCode, DepartmentCode, ItemCode, RegionCode, TagCode, TrackingCode
from schemas.values import Attachment, Place
from schemas.words import Channel, Kind, Urgency


class CaseFacts(TypedDict):
    """Which case it is, what its citizen said, and who may know."""

    case_id: CaseId
    tracking_code: TrackingCode
    channel: Channel
    received_at: datetime
    title: str
    text: str
    place: Place | None
    attachments: tuple[Attachment, ...]
    has_contact: bool
    confidential: bool
    publish: bool


class RoutedFacts(CaseFacts):
    """Also what it is about and who answers, once that is decided."""

    kind: Kind
    urgency: Urgency
    category: CategoryCode
    item: ItemCode | None
    tags: tuple[TagCode, ...] | UnsetType
    lead: DepartmentCode
    supporting: tuple[DepartmentCode, ...]
    region: RegionCode | None
    accused: tuple[DepartmentCode, ...]
    protected: bool


#: The names, for whoever stores the facts.
CASE_FACTS = tuple(CaseFacts.__annotations__)
ROUTED_FACTS = tuple(RoutedFacts.__annotations__)
#: Every event of a case tells them again: half as dear as to ask for one after the other.
_of_case, _of_routed = attrgetter(*CASE_FACTS), attrgetter(*ROUTED_FACTS)


def facts_of(told: Any) -> CaseFacts:
    """The facts that `told` (an event, or a case as a slice keeps it) has as fields of these names, for the next event."""
    return cast("CaseFacts", dict(zip(CASE_FACTS, _of_case(told), strict=True)))


def routed_facts_of(told: Any) -> RoutedFacts:
    """The same of a case whose departments are known."""
    return cast("RoutedFacts", dict(zip(ROUTED_FACTS, _of_routed(told), strict=True)))


def tags_said(said: tuple[TagCode, ...] | UnsetType, known: tuple[TagCode, ...] = ()) -> tuple[TagCode, ...]:
    """The tags that an event says; where it is of before there were any, those `known`."""
    return known if said is UNSET else said
