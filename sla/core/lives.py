"""Divides a case's time among the department, the centre and the citizen."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from schemas.ids import CaseId
from sla.core.calendar import Calendar
from sla.core.measures import Measure


class Happened(StrEnum):
    """What changes whose time it is, or is counted by itself."""

    #: A department got it that had not the first say.
    ASSIGNED = "assigned"
    #: The department says that it is not theirs.
    RETURNED = "returned"
    #: The department keeps what it returned.
    RETURN_REFUSED = "return refused"
    #: A dispatcher took it back.
    TAKEN_BACK = "taken back"
    #: The department asked the citizen.
    ASKED = "asked"
    #: The citizen answered, or the time for that is over.
    QUESTION_OVER = "question over"
    #: A reply that was sent back since, or one before the case was reopened.
    REPLIED = "replied"
    #: The review sent the reply back.
    SENT_BACK = "sent back"
    #: The end of before it was reopened; the value is 1 where that was no answer.
    CLOSED = "closed"
    #: The citizen objected.
    REOPENED = "reopened"
    #: Who has it no more had signed for it, or returned it, in time; the value is the day on which that was due, since 1970.
    SIGNED = "signed"
    #: More time was granted.
    EXTENDED = "extended"
    #: A pause was granted.
    SUSPENDED = "suspended"
    #: The reply was due later, because a supervisor moved the case to the present rules; the value is by how many hours.
    LATER_BY_RULES = "later_by_rules"
    #: The same because of days that were declared off.
    LATER_BY_CALENDAR = "later_by_calendar"
    #: A dispatcher took back, within minutes, what is named first: of the same moment as that.
    ASSIGNED_UNDONE = "assigned undone"
    #: The same of what the move kept of who had it: it is theirs to be counted once more.
    SIGNED_UNDONE = "signed undone"
    #: The same of a reply that was sent back.
    SENT_BACK_UNDONE = "sent back undone"
    #: The same of a refused return.
    RETURN_REFUSED_UNDONE = "return refused undone"
    #: The same of an extension.
    EXTENDED_UNDONE = "extended undone"
    #: The same of a pause.
    SUSPENDED_UNDONE = "suspended undone"
    #: The citizen rated; the value is the score.
    RATED = "rated"
    #: The citizen was called back.
    CALLED = "called"
    #: A call-back came to its end; the value is 1 where the citizen was reached. The next ones are what they then said.
    ASKED_BACK = "asked_back"
    #: Whether the department had been in touch: 1 or 0.
    CONTACTED = "contacted"
    #: Whether it is settled: 2, 1 (partly) or 0.
    SOLVED = "solved"
    #: Whether they are content: 1 or 0.
    CONTENT = "content"


#: What undoes which deed.
UNDOES: Mapping[Happened, Happened] = {
    Happened.ASSIGNED: Happened.ASSIGNED_UNDONE,
    Happened.SIGNED: Happened.SIGNED_UNDONE,
    Happened.SENT_BACK: Happened.SENT_BACK_UNDONE,
    Happened.RETURN_REFUSED: Happened.RETURN_REFUSED_UNDONE,
    Happened.EXTENDED: Happened.EXTENDED_UNDONE,
    Happened.SUSPENDED: Happened.SUSPENDED_UNDONE,
}


class Deed(NamedTuple):
    """Something that happened, and when."""

    what: Happened
    at: datetime


class Life(NamedTuple):
    """What is known of a case that was answered and closed."""

    case_id: CaseId
    received_at: datetime
    assigned_at: datetime | None
    replied_at: datetime | None
    closed_at: datetime
    deeds: Sequence[Deed]


#: Whose time begins; None: nobody's, the case has ended. A pause is the department's time: it asked for it.
_BEGINS: Mapping[Happened, Measure | None] = {
    Happened.ASSIGNED: Measure.DEPARTMENT_HOURS,
    Happened.RETURNED: Measure.CENTRE_HOURS,
    Happened.RETURN_REFUSED: Measure.DEPARTMENT_HOURS,
    Happened.TAKEN_BACK: Measure.CENTRE_HOURS,
    Happened.ASKED: Measure.CITIZEN_HOURS,
    Happened.QUESTION_OVER: Measure.DEPARTMENT_HOURS,
    Happened.REPLIED: Measure.CENTRE_HOURS,
    Happened.SENT_BACK: Measure.DEPARTMENT_HOURS,
    Happened.CLOSED: None,
    Happened.REOPENED: Measure.DEPARTMENT_HOURS,
}
HOLDERS = (Measure.CENTRE_HOURS, Measure.DEPARTMENT_HOURS, Measure.CITIZEN_HOURS)
_HOUR = timedelta(hours=1)


def hours_by_holder(life: Life, calendar: Calendar) -> Mapping[Measure, int]:
    """Whole working hours, by the city's calendar, that each had the case; what is begun of an hour does not count."""
    worked = dict.fromkeys(HOLDERS, timedelta())
    holder: Measure | None = Measure.CENTRE_HOURS
    since = life.received_at
    for deed in _changes(life):
        if holder is not None and deed.at > since:
            worked[holder] += calendar.worked_by(deed.at) - calendar.worked_by(since)
        holder, since = _BEGINS[deed.what], max(since, deed.at)
    return {measure: time // _HOUR for measure, time in worked.items()}


def _changes(life: Life) -> list[Deed]:
    """In the order of time; the sort is stable, and what the row itself says stands where it belongs."""
    return sorted(_known(life), key=lambda deed: deed.at)


def _is_undone(deed: Deed, every: Sequence[Deed]) -> bool:
    return deed.what in UNDOES and Deed(UNDOES[deed.what], deed.at) in every


def _known(life: Life) -> Iterator[Deed]:
    first = [Deed(Happened.ASSIGNED, life.assigned_at)] if life.assigned_at is not None else []
    every = [*first, *life.deeds]
    yield from (deed for deed in every if deed.what in _BEGINS and not _is_undone(deed, life.deeds))
    if life.replied_at is not None:
        yield Deed(Happened.REPLIED, life.replied_at)
    yield Deed(Happened.CLOSED, life.closed_at)
