"""Cases and events with sensible fields, for handlers' tests."""

import hmac
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

import msgspec

from handlers.core.case import By, Case
from handlers.core.rules import Actor
from schemas.events.routing import CaseRouted
from schemas.ids import CaseId, CategoryCode, DepartmentCode, TrackingCode
from schemas.words import CaseState, Channel, Kind, Urgency

#: Monday, 10:00 in China.
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
#: What tests seal with.
SEAL = partial(lambda key, text: hmac.digest(key, text, "sha256"), b"k" * 32)
HOUSING = DepartmentCode("housing")
TRANSPORT = DepartmentCode("transport")

_numbers = count(1)


def fresh_case() -> CaseId:
    """A case that no other test uses."""
    return CaseId(str(UUID(int=next(_numbers))))


def case(**fields: Any) -> Case:
    """A complaint with housing, in progress since Monday, version 4."""
    usual = Case(
        case_id=fresh_case(),
        state=CaseState.IN_PROGRESS,
        version=4,
        assigned_at=MONDAY,
        kind=Kind.COMPLAINT,
        urgency=Urgency.NORMAL,
        category=CategoryCode("urban-construction"),
        lead=HOUSING,
    )
    return msgspec.structs.replace(usual, **fields)


def by_lead(now: datetime = MONDAY) -> By:
    """A clerk of the lead department."""
    return By(name="wang", role=Actor.LEAD, now=now)


def routed(**fields: Any) -> CaseRouted:
    """A complaint for housing, version 2."""
    usual = CaseRouted(
        case_id=fresh_case(),
        version=2,
        at=MONDAY,
        tracking_code=TrackingCode("ABCD-EFGH-JKLM-NPQR"),
        channel=Channel.WEB,
        received_at=MONDAY,
        kind=Kind.COMPLAINT,
        urgency=Urgency.NORMAL,
        category=CategoryCode("urban-construction"),
        lead=HOUSING,
        title="路灯不亮",
        text="小区门口的路灯不亮，已有三天。",
        has_contact=True,
    )
    return msgspec.structs.replace(usual, **fields)
