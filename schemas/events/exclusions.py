"""Exclusions (不纳入考核): a department asked that a case be left out of its figures, and what became of that."""

from typing import ClassVar

from schemas.event import Event, event_type
from schemas.ids import DepartmentCode


@event_type
class ExclusionMoved(Event, frozen=True, kw_only=True):
    """A request to leave a case out of a department's figures was made, decided, appealed or taken back."""

    type: ClassVar[str] = "exclusion.moved.v1"
    producer: ClassVar[str] = "sla"

    #: Which of the case's requests, from 1; and which of the request's steps, from 1.
    number: int
    step: int
    #: `asked`, `granted`, `refused`, `appealed`, `upheld`, `withdrawn`, `revoked`.
    what: str
    #: Who did it, of the department or a supervisor.
    by: str
    #: Whose figures.
    department: DepartmentCode
    #: Codes of rates; `case`: all of them.
    figures: tuple[str, ...]
    reason: str
    #: A keyed hash of the step with its words, which stay with those who ask and decide: nobody changes them unseen.
    sealed: str = ""
