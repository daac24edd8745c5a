"""Call-backs (回访): a citizen is to be asked whether it is settled, what they said, and what came of it."""

from datetime import datetime
from typing import ClassVar

from schemas.event import Event, event_type
from schemas.ids import DepartmentCode


@event_type
class CallBackDue(Event, frozen=True, kw_only=True):
    """The citizen of a closed case is to be asked by somebody outside the department, who chose none of it."""

    type: ClassVar[str] = "call-back.due.v1"
    producer: ClassVar[str] = "sla"

    #: Which of the case's call-backs, from 1.
    number: int
    #: `rated`: a bad rating; `reopened`: it was done once more; `sample`: it was drawn.
    why: str
    #: Whom it is about; None: a dispatcher answered it alone.
    department: DepartmentCode | None = None
    #: Nobody rings up: the citizen is asked on their page, until this moment. None: by telephone.
    until: datetime | None = None


@event_type
class CallBackDone(Event, frozen=True, kw_only=True):
    """What came of a call-back: the citizen's word on a closed case, or that nobody was reached."""

    type: ClassVar[str] = "call-back.done.v1"
    producer: ClassVar[str] = "sla"

    number: int
    #: The dispatcher who called; empty: the citizen answered on their page, or did not.
    by: str = ""
    department: DepartmentCode | None = None
    reached: bool
    #: Of one who was not reached, why: `no_answer`, `refused`, `wrong_number`, `silent`.
    why_not: str = ""
    #: Whether the department had contacted them; None: they did not say, as of the others.
    contacted: bool | None = None
    #: `yes`, `partly`, `no`, `cannot`: it cannot be settled.
    solved: str = ""
    satisfied: bool | None = None
    #: What they said, or why it cannot be settled, masked as departments read it.
    note: str = ""
    #: It is not settled: the centre has it done once more (重办).
    redo: bool = False


@event_type
class CallBackAnswered(Event, frozen=True, kw_only=True):
    """The citizen answered on their page what they would have been asked by telephone."""

    type: ClassVar[str] = "call-back.answered.v1"
    producer: ClassVar[str] = "intake"

    contacted: bool
    #: `yes`, `partly`, `no`.
    solved: str
    satisfied: bool
    #: Which of the case's call-backs they were asked in; 0: said before that was told, of the one that was open.
    number: int = 0
    #: Masked, as departments read it.
    note: str = ""
