"""A case that goes as it likes, for tests of what is counted of it."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from schemas.event import Event
from schemas.events.call_backs import CallBackAnswered
from schemas.events.handlers import (
    CaseReopened,
    CaseResumed,
    CaseReturned,
    CaseSuspended,
    ExtensionDecided,
    QuestionAnswered,
    QuestionAsked,
    ReplySentBack,
    ReturnRefused,
)
from schemas.events.intake import CitizenRated
from schemas.events.routing import CaseDeclined, CaseMerged
from schemas.events.undone import CaseRecalled
from schemas.ids import CaseId, CategoryCode, DepartmentCode, RegionCode
from schemas.words import CaseState
from tests.integration.sla.events import WATER, assigned, closed, registered, replied, signed
from tests.unit.handlers.making import HOUSING, MONDAY


class Life:
    """One case, and what happens to it: any step that its state allows, some hours after the one before."""

    def __init__(self, case_id: CaseId, chance: random.Random) -> None:
        self.case_id = case_id
        self.chance = chance
        self.state = "new"
        self.at = MONDAY + timedelta(minutes=chance.randint(0, 60 * 24 * 20))
        self.received_at = self.at
        self.version = 0
        self.lead = chance.choice([HOUSING, WATER])

    def step(self) -> Event | None:
        """The next thing that happens, or None at the end."""
        choices = [*self._choices()]
        if not choices:
            return None
        event, self.state = self.chance.choice(choices)
        self.lead = getattr(event, "lead", self.lead)
        self.at += timedelta(minutes=self.chance.randint(20, 60 * 60))
        return event

    def _choices(self) -> Iterator[tuple[Event, str]]:
        self.version += 1
        common: dict[str, Any] = {"case_id": self.case_id, "version": self.version, "at": self.at}
        held = common | {"department": self.lead}
        match self.state:
            case "new":
                yield registered(self.case_id, self.at), "registered"
            case "registered":
                for _ in range(4):
                    yield self._assigned(), "assigned"
                yield CaseDeclined(**common, legal_route="r", decided_by="d"), "ended"
                yield CaseMerged(**common, into=self.case_id, decided_by="d"), "ended"
            case "assigned":
                for _ in range(3):
                    yield signed(self.case_id, self.at, self.version), "working"
                yield (
                    CaseReturned(**held, reason="r", basis="b", return_count=1, state=CaseState.IN_REVIEW),
                    "returned",
                )
                yield CaseRecalled(**common, state=CaseState.IN_REVIEW, decided_by="d"), "recalled"
            case "recalled":
                for lead in (WATER, HOUSING):
                    yield self._assigned(lead), "assigned"
                yield CaseDeclined(**common, legal_route="r", decided_by="d"), "ended"
            case "returned":
                yield ReturnRefused(**held, state=CaseState.ASSIGNED), "assigned"
                yield self._assigned(WATER if self.lead == HOUSING else HOUSING), "assigned"
            case "working":
                for _ in range(3):
                    yield self._replied(), "replied"
                yield (
                    ExtensionDecided(**common, granted=self.chance.random() < 0.7, working_days=2, decided_by="d",
                                     extension_count=1, requested_at=self.at - timedelta(minutes=10)),
                    "working",
                )  # fmt: skip
                yield CaseSuspended(**common, reason="r", state=CaseState.SUSPENDED), "suspended"
                until = self.at + timedelta(days=3)
                yield QuestionAsked(**held, text="t", until=until, state=CaseState.IN_PROGRESS), "asking"
            case "suspended":
                yield CaseResumed(**common, state=CaseState.IN_PROGRESS), "working"
            case "asking":
                yield QuestionAnswered(**common, text="t", state=CaseState.IN_PROGRESS), "working"
            case "replied":
                for _ in range(2):
                    yield closed(self.case_id, self.at, self.version), "closed"
                yield ReplySentBack(**held, remarks="r", state=CaseState.IN_PROGRESS), "working"
            case "closed":
                yield CitizenRated(**common, score=self.chance.randint(1, 5)), "closed"
                solved = self.chance.choice(["yes", "partly", "no"])
                contacted, satisfied = self.chance.random() < 0.5, self.chance.random() < 0.5
                yield (
                    CallBackAnswered(**common, contacted=contacted, solved=solved, satisfied=satisfied),
                    "closed",
                )
                yield CaseReopened(**common, reason="r", lead=self.lead, state=CaseState.REOPENED), "working"
                yield CitizenRated(**common, score=5), "ended"

    def _assigned(self, lead: DepartmentCode | None = None) -> Event:
        event = assigned(self.case_id, self.at, lead=lead or self.lead, version=self.version)
        region = RegionCode("donghu" if self.chance.random() < 0.5 else "xicheng")
        return type(event)(**{name: getattr(event, name) for name in event.__struct_fields__}
                           | {"region": region, "received_at": self.received_at,
                              "category": CategoryCode("urban")})  # fmt: skip

    def _replied(self) -> Event:
        event = replied(self.case_id, self.at, self.version)
        return type(event)(
            **{name: getattr(event, name) for name in event.__struct_fields__} | {"department": self.lead}
        )
