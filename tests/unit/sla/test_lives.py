"""Whose time a life was."""

from datetime import timedelta

from schemas.ids import CaseId
from sla.core.calendar import Calendar
from sla.core.lives import Deed, Happened, Life, hours_by_holder
from sla.core.measures import Measure
from tests.unit.sla.moments import at as moment


def _life(*deeds: Deed) -> Life:
    return Life(
        case_id=CaseId("1"),
        received_at=moment("2026-11-23 09:00"),
        assigned_at=moment("2026-11-23 11:00"),
        replied_at=moment("2026-11-25 10:00"),
        closed_at=moment("2026-11-25 11:30"),
        deeds=deeds,
    )


def test_each_has_what_it_took(china: Calendar) -> None:
    """Centre until the assignment and for the review, the citizen while asked, the department otherwise."""
    asked = Deed(Happened.ASKED, moment("2026-11-24 09:00"))
    answered = Deed(Happened.QUESTION_OVER, moment("2026-11-24 11:00"))
    hours = hours_by_holder(_life(asked, answered), china)
    every = china.worked_by(moment("2026-11-25 11:30")) - china.worked_by(moment("2026-11-23 09:00"))

    assert 3 == hours[Measure.CENTRE_HOURS]
    assert 2 == hours[Measure.CITIZEN_HOURS]
    assert every // timedelta(hours=1) - 5 <= hours[Measure.DEPARTMENT_HOURS] + 1


def test_nobody_has_a_case_between_its_end_and_the_objection(china: Calendar) -> None:
    """Closed on one day and reopened on the next: the day between is nobody's."""
    first = (
        Deed(Happened.REPLIED, moment("2026-11-23 11:30")),
        Deed(Happened.CLOSED, moment("2026-11-23 12:00")),
        Deed(Happened.REOPENED, moment("2026-11-25 09:00")),
    )
    hours = hours_by_holder(_life(*first), china)

    assert (4, 1, 0) == tuple(
        hours[each] for each in (Measure.CENTRE_HOURS, Measure.DEPARTMENT_HOURS, Measure.CITIZEN_HOURS)
    )


def test_the_time_of_an_undone_dispatch_was_the_centres(china: Calendar) -> None:
    """Of the first one, as of any other."""
    first = Deed(Happened.ASSIGNED_UNDONE, moment("2026-11-23 11:00"))
    back, again = (
        Deed(what, moment(at))
        for what, at in ((Happened.TAKEN_BACK, "2026-11-24 11:00"), (Happened.ASSIGNED, "2026-11-25 09:00"))
    )
    hours = hours_by_holder(_life(first, back, again), china)

    assert 1 == hours[Measure.DEPARTMENT_HOURS]
