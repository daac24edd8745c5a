"""What sla says: by when, nearly late, late, and who was told."""

from datetime import datetime
from typing import ClassVar

from schemas.event import Event, event_type
from schemas.ids import DepartmentCode
from schemas.values import Reminder
from schemas.words import Clock


@event_type
class DeadlineSet(Event, frozen=True, kw_only=True):
    """By when the department must reply; sent again, with the next `deadline_version`, whenever that changes."""

    type: ClassVar[str] = "deadline.set.v1"
    producer: ClassVar[str] = "sla"

    #: Latest moment to reply.
    due_at: datetime
    #: Latest moment to sign, while that clock runs.
    sign_due_at: datetime | None = None
    department: DepartmentCode
    deadline_version: int
    rule: str
    #: The calendar year is not announced yet; the date may move.
    provisional: bool = False
    #: Why it changed: `assigned`, `extended`, `resumed`, `reopened`, `calendar`, `promised`, `sent back`,
    #: `return refused`, `rules`, `undone`: a decision that moved it; `move undone`: another department has the case back.
    cause: str = "assigned"


@event_type
class DeadlineNear(Event, frozen=True, kw_only=True):
    """Due soon. Once per case, clock and deadline version."""

    type: ClassVar[str] = "deadline.near.v1"
    producer: ClassVar[str] = "sla"

    clock: Clock
    due_at: datetime
    department: DepartmentCode | None
    deadline_version: int
    #: Whose time it is: `lead`, `supporting`, `dispatcher`, `supervisor`; empty in older records.
    owner: str = ""


@event_type
class DeadlineMissed(Event, frozen=True, kw_only=True):
    """Late: a fact that nothing erases."""

    type: ClassVar[str] = "deadline.missed.v1"
    producer: ClassVar[str] = "sla"

    clock: Clock
    due_at: datetime
    department: DepartmentCode | None
    deadline_version: int
    #: Whose time it is: `lead`, `supporting`, `dispatcher`, `supervisor`; empty in older records.
    owner: str = ""


@event_type
class PauseEnded(Event, frozen=True, kw_only=True):
    """A pause came to the end that it was given: the case goes on, and nobody was late."""

    type: ClassVar[str] = "pause.ended.v1"
    producer: ClassVar[str] = "sla"

    #: `pause`: the case was suspended; `question`: the citizen did not answer in time.
    clock: Clock
    due_at: datetime


@event_type
class BreachWithdrawn(Event, frozen=True, kw_only=True):
    """A breach that was declared too soon: something that was heard only later had come before the clock was due."""

    type: ClassVar[str] = "breach.withdrawn.v1"
    producer: ClassVar[str] = "sla"

    clock: Clock
    due_at: datetime
    #: The one that was said to be late.
    department: DepartmentCode | None
    #: The version under which it was said.
    deadline_version: int
    #: The event that contradicts it, such as `case.replied`, and when that happened.
    why: str
    happened_at: datetime
    #: Whether another breach of this clock stands all the same.
    stands: bool = False


@event_type
class CaseEscalated(Event, frozen=True, kw_only=True):
    """So late that the next level up must know (提级). Once per case, clock, deadline version and step of the chain."""

    type: ClassVar[str] = "case.escalated.v1"
    producer: ClassVar[str] = "sla"

    clock: Clock
    due_at: datetime
    department: DepartmentCode | None
    deadline_version: int
    #: Whose time it is: `lead`, `supporting`, `dispatcher`, `supervisor`; empty in older records.
    owner: str = ""
    #: Which step of the chain, from 1; and who is told: `department-head`, `supervisor`, `city-supervisor`.
    step: int = 1
    to_role: str = ""
    #: As the city's rules name them; empty where they name nobody.
    to_person: str = ""


@event_type
class DeadlineReminded(Event, frozen=True, kw_only=True):
    """Still not done after the breach: said again at the cadence of the city's rules, each reminder once."""

    type: ClassVar[str] = "deadline.reminded.v1"
    producer: ClassVar[str] = "sla"

    clock: Clock
    due_at: datetime
    department: DepartmentCode | None
    deadline_version: int
    #: Whose time it is: `lead`, `supporting`, `dispatcher`, `supervisor`.
    owner: str = ""
    #: How many reminders there were, this one included; those that fell into an outage count.
    number: int = 1


@event_type
class RemindersDigested(Event, frozen=True, kw_only=True):
    """Many reminders for one recipient, in one event instead of a flood: about the case that is late for the longest."""

    type: ClassVar[str] = "reminders.digested.v1"
    producer: ClassVar[str] = "sla"

    department: DepartmentCode | None
    owner: str = ""
    #: All of them, none left out.
    reminders: tuple[Reminder, ...]


@event_type
class CaseUrged(Event, frozen=True, kw_only=True):
    """A supervisor urged (催办), or put the case under supervision (督办)."""

    type: ClassVar[str] = "case.urged.v1"
    producer: ClassVar[str] = "sla"

    by: str
    note: str = ""
    supervised: bool = False
    department: DepartmentCode | None = None
    #: Of a supervised case: which order (督办要求) this is, from 1, and by when the department reports back. 0: none, since
    #: no department has the case, or nothing is asked but what is due anyway.
    order: int = 0
    until: datetime | None = None


@event_type
class CaseFollowedUp(Event, frozen=True, kw_only=True):
    """A supervisor has called back after a bad rating (回访), or has seen to a case under supervision."""

    type: ClassVar[str] = "case.followed-up.v1"
    producer: ClassVar[str] = "sla"

    by: str
    note: str = ""
