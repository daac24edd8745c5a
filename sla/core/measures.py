"""What figures count, and the sums that they are made of."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple


class Measure(StrEnum):
    """One thing that is counted of a case, on one of its days."""

    #: On the day on which the message was received, as are the next ones.
    RECEIVED = "received"
    #: A department had it at least once.
    ASSIGNED = "assigned"
    #: Closed with an answer.
    CLOSED = "closed"
    #: Declined, merged or withdrawn.
    ENDED_OTHERWISE = "ended_otherwise"
    #: A dispatcher declined it.
    DECLINED = "declined"
    #: Its citizen took it back; or who has the citizen's codes did.
    WITHDRAWN = "withdrawn"
    #: Merged into another case: a dispatcher found it to be the same.
    REPEATED = "repeated"
    #: The reply's clock runs.
    OPEN = "open"
    #: It runs, and its due time has passed.
    OVERDUE_OPEN = "overdue_open"
    #: A reply is under review.
    AWAITING_REVIEW = "awaiting_review"
    #: A reply stands: neither sent back nor reopened since.
    REPLIED = "replied"
    #: Tenths of working days from the first assignment to the reply that stands.
    REPLY_TENTHS = "reply_tenths"
    #: How many departments led it.
    HOPS = "hops"
    #: The reply was late, whoever had the case.
    MISSED = "missed"
    #: The centre was late with something.
    MISSED_BY_CENTRE = "missed_by_centre"
    #: A supporting department was late.
    MISSED_BY_SUPPORTING = "missed_by_supporting"
    #: Returned at least once.
    RETURNED = "returned"
    #: More time was granted at least once.
    EXTENDED = "extended"
    #: A pause was granted at least once.
    SUSPENDED = "suspended"
    #: Its citizen was asked for something at least once.
    ASKED = "asked"
    #: Reopened at least once.
    REOPENED = "reopened"
    #: The reply's deadline was moved to later rules at least once, and was later than before.
    LATER_BY_RULES = "later_by_rules"
    #: The same by days that the city declared off.
    LATER_BY_CALENDAR = "later_by_calendar"
    #: Called back at least once.
    CALLED = "called"
    #: It is known whether the first department was the right one.
    FIRST_KNOWN = "first_known"
    #: It was.
    FIRST_RIGHT = "first_right"
    #: On the day on which the reply was due.
    DUE = "due"
    #: Replied by then, and never late under this department.
    DUE_ON_TIME = "due_on_time"
    #: A reply stands, late or not.
    DUE_ANSWERED = "due_answered"
    #: On the day on which it was to be signed.
    SIGN_DUE = "sign_due"
    #: Signed, or returned, by then.
    SIGNED_ON_TIME = "signed_on_time"
    #: On the day of the rating; the value is the score.
    RATED = "rated"
    #: On the day of the call-back (回访), as are the next ones; the value is 1 where the citizen was reached, otherwise 0.
    ASKED_BACK = "asked_back"
    #: Of those who were reached: 1 where the department had been in touch.
    CONTACTED = "contacted"
    #: 2 settled, 1 partly, 0 not; what cannot be settled is not counted.
    SOLVED = "solved"
    #: 1 where they are content.
    CONTENT = "content"
    #: On the day of the end, as are the next ones: whole working hours with the centre.
    CENTRE_HOURS = "centre_hours"
    #: With departments.
    DEPARTMENT_HOURS = "department_hours"
    #: Waiting for the citizen's answer.
    CITIZEN_HOURS = "citizen_hours"


def left_out(rate: str, measure: Measure) -> str:
    """What is counted a second time of a case that is left out of a rate (不纳入考核): what that rate is made of."""
    return f"excluded.{rate}.{measure}"


#: These count once their day is over: what is due today is neither late nor in time yet.
DUE_MEASURES = frozenset(
    {Measure.DUE, Measure.DUE_ON_TIME, Measure.DUE_ANSWERED, Measure.SIGN_DUE, Measure.SIGNED_ON_TIME}
)


class Sums:
    """How often each measure was counted with which value, of one group."""

    def __init__(self, counted: Iterable[tuple[str, int, int]] = ()) -> None:
        self._values: dict[str, Counter[int]] = {}
        for measure, value, n in counted:
            self._values.setdefault(measure, Counter())[value] += n

    def n(self, measure: str, *, least: int | None = None) -> int:
        """How many; with `least`, of those values only."""
        found = self._values.get(measure, Counter())
        return sum(n for value, n in found.items() if least is None or value >= least)

    def percentile(self, measure: Measure, share: float) -> float | None:
        """As Postgres' `percentile_cont` has it: between two values in proportion; None of nothing."""
        found = self._values.get(measure, Counter())
        place = share * (found.total() - 1)
        if place < 0:
            return None
        low = _at(found, int(place))
        return low + (place % 1) * (_at(found, int(place) + (place % 1 > 0)) - low)


def _at(found: Mapping[int, int], place: int) -> int:
    """The value with that many below it, in order."""
    for value in sorted(found):
        place -= found[value]
        if place < 0:
            return value
    raise AssertionError("no such place")


class Stretch(NamedTuple):
    """Days, or whole months by their first days; both included."""

    period: str
    first: date
    last: date

    @property
    def last_day(self) -> date:
        """The last of its days: of months that of the last one."""
        return self.last if self.period == "day" else _month_after(self.last) - timedelta(days=1)


def stretches(first: date, last: date, *, today: date) -> list[Stretch]:
    """The days from `first` to `last` as days and, between them, whole months that are over."""
    begins = _month_after(first) if first.day > 1 else first
    ends = min(last + timedelta(days=1), today).replace(day=1)
    if begins >= ends:
        return [Stretch("day", first, last)]
    before = Stretch("day", first, begins - timedelta(days=1))
    months = Stretch("month", begins, (ends - timedelta(days=1)).replace(day=1))
    after = Stretch("day", ends, last)
    return [each for each in (before, months, after) if each.first <= each.last]


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
